//! The decision of a command: a plan, or the finding that everything is already as requested.

use std::collections::BTreeSet;

use chrono::{DateTime, Utc};

use super::plan::{Access, Command, Plan, Ref};
use crate::hotel::key::Key;
use crate::hotel::refusal::{Brief, Warning};
use crate::hotel::{Span, Window};
use crate::journal::Subject;
use crate::snapshot::hotel_snapshot::HotelSnapshot;

/// The decision of a command. Nothing has been written yet.
#[derive(Clone, Debug)]
pub struct Decision {
    /// The command.
    pub command: Command,
    /// The writes, or `None` if everything is already as requested.
    pub plan: Option<Plan>,
    /// The ids of live keys that are already as requested.
    pub already: Vec<String>,
    /// The warnings for people.
    pub warnings: Vec<Warning>,
    /// How the command was understood, or `None` if the decision is shown nowhere.
    pub summary: Option<Summary>,
    /// The guests who have the rooms before and after the new keys.
    pub neighbours: Vec<Neighbour>,
    /// What a person must agree to, or `None` if nobody loses anything and nobody is let in.
    pub confirmation: Option<Confirmation>,
}

/// How a command was understood.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Summary {
    /// Guests get new mobile keys.
    NewKeys {
        /// The names of the rooms.
        rooms: Vec<String>,
        /// The names of the guests.
        guests: Vec<String>,
        /// The time in which the keys work.
        window: Window,
        /// The keys that the new ones join.
        joins: Vec<Brief>,
    },
    /// A key is changed.
    ChangedKey {
        /// The names of the rooms of the earlier key.
        rooms: Vec<String>,
        /// The guest's name.
        guest: String,
        /// The earlier key.
        before: Brief,
        /// The names of the doors of the changed key.
        doors: Vec<String>,
        /// The end of the changed key, UTC.
        until: DateTime<Utc>,
    },
    /// Keys are taken away.
    Revoked {
        /// The keys.
        keys: Vec<Brief>,
        /// Keys at the rooms for a later stay, which are left alone.
        kept: Vec<Brief>,
    },
}

/// A guest who has a room of the command before or after the new key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Neighbour {
    /// The guest arrives later, at this time (UTC).
    Later {
        /// The guest's name.
        guest: String,
        /// The start of that guest's key, UTC.
        from: DateTime<Utc>,
    },
    /// The guest is there now and leaves before.
    Earlier {
        /// The guest's name.
        guest: String,
        /// The end of that guest's key in hotel time, as text.
        until: String,
    },
}

/// What a person must agree to before anything is written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Confirmation {
    /// The question.
    pub question: Question,
    /// The keys of the guests who live in the room.
    pub residents: Vec<Brief>,
    /// The keys that stop working.
    pub ends: Vec<Brief>,
    /// Whether the command continues if nobody can be asked. This is the case only if it takes nothing away from
    /// anybody.
    pub optional: bool,
}

/// The question of a [`Confirmation`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Question {
    /// New first keys replace other keys.
    Replace,
    /// All earlier access of a returning guest is taken away.
    ReturnGuest,
    /// Guests are let into a room where somebody lives.
    LetIn {
        /// The names of the rooms.
        rooms: Vec<String>,
        /// The names of the new guests.
        guests: Vec<String>,
    },
    /// A guest's key is replaced by a changed one.
    Change {
        /// The guest's name.
        guest: String,
        /// The new end in hotel time, as text, if only the end is changed.
        until: Option<String>,
        /// Whether the new end is earlier than the present one.
        shorter: bool,
    },
    /// Keys are taken away.
    Revoke {
        /// The number of keys.
        keys: usize,
    },
}

impl Decision {
    /// Returns the guests who already have what was requested.
    pub fn holders(&self, snapshot: &HotelSnapshot) -> Vec<Subject> {
        let keys = self.already.iter().filter_map(|id| snapshot.keys.get(id));
        keys.filter_map(|key| key.holder.clone())
            .map(Subject::Guest)
            .collect()
    }

    /// Returns the keys that are already as requested but were not confirmed by the lock system when they were read.
    /// The flag of each key says whether a phone is ready to receive it.
    pub fn unconfirmed(&self, snapshot: &HotelSnapshot) -> Vec<(String, Option<bool>)> {
        let keys = self.already.iter().filter_map(|id| snapshot.keys.get(id));
        keys.filter(|key| !key.is_confirmed() && !key.is_waiting())
            .map(|key| (key.id.clone(), snapshot.is_phone_ready(key)))
            .collect()
    }

    /// Adds a warning if a stranger has a newer key for the same room and time as a key that is already as requested,
    /// or as a key to join. The service may report both keys as valid. The lock still refuses the older key and all
    /// keys that joined it once the newer one has been used.
    pub(crate) fn warn_of_newer_keys(&mut self, snapshot: &HotelSnapshot) {
        let as_asked = self.already.iter().filter_map(|id| snapshot.keys.get(id));
        let mut depends: Vec<(&Key, Span, Option<&String>)> = as_asked
            .map(|key| (key, key.span(), key.holder.as_ref()))
            .collect();
        let mut ended = BTreeSet::new();
        if let Some(plan) = &self.plan {
            ended.extend(plan.displaces.iter().cloned());
            ended.extend(plan.removes().cloned());
            for (_, spec) in plan.specs() {
                let Access::Joiner(joined) = &spec.access else {
                    continue;
                };
                let joined = joined.iter().filter_map(Ref::known);
                let joined = joined.filter_map(|id| snapshot.keys.get(id));
                depends.extend(joined.map(|key| (key, spec.window.into(), spec.guest.known())));
            }
        }
        let guests: BTreeSet<&String> = depends.iter().filter_map(|depends| depends.2).collect();
        let mut warned = BTreeSet::new();
        for (key, span, _) in &depends {
            let stay = snapshot.keys.linked(&key.id);
            let rooms = snapshot.rooms_of(&key.doors);
            // A newer key that is no longer valid may have been used at the lock.
            let ids: BTreeSet<&String> = rooms
                .iter()
                .flat_map(|room| snapshot.keys.ids_at(room))
                .collect();
            let newer = ids
                .into_iter()
                .filter_map(|id| snapshot.keys.get(id))
                .filter(|key| {
                    key.parent.is_none()
                        && (key.is_live(snapshot.now()) || key.is_displaced(snapshot.now()))
                });
            for newer in newer {
                let is_known = newer.holder == key.holder
                    || newer
                        .holder
                        .as_ref()
                        .is_some_and(|holder| guests.contains(holder));
                if !is_known
                    && !stay.contains(&newer.id)
                    && !ended.contains(&newer.id)
                    && newer.span().overlaps(*span)
                    && newer.created_at > key.created_at
                    && warned.insert(newer.id.clone())
                {
                    self.warnings.push(Warning {
                        code: "newer_key_on_room".to_owned(),
                        message: format!(
                            "{} has a newer key than {} for the same room and time ({}); when it is used, the older \
                             key and those that share with it stop working",
                            snapshot.name_of(newer.holder.as_deref()),
                            snapshot.name_of(key.holder.as_deref()),
                            snapshot.brief(newer),
                        ),
                    });
                }
            }
        }
    }

    /// Returns a decision without a plan, warnings or text.
    pub(crate) fn nothing(command: Command) -> Self {
        Self {
            command,
            plan: None,
            already: vec![],
            warnings: vec![],
            summary: None,
            neighbours: vec![],
            confirmation: None,
        }
    }
}
