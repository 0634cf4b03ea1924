//! What a plan does to the facts: foreseen, so that the next row of a batch can be decided before anything is
//! written, and learnt, once it is carried out.

use super::facts::Facts;
use super::plan::{Action, Plan, Ref};
use super::record::StepStatus;
use super::run::Carried;
use crate::stay::key::Key;

/// What [`Facts::foresee`] changed, to be taken back.
#[derive(Debug, Default)]
pub struct Foreseen {
    keys: Vec<(String, Option<Key>)>,
    guests: Vec<String>,
}

impl Facts {
    /// Takes a plan as carried out. Guests and keys that it makes get ids that no server gives, made of `tag`.
    /// The ids of the keys made are returned; further guests of the stay join the first.
    pub fn foresee(&mut self, plan: &Plan, tag: &str, changed: &mut Foreseen) -> Vec<String> {
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
                    // An identity is made along with the guest; no phone is signed in to it yet.
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
            self.foresee_invalid(changed, id);
        }
        keys
    }

    /// Takes back what was foreseen.
    pub fn revert(&mut self, changed: Foreseen) {
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

    /// A key that goes takes its copies on phones with it.
    fn with_copies(&self, id: &str) -> Vec<String> {
        let mut all = self.keys.copies_of(id);
        all.push(id.to_owned());
        all
    }

    fn foresee_invalid(&mut self, changed: &mut Foreseen, id: &str) {
        if let Some(mut key) = self.keys.get(id).cloned() {
            key.valid = Some(false);
            self.note_change(changed, id.to_owned(), Some(key));
        }
    }

    fn note_change(&mut self, changed: &mut Foreseen, id: String, after: Option<Key>) {
        let before = self.keys.get(&id).cloned();
        match after {
            Some(key) => self.keys.insert(key),
            None => drop(self.keys.remove(&id)),
        }
        changed.keys.push((id, before));
    }

    /// Takes in what became of a plan: the keys as read back, the guests put on record, the keys that are gone.
    pub fn learn(&mut self, plan: &Plan, carried: &Carried) {
        let progress = carried.progress();
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
                        let read = carried.keys.iter().find(|key| key.id == *id);
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
        for id in carried.revoked.iter().chain(removed) {
            for gone in self.with_copies(id) {
                self.keys.remove(&gone);
            }
        }
        for id in &carried.replaced {
            if let Some(mut key) = self.keys.get(id).cloned() {
                key.valid = Some(false);
                self.keys.insert(key);
            }
        }
    }
}
