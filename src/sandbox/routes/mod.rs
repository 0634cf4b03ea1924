//! The routes: path, methods, parameters and handler of each endpoint.

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

/// The arguments of a handler, besides the hotel.
pub(super) struct Call<'a> {
    pub(super) params: &'a Params,
    pub(super) conditions: &'a Conditions,
    /// The full address of the route, for links to further pages.
    pub(super) address: &'a str,
}

/// The body of a successful answer.
pub(super) enum Body {
    /// An object without its `ok`.
    Object(Value),
    /// The whole serialized text. A page with many rows is serialized only once.
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

/// The parameters that name a user: by its own id, or by identity and system.
const WHICH_USER: &[Field] = &[
    opt("acs_user_id", Kind::Uuid),
    opt("user_identity_id", Kind::Uuid),
    opt("acs_system_id", Kind::Uuid),
];

const ONE_CREDENTIAL: &[Field] = &[req("acs_credential_id", Kind::Uuid)];
const ONE_ENTRANCE: &[Field] = &[req("acs_entrance_id", Kind::Uuid)];
const ONE_SYSTEM: &[Field] = &[req("acs_system_id", Kind::Uuid)];
const ONE_IDENTITY: &[Field] = &[req("user_identity_id", Kind::Uuid)];

/// Returns the route with this path.
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

/// Returns the user that a request names with the parameters in [`WHICH_USER`].
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

/// Returns a user of the Visionline system by its own id or by its identity.
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

/// Returns true if `text` contains `wanted` in any case. ASCII text is compared without a copy, because a search calls
/// this for every row.
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

/// Returns true if the id contains `wanted`. The id is written out only if `wanted` can be part of an id.
fn holds_id(id: Id, wanted: &str) -> bool {
    wanted
        .bytes()
        .all(|byte| byte.is_ascii_hexdigit() || byte == b'-')
        && holds(Some(&id.to_string()), wanted)
}

/// Returns true if the search text is a whole e-mail address or phone number. An index finds these by their ending; a
/// match in the middle of a text would need a walk through all rows.
fn is_contact(search: &str) -> bool {
    let whole = search
        .split_once('@')
        .is_some_and(|(local, domain)| !local.is_empty() && domain.contains('.'));
    let number = search
        .strip_prefix('+')
        .is_some_and(|digits| digits.len() > 6);
    whole || number
}

/// Returns the body of an answer without a value.
fn done() -> Body {
    json!({}).into()
}

impl Call<'_> {
    /// Returns true if a list shows an object that was created at `created_at`. A list that lags does not show the
    /// newest objects.
    fn shows(&self, hotel: &Hotel, created_at: chrono::DateTime<chrono::Utc>) -> bool {
        self.conditions
            .lag
            .is_none_or(|lag| created_at <= hotel.now() - lag)
    }
}
