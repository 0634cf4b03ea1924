//! How staff name guests, and how a name is matched to a guest on record.

#[cfg(test)]
mod tests;

use std::fmt;
use std::str::FromStr;

use thiserror::Error;

use super::contact::{
    Contact, PHONE_DIGITS, RESERVATION, is_made_key, normalise_phone, strip_word,
};
use super::name::{canonical, same_name};
use super::text::{excerpt, fold, shaped};

/// The longest text that names a guest, in characters.
const LONGEST: usize = 200;
/// A guest as typed.
///
/// | typed | read as |
/// | --- | --- |
/// | `Jane Doe <jane@example.com>`, `Jane Doe <+491701234567>`, `Jane Doe <res:4711>` | [`GuestQuery::New`] |
/// | `John Doe <shares:jane@example.com>` | [`GuestQuery::New`] with [`Contact::Shares`] |
/// | `jane@example.com` | [`GuestQuery::Email`] |
/// | `+49 30 1234-567` | [`GuestQuery::Phone`] |
/// | `res:4711` | [`GuestQuery::Reservation`] |
/// | a UUID, or `id:` and any id | [`GuestQuery::Id`] |
/// | anything else | [`GuestQuery::Name`] |
///
/// The API's ids are opaque and need not be UUIDs (for example `seed_acs_user_1`). The prefix `id:` marks any text as
/// an id.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum GuestQuery {
    /// The API's `acs_user_id`.
    Id(String),
    /// An e-mail address, as typed.
    Email(String),
    /// A phone number in E.164: `+` and digits only.
    Phone(String),
    /// A reservation or PMS number: the `user_identity_key` of the guest's identity.
    Reservation(String),
    /// A full name, with white space folded.
    Name(String),
    /// A name with a contact. The guest is found by the contact, or is put on record if nobody has the contact.
    New {
        /// The full name, with white space folded.
        name: String,
        /// What identifies the guest.
        contact: Contact,
    },
}

impl GuestQuery {
    /// Returns a query for the guest who has this contact.
    pub fn of(contact: Contact) -> Self {
        match contact {
            Contact::Email(email) => Self::Email(email),
            Contact::Phone(phone) => Self::Phone(phone),
            Contact::Reservation(number) => Self::Reservation(number),
            Contact::Shares(other) => Self::of(*other),
        }
    }

    /// Returns a text that is equal for two queries that name the same person in the same way. It is also equal for a
    /// guest to be put on record and a query by that guest's contact.
    pub fn handle(&self) -> String {
        handle_of(self)
    }

    /// Returns whether the query searches for a `user_identity_key`. The API lists users without these keys.
    pub fn is_by_key(&self) -> bool {
        matches!(
            self.contact(),
            Some(Contact::Reservation(_) | Contact::Shares(_))
        )
    }

    /// Returns the contact that the query contains, if it contains one.
    pub fn contact(&self) -> Option<Contact> {
        match self {
            Self::Email(email) => Some(Contact::Email(email.clone())),
            Self::Phone(phone) => Some(Contact::Phone(phone.clone())),
            Self::Reservation(number) => Some(Contact::Reservation(number.clone())),
            Self::New { contact, .. } => Some(contact.clone()),
            Self::Id(_) | Self::Name(_) => None,
        }
    }
}

/// The error for a text that does not name a guest.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum GuestTextError {
    /// Nothing was typed.
    #[error(
        "no guest is named; type a full name, an e-mail address, a phone number with `+`, a reservation such as `res:4711`, or `Jane Doe <jane@example.com>`"
    )]
    Empty,
    /// The text contains a tab, a line break or another control character.
    #[error(
        "\"{0}\" contains a control character; type the guest's name on one line, such as `Jane Doe`"
    )]
    Control(String),
    /// The text is too long for a name.
    #[error(
        "\"{0}\" is longer than {LONGEST} characters; type the guest's e-mail address or phone number instead, such as `jane@example.com`"
    )]
    TooLong(String),
    /// The text contains `@` but is not an e-mail address.
    #[error("\"{0}\" is not an e-mail address; type one such as `jane@example.com`")]
    Email(String),
    /// The text contains angle brackets but is not `NAME <CONTACT>`.
    #[error(
        "\"{0}\" is not a name with a contact; type it as `Jane Doe <jane@example.com>`, `Jane Doe <+491701234567>` or `Jane Doe <res:4711>`"
    )]
    Brackets(String),
    /// The text starts with `+` but is not a phone number.
    #[error(
        "\"{0}\" is not a phone number; type `+`, the country code and the number, 7 to 15 digits in all, such as `+49301234567`"
    )]
    Phone(String),
    /// The phone number contains `(0)`, a trunk prefix that is not dialled after a country code.
    #[error(
        "\"{0}\" has a \"(0)\", which is not dialled from abroad; type the number without it, such as `+49301234567`"
    )]
    Trunk(String),
    /// The text has only the digits of a phone number, without a country code.
    #[error(
        "\"{0}\" looks like a phone number without a country code; type it with `+` and the code, such as `+49301234567`"
    )]
    NoCountryCode(String),
    /// No number follows `res:`.
    #[error("\"{0}\" has no number; type it right after `res:`, such as `res:4711`")]
    Reservation(String),
    /// No id follows `id:`.
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
            return parse_new(&text);
        }
        if strip_word(&text, RESERVATION).is_some() {
            return Contact::parse(&text).map(Self::of);
        }
        if text.starts_with('+') {
            return Contact::parse(&text).map(Self::of);
        }
        if text.contains('@') {
            return Contact::parse(&text).map(Self::of);
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
    /// Writes the query as it can be typed again.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Id(id) => write!(f, "id:{id}"),
            Self::Email(text) | Self::Phone(text) | Self::Name(text) => f.write_str(text),
            Self::Reservation(number) => write!(f, "{RESERVATION}{number}"),
            Self::New { name, contact } => write!(f, "{name} <{contact}>"),
        }
    }
}

/// A guest on record: one ACS user of the lock system.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
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
    /// Other contacts of the guest: the contacts of the identity, if they differ from the user's, and the
    /// `user_identity_key` of the identity and of identities that were merged into it. The API lists users without
    /// keys, so a key is known only if the identity was read.
    pub aliases: Vec<Contact>,
    /// Whether the access system has suspended the guest.
    pub suspended: bool,
    /// The errors and warnings that the access system reports for the guest: code and message of each.
    pub remarks: Vec<(String, String)>,
}

impl GuestRecord {
    /// Returns the guest's reservation or PMS number, if it was read.
    pub fn reservation(&self) -> Option<&str> {
        self.aliases.iter().find_map(|alias| match alias {
            Contact::Reservation(number) if !is_made_key(number) => Some(number.as_str()),
            _ => None,
        })
    }

    /// Returns a query that finds this guest: by e-mail address, by phone number, by reservation or, if the guest has
    /// none of these, by id.
    pub fn query(&self) -> GuestQuery {
        let email = self.email.clone().map(GuestQuery::Email);
        let phone = || normalise_phone(&fold(self.phone.as_deref()?)).ok();
        email
            .or_else(|| phone().map(GuestQuery::Phone))
            .or_else(|| Some(GuestQuery::Reservation(self.reservation()?.to_owned())))
            .unwrap_or_else(|| GuestQuery::Id(self.acs_user_id.clone()))
    }
}

/// The guests on record that a [`GuestQuery`] finds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Match<'a> {
    /// Exactly one guest matches.
    One(&'a GuestRecord),
    /// Exactly one guest has the contact of a [`GuestQuery::New`], but under another name. Either both names belong to
    /// one person, or a second person shares the contact. A person must decide.
    OtherName(&'a GuestRecord),
    /// No guest matches.
    None,
    /// Two or more guests match. A person must decide.
    Many(Vec<&'a GuestRecord>),
}

/// Finds the guest that a query names. An id must be equal. E-mail addresses and names are compared without regard to
/// case and to runs of white space, phone numbers in E.164. A name must match as a whole.
///
/// For a name with a contact, the contact decides, because two guests may share a name while the API keeps contacts
/// unique. If several guests have the contact nevertheless, the one with the name is chosen.
pub fn choose<'a>(query: &GuestQuery, all: impl IntoIterator<Item = &'a GuestRecord>) -> Match<'a> {
    let mut found: Vec<&GuestRecord> = Vec::new();
    for guest in all.into_iter().filter(|guest| is_meant(query, guest)) {
        // If a list changes while its pages are read, it can contain a guest twice.
        if !found
            .iter()
            .any(|earlier| earlier.acs_user_id == guest.acs_user_id)
        {
            found.push(guest);
        }
    }
    if let GuestQuery::New { name, .. } = query {
        let named: Vec<_> = found
            .iter()
            .filter(|guest| same_name(&guest.name, name))
            .collect();
        if let [guest] = named[..] {
            return Match::One(guest);
        }
    }
    match (found.as_slice(), query) {
        ([], _) => Match::None,
        ([guest], GuestQuery::New { .. }) if !guest.name.trim().is_empty() => {
            Match::OtherName(guest)
        }
        ([guest], _) => Match::One(guest),
        _ => Match::Many(found),
    }
}

fn is_meant(query: &GuestQuery, guest: &GuestRecord) -> bool {
    handles(guest).any(|handle| handle == handle_of(query))
}

/// Returns the texts by which a guest can be looked up, one for each form of a [`GuestQuery`].
pub(super) fn handles(guest: &GuestRecord) -> impl Iterator<Item = String> {
    let phone = guest.phone.as_deref();
    let phone = phone.and_then(|text| normalise_phone(&fold(text)).ok());
    let contacts = guest.email.iter().cloned().map(GuestQuery::Email);
    let contacts = contacts.chain(phone.map(GuestQuery::Phone));
    let aliases = guest.aliases.iter().cloned();
    [
        GuestQuery::Id(guest.acs_user_id.clone()),
        GuestQuery::Name(guest.name.clone()),
    ]
    .into_iter()
    .chain(contacts)
    .chain(aliases.map(GuestQuery::of))
    .map(|query| handle_of(&query))
}

/// Returns the text by which the guest of this query is looked up among [`handles`].
pub(super) fn handle_of(query: &GuestQuery) -> String {
    match query {
        GuestQuery::Id(id) => format!("id {id}"),
        GuestQuery::Email(email) => format!("email {}", fold(email).to_lowercase()),
        GuestQuery::Phone(phone) => format!("phone {phone}"),
        GuestQuery::Reservation(number) => format!("key {number}"),
        GuestQuery::Name(name) => format!("name {}", canonical(name)),
        GuestQuery::New { name, contact } => match contact.identity_key(name) {
            Some(key) => format!("key {key}"),
            None => handle_of(&GuestQuery::of(contact.clone())),
        },
    }
}

/// Returns the text with white space folded. A text that is empty, too long or not printable is an error.
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

/// Reads `Jane Doe <jane@example.com>`. The name may be in quotes, as mail programs write it.
fn parse_new(text: &str) -> Result<GuestQuery, GuestTextError> {
    let wrong = || GuestTextError::Brackets(excerpt(text));
    let (name, contact) = text
        .strip_suffix('>')
        .and_then(|rest| rest.split_once('<'))
        .ok_or_else(wrong)?;
    let name = name.trim().trim_matches('"').trim();
    if name.contains(['>', '@']) || contact.contains(['<', '>']) {
        return Err(wrong());
    }
    match Contact::parse(contact.trim())? {
        Contact::Shares(_) if name.is_empty() => Err(wrong()),
        contact if name.is_empty() => Ok(GuestQuery::of(contact)),
        contact => Ok(GuestQuery::New {
            name: name.to_owned(),
            contact,
        }),
    }
}

/// Returns whether the text has enough digits for a phone number, and otherwise only separators.
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
