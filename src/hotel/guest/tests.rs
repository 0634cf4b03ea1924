//! Every form in which a guest can be named, and the guest that it finds.

use proptest::prelude::*;

use super::*;

fn query(text: &str) -> GuestQuery {
    text.parse()
        .unwrap_or_else(|error| panic!("{text}: {error}"))
}

fn new(name: &str, contact: Contact) -> GuestQuery {
    GuestQuery::New {
        name: name.to_owned(),
        contact,
    }
}

#[test]
fn every_form_is_read_and_shown_as_it_can_be_typed() {
    let email = || Contact::Email("jane@example.com".to_owned());
    let phone = || Contact::Phone("+491701234567".to_owned());
    let number = || Contact::Reservation("4711".to_owned());
    let shares = |contact| Contact::Shares(Box::new(contact));
    for (typed, read, shown) in [
        (
            "id:seed_user_1",
            GuestQuery::Id("seed_user_1".to_owned()),
            "id:seed_user_1",
        ),
        (
            " jane@example.com",
            GuestQuery::of(email()),
            "jane@example.com",
        ),
        (
            "<jane@example.com>",
            GuestQuery::of(email()),
            "jane@example.com",
        ),
        (
            "+49 (170) 123-4567",
            GuestQuery::of(phone()),
            "+491701234567",
        ),
        ("res:4711", GuestQuery::of(number()), "res:4711"),
        ("RES: 4711 ", GuestQuery::of(number()), "res:4711"),
        (
            "Jane  Doe",
            GuestQuery::Name("Jane Doe".to_owned()),
            "Jane Doe",
        ),
        (
            "Jane Doe <jane@example.com>",
            new("Jane Doe", email()),
            "Jane Doe <jane@example.com>",
        ),
        (
            "\"Doe, Jane\" < +49 170 1234567 >",
            new("Doe, Jane", phone()),
            "Doe, Jane <+491701234567>",
        ),
        (
            "Jane Doe <res:4711>",
            new("Jane Doe", number()),
            "Jane Doe <res:4711>",
        ),
        (
            "John Doe <shares:jane@example.com>",
            new("John Doe", shares(email())),
            "John Doe <shares:jane@example.com>",
        ),
        (
            "John Doe <Shares: res:4711>",
            new("John Doe", shares(number())),
            "John Doe <shares:res:4711>",
        ),
    ] {
        assert_eq!(query(typed), read, "{typed}");
        assert_eq!(read.to_string(), shown);
        assert_eq!(query(shown), read, "{shown}");
    }
}

#[test]
fn what_names_nobody_is_refused_with_the_form_to_type() {
    for (typed, said) in [
        ("", "no guest is named"),
        ("res:", "`res:4711`"),
        ("Jane <res: >", "`res:4711`"),
        ("Jane <jane>", "not an e-mail address"),
        ("Jane <jane@example.com", "`Jane Doe <+491701234567>`"),
        ("Jane <<jane@example.com>>", "`Jane Doe <res:4711>`"),
        ("<shares:jane@example.com>", "`Jane Doe <jane@example.com>`"),
        (
            "J <shares:shares:j@example.com>",
            "not a name with a contact",
        ),
        ("030 1234567", "country code"),
        ("+49 (0)30 1234567", "not dialled from abroad"),
    ] {
        let error = typed.parse::<GuestQuery>().unwrap_err().to_string();
        assert!(error.contains(said), "{typed}: {error}");
    }
}

fn record(id: &str, name: &str, email: &str) -> GuestRecord {
    GuestRecord {
        acs_user_id: id.to_owned(),
        name: name.to_owned(),
        email: Some(email.to_owned()),
        ..GuestRecord::default()
    }
}

#[test]
fn the_contact_finds_the_guest_and_another_name_is_said() {
    let jane = record("1", "Jane Doe", "jane@example.com");
    let keyed = GuestRecord {
        aliases: vec![
            Contact::Reservation("4711".to_owned()),
            Contact::Email("private@example.com".to_owned()),
        ],
        ..record("2", "Ann Roe", "ann@example.com")
    };
    let john = query("John Doe <shares:jane@example.com>");
    let second = GuestRecord {
        aliases: john
            .contact()
            .and_then(|contact| contact.identity_key("DOE, John"))
            .map(Contact::Reservation)
            .into_iter()
            .collect(),
        email: None,
        ..record("3", "John Doe", "")
    };
    let all = [jane, keyed, second];
    for (typed, wanted) in [
        ("JANE@example.com", "one 1"),
        ("Doe, Jane <jane@example.com>", "one 1"),
        ("John Doe <Jane@example.com>", "other 1"),
        ("res:4711", "one 2"),
        ("Ann Roe <res:4711>", "one 2"),
        ("Bob <res:4711>", "other 2"),
        ("private@example.com", "one 2"),
        ("John Doe <shares:JANE@example.com>", "one 3"),
        ("Jim Doe <shares:jane@example.com>", "none"),
        ("John Doe", "one 3"),
        ("res:4712", "none"),
    ] {
        let found = match choose(&query(typed), &all) {
            Match::One(guest) => format!("one {}", guest.acs_user_id),
            Match::OtherName(guest) => format!("other {}", guest.acs_user_id),
            Match::None => "none".to_owned(),
            Match::Many(_) => "many".to_owned(),
        };
        assert_eq!(found, wanted, "{typed}");
    }
    assert_eq!(all[1].reservation(), Some("4711"));
    // The key of a guest without a contact is not a number that staff know.
    assert_eq!(all[2].reservation(), None);
}

#[test]
fn of_two_with_one_address_the_named_one_is_meant() {
    let all = [
        record("1", "Jane Doe", "a@example.com"),
        record("2", "John Doe", "A@example.com"),
    ];
    let found = |text: &str| choose(&query(text), &all);
    assert!(matches!(found("John Doe <a@example.com>"), Match::One(g) if g.acs_user_id == "2"));
    assert!(matches!(found("Jim <a@example.com>"), Match::Many(_)));
    assert!(matches!(found("a@example.com"), Match::Many(_)));
}

proptest! {
    #[test]
    fn what_is_read_is_shown_as_it_can_be_typed(text in "(res:|shares:|[a-z]{1,6} ?<?)?[a-zA-Z0-9@+.,:<> -]{0,30}") {
        if let Ok(read) = text.parse::<GuestQuery>() {
            prop_assert_eq!(read.to_string().parse::<GuestQuery>(), Ok(read));
        }
    }
}
