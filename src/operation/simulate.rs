//! The effect of a plan on what was read: predicted, so that the next row of a batch can be decided before anything is
//! written, or learnt from a plan that was carried out.

use crate::hotel::key::Key;
use crate::journal::StepStatus;
use crate::operation::execution::Execution;
use crate::operation::plan::{Action, Plan, Ref};
use crate::snapshot::hotel_snapshot::HotelSnapshot;

impl Plan {
    /// Returns the steps that the look-up has already carried out, each with the request id of the answer.
    pub fn known_steps(&self, snapshot: &HotelSnapshot) -> Vec<(usize, Option<String>)> {
        let known = |action: &Action| match action {
            Action::GetUser(user) => snapshot.confirmation(user),
            _ => None,
        };
        self.steps
            .iter()
            .enumerate()
            .filter_map(|(index, step)| Some((index, known(&step.action)?)))
            .collect()
    }
}

/// The changes that [`HotelSnapshot::simulate`] made, so that they can be reverted.
#[derive(Debug, Default)]
pub struct UndoLog {
    keys: Vec<(String, Option<Key>)>,
    guests: Vec<String>,
}

impl HotelSnapshot {
    /// Applies a plan as if it had been carried out. Guests and keys that it makes get ids that start with `tag` and
    /// that no server returns. Returns the ids of these keys. Further guests of the stay join the first of them.
    pub fn simulate(&mut self, plan: &Plan, tag: &str, changed: &mut UndoLog) -> Vec<String> {
        let made = |step: usize| format!("{tag}, step {}", step + 1);
        let id_of = |reference: &Ref| match reference {
            Ref::Known(id) => id.clone(),
            Ref::Step(step) => made(*step),
        };
        let mut keys = vec![];
        for (index, step) in plan.steps.iter().enumerate() {
            match &step.action {
                Action::CreateGuest(new) => {
                    let id = made(index);
                    changed.guests.push(id.clone());
                    // The identity is made along with the guest. No phone is signed in to it yet.
                    let identity = format!("identity of {id}");
                    self.know_phone(identity.clone(), false);
                    self.know_confirmed(new.on_record(id, Some(identity)), None);
                }
                Action::CreateKey(spec) => {
                    let key = spec.as_made(&made(index), |reference| Some(id_of(reference)));
                    keys.push(key.id.clone());
                    self.note_change(changed, key.id.clone(), Some(key));
                }
                Action::DeleteKey(id) | Action::DeleteIfLive(id) => {
                    for gone in self.with_copies(id) {
                        self.note_change(changed, gone, None);
                    }
                }
                Action::GetUser(_) | Action::RevokeAccess(_) | Action::GrantAccess { .. } => {}
            }
        }
        for id in &plan.displaces {
            self.simulate_invalid(changed, id);
        }
        keys
    }

    /// Reverts the changes of [`HotelSnapshot::simulate`].
    pub fn revert(&mut self, changed: UndoLog) {
        for (id, before) in changed.keys.into_iter().rev() {
            match before {
                Some(key) => self.keys.insert(key),
                None => drop(self.keys.remove(&id)),
            }
        }
        for id in changed.guests {
            self.forget_guest(&id);
        }
    }

    /// Returns the ids of a key and of its copies on phones, which are removed with it.
    fn with_copies(&self, id: &str) -> Vec<String> {
        let mut all = self.keys.copies_of(id);
        all.push(id.to_owned());
        all
    }

    fn simulate_invalid(&mut self, changed: &mut UndoLog, id: &str) {
        if let Some(mut key) = self.keys.get(id).cloned() {
            key.valid = Some(false);
            self.note_change(changed, id.to_owned(), Some(key));
        }
    }

    fn note_change(&mut self, changed: &mut UndoLog, id: String, after: Option<Key>) {
        let before = self.keys.get(&id).cloned();
        match after {
            Some(key) => self.keys.insert(key),
            None => drop(self.keys.remove(&id)),
        }
        changed.keys.push((id, before));
    }

    /// Applies the result of a plan: the keys as read back, the guests that were put on record, and the keys that are
    /// gone.
    pub fn learn(&mut self, plan: &Plan, execution: &Execution) {
        let progress = execution.progress();
        for (index, step) in plan.steps.iter().enumerate() {
            let made = &progress.steps[index].made;
            match &step.action {
                Action::CreateGuest(new) => {
                    if let Some(id) = &made.acs_user_id {
                        let guest = new.on_record(id.clone(), made.user_identity_id.clone());
                        self.know_confirmed(guest, None);
                    }
                }
                Action::CreateKey(spec) => {
                    if let Some(id) = &made.acs_credential_id {
                        let read = execution.keys.iter().find(|key| key.id == *id);
                        let key = read
                            .cloned()
                            .unwrap_or_else(|| spec.as_made(id, |key| progress.resolve(key)));
                        self.keys.insert(key);
                    }
                }
                _ => {}
            }
        }
        let removed =
            plan.steps
                .iter()
                .zip(&progress.steps)
                .filter_map(|(step, state)| match &step.action {
                    Action::DeleteIfLive(id) if state.status == StepStatus::Done => Some(id),
                    _ => None,
                });
        for id in execution.revoked.iter().chain(removed) {
            for gone in self.with_copies(id) {
                self.keys.remove(&gone);
            }
        }
        for id in &execution.replaced {
            if let Some(mut key) = self.keys.get(id).cloned() {
                key.valid = Some(false);
                self.keys.insert(key);
            }
        }
    }
}
