//! A guest's contact: the e-mail address, phone number or reservation that is unique in a workspace.

use std::fmt;

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::guest::GuestTextError;
use super::name;
use super::text::{excerpt, fold};

/// The longest possible e-mail address in bytes (RFC 5321, section 4.5.3.1.3).
const LONGEST_EMAIL: usize = 254;
/// How many digits a phone number may have. The upper bound is E.164's.
pub(super) const PHONE_DIGITS: std::ops::RangeInclusive<usize> = 7..=15;
/// The prefix of a reservation or PMS number.
pub(super) const RESERVATION: &str = "res:";
/// The prefix of a contact that belongs to another guest.
const SHARES: &str = "shares:";

/// What identifies a guest in a workspace. The API keeps e-mail addresses, phone numbers and keys of user
/// identities unique.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Contact {
    /// An e-mail address, as typed. Case is ignored when two addresses are compared.
    Email(String),
    /// A phone number in E.164: `+` and digits only.
    Phone(String),
    /// A reservation or PMS number, typed as `res:4711`: the identity's `user_identity_key`.
    Reservation(String),
    /// The contact of another guest, typed as `shares:jane@example.com`. It is for a person who has no contact of
    /// their own, such as the second guest of a couple. Such a guest is put on record under the key that
    /// [`Contact::identity_key`] derives from the name and this contact, so that the same text finds the same person
    /// again.
    Shares(Box<Contact>),
}

impl Contact {
    /// Reads a contact: an e-mail address, `+` and a phone number, `res:` and a number, or `shares:` followed by one
    /// of these. Returns an error for any other text.
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

    /// Returns a text that is equal for all spellings of one contact. The text identifies a person, so it must not be
    /// kept longer than the operation that it belongs to.
    pub fn handle(&self) -> String {
        match self {
            Self::Email(email) => fold(email).to_lowercase(),
            Self::Phone(_) | Self::Reservation(_) => self.to_string(),
            Self::Shares(other) => format!("{SHARES}{}", other.handle()),
        }
    }

    /// Returns whether both are the same contact.
    pub fn same(&self, other: &Self) -> bool {
        self.handle() == other.handle()
    }

    /// Returns the `user_identity_key` under which a guest with this name and contact is found. For a reservation,
    /// this is its number. For a guest who shares the contact of another guest, it is a key derived from the name and
    /// the contact. Returns `None` for an e-mail address or a phone number.
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

/// The prefix of the key of a guest who has no contact of their own.
const SHARED_KEY: &str = "roomkey:";

/// Returns whether [`Contact::identity_key`] derived this `user_identity_key`. Staff do not know such a key, so it is
/// not shown as a reservation number.
pub fn is_made_key(key: &str) -> bool {
    key.starts_with(SHARED_KEY)
}

impl fmt::Display for Contact {
    /// Writes the contact as it is typed between the angle brackets of `Jane Doe <…>`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Email(text) | Self::Phone(text) => f.write_str(text),
            Self::Reservation(number) => write!(f, "{RESERVATION}{number}"),
            Self::Shares(other) => write!(f, "{SHARES}{other}"),
        }
    }
}

/// Returns the text after the prefix `word`, or `None` if the text does not start with it. Case is ignored.
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

/// Checks an e-mail address for typing mistakes. The check is not complete: the mail system decides what is valid.
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

/// Converts a phone number such as `+49 (30) 1234-567` to E.164.
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
