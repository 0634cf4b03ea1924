//! The guests that a command names: on record, or to be put there.

use std::collections::BTreeSet;

use super::error::{Error, Refusal};
use super::facts::Facts;
use super::guests::read_identities;
use super::plan::{Action, NewGuest, Ref, Steps};
use super::prepared::Warning;
use super::read::AtDoors;
use crate::seam::Client;
use crate::stay::{Contact, GuestQuery, GuestRecord, Match};

/// A guest of a command.
#[derive(Clone, Debug)]
pub(super) enum Party {
    /// On record.
    Known(GuestRecord),
    /// To be put on record.
    New {
        /// The full name.
        name: String,
        /// What identifies the guest.
        contact: Contact,
    },
}

impl Party {
    /// The guest that the query means. A name with a contact may be new; every other form must be on record.
    pub(super) fn of(
        facts: &Facts,
        query: &GuestQuery,
        warnings: &mut Vec<Warning>,
    ) -> Result<Self, Refusal> {
        match (facts.find(query), query) {
            (Match::One(guest), _) => Ok(Party::Known(guest.clone())),
            (Match::OtherName(guest), _) => {
                warnings.push(Warning {
                    code: "name_differs".to_owned(),
                    message: format!(
                        "`{query}` is on record as {}; the guest on record is taken",
                        guest.name
                    ),
                });
                Ok(Party::Known(guest.clone()))
            }
            (Match::None, GuestQuery::New { name, contact }) => Ok(Party::New {
                name: name.clone(),
                contact: contact.clone(),
            }),
            _ => facts.guest(query).cloned().map(Party::Known),
        }
    }

    /// The `acs_user_id` of a guest on record.
    pub(super) fn id(&self) -> Option<&str> {
        match self {
            Party::Known(guest) => Some(&guest.acs_user_id),
            Party::New { .. } => None,
        }
    }

    /// The guest's name: as on record, else as typed.
    pub(super) fn name(&self) -> &str {
        match self {
            Party::Known(guest) => &guest.name,
            Party::New { name, .. } => name,
        }
    }

    /// The query that puts the guest on record; `None` for one who is there.
    fn new_query(&self) -> Option<GuestQuery> {
        match self {
            Party::Known(_) => None,
            Party::New { name, contact } => Some(GuestQuery::New {
                name: name.clone(),
                contact: contact.clone(),
            }),
        }
    }

    /// A reference to the guest; the step that makes one is added where there is none.
    pub(super) fn refer(&self, facts: &Facts, steps: &mut Steps) -> Ref {
        match self {
            Party::Known(guest) => Ref::Known(guest.acs_user_id.clone()),
            Party::New { name, contact } => {
                let mut guest = NewGuest {
                    system: facts.system.id.clone(),
                    full_name: name.clone(),
                    contact: contact.clone(),
                    user_identity: None,
                };
                guest.user_identity = facts
                    .identity_of(&guest.query().handle())
                    .map(str::to_owned);
                steps.add("put the guest on record", Action::CreateGuest(guest))
            }
        }
    }
}

/// Everybody named, each once.
pub(super) fn parties(
    facts: &Facts,
    queries: &[GuestQuery],
    warnings: &mut Vec<Warning>,
) -> Result<Vec<Party>, Refusal> {
    let mut found: Vec<Party> = vec![];
    for query in queries {
        let party = Party::of(facts, query, warnings)?;
        let twice = |known: &Party| match (known.id(), party.id()) {
            (Some(a), Some(b)) => a == b,
            (None, None) => {
                let handle = |party: &Party| party.new_query().map(|query| query.handle());
                handle(known) == handle(&party)
            }
            _ => false,
        };
        if found.iter().any(twice) {
            return Err(Refusal::Twice(format!(
                "`{query}` names a guest that is named already"
            )));
        }
        found.push(party);
    }
    Ok(found)
}

/// Reads the keys and phones of those who are on record, the identities of those who are not, and the
/// keys at the rooms.
pub(super) async fn read_around(
    client: &Client,
    facts: &mut Facts,
    parties: &[Party],
    rooms: &BTreeSet<String>,
) -> Result<(), Error> {
    let known: Vec<GuestRecord> = parties
        .iter()
        .filter_map(|party| match party {
            Party::Known(guest) => Some(guest.clone()),
            Party::New { .. } => None,
        })
        .collect();
    let new: Vec<GuestQuery> = parties.iter().filter_map(Party::new_query).collect();
    let (keys, identities) = futures::join!(
        facts.read_keys(client, &known, rooms, AtDoors::All),
        read_identities(client, &new)
    );
    keys?;
    identities?
        .into_iter()
        .for_each(|(handle, id)| facts.know_identity(handle, id));
    Ok(())
}
