//! The routes: a path, its methods, what it takes, and the function that answers.

mod credentials;
mod entrances;
mod events;
mod holder;
mod page;
mod phones;
mod systems;
mod user_identities;
mod users;

use crate::sandbox::id::Id;
use axum::http::Method;
use serde_json::{Value, json};

use super::hotel::{Conditions, Hotel};
use super::params::Params;
use super::refusal::Refusal;
use super::schema::{Field, Kind, opt, req};

/// What a handler gets beside the hotel.
pub(super) struct Call<'a> {
    pub(super) params: &'a Params,
    pub(super) conditions: &'a Conditions,
    /// The full address of the route, for links to further pages.
    pub(super) address: &'a str,
}

/// An object of the API.
pub(super) enum Body {
    /// Without its `ok`.
    Object(Value),
    /// Whole, as it goes out: a page of many rows is written once.
    Text(String),
}

impl From<Value> for Body {
    fn from(object: Value) -> Self {
        Self::Object(object)
    }
}

pub(super) type Answer = Result<Body, Refusal>;

/// One endpoint.
pub(super) struct Route {
    pub(super) path: &'static str,
    pub(super) methods: &'static [Method],
    pub(super) fields: &'static [Field],
    pub(super) handler: fn(&mut Hotel, &Call<'_>) -> Answer,
}

const POST: &[Method] = &[Method::POST];
const READ: &[Method] = &[Method::GET, Method::POST];
const PATCH: &[Method] = &[Method::PATCH, Method::POST];
const PUT: &[Method] = &[Method::PUT, Method::POST];
const DELETE: &[Method] = &[Method::DELETE, Method::POST];

/// A user by its own id, or by identity and system.
const WHICH_USER: &[Field] = &[
    opt("acs_user_id", Kind::Uuid),
    opt("user_identity_id", Kind::Uuid),
    opt("acs_system_id", Kind::Uuid),
];

const ONE_CREDENTIAL: &[Field] = &[req("acs_credential_id", Kind::Uuid)];
const ONE_ENTRANCE: &[Field] = &[req("acs_entrance_id", Kind::Uuid)];
const ONE_SYSTEM: &[Field] = &[req("acs_system_id", Kind::Uuid)];
const ONE_IDENTITY: &[Field] = &[req("user_identity_id", Kind::Uuid)];

/// The route of a path.
pub(super) fn find(path: &str) -> Option<&'static Route> {
    let tables: [&'static [Route]; 8] = [
        WORKSPACES,
        systems::ROUTES,
        entrances::ROUTES,
        users::ROUTES,
        credentials::ROUTES,
        phones::ROUTES,
        user_identities::ROUTES,
        events::ROUTES,
    ];
    tables
        .into_iter()
        .flatten()
        .find(|route| route.path == path)
}

const WORKSPACES: &[Route] = &[Route {
    path: "/workspaces/get",
    methods: READ,
    fields: &[],
    handler: |hotel, _| Ok(json!({ "workspace": hotel.wire_workspace() }).into()),
}];

/// The user a request means; see [`WHICH_USER`].
fn which_user(hotel: &Hotel, params: &Params) -> Result<Id, Refusal> {
    if let Some(id) = params.id("acs_user_id") {
        return hotel
            .users
            .get(id)
            .map(|user| user.id)
            .ok_or_else(|| Refusal::missing("acs_user", id));
    }
    match (params.id("user_identity_id"), params.id("acs_system_id")) {
        (Some(identity), Some(system)) => hotel
            .user_in(identity, system)
            .map(|user| user.id)
            .ok_or_else(|| Refusal::missing("acs_user", identity)),
        _ => Err(Refusal::invalid(
            "Must provide acs_user_id, or user_identity_id and acs_system_id",
        )),
    }
}

/// A user of the Visionline system by its own id or its identity.
fn user_or_identity(hotel: &Hotel, params: &Params) -> Result<Id, Refusal> {
    match (params.id("acs_user_id"), params.id("user_identity_id")) {
        (Some(id), None) => hotel
            .users
            .get(id)
            .map(|user| user.id)
            .ok_or_else(|| Refusal::missing("acs_user", id)),
        (None, Some(identity)) => hotel
            .user_in(identity, hotel.property.system)
            .map(|user| user.id)
            .ok_or_else(|| Refusal::missing("user_identity", identity)),
        _ => Err(Refusal::invalid(
            "Must provide exactly one of acs_user_id and user_identity_id",
        )),
    }
}

/// Whether `text` holds `wanted`, whatever the case. Every row of a search comes through here:
/// plain text is compared where it stands.
fn holds(text: Option<&str>, wanted: &str) -> bool {
    text.is_some_and(|text| {
        if text.is_ascii() && wanted.is_ascii() {
            let (text, wanted) = (text.as_bytes(), wanted.as_bytes());
            text.windows(wanted.len().max(1))
                .any(|part| part.eq_ignore_ascii_case(wanted))
        } else {
            text.to_lowercase().contains(&wanted.to_lowercase())
        }
    })
}

/// The same for an id, which is only written out for what can be a part of one.
fn holds_id(id: Id, wanted: &str) -> bool {
    wanted
        .bytes()
        .all(|byte| byte.is_ascii_hexdigit() || byte == b'-')
        && holds(Some(&id.to_string()), wanted)
}

/// Whether a search is for a whole e-mail address or number. Such a one is looked for at the end of
/// what is on record; a partial match further in would need every row to be read.
fn is_contact(search: &str) -> bool {
    let whole = search
        .split_once('@')
        .is_some_and(|(local, domain)| !local.is_empty() && domain.contains('.'));
    let number = search
        .strip_prefix('+')
        .is_some_and(|digits| digits.len() > 6);
    whole || number
}

/// An answer that says no more than that it was done.
fn done() -> Body {
    json!({}).into()
}

impl Call<'_> {
    /// Whether a list shows what was made at `created_at`; a list that lags does not yet.
    fn shows(&self, hotel: &Hotel, created_at: chrono::DateTime<chrono::Utc>) -> bool {
        self.conditions
            .lag
            .is_none_or(|lag| created_at <= hotel.now() - lag)
    }
}
