//! The stages of a plan: which steps run side by side, and what they wait for.
//!
//! The stages follow from the steps alone, so a plan in an old journal has stages too, and its encoding is unchanged.

use std::collections::BTreeMap;

use super::plan::{Access, Action, KeySpec, Plan, Ref};

/// The kinds of stages, in the order in which they run.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Phase {
    /// Reads the guests.
    Read,
    /// Puts new guests on record.
    NewGuests,
    /// Takes away all earlier access.
    Revoke,
    /// Grants access to doors.
    Grant,
    /// Makes the key that the others join. Two of them could end each other, so each has a stage of its own.
    FirstKey,
    /// Makes the keys that join others.
    Joiners,
    /// Deletes keys that the command takes away.
    Delete,
    /// Removes the guests' earlier keys. This is always the last stage.
    Removal,
}

impl Phase {
    fn of(action: &Action) -> Self {
        match action {
            Action::GetUser(_) => Phase::Read,
            Action::CreateGuest(_) => Phase::NewGuests,
            Action::RevokeAccess(_) => Phase::Revoke,
            Action::GrantAccess { .. } => Phase::Grant,
            Action::CreateKey(spec) if spec.access == Access::Override => Phase::FirstKey,
            Action::CreateKey(_) => Phase::Joiners,
            Action::DeleteKey(_) => Phase::Delete,
            Action::DeleteIfLive(_) => Phase::Removal,
        }
    }
}

impl Plan {
    /// Returns the stages of the plan, in the order in which they run. A stage holds the indices of steps that do not
    /// depend on each other and may run side by side. Every step is in exactly one stage.
    ///
    /// Guests are read and put on record first. Then access is taken away and granted. The first key follows, then the
    /// keys that join it. Deletions come after that, and the removal of the guests' earlier keys is last. A stage never
    /// holds two keys of the same guest, because the service may replace one by the other.
    pub fn stages(&self) -> Vec<Vec<usize>> {
        let mut stages: BTreeMap<(Phase, usize), Vec<usize>> = BTreeMap::new();
        // The place of each step's stage among the stages of the same phase.
        let mut places: Vec<usize> = vec![];
        for (index, step) in self.steps.iter().enumerate() {
            let phase = Phase::of(&step.action);
            let place = match (phase, &step.action) {
                (Phase::FirstKey, _) => index,
                (Phase::Joiners, Action::CreateKey(spec)) => {
                    let mut place = self.after_joined(spec, &places);
                    let is_same_guest = |other: &usize| matches!(&self.steps[*other].action, Action::CreateKey(other) if other.guest == spec.guest);
                    while stages
                        .get(&(phase, place))
                        .is_some_and(|stage| stage.iter().any(is_same_guest))
                    {
                        place += 1;
                    }
                    place
                }
                _ => 0,
            };
            places.push(place);
            stages.entry((phase, place)).or_default().push(index);
        }
        stages.into_values().collect()
    }

    /// Returns the first place, among the stages of joiners, that comes after every joiner that this key joins.
    fn after_joined(&self, spec: &KeySpec, places: &[usize]) -> usize {
        let Access::Joiner(joined) = &spec.access else {
            return 0;
        };
        let after = joined.iter().filter_map(|key| match key {
            Ref::Step(step) if Phase::of(&self.steps.get(*step)?.action) == Phase::Joiners => {
                Some(places.get(*step)? + 1)
            }
            _ => None,
        });
        after.max().unwrap_or(0)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use chrono::{DateTime, Utc};

    use super::*;
    use crate::hotel::{CardFormat, Contact, Window};
    use crate::operation::encoding::decode;
    use crate::operation::plan::{Command, NewGuest, Step};

    fn at(text: &str) -> DateTime<Utc> {
        text.parse().unwrap()
    }

    /// Returns a step from a short text: `get ann`, `new ann`, `revoke ann`, `grant gym`, `first ann`, `join ann 3`,
    /// `delete k` or `remove k`. A number is the index of a step.
    fn action(text: &str) -> Action {
        let mut words = text.split(' ');
        let (verb, what) = (words.next().unwrap(), words.next().unwrap().to_owned());
        let reference = |word: &str| match word.parse() {
            Ok(step) => Ref::Step(step),
            Err(_) => Ref::Known(word.to_owned()),
        };
        let key = |access| {
            Action::CreateKey(Box::new(KeySpec {
                guest: reference(&what),
                system: "s".to_owned(),
                manager: "m".to_owned(),
                doors: ["101".to_owned()].into(),
                window: Window {
                    starts_at: at("2026-11-24T15:00:00Z"),
                    ends_at: at("2026-11-26T10:00:00Z"),
                },
                label: String::new(),
                format: CardFormat::Rfid48,
                access,
                phone_ready: None,
            }))
        };
        match verb {
            "get" => Action::GetUser(what),
            "new" => Action::CreateGuest(NewGuest {
                system: "s".to_owned(),
                full_name: what.clone(),
                contact: Contact::Email(what),
                user_identity: None,
            }),
            "revoke" => Action::RevokeAccess(what),
            "grant" => Action::GrantAccess {
                user: "ann".to_owned(),
                door: what,
            },
            "first" => key(Access::Override),
            "join" => key(Access::Joiner(words.map(reference).collect())),
            "delete" => Action::DeleteKey(what),
            "remove" => Action::DeleteIfLive(what),
            _ => unreachable!("{text}"),
        }
    }

    fn plan(steps: &[&str]) -> Plan {
        let step = |text: &&str| Step {
            about: (*text).to_owned(),
            action: action(text),
        };
        Plan {
            command: Command::Issue,
            system: "s".to_owned(),
            guests: vec![],
            rooms: vec![],
            room_doors: BTreeSet::new(),
            steps: steps.iter().map(step).collect(),
            seen: BTreeSet::new(),
            displaces: vec![],
            at_risk: BTreeSet::new(),
            bystanders: vec![],
            harmed: vec![],
            had_access: BTreeSet::new(),
            arrival: None,
            planned_at: None,
        }
    }

    /// What is planned, the steps, and the stages.
    type Case = (
        &'static str,
        &'static [&'static str],
        &'static [&'static [usize]],
    );

    #[test]
    fn steps_that_do_not_depend_on_each_other_share_a_stage() {
        let cases: &[Case] = &[
            ("nothing", &[], &[]),
            ("one guest", &["first ann"], &[&[0]]),
            ("a new guest", &["new ann", "first 0"], &[&[0], &[1]]),
            (
                "a party: guests, first key, joiners",
                &[
                    "new ann", "first 0", "new bob", "join 2 1", "new cat", "join 4 1",
                ],
                &[&[0, 2, 4], &[1], &[3, 5]],
            ),
            (
                "a party of whom one has the key already",
                &["join ann k", "new bob", "join 1 k"],
                &[&[1], &[0, 2]],
            ),
            (
                "a returning guest with three rooms and the gym",
                &[
                    "get ann",
                    "revoke ann",
                    "grant 101",
                    "grant 102",
                    "grant 103",
                    "grant gym",
                    "first ann",
                    "remove old",
                    "remove older",
                ],
                &[&[0], &[1], &[2, 3, 4, 5], &[6], &[7, 8]],
            ),
            (
                "keys that are taken away",
                &["delete a", "delete b", "delete c"],
                &[&[0, 1, 2]],
            ),
            (
                "a removal is last, wherever it stands",
                &["first ann", "remove old", "join bob lost", "remove lost"],
                &[&[0], &[2], &[1, 3]],
            ),
            (
                "two first keys never leave together",
                &["first ann", "first bob", "join cat 1"],
                &[&[0], &[1], &[2]],
            ),
            (
                "a joiner of a joiner waits for it",
                &["join ann k", "join bob 0", "join cat k", "join dan 1 2"],
                &[&[0, 2], &[1], &[3]],
            ),
            (
                "two keys of one guest never leave together",
                &["join ann k", "join ann l", "join bob k", "join ann m"],
                &[&[0, 2], &[1], &[3]],
            ),
        ];
        for (what, steps, wanted) in cases {
            assert_eq!(plan(steps).stages(), *wanted, "{what}");
        }
    }

    #[test]
    fn a_plan_of_an_old_journal_has_stages() {
        let stored = include_str!("../../tests/fixtures/journal/plan-1.json");
        let plan = decode(serde_json::from_str(stored).unwrap()).unwrap();
        let kinds = |stage: &Vec<usize>| -> Vec<&str> {
            stage.iter().map(|step| plan.steps[*step].call()).collect()
        };
        assert_eq!(
            plan.stages().iter().map(kinds).collect::<Vec<_>>(),
            [
                ["/acs/users/get"],
                ["/user_identities/create"],
                ["/acs/users/revoke_access_to_all_entrances"],
                ["/acs/entrances/grant_access"],
                ["/acs/credentials/create"],
                ["/acs/credentials/create"],
                ["/acs/credentials/delete"],
                ["/acs/credentials/delete"],
            ]
        );
    }
}
