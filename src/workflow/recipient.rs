//! The guests that a command names. They are on record or are put on record by the command.

use std::collections::{BTreeSet, HashMap};

use crate::hotel::readiness::readiness;
use crate::hotel::refusal::Refusal;
use crate::hotel::refusal::Warning;
use crate::hotel::{Contact, GuestQuery, GuestRecord, Match, same_name};
use crate::operation::plan::{Action, NewGuest, Ref, Steps};
use crate::seam::Client;
use crate::snapshot::error::Error;
use crate::snapshot::guests::read_identities;
use crate::snapshot::hotel_snapshot::HotelSnapshot;

/// A guest whom a command names.
#[derive(Clone, Debug)]
pub(crate) enum Recipient {
    /// The guest is on record.
    Known(GuestRecord),
    /// The guest will be put on record.
    New {
        /// The full name.
        name: String,
        /// The contact that identifies the guest.
        contact: Contact,
    },
}

impl Recipient {
    /// Returns the guest that the query names, for a command that makes a key. A name with a contact may be a new
    /// guest. Any other query must find a guest on record. A name that differs from the one on record is refused, so
    /// that no key is given to the wrong person.
    pub(crate) fn of(
        snapshot: &HotelSnapshot,
        query: &GuestQuery,
        warnings: &mut Vec<Warning>,
    ) -> Result<Self, Refusal> {
        if let (Match::None, GuestQuery::New { name, contact }) = (snapshot.find(query), query) {
            if let Some((_, Some(on_record))) = snapshot.identity_of(query)
                && !same_name(name, on_record)
            {
                return Err(Refusal::NameDiffers {
                    typed: query.clone(),
                    on_record: on_record.to_owned(),
                    same: GuestQuery::New {
                        name: on_record.to_owned(),
                        contact: contact.clone(),
                    },
                });
            }
            return Ok(Recipient::New {
                name: name.clone(),
                contact: contact.clone(),
            });
        }
        Self::known(snapshot.guest(query)?.clone(), warnings)
    }

    /// Returns a guest on record, for a command that makes a key. Refuses a guest who cannot get a mobile key; see
    /// [`readiness`].
    pub(crate) fn known(guest: GuestRecord, warnings: &mut Vec<Warning>) -> Result<Self, Refusal> {
        warnings.extend(readiness(&guest)?);
        Ok(Recipient::Known(guest))
    }

    /// Returns the `acs_user_id` of a guest on record.
    pub(crate) fn id(&self) -> Option<&str> {
        match self {
            Recipient::Known(guest) => Some(&guest.acs_user_id),
            Recipient::New { .. } => None,
        }
    }

    /// Returns the guest's name on record or, for a new guest, the name as typed.
    pub(crate) fn name(&self) -> &str {
        match self {
            Recipient::Known(guest) => &guest.name,
            Recipient::New { name, .. } => name,
        }
    }

    /// Returns the query that puts the guest on record, or `None` if the guest is on record.
    fn new_query(&self) -> Option<GuestQuery> {
        match self {
            Recipient::Known(_) => None,
            Recipient::New { name, contact } => Some(GuestQuery::New {
                name: name.clone(),
                contact: contact.clone(),
            }),
        }
    }

    /// Returns a text that is equal for two guests if both have the same record, or would be put on record under the
    /// same contact.
    fn identity(&self) -> String {
        match self.new_query() {
            None => format!("id {}", self.id().unwrap_or_default()),
            Some(query) => format!("new {}", query.handle()),
        }
    }

    /// Returns a reference to the guest. For a new guest, it adds the step that puts the guest on record.
    pub(crate) fn refer(&self, snapshot: &HotelSnapshot, steps: &mut Steps) -> Ref {
        match self {
            Recipient::Known(guest) => Ref::Known(guest.acs_user_id.clone()),
            Recipient::New { name, contact } => {
                let query = GuestQuery::New {
                    name: name.clone(),
                    contact: contact.clone(),
                };
                let identity = snapshot.identity_of(&query).map(|(id, _)| id.to_owned());
                let guest = NewGuest {
                    system: snapshot.system.id.clone(),
                    full_name: name.clone(),
                    contact: contact.clone(),
                    user_identity: identity,
                };
                steps.add("put the guest on record", Action::CreateGuest(guest))
            }
        }
    }
}

/// Returns the guests that the queries name. A guest who is named twice is a refusal.
pub(crate) fn recipients(
    snapshot: &HotelSnapshot,
    queries: &[GuestQuery],
    warnings: &mut Vec<Warning>,
) -> Result<Vec<Recipient>, Refusal> {
    let mut found: Vec<Recipient> = vec![];
    // A batch may name thousands of guests of one stay, so repetitions are found with a map.
    let mut seen: HashMap<String, usize> = HashMap::new();
    for query in queries {
        let recipient = Recipient::of(snapshot, query, warnings)?;
        if let Some(known) = seen.insert(recipient.identity(), found.len()) {
            let known = &found[known];
            return Err(match query {
                GuestQuery::New { name, contact } if !same_name(name, known.name()) => {
                    Refusal::NameDiffers {
                        typed: query.clone(),
                        on_record: known.name().to_owned(),
                        same: GuestQuery::of(contact.clone()),
                    }
                }
                _ => Refusal::Twice(format!("`{query}` names a guest that is named already")),
            });
        }
        found.push(recipient);
    }
    Ok(found)
}

/// Reads the keys and phones of the guests on record, the identities of the new guests, and the keys at the rooms.
pub(crate) async fn read_around(
    client: &Client,
    snapshot: &mut HotelSnapshot,
    recipients: &[Recipient],
    rooms: &BTreeSet<String>,
) -> Result<(), Error> {
    let known: Vec<GuestRecord> = recipients
        .iter()
        .filter_map(|recipient| match recipient {
            Recipient::Known(guest) => Some(guest.clone()),
            Recipient::New { .. } => None,
        })
        .collect();
    let new: Vec<GuestQuery> = recipients.iter().filter_map(Recipient::new_query).collect();
    let (keys, identities) = futures::join!(
        snapshot.read_keys(client, &known, rooms),
        read_identities(client, &new)
    );
    keys?;
    identities?
        .into_iter()
        .for_each(|(handle, identity)| snapshot.know_identity(handle, identity));
    Ok(())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_new_guest_of_the_first_version_is_read() {
        let old = json!({
            "system": "s", "full_name": "Jane Doe", "email": "jane@example.com", "user_identity": null,
        });
        let read: NewGuest = serde_json::from_value(old).unwrap();
        assert_eq!(read.contact, Contact::Email("jane@example.com".to_owned()));
        assert_eq!(read.handle(), "jane@example.com");
        for contact in [
            Contact::Email("jane@example.com".to_owned()),
            Contact::Phone("+491701234567".to_owned()),
            Contact::Reservation("4711".to_owned()),
            Contact::Shares(Box::new(Contact::Reservation("4711".to_owned()))),
        ] {
            let guest = NewGuest {
                contact,
                ..read.clone()
            };
            let stored = serde_json::to_value(&guest).unwrap();
            assert_eq!(
                serde_json::from_value::<NewGuest>(stored.clone()).unwrap(),
                guest,
                "{stored}"
            );
        }
    }

    #[test]
    fn people_who_share_a_contact_are_claimed_apart() {
        let guest = |name: &str| NewGuest {
            system: "s".to_owned(),
            full_name: name.to_owned(),
            contact: Contact::Shares(Box::new(Contact::Email("jane@example.com".to_owned()))),
            user_identity: None,
        };
        assert_ne!(guest("John Doe").handle(), guest("Jim Doe").handle());
        assert_eq!(guest("John Doe").handle(), guest("DOE, John").handle());
        // The key stays on record, so it must not contain an address.
        assert!(!guest("John Doe").handle().contains("jane"));
    }
}
