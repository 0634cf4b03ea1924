//! The columns of a batch file, and the headings of hotel systems for them.

use crate::hotel::text::{excerpt, fold};

/// A column that is read. Other columns are ignored.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Column {
    /// The hotel's number for the stay.
    Reservation,
    /// The action, such as `issue`.
    Action,
    /// The guest: a full name, an e-mail address, a phone number or an id.
    Guest,
    /// The first name.
    FirstName,
    /// The last name.
    LastName,
    /// The e-mail address.
    Email,
    /// The phone number.
    Phone,
    /// The rooms.
    Room,
    /// The day of arrival, with or without an hour.
    Arrival,
    /// The day of departure, with or without an hour.
    Departure,
    /// The hour of arrival.
    ArrivalTime,
    /// The hour of departure.
    DepartureTime,
    /// The number of nights.
    Nights,
    /// Common doors.
    Also,
    /// The reservation whose key this one joins.
    ShareWith,
    /// The id of a key.
    Key,
    /// The status of the reservation in the hotel's system.
    Status,
    /// The room that a guest leaves in a room move.
    OldRoom,
}

/// The headings of each column, in the form that [`plain`] returns, the best known first. They are the headings of
/// exports from OPERA, Mews, Apaleo and Cloudbeds, of FIAS fields, and of German spreadsheets.
///
/// These headings are left out on purpose: `ETA` (the guest's estimate is not the start of a key), `ROOM_NIGHTS_TOTAL`
/// (rooms times nights), `CRS_CONFIRMATION_NO`, `RESV_NAME_ID` and `GroupId` (numbers other than the hotel's own), and
/// `LockIds` (these are not the names of doors).
const ALIASES: [(Column, &[&str]); 18] = [
    (
        Column::Reservation,
        &[
            "reservation",
            "reservationno",
            "reservationnumber",
            "reservationid",
            "confirmation",
            "confirmationno",
            "confirmationnumber",
            "confirmationcode",
            "bookingid",
            "bookingnumber",
            "number",
            "g#",
            "reservierung",
            "reservierungsnummer",
        ],
    ),
    (Column::Action, &["action", "command", "keytype", "aktion"]),
    (
        Column::Guest,
        &[
            "guest",
            "guestname",
            "fullname",
            "primaryguest",
            "primaryguestname",
            "name",
            "gn",
            "gast",
            "gastname",
        ],
    ),
    (
        Column::FirstName,
        &[
            "firstname",
            "guestfirstname",
            "primaryguestfirstname",
            "givenname",
            "vorname",
        ],
    ),
    (
        Column::LastName,
        &[
            "lastname",
            "guestlastname",
            "primaryguestlastname",
            "familyname",
            "surname",
            "nachname",
        ],
    ),
    (
        Column::Email,
        &[
            "email",
            "emailaddress",
            "guestemail",
            "primaryguestemail",
            "mail",
        ],
    ),
    (
        Column::Phone,
        &[
            "phone",
            "phonenumber",
            "guestphone",
            "primaryguestphone",
            "mobile",
            "mobilephone",
            "telefon",
            "handy",
        ],
    ),
    (
        Column::Room,
        &[
            "room",
            "rooms",
            "roomno",
            "roomnumber",
            "roomname",
            "rn",
            "unit",
            "unitname",
            "space",
            "spacename",
            "spacenumber",
            "zimmer",
            "zimmernummer",
        ],
    ),
    (
        Column::Arrival,
        &[
            "arrival",
            "arrivaldate",
            "from",
            "startdate",
            "startutc",
            "checkin",
            "checkindate",
            "ga",
            "anreise",
            "anreisedatum",
        ],
    ),
    (
        Column::Departure,
        &[
            "departure",
            "departuredate",
            "until",
            "enddate",
            "endutc",
            "checkout",
            "checkoutdate",
            "gd",
            "abreise",
            "abreisedatum",
        ],
    ),
    (
        Column::ArrivalTime,
        &["arrivaltime", "starttime", "checkintime", "anreisezeit"],
    ),
    (
        Column::DepartureTime,
        &[
            "departuretime",
            "endtime",
            "checkouttime",
            "dt",
            "abreisezeit",
        ],
    ),
    (Column::Nights, &["nights", "numberofnights", "nächte"]),
    (Column::Also, &["also", "extras", "commondoors"]),
    (Column::ShareWith, &["sharewith", "shareswith", "primary"]),
    (
        Column::Key,
        &["key", "keyid", "acscredentialid", "credentialid"],
    ),
    (
        Column::Status,
        &[
            "status",
            "state",
            "reservationstatus",
            "reservationstate",
            "resvstatus",
            "resstatus",
            "statuscode",
            "reservationstatuscode",
            "resvstatuscode",
            "shortresvstatus",
            "computedresvstatus",
            "bookingstatus",
            "bookingstate",
            "staystatus",
            "gueststatus",
            "buchungsstatus",
            "reservierungsstatus",
        ],
    ),
    (
        Column::OldRoom,
        &[
            "oldroom",
            "oldroomid",
            "oldroomno",
            "oldroomnumber",
            "fromroom",
            "ro",
        ],
    ),
];

/// Parts of headings of columns that may say that a guest gets no key.
const STATUS_LIKE: [&str; 4] = ["status", "cancel", "storn", "noshow"];

/// Parts of headings that show that a column of [`STATUS_LIKE`] says nothing about the reservation itself: fees
/// and terms of a cancellation, the cleaning of a room, the rank of a guest.
const NO_STATUS: [&str; 14] = [
    "fee",
    "policy",
    "policies",
    "amount",
    "charge",
    "deadline",
    "freecancel",
    "roomstatus",
    "housekeeping",
    "hkstatus",
    "cleaning",
    "vip",
    "member",
    "loyalty",
];

/// Words in the names of columns that hold means of payment. Such a column is never read, whatever the table
/// above may say one day.
const PAYMENT: [&str; 14] = [
    "creditcard",
    "debitcard",
    "cardnumber",
    "cardno",
    "cardholder",
    "cardexp",
    "cvv",
    "cvc",
    "expiry",
    "expiration",
    "iban",
    "bic",
    "payment",
    "track",
];

impl Column {
    /// Its best known name.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Reservation => "reservation",
            Self::Action => "action",
            Self::Guest => "guest",
            Self::FirstName => "first_name",
            Self::LastName => "last_name",
            Self::Email => "email",
            Self::Phone => "phone",
            Self::Room => "room",
            Self::Arrival => "arrival",
            Self::Departure => "departure",
            Self::ArrivalTime => "arrival_time",
            Self::DepartureTime => "departure_time",
            Self::Nights => "nights",
            Self::Also => "also",
            Self::ShareWith => "share_with",
            Self::Key => "key",
            Self::Status => "status",
            Self::OldRoom => "old_room",
        }
    }

    /// Returns the column of a heading; `None` if it is not read. Case, spaces, underscores and hyphens make no difference.
    pub(super) fn of(heading: &str) -> Option<Self> {
        let heading = plain(heading);
        if PAYMENT.iter().any(|word| heading.contains(word)) {
            return None;
        }
        ALIASES
            .iter()
            .find(|(_, names)| names.contains(&heading.as_str()))
            .map(|(column, _)| *column)
    }
}

/// Returns true for an unknown heading that looks like a status. Such a column must not be ignored: the key of a
/// cancelled reservation would open the room of another guest.
pub(super) fn is_unknown_status(heading: &str) -> bool {
    let plain = plain(heading);
    let has = |words: &[&str]| words.iter().any(|word| plain.contains(word));
    Column::of(heading).is_none() && has(&STATUS_LIKE) && !has(&NO_STATUS) && !has(&PAYMENT)
}

/// Returns the best known heading of each column, for error messages.
pub(super) fn known() -> String {
    let names: Vec<&str> = ALIASES.iter().map(|(column, _)| column.name()).collect();
    names.join(", ")
}

/// Returns true for a heading whose times are in UTC if they have no offset: `StartUtc` and `EndUtc` of Mews.
pub(super) fn is_utc(heading: &str) -> bool {
    matches!(plain(heading).as_str(), "startutc" | "endutc")
}

/// Returns the text in lower case, without the characters between words.
pub(super) fn plain(text: &str) -> String {
    fold(text)
        .chars()
        .filter(|c| !c.is_whitespace() && !c.is_control() && !"_-.:".contains(*c))
        .flat_map(char::to_lowercase)
        .collect()
}

/// Returns a heading in a form that may be printed. In a file without headings the first row has data, so text that
/// looks like an address or a number is left out.
pub(super) fn shown(heading: &str) -> String {
    let digits = heading.chars().filter(char::is_ascii_digit).count();
    if heading.contains('@') || digits > 4 {
        "(not shown)".to_owned()
    } else {
        excerpt(heading)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn every_alias_leads_to_one_column_and_none_to_payment() {
        let mut seen = HashSet::new();
        for (column, names) in ALIASES {
            for name in names {
                assert_eq!(plain(name), *name, "aliases stand in the table as compared");
                assert!(seen.insert(*name), "{name} is there twice");
                assert_eq!(Column::of(name), Some(column), "{name}");
            }
            assert_eq!(Column::of(column.name()), Some(column));
        }
    }

    #[test]
    fn headings_of_the_systems_are_known() {
        for (heading, column) in [
            ("GUEST_FIRST_NAME", Column::FirstName),
            ("GUEST_NAME", Column::Guest),
            ("CONFIRMATION_NO", Column::Reservation),
            ("Check-In Date", Column::Arrival),
            (" Reservation Number ", Column::Reservation),
            ("guestEmail", Column::Email),
            ("StartUtc", Column::Arrival),
            ("G#", Column::Reservation),
            ("Share-With", Column::ShareWith),
            ("acs_credential_id", Column::Key),
            ("RESV_STATUS", Column::Status),
            ("RESERVATION_STATUS", Column::Status),
            ("STATUS_CODE", Column::Status),
            ("Old Room", Column::OldRoom),
        ] {
            assert_eq!(Column::of(heading), Some(column), "{heading}");
        }
    }

    #[test]
    fn payment_and_second_numbers_are_not_read() {
        for heading in [
            "Card Number",
            "CVV",
            "Expiry",
            "IBAN",
            "ROOM_NIGHTS_TOTAL",
            "ETA",
            "note",
            "LockIds",
            "",
        ] {
            assert_eq!(Column::of(heading), None, "{heading}");
        }
    }

    #[test]
    fn a_column_that_may_decide_about_access_is_not_passed_over() {
        for heading in [
            "RSV_STATUS_2",
            "Cancelled",
            "CANCELLATION_DATE",
            "Cancellation No",
            "NO_SHOW",
            "is-no-show",
            "Storniert am",
        ] {
            assert!(is_unknown_status(heading), "{heading}");
        }
        for heading in [
            "status",
            "RESV_STATUS",
            "PAYMENT_STATUS",
            "cancellationFee",
            "noShowFee",
            "Cancellation Policy",
            "ROOM_STATUS",
            "VIP status",
            "note",
            "Customer Estate",
        ] {
            assert!(!is_unknown_status(heading), "{heading}");
        }
    }

    #[test]
    fn data_in_the_place_of_headings_is_not_shown() {
        assert_eq!(shown("4111 1111 1111 1111"), "(not shown)");
        assert_eq!(shown("jane@example.com"), "(not shown)");
        assert_eq!(shown("Card\nNumber"), "Card\u{FFFD}Number");
    }
}
