//! Taps: a phone or a card is held against a door.

use crate::sandbox::id::Id;
use crate::sandbox::readings::Overriding;

use super::Hotel;
use super::lock::{Lock, Presented, Refused, Window, present};
use super::records::{Credential, Method};

/// What a guest holds against a door.
#[derive(Clone, Copy)]
pub(in crate::sandbox) enum Held {
    /// All keys that a user has on phones and cards.
    KeysOf(Id),
    /// One key: a card, one copy of a mobile key, or all its copies.
    Key(Id),
}

/// The result of a tap.
pub(in crate::sandbox) struct Tapped {
    /// The key that opened the door; of several, the one that was issued last. If the door stayed closed, the reason
    /// and the key it is about.
    pub(in crate::sandbox) opened: Result<Id, (Refused, Option<Id>)>,
    /// The keys that no longer open this door because of what it learned from the tap, although their windows have not
    /// ended.
    pub(in crate::sandbox) ended: Vec<Id>,
}

impl Hotel {
    /// Holds keys against a door one after the other, as an app does with all its keys.
    pub(in crate::sandbox) fn tap(&mut self, door: Id, held: Held) -> Tapped {
        let now = self.now();
        let order = self.surroundings.readings.override_order;
        let before = self.lock_of(door);
        let mut lock = before;
        let mut opened = Err((Refused::NoKey, None));
        let mut opening: Vec<Window> = Vec::new();
        for key in self.at_hand(held) {
            let presented = Presented {
                window: key.window_there(now),
                lists: key.doors.contains(&door),
                generations: &key.generations,
            };
            match present(&lock, &presented, now, order) {
                Ok(remembers) => {
                    if remembers != lock.remembers {
                        lock.remembers = remembers;
                        opening.extend(presented.window);
                    }
                    opened = Ok(key.id);
                }
                Err(refused) => match opened {
                    Err((nearest, _)) if refused >= nearest => {
                        opened = Err((refused, Some(key.id)));
                    }
                    _ => {}
                },
            }
        }
        let ended = self.ended(door, before, lock);
        if let Some(latest) = lock.remembers
            && lock.remembers != before.remembers
        {
            self.locks.insert(door, latest);
            self.changed = true;
            if self.surroundings.readings.overriding == Overriding::AtFirstUse {
                self.override_at_use(&ended, &opening);
            }
        }
        Tapped { opened, ended }
    }

    fn lock_of(&self, door: Id) -> Lock {
        Lock {
            is_guest: self.is_guest_door(door),
            remembers: self.locks.get(&door).copied(),
        }
    }

    /// Returns the keys that a guest can hold against a door, in the order of issue. For a multi-phone key these are
    /// its copies, because the key itself is not on a phone.
    fn at_hand(&self, held: Held) -> Vec<&Credential> {
        let on_record: Vec<Id> = match held {
            Held::KeysOf(user) => self.keys_of(user),
            Held::Key(id) => {
                let copies = self.children(id);
                if copies.is_empty() { vec![id] } else { copies }
            }
        };
        let is_held = |key: &&Credential| match held {
            Held::KeysOf(user) => key.user == Some(user),
            Held::Key(id) => key.id == id,
        };
        let on_record = on_record
            .into_iter()
            .filter_map(|id| self.credentials.get(id));
        self.cards_out
            .iter()
            .filter(is_held)
            .chain(on_record.filter(|key| key.device.is_some() || key.method == Method::Card))
            .collect()
    }

    /// Returns the keys that no longer open a door, in the order of issue.
    fn ended(&self, door: Id, before: Lock, after: Lock) -> Vec<Id> {
        let now = self.now();
        let order = self.surroundings.readings.override_order;
        let numbers = self.index.keys_on_door.of(door).iter();
        let on_record = numbers.filter_map(|number| self.credentials.at(*number));
        let off_record = self
            .cards_out
            .iter()
            .filter(|card| card.doors.contains(&door));
        off_record
            .chain(on_record)
            .filter(|key| {
                !key.window().is_over(now)
                    && !before.has_ended(&key.generations, order)
                    && after.has_ended(&key.generations, order)
            })
            .map(|key| key.id)
            .collect()
    }

    /// Reports to the server that an override was used. Of the keys that it ended at the door, those with a window that
    /// overlaps become invalid.
    fn override_at_use(&mut self, ended: &[Id], opening: &[Window]) {
        for id in ended {
            let overlaps = self
                .credentials
                .get(*id)
                .is_some_and(|key| opening.iter().any(|window| window.overlaps(&key.window())));
            if overlaps {
                self.invalidate(*id);
            }
        }
    }
}
