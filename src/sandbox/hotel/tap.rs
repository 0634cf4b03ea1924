//! A phone or a card at a door.

use crate::sandbox::id::Id;
use crate::sandbox::readings::Overriding;

use super::Hotel;
use super::lock::{Lock, Presented, Refused, Window, present};
use super::records::{Credential, Method};

/// What is held against a door.
#[derive(Clone, Copy)]
pub(in crate::sandbox) enum Held {
    /// Every key that a user has on a phone or card.
    KeysOf(Id),
    /// One key: the copies of a mobile key, one of them, or a card.
    Key(Id),
}

/// What came of it.
pub(in crate::sandbox) struct Tapped {
    /// The key that opened the door, the one issued last of several; else why none did.
    pub(in crate::sandbox) opened: Result<Id, (Refused, Option<Id>)>,
    /// The keys that open this door no more because of what it learned, while their windows are not over.
    pub(in crate::sandbox) ended: Vec<Id>,
}

impl Hotel {
    /// Holds keys against a door, one after the other, as an app does with all that it has.
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

    /// What a guest can hold against a door, in the order of issue. A parent is on no phone itself: its copies
    /// are.
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

    /// The keys that a door opens to no more, in the order of issue.
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

    /// The server learns that an override is in use: of the keys that it ended at the door, those whose windows
    /// overlap become invalid.
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
