//! Guests as staff name them, and which guest on record is meant.

use std::fmt;
use std::str::FromStr;

use thiserror::Error;

use super::text::{excerpt, fold, shaped};

/// The longest text that names a guest, in characters.
const LONGEST: usize = 200;
/// The longest e-mail address there can be (RFC 5321, section 4.5.3.1.3), in bytes.
const LONGEST_EMAIL: usize = 254;
/// The fewest and the most digits of a phone number; the most is E.164's.
const PHONE_DIGITS: std::ops::RangeInclusive<usize> = 7..=15;

/// A guest as typed.
///
/// | typed | read as |
/// | --- | --- |
/// | `Jane Doe <jane@example.com>` | [`GuestQuery::NameAndEmail`] |
/// | `jane@example.com` | [`GuestQuery::Email`] |
/// | `+49 30 1234-567` | [`GuestQuery::Phone`] |
/// | a UUID, or `id:` and any id | [`GuestQuery::Id`] |
/// | anything else | [`GuestQuery::Name`] |
///
/// The API's ids are opaque and need not be UUIDs (`seed_acs_user_1`); `id:` says that one is meant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum GuestQuery {
    /// The API's `acs_user_id`.
    Id(String),
    /// An e-mail address, as typed.
    Email(String),
    /// A phone number in E.164: `+` and digits only.
    Phone(String),
    /// A full name, with white space folded.
    Name(String),
    /// A guest to find by e-mail, or to create where none has it.
    NameAndEmail {
        /// The full name, with white space folded.
        name: String,
        /// The e-mail address, as typed.
        email: String,
    },
}

/// Why a text does not name a guest.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum GuestTextError {
    /// Nothing was typed.
    #[error(
        "no guest is named; type a full name, an e-mail address, a phone number with `+`, or `Jane Doe <jane@example.com>`"
    )]
    Empty,
    /// A tab, a line break or the like.
    #[error(
        "\"{0}\" contains a control character; type the guest's name on one line, such as `Jane Doe`"
    )]
    Control(String),
    /// More text than a name has.
    #[error(
        "\"{0}\" is longer than {LONGEST} characters; type the guest's e-mail address or phone number instead, such as `jane@example.com`"
    )]
    TooLong(String),
    /// Something with `@` that is no e-mail address.
    #[error("\"{0}\" is not an e-mail address; type one such as `jane@example.com`")]
    Email(String),
    /// Angle brackets that are not `NAME <EMAIL>`.
    #[error(
        "\"{0}\" is not a name with an e-mail address; type it as `Jane Doe <jane@example.com>`"
    )]
    Brackets(String),
    /// `+` and something that is no phone number.
    #[error(
        "\"{0}\" is not a phone number; type `+`, the country code and the number, 7 to 15 digits in all, such as `+49301234567`"
    )]
    Phone(String),
    /// A phone number with a trunk zero, which is not dialled after a country code.
    #[error(
        "\"{0}\" has a \"(0)\", which is not dialled from abroad; type the number without it, such as `+49301234567`"
    )]
    Trunk(String),
    /// Digits without a country code.
    #[error(
        "\"{0}\" looks like a phone number without a country code; type it with `+` and the code, such as `+49301234567`"
    )]
    NoCountryCode(String),
    /// `id:` and no id.
    #[error("\"{0}\" has no id; type the id right after `id:`, such as `id:seed_acs_user_1`")]
    Id(String),
}

impl FromStr for GuestQuery {
    type Err = GuestTextError;

    fn from_str(typed: &str) -> Result<Self, Self::Err> {
        let text = readable(typed)?;
        if let Some(id) = text.strip_prefix("id:") {
            return parse_id(id).ok_or_else(|| GuestTextError::Id(excerpt(&text)));
        }
        if text.contains(['<', '>']) {
            return parse_name_and_email(&text);
        }
        if text.starts_with('+') {
            return normalise_phone(&text).map(Self::Phone);
        }
        if text.contains('@') {
            return parse_email(&text).map(Self::Email);
        }
        if is_uuid(&text) {
            return Ok(Self::Id(text));
        }
        if is_bare_number(&text) {
            return Err(GuestTextError::NoCountryCode(excerpt(&text)));
        }
        Ok(Self::Name(text))
    }
}

impl fmt::Display for GuestQuery {
    /// The guest as it could be typed again.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Id(id) => write!(f, "id:{id}"),
            Self::Email(text) | Self::Phone(text) | Self::Name(text) => f.write_str(text),
            Self::NameAndEmail { name, email } => write!(f, "{name} <{email}>"),
        }
    }
}

/// A guest on record: one ACS user of the lock system.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GuestRecord {
    /// The API's `acs_user_id`.
    pub acs_user_id: String,
    /// The API's `user_identity_id`, where the guest has one.
    pub user_identity_id: Option<String>,
    /// The full name on record.
    pub name: String,
    /// The e-mail address on record.
    pub email: Option<String>,
    /// The phone number on record.
    pub phone: Option<String>,
}

/// The guests on record that a [`GuestQuery`] leads to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Match<'a> {
    /// Exactly one.
    One(&'a GuestRecord),
    /// Exactly one has the e-mail address of a [`GuestQuery::NameAndEmail`], under another name.
    /// The guest on record is meant; the caller says the difference.
    OtherName(&'a GuestRecord),
    /// None.
    None,
    /// Two or more; a person must say which.
    Many(Vec<&'a GuestRecord>),
}

/// Picks the guest that is meant. An id must be equal; e-mail addresses and names compare without
/// regard to case and to runs of white space, phone numbers in E.164. A name must match whole.
///
/// For a name with an e-mail address the e-mail decides: two guests may share a name, but the API
/// wants e-mail addresses to be unique.
pub fn choose<'a>(query: &GuestQuery, all: impl IntoIterator<Item = &'a GuestRecord>) -> Match<'a> {
    let mut found: Vec<&GuestRecord> = Vec::new();
    for guest in all.into_iter().filter(|guest| is_meant(query, guest)) {
        // A list that changes while its pages are read can name a guest twice.
        if !found
            .iter()
            .any(|earlier| earlier.acs_user_id == guest.acs_user_id)
        {
            found.push(guest);
        }
    }
    match (found.as_slice(), query) {
        ([], _) => Match::None,
        ([guest], GuestQuery::NameAndEmail { name, .. }) if has_other_name(guest, name) => {
            Match::OtherName(guest)
        }
        ([guest], _) => Match::One(guest),
        _ => Match::Many(found),
    }
}

fn is_meant(query: &GuestQuery, guest: &GuestRecord) -> bool {
    match query {
        GuestQuery::Id(id) => guest.acs_user_id == *id,
        GuestQuery::Email(email) | GuestQuery::NameAndEmail { email, .. } => guest
            .email
            .as_deref()
            .is_some_and(|on_record| same(on_record, email)),
        GuestQuery::Phone(phone) => {
            let on_record = guest
                .phone
                .as_deref()
                .map(|text| normalise_phone(&fold(text)));
            matches!(on_record, Some(Ok(on_record)) if on_record == *phone)
        }
        GuestQuery::Name(name) => same(&guest.name, name),
    }
}

/// The texts by which a guest may be looked up, one for each form of a [`GuestQuery`].
pub(super) fn handles(guest: &GuestRecord) -> impl Iterator<Item = String> {
    let phone = guest.phone.as_deref();
    let phone = phone.and_then(|text| normalise_phone(&fold(text)).ok());
    [
        Some(handle_of(&GuestQuery::Id(guest.acs_user_id.clone()))),
        guest
            .email
            .clone()
            .map(|email| handle_of(&GuestQuery::Email(email))),
        phone.map(|phone| handle_of(&GuestQuery::Phone(phone))),
        Some(handle_of(&GuestQuery::Name(guest.name.clone()))),
    ]
    .into_iter()
    .flatten()
}

/// The text by which the guest that is meant can be looked up among [`handles`]: equal wherever
/// [`choose`] would take a guest.
pub(super) fn handle_of(query: &GuestQuery) -> String {
    let folded = |text: &str| fold(text).to_lowercase();
    match query {
        GuestQuery::Id(id) => format!("id {id}"),
        GuestQuery::Email(email) | GuestQuery::NameAndEmail { email, .. } => {
            format!("email {}", folded(email))
        }
        GuestQuery::Phone(phone) => format!("phone {phone}"),
        GuestQuery::Name(name) => format!("name {}", folded(name)),
    }
}

/// True where the guest on record has a name, and it is another one.
fn has_other_name(guest: &GuestRecord, name: &str) -> bool {
    !guest.name.trim().is_empty() && !same(&guest.name, name)
}

fn same(a: &str, b: &str) -> bool {
    fold(a).to_lowercase() == fold(b).to_lowercase()
}

/// The text with white space folded, where a person could have meant it.
fn readable(typed: &str) -> Result<String, GuestTextError> {
    if typed.trim().contains(char::is_control) {
        return Err(GuestTextError::Control(excerpt(typed)));
    }
    let text = fold(typed);
    if text.is_empty() {
        Err(GuestTextError::Empty)
    } else if text.chars().count() > LONGEST {
        Err(GuestTextError::TooLong(excerpt(&text)))
    } else {
        Ok(text)
    }
}

fn parse_id(text: &str) -> Option<GuestQuery> {
    let id = text.trim();
    (!id.is_empty() && !id.contains(char::is_whitespace)).then(|| GuestQuery::Id(id.to_owned()))
}

/// `Jane Doe <jane@example.com>`, the name perhaps in quotes as mail programs write it.
fn parse_name_and_email(text: &str) -> Result<GuestQuery, GuestTextError> {
    let wrong = || GuestTextError::Brackets(excerpt(text));
    let (name, email) = text
        .strip_suffix('>')
        .and_then(|rest| rest.split_once('<'))
        .ok_or_else(wrong)?;
    let name = name.trim().trim_matches('"').trim();
    if name.contains(['>', '@']) {
        return Err(wrong());
    }
    let email = parse_email(email.trim())?;
    Ok(if name.is_empty() {
        GuestQuery::Email(email)
    } else {
        GuestQuery::NameAndEmail {
            name: name.to_owned(),
            email,
        }
    })
}

/// A pragmatic check: it catches slips and leaves the fine print to the mail system.
fn parse_email(text: &str) -> Result<String, GuestTextError> {
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
fn normalise_phone(text: &str) -> Result<String, GuestTextError> {
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

/// Digits and what people write between them, enough for a phone number.
fn is_bare_number(text: &str) -> bool {
    text.chars()
        .all(|c| c.is_ascii_digit() || " -.()/".contains(c))
        && text.bytes().filter(u8::is_ascii_digit).count() >= *PHONE_DIGITS.start()
}

fn is_uuid(text: &str) -> bool {
    let digits: String = text
        .chars()
        .map(|c| if c.is_ascii_hexdigit() { '0' } else { c })
        .collect();
    shaped(&digits, "dddddddd-dddd-dddd-dddd-dddddddddddd")
}
