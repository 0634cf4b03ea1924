//! Reads the guest of a record, whose name and contacts may be in several columns.

use super::column::Column;
use super::fields::Fields;
pub(super) use crate::hotel::name::turn;
use crate::hotel::{Contact, GuestQuery};

/// Returns the guest of a record, `None` if the record names no guest, or all problems.
///
/// If there is an id, only the id counts. Otherwise an e-mail address takes precedence over a phone number, and either
/// is combined with the name, so that the guest can be put on record. The name alone comes last. If there is an e-mail
/// address, the phone number is ignored, because many exports have numbers without a country code.
pub(super) fn read(fields: &Fields) -> Result<Option<GuestQuery>, Vec<String>> {
    let mut problems = Vec::new();
    let mut parse = |text: Option<String>| {
        let read = text?.parse::<GuestQuery>();
        read.map_err(|error| problems.push(error.to_string())).ok()
    };
    let named = parse(name(fields));
    let email = parse(fields.get(Column::Email).map(str::to_owned));
    let needs_phone =
        fields.get(Column::Email).is_none() && matches!(named, None | Some(GuestQuery::Name(_)));
    let phone = parse(
        fields
            .get(Column::Phone)
            .filter(|_| needs_phone)
            .map(phone_text),
    );
    if matches!(&email, Some(found) if email_of(found).is_none()) {
        problems.push(
            "the e-mail column has no e-mail address; write one such as `jane@example.com`"
                .to_owned(),
        );
    }
    if matches!(&phone, Some(found) if !matches!(found, GuestQuery::Phone(_))) {
        problems.push(
            "the phone column has no phone number; write one such as `+49301234567`".to_owned(),
        );
    }
    if !problems.is_empty() {
        return Err(problems);
    }
    combine(named, email, phone).map_err(|problem| vec![problem])
}

/// Combines up to three columns into one guest.
fn combine(
    named: Option<GuestQuery>,
    email: Option<GuestQuery>,
    phone: Option<GuestQuery>,
) -> Result<Option<GuestQuery>, String> {
    let Some(named) = named else {
        return Ok(email.or(phone));
    };
    let contact = email.or(phone);
    Ok(Some(match (named, contact) {
        (GuestQuery::Name(name), Some(query)) => match query.contact() {
            Some(contact) => GuestQuery::New { name, contact },
            None => query,
        },
        (named, Some(contact)) => match (email_of(&named), email_of(&contact)) {
            (Some(one), Some(other)) if !one.eq_ignore_ascii_case(&other) => {
                return Err(format!(
                    "the guest has two e-mail addresses, \"{one}\" and \"{other}\"; leave one of them out"
                ));
            }
            // A contact with a name takes precedence, then an e-mail address.
            (Some(_), _)
                if matches!(
                    (&named, &contact),
                    (GuestQuery::Email(_), GuestQuery::New { .. })
                ) =>
            {
                contact
            }
            (None, Some(_)) if matches!(named, GuestQuery::Phone(_)) => contact,
            _ => named,
        },
        (named, None) => named,
    }))
}

fn email_of(query: &GuestQuery) -> Option<String> {
    match query.contact() {
        Some(Contact::Email(email)) => Some(email),
        _ => None,
    }
}

/// Returns the full name, from its column or from first and last name. OPERA's arrivals export has the last name under
/// `GUEST_NAME` and the first name under `GUEST_FIRST_NAME`.
fn name(fields: &Fields) -> Option<String> {
    let guest = fields.get(Column::Guest);
    let (first, last) = (fields.get(Column::FirstName), fields.get(Column::LastName));
    match (first, last, guest) {
        (Some(first), Some(last), None) => Some(format!("{first} {last}")),
        (Some(first), None, Some(guest)) if is_last_name(first, guest) => {
            Some(format!("{first} {guest}"))
        }
        (_, _, Some(guest)) => Some(turn(guest)),
        (first, last, None) => first.or(last).map(str::to_owned),
    }
}

/// Returns false if the guest's column has more than a last name.
fn is_last_name(first: &str, guest: &str) -> bool {
    let contains_first = guest
        .split([' ', ','])
        .any(|word| word.to_lowercase() == first.to_lowercase());
    !contains_first
        && !guest.contains([',', '@', '+', ':'])
        && !matches!(guest.parse(), Ok(GuestQuery::Id(_)))
}

/// Returns the text of a phone number without the apostrophe that spreadsheets write before a leading `+`.
fn phone_text(text: &str) -> String {
    text.trim_start_matches('\'').to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn guest(columns: &[(Column, &str)]) -> Result<Option<GuestQuery>, Vec<String>> {
        let mut fields = Fields::default();
        for (column, text) in columns {
            fields.put(*column, text, false);
        }
        read(&fields)
    }

    fn shown(columns: &[(Column, &str)]) -> String {
        match guest(columns) {
            Ok(Some(guest)) => guest.to_string(),
            Ok(None) => String::new(),
            Err(problems) => format!("? {}", problems.join(" | ")),
        }
    }

    #[test]
    fn the_surest_of_what_is_known_names_the_guest() {
        use Column::{Email, FirstName, Guest, LastName, Phone};
        let jane = "jane@example.com";
        for (columns, wanted) in [
            (vec![], ""),
            (vec![(Guest, "Jane Doe")], "Jane Doe"),
            (vec![(Guest, "Doe, Jane")], "Jane Doe"),
            (vec![(Guest, "John Doe, Jr.")], "John Doe, Jr."),
            (
                vec![(Guest, "Jane Doe"), (Email, jane)],
                "Jane Doe <jane@example.com>",
            ),
            (vec![(Email, jane)], jane),
            (
                vec![(Email, "Jane Doe <jane@example.com>")],
                "Jane Doe <jane@example.com>",
            ),
            (
                vec![(Guest, jane), (Email, "Jane Doe <jane@example.com>")],
                "Jane Doe <jane@example.com>",
            ),
            (vec![(Guest, "res:4711"), (Email, jane)], "res:4711"),
            (vec![(Guest, "+49301234567"), (Email, jane)], jane),
            (vec![(Guest, jane), (Email, "JANE@example.com")], jane),
            (vec![(Phone, "+49 30 1234-567")], "+49301234567"),
            (
                vec![(Guest, "Jane Doe"), (Phone, "+49301234567")],
                "Jane Doe <+49301234567>",
            ),
            (
                vec![(Guest, "Jane Doe"), (Phone, "+49301234567"), (Email, jane)],
                "Jane Doe <jane@example.com>",
            ),
            (vec![(FirstName, "Jane"), (LastName, "Doe")], "Jane Doe"),
            (vec![(FirstName, "Jane"), (Guest, "Doe")], "Jane Doe"),
            (vec![(FirstName, "Jane"), (Guest, "Jane Doe")], "Jane Doe"),
            (
                vec![
                    (FirstName, "Jane"),
                    (LastName, "Doe"),
                    (Guest, "Jane M. Doe"),
                ],
                "Jane M. Doe",
            ),
            (vec![(LastName, "Doe")], "Doe"),
            (
                vec![
                    (Guest, "6f9619ff-8b86-4011-b42d-00c04fc964ff"),
                    (Email, jane),
                ],
                "id:6f9619ff-8b86-4011-b42d-00c04fc964ff",
            ),
        ] {
            assert_eq!(shown(&columns), wanted, "{columns:?}");
        }
    }

    #[test]
    fn all_that_is_wrong_is_said() {
        let said = shown(&[
            (Column::Guest, "Jane\nDoe"),
            (Column::Email, "jane@example"),
        ]);
        assert!(said.contains("control character"), "{said}");
        assert!(said.contains("not an e-mail address"), "{said}");
        let said = shown(&[(Column::Guest, "Jane"), (Column::Phone, "030 1234567")]);
        assert!(said.contains("without a country code"), "{said}");
    }

    #[test]
    fn a_column_with_something_else_in_it_is_refused() {
        assert!(shown(&[(Column::Email, "Jane Doe")]).starts_with("? the e-mail column"));
        assert!(shown(&[(Column::Phone, "Jane Doe")]).starts_with("? the phone column"));
        assert!(
            shown(&[(Column::Guest, "a@b.c"), (Column::Email, "d@e.f")])
                .contains("two e-mail addresses")
        );
    }
}
