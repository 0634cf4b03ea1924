//! Guests who share one contact, such as the two guests of a couple in a file.

use std::collections::{BTreeMap, HashMap, HashSet};

use super::contact::Contact;
use super::guest::GuestQuery;
use super::name::{canonical, same_name};

/// A guest in a row of a file.
#[derive(Clone, Debug)]
pub struct RowGuest<'a> {
    /// The guest as named in the file.
    pub query: &'a GuestQuery,
    /// The values that connect rows: each room of the row and its reservation, each as a separate text.
    pub together: Vec<String>,
}

/// A guest in a row of a file who shares the contact of another guest.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SecondPerson {
    /// The guest to use for the row: `John Doe <shares:jane@example.com>`.
    pub query: GuestQuery,
    /// The name of the guest who has the contact.
    pub with: String,
}

impl SecondPerson {
    /// Returns the text of the warning `shared_contact`.
    pub fn message(&self) -> String {
        let GuestQuery::New { name, contact } = &self.query else {
            return String::new();
        };
        let text = contact.to_string();
        let shared = text.strip_prefix("shares:").unwrap_or(&text);
        format!(
            "{name} has the same contact as {}, {shared}, and is kept on record without it",
            self.with
        )
    }
}

/// Finds the rows whose guest is a second person: a guest who has the contact of another guest of the file, in the
/// same room or reservation, but under another name. Returns them by row index. All other rows are unchanged.
///
/// If the file names the guest who has the contact on record, that guest keeps it. Otherwise the first guest in the
/// file with this contact keeps it. The same name with the same contact is the same person in every row. `on_record`
/// returns the name of the guest who has a contact on record, if there is one. A name that differs from it, and that
/// no other row explains, is not changed: a person must decide ([`Match::OtherName`](super::Match::OtherName)).
///
/// The returned queries have not been looked up. The caller passes them to
/// [`HotelSnapshot::find_more`](crate::snapshot::hotel_snapshot::HotelSnapshot::find_more) before it decides rows.
pub fn second_persons(
    rows: &[Option<RowGuest<'_>>],
    on_record: impl Fn(&Contact) -> Option<String>,
) -> BTreeMap<usize, SecondPerson> {
    let named: Vec<(usize, &str, &Contact, &[String])> = rows
        .iter()
        .enumerate()
        .filter_map(|(index, row)| {
            let row = row.as_ref()?;
            match row.query {
                GuestQuery::New { name, contact } if !matches!(contact, Contact::Shares(_)) => {
                    Some((index, name.as_str(), contact, &row.together[..]))
                }
                _ => None,
            }
        })
        .collect();
    let mut by_contact: HashMap<String, Vec<_>> = HashMap::new();
    for row in &named {
        by_contact.entry(row.2.handle()).or_default().push(row);
    }
    let mut found = BTreeMap::new();
    for rows in by_contact.into_values() {
        let (_, first, contact, _) = *rows[0];
        if rows.iter().all(|(_, name, ..)| same_name(name, first)) {
            continue;
        }
        let known = on_record(contact);
        let keeper = rows
            .iter()
            .map(|(_, name, ..)| *name)
            .find(|name| known.as_deref().is_some_and(|known| same_name(name, known)))
            .unwrap_or(first);
        let mut names_at: HashMap<&str, HashSet<String>> = HashMap::new();
        for (_, name, _, together) in &rows {
            for place in *together {
                names_at.entry(place).or_default().insert(canonical(name));
            }
        }
        let second: HashSet<String> = rows
            .iter()
            .filter(|(_, name, _, together)| {
                let name = canonical(name);
                let mut there = together.iter().filter_map(|place| names_at.get(&place[..]));
                there.any(|names| names.len() > 1 || !names.contains(&name))
            })
            .map(|(_, name, ..)| canonical(name))
            .collect();
        for (index, name, contact, _) in rows {
            if !same_name(name, keeper) && second.contains(&canonical(name)) {
                let query = GuestQuery::New {
                    name: (*name).to_owned(),
                    contact: Contact::Shares(Box::new((*contact).clone())),
                };
                let with = keeper.to_owned();
                found.insert(*index, SecondPerson { query, with });
            }
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Reads rows of the form `guest | room, reservation` and returns the rows that become a second person.
    fn become_second(rows: &[&str], on_record: Option<&str>) -> Vec<String> {
        let parsed: Vec<(GuestQuery, Vec<String>)> = rows
            .iter()
            .map(|row| {
                let (guest, places) = row.split_once(" | ").unwrap();
                let places = places.split(", ").map(str::to_owned).collect();
                (guest.parse().unwrap(), places)
            })
            .collect();
        let given: Vec<_> = parsed
            .iter()
            .map(|(query, together)| {
                Some(RowGuest {
                    query,
                    together: together.clone(),
                })
            })
            .collect();
        let found = second_persons(&given, |_| on_record.map(str::to_owned));
        found
            .into_iter()
            .map(|(index, second)| format!("{index} {} with {}", second.query, second.with))
            .collect()
    }

    #[test]
    fn a_second_name_in_one_room_or_reservation_is_a_second_person() {
        let jane = "Jane Doe <j@example.com> | 101, r1";
        let john = "1 John Doe <shares:j@example.com> with Jane Doe";
        for (rows, on_record, wanted) in [
            // The rows have the room, the reservation, or both in common.
            (
                vec![jane, "John Doe <J@example.com> | 101, r1"],
                None,
                vec![john.replace("j@", "J@")],
            ),
            (
                vec![jane, "John Doe <j@example.com> | 102, r1"],
                None,
                vec![john.to_owned()],
            ),
            (
                vec![jane, "John Doe <j@example.com> | 101, r2"],
                Some("Jane Doe"),
                vec![john.to_owned()],
            ),
            // The rows have nothing in common: the second name is a question.
            (
                vec![jane, "John Doe <j@example.com> | 205, r9"],
                None,
                vec![],
            ),
            // One person is spelled in two ways.
            (
                vec![jane, "DOE, Jane <j@example.com> | 101, r1"],
                None,
                vec![],
            ),
            // The guest on record keeps the contact, in whichever row the file names them.
            (
                vec![jane, "John Doe <j@example.com> | 101, r1"],
                Some("john doe"),
                vec!["0 Jane Doe <shares:j@example.com> with John Doe".to_owned()],
            ),
            // Another guest is on record: the first row remains a question.
            (
                vec![jane, "John Doe <j@example.com> | 101, r1"],
                Some("Ann Roe"),
                vec![john.to_owned()],
            ),
            // The same second person is in another row.
            (
                vec![
                    jane,
                    "John Doe <j@example.com> | 102, r1",
                    "John Doe <j@example.com> | 103, r2",
                ],
                None,
                vec![john.to_owned(), john.replacen('1', "2", 1)],
            ),
            // Other contacts and other forms.
            (
                vec![
                    "Jane Doe <res:4711> | 101",
                    "John Doe <res:4711> | 101",
                    "Ann Doe <a@example.com> | 101",
                    "Ann Doe | 101",
                ],
                None,
                vec!["1 John Doe <shares:res:4711> with Jane Doe".to_owned()],
            ),
        ] {
            assert_eq!(become_second(&rows, on_record), wanted, "{rows:?}");
        }
    }

    #[test]
    fn the_warning_names_both() {
        let query = "John Doe <shares:j@example.com>".parse().unwrap();
        let second = SecondPerson {
            query,
            with: "Jane Doe".to_owned(),
        };
        assert_eq!(
            second.message(),
            "John Doe has the same contact as Jane Doe, j@example.com, and is kept on record without it"
        );
    }
}
