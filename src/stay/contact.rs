//! The contact of a guest: what the API keeps unique in a workspace.

use std::fmt;

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::guest::GuestTextError;
use super::name;
use super::text::{excerpt, fold};

/// The longest e-mail address there can be (RFC 5321, section 4.5.3.1.3), in bytes.
const LONGEST_EMAIL: usize = 254;
/// The fewest and the most digits of a phone number; the most is E.164's.
pub(super) const PHONE_DIGITS: std::ops::RangeInclusive<usize> = 7..=15;
/// Precedes a reservation or PMS number.
pub(super) const RESERVATION: &str = "res:";
/// Precedes the contact of another guest.
const SHARES: &str = "shares:";

/// What identifies a guest in a workspace. The API keeps e-mail addresses, phone numbers and keys of user
/// identities unique.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Contact {
    /// An e-mail address, as typed. Case does not count.
    Email(String),
    /// A phone number in E.164: `+` and digits only.
    Phone(String),
    /// A reservation or PMS number, typed as `res:4711`: the identity's `user_identity_key`.
    Reservation(String),
    /// The contact of another guest, typed as `shares:jane@example.com`: a person without a contact of their
    /// own, such as the second guest of a couple. Such a guest is put on record under the key that
    /// [`Contact::identity_key`] derives from the name and this contact, so that the same text finds the
    /// same person again.
    Shares(Box<Contact>),
}

impl Contact {
    /// Reads a contact: an e-mail address, `+` and a phone number, `res:` and a number, or `shares:` and one
    /// of these.
    pub(super) fn parse(text: &str) -> Result<Self, GuestTextError> {
        if let Some(number) = strip_word(text, RESERVATION) {
            return parse_reservation(number)
                .ok_or_else(|| GuestTextError::Reservation(excerpt(text)));
        }
        if let Some(other) = strip_word(text, SHARES) {
            return match Self::parse(other.trim())? {
                Self::Shares(_) => Err(GuestTextError::Brackets(excerpt(text))),
                other => Ok(Self::Shares(Box::new(other))),
            };
        }
        if text.starts_with('+') {
            return normalise_phone(text).map(Self::Phone);
        }
        parse_email(text).map(Self::Email)
    }

    /// The text by which two spellings of one contact are found equal. It names a person: it may not be
    /// kept for longer than the operation it belongs to.
    pub fn handle(&self) -> String {
        match self {
            Self::Email(email) => fold(email).to_lowercase(),
            Self::Phone(_) | Self::Reservation(_) => self.to_string(),
            Self::Shares(other) => format!("{SHARES}{}", other.handle()),
        }
    }

    /// True where both are the same contact.
    pub fn same(&self, other: &Self) -> bool {
        self.handle() == other.handle()
    }

    /// The `user_identity_key` under which a guest with this name and contact is found: the reservation, or,
    /// for a guest who shares the contact of another, a key made of both. `None` for an e-mail address or a
    /// phone number.
    pub fn identity_key(&self, name: &str) -> Option<String> {
        match self {
            Self::Email(_) | Self::Phone(_) => None,
            Self::Reservation(number) => Some(number.clone()),
            Self::Shares(other) => {
                let person = format!("{}\n{}", other.handle(), name::canonical(name));
                let id = Uuid::new_v5(&Uuid::NAMESPACE_OID, person.as_bytes());
                Some(format!("{SHARED_KEY}{id}"))
            }
        }
    }
}

/// Precedes the key of a guest without a contact of their own.
const SHARED_KEY: &str = "roomkey:";

/// True for a `user_identity_key` that [`Contact::identity_key`] made: it is no number that staff know.
pub fn is_made_key(key: &str) -> bool {
    key.starts_with(SHARED_KEY)
}

impl fmt::Display for Contact {
    /// The contact as it can be typed between the angle brackets of `Jane Doe <…>`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Email(text) | Self::Phone(text) => f.write_str(text),
            Self::Reservation(number) => write!(f, "{RESERVATION}{number}"),
            Self::Shares(other) => write!(f, "{SHARES}{other}"),
        }
    }
}

/// What follows the word, which is read without regard to case.
pub(super) fn strip_word<'a>(text: &'a str, word: &str) -> Option<&'a str> {
    let start = text.get(..word.len())?;
    start
        .eq_ignore_ascii_case(word)
        .then(|| &text[word.len()..])
}

fn parse_reservation(number: &str) -> Option<Contact> {
    let number = number.trim();
    (!number.is_empty()).then(|| Contact::Reservation(number.to_owned()))
}

/// A pragmatic check: it catches slips and leaves the fine print to the mail system.
pub(super) fn parse_email(text: &str) -> Result<String, GuestTextError> {
    let odd = |c: char| c.is_whitespace() || "<>()[],;:\"\\".contains(c);
    let plausible = text.split_once('@').is_some_and(|(local, domain)| {
        !local.is_empty()
            && domain.contains('.')
            && !domain.contains('@')
            && domain.split('.').all(|label| !label.is_empty())
    });
    if plausible && text.len() <= LONGEST_EMAIL && !text.contains(odd) {
        Ok(text.to_owned())
    } else {
        Err(GuestTextError::Email(excerpt(text)))
    }
}

/// Brings `+49 (30) 1234-567` to E.164.
pub(super) fn normalise_phone(text: &str) -> Result<String, GuestTextError> {
    let compact: String = text.chars().filter(|c| !c.is_whitespace()).collect();
    if compact.contains("(0)") {
        return Err(GuestTextError::Trunk(excerpt(text)));
    }
    let number = compact.replace(['-', '.', '(', ')', '/'], "");
    let digits = number.strip_prefix('+').unwrap_or_default();
    // No country code starts with a zero.
    let dialable = PHONE_DIGITS.contains(&digits.len())
        && digits.bytes().all(|byte| byte.is_ascii_digit())
        && !digits.starts_with('0');
    if dialable {
        Ok(number)
    } else {
        Err(GuestTextError::Phone(excerpt(text)))
    }
}
