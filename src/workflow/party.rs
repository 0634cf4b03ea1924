//! The guests that a command names. They are on record or are put on record by the command.

use std::collections::{BTreeSet, HashMap};

use super::error::{Error, Refusal};
use super::facts::Facts;
use super::guests::read_identities;
use super::plan::{Action, NewGuest, Ref, Steps};
use super::prepared::Warning;
use crate::seam::Client;
use crate::stay::{Contact, GuestQuery, GuestRecord, Match, same_name};

/// A guest whom a command names.
#[derive(Clone, Debug)]
pub(super) enum Party {
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

impl Party {
    /// Returns the guest that the query names, for a command that makes a key. A name with a contact may be a new
    /// guest. Any other query must find a guest on record. A name that differs from the one on record is refused, so
    /// that no key is given to the wrong person.
    pub(super) fn of(
        facts: &Facts,
        query: &GuestQuery,
        warnings: &mut Vec<Warning>,
    ) -> Result<Self, Refusal> {
        if let (Match::None, GuestQuery::New { name, contact }) = (facts.find(query), query) {
            if let Some((_, Some(on_record))) = facts.identity_of(query)
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
            return Ok(Party::New {
                name: name.clone(),
                contact: contact.clone(),
            });
        }
        Self::known(facts.guest(query)?.clone(), warnings)
    }

    /// Returns a guest on record, for a command that makes a key. Refuses a guest who cannot get a mobile key; see
    /// [`readiness`].
    pub(super) fn known(guest: GuestRecord, warnings: &mut Vec<Warning>) -> Result<Self, Refusal> {
        warnings.extend(readiness(&guest)?);
        Ok(Party::Known(guest))
    }

    /// Returns the `acs_user_id` of a guest on record.
    pub(super) fn id(&self) -> Option<&str> {
        match self {
            Party::Known(guest) => Some(&guest.acs_user_id),
            Party::New { .. } => None,
        }
    }

    /// Returns the guest's name on record or, for a new guest, the name as typed.
    pub(super) fn name(&self) -> &str {
        match self {
            Party::Known(guest) => &guest.name,
            Party::New { name, .. } => name,
        }
    }

    /// Returns the query that puts the guest on record, or `None` if the guest is on record.
    fn new_query(&self) -> Option<GuestQuery> {
        match self {
            Party::Known(_) => None,
            Party::New { name, contact } => Some(GuestQuery::New {
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
    pub(super) fn refer(&self, facts: &Facts, steps: &mut Steps) -> Ref {
        match self {
            Party::Known(guest) => Ref::Known(guest.acs_user_id.clone()),
            Party::New { name, contact } => {
                let query = GuestQuery::New {
                    name: name.clone(),
                    contact: contact.clone(),
                };
                let identity = facts.identity_of(&query).map(|(id, _)| id.to_owned());
                let guest = NewGuest {
                    system: facts.system.id.clone(),
                    full_name: name.clone(),
                    contact: contact.clone(),
                    user_identity: identity,
                };
                steps.add("put the guest on record", Action::CreateGuest(guest))
            }
        }
    }
}

/// Checks whether the access system can give the guest a mobile key, according to the guest's record. A certain
/// obstacle is a refusal, before anything is taken away or made. A possible one is a warning (`guest_problem`).
///
/// A mobile key needs a user identity (SEAM.md 3.3). The codes are those of SEAM.md 3.9. The set is open, and an
/// unknown code is a warning.
pub(super) fn readiness(guest: &GuestRecord) -> Result<Vec<Warning>, Refusal> {
    let not_ready = |why: &str, remedy: &str| {
        Err(Refusal::GuestNotReady {
            guest: guest.name.clone(),
            why: why.to_owned(),
            remedy: remedy.to_owned(),
        })
    };
    let again = "wait until `roomkey guests` no longer lists the guest, then put the guest on record again, such as \"Jane Doe <jane@example.com>\"";
    for (code, _) in &guest.remarks {
        match code.as_str() {
            "being_deleted" => {
                return not_ready("being deleted", again);
            }
            "failed_to_delete_on_acs_system" => {
                return not_ready(
                    "to be deleted, which Visionline did not do",
                    "delete the guest in Visionline, then put the guest on record again",
                );
            }
            "deleted_externally" => {
                return not_ready(
                    "deleted in Visionline",
                    "delete the guest in the Seam Console as well, then put the guest on record again",
                );
            }
            "failed_to_create_on_acs_system" => {
                return not_ready(
                    "not accepted by Visionline, perhaps because the e-mail address is in use there",
                    "look the guest up in Visionline, and correct the e-mail address in one of the two",
                );
            }
            _ => {}
        }
    }
    if guest.suspended {
        return not_ready(
            "suspended",
            "lift the suspension in the Seam Console, then type the same again",
        );
    }
    if guest.user_identity_id.is_none() {
        return not_ready(
            "there is no user identity, which a phone belongs to",
            "link the guest to a user identity in the Seam Console; until then, make a plastic card",
        );
    }
    let remarks = guest.remarks.iter();
    Ok(remarks
        .map(|(code, message)| Warning {
            code: "guest_problem".to_owned(),
            message: format!("{}: {message} ({code})", guest.name),
        })
        .collect())
}

/// Returns the guests that the queries name. A guest who is named twice is a refusal.
pub(super) fn parties(
    facts: &Facts,
    queries: &[GuestQuery],
    warnings: &mut Vec<Warning>,
) -> Result<Vec<Party>, Refusal> {
    let mut found: Vec<Party> = vec![];
    // A batch may name thousands of guests of one stay, so repetitions are found with a map.
    let mut seen: HashMap<String, usize> = HashMap::new();
    for query in queries {
        let party = Party::of(facts, query, warnings)?;
        if let Some(known) = seen.insert(party.identity(), found.len()) {
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
        found.push(party);
    }
    Ok(found)
}

/// Reads the keys and phones of the guests on record, the identities of the new guests, and the keys at the rooms.
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
        facts.read_keys(client, &known, rooms),
        read_identities(client, &new)
    );
    keys?;
    identities?
        .into_iter()
        .for_each(|(handle, identity)| facts.know_identity(handle, identity));
    Ok(())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    /// Returns the result for a guest with these remarks: "ready", the codes of the warnings, or the refusal.
    fn outcome(change: impl FnOnce(&mut GuestRecord)) -> String {
        let mut guest = GuestRecord {
            acs_user_id: "u".to_owned(),
            user_identity_id: Some("i".to_owned()),
            name: "Jane Doe".to_owned(),
            ..GuestRecord::default()
        };
        change(&mut guest);
        match readiness(&guest) {
            Ok(warnings) if warnings.is_empty() => "ready".to_owned(),
            Ok(warnings) => warnings.iter().map(|w| w.message.clone()).collect(),
            Err(Refusal::GuestNotReady { guest, why, remedy }) => {
                assert_eq!(guest, "Jane Doe");
                assert!(!remedy.is_empty());
                format!("no: {why}")
            }
            Err(other) => other.to_string(),
        }
    }

    #[test]
    fn who_can_get_a_key() {
        let remark = |code: &'static str| {
            outcome(move |guest| {
                guest
                    .remarks
                    .push((code.to_owned(), "the message".to_owned()));
            })
        };
        assert_eq!(outcome(|_| {}), "ready");
        assert!(outcome(|guest| guest.suspended = true).starts_with("no: suspended"));
        assert!(outcome(|guest| guest.user_identity_id = None).starts_with("no: there is no user"));
        for (code, wanted) in [
            ("being_deleted", "no: being deleted"),
            ("deleted_externally", "no: deleted in Visionline"),
            ("failed_to_create_on_acs_system", "no: not accepted"),
            ("failed_to_delete_on_acs_system", "no: to be deleted"),
            ("failed_to_update_on_acs_system", "Jane Doe: the message"),
            ("acs_user_inactive", "Jane Doe: the message"),
            ("a_code_of_tomorrow", "Jane Doe: the message"),
        ] {
            let found = remark(code);
            assert!(found.starts_with(wanted), "{code}: {found}");
        }
    }

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
