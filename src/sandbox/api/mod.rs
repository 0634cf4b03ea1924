//! The endpoints: paths, methods, parameters and what each does.

mod credentials;
mod guests;
mod hotel;

use chrono::{DateTime, TimeDelta, Utc};
use serde_json::{Value, json};

use super::params::{Args, Complaints, Param};
use super::readings::Readings;
use super::table::{Row, Table};
use super::world::World;

/// A request at work.
pub(super) struct Call<'a> {
    pub(super) world: &'a mut World,
    pub(super) readings: &'a Readings,
    pub(super) now: DateTime<Utc>,
    /// How long the lock system takes to follow.
    pub(super) sync: TimeDelta,
    /// Lists show what was there this long ago.
    pub(super) lag: TimeDelta,
    /// Keys made now are never confirmed.
    pub(super) never_syncs: bool,
}

impl Call<'_> {
    /// What was made after this is not in lists yet.
    fn known(&self) -> DateTime<Utc> {
        if self.lag.is_zero() {
            DateTime::<Utc>::MAX_UTC
        } else {
            self.now - self.lag
        }
    }
}

/// An answer that says no.
#[derive(Debug)]
pub(super) struct Refusal {
    pub(super) status: u16,
    pub(super) kind: String,
    pub(super) message: String,
    pub(super) complaints: Option<Complaints>,
}

impl Refusal {
    pub(super) fn new(status: u16, kind: &str, message: &str) -> Self {
        Self {
            status,
            kind: kind.to_owned(),
            message: message.to_owned(),
            complaints: None,
        }
    }

    pub(super) fn invalid(complaints: Complaints) -> Self {
        let message = complaints.message();
        Self {
            complaints: Some(complaints),
            ..Self::new(400, "invalid_input", &message)
        }
    }

    fn field(field: &str, text: &str) -> Self {
        Self::invalid(Complaints::one(field, text))
    }

    fn missing(thing: &str) -> Self {
        Self::new(
            404,
            &format!("{thing}_not_found"),
            &format!("No such {}", thing.replace('_', " ")),
        )
    }

    pub(super) fn body(&self) -> Value {
        let mut error = json!({ "type": self.kind, "message": self.message });
        if let Some(complaints) = &self.complaints {
            error["validation_errors"] = complaints.tree();
        }
        json!({ "error": error, "ok": false })
    }
}

type Answer = Result<Value, Refusal>;

/// An endpoint.
pub(super) struct Route {
    pub(super) path: &'static str,
    pub(super) methods: &'static [&'static str],
    pub(super) params: &'static [Param],
    /// It changes the hotel.
    pub(super) writes: bool,
    pub(super) run: fn(&mut Call<'_>, &Args) -> Answer,
}

const READ: &[&str] = &["GET", "POST"];
const POST: &[&str] = &["POST"];
const DELETE: &[&str] = &["DELETE", "POST"];
const PATCH: &[&str] = &["PATCH", "POST"];
const PUT: &[&str] = &["PUT", "POST"];

const fn read(
    path: &'static str,
    params: &'static [Param],
    run: fn(&mut Call<'_>, &Args) -> Answer,
) -> Route {
    Route {
        path,
        methods: READ,
        params,
        writes: false,
        run,
    }
}

const fn write(
    path: &'static str,
    methods: &'static [&'static str],
    params: &'static [Param],
    run: fn(&mut Call<'_>, &Args) -> Answer,
) -> Route {
    Route {
        path,
        methods,
        params,
        writes: true,
        run,
    }
}

/// The endpoint at a path.
pub(super) fn route(path: &str) -> Option<&'static Route> {
    all().find(|route| route.path == path)
}

/// All endpoints.
pub(super) fn all() -> impl Iterator<Item = &'static Route> {
    hotel::ROUTES
        .iter()
        .chain(guests::ROUTES)
        .chain(credentials::ROUTES)
}

/// A page of a list. The cursor is the place of the last row, opaque to clients.
fn page<T: Row>(
    table: &Table<T>,
    args: &Args,
    limit: usize,
    key: &str,
    path: &str,
    wanted: impl Fn(&T) -> bool,
    show: impl Fn(&T) -> Value,
) -> Answer {
    let after = match args.text("page_cursor") {
        None => 0,
        Some(cursor) => cursor
            .strip_prefix("after-")
            .and_then(|place| place.parse().ok())
            .ok_or_else(|| Refusal::field("page_cursor", "Invalid page cursor"))?,
    };
    let rows = table.after(after).filter(|(_, row)| wanted(row));
    paged(rows, args, limit, key, path, show)
}

fn paged<'a, T: 'a>(
    rows: impl Iterator<Item = (u64, &'a T)>,
    args: &Args,
    limit: usize,
    key: &str,
    path: &str,
    show: impl Fn(&T) -> Value,
) -> Answer {
    let limit = args.count("limit").unwrap_or(limit);
    let mut rows = rows.peekable();
    let mut shown = vec![];
    let mut last = 0;
    while shown.len() < limit
        && let Some((place, row)) = rows.next()
    {
        shown.push(show(row));
        last = place;
    }
    let next = rows.peek().map(|_| format!("after-{last}"));
    let url = next
        .as_ref()
        .map(|cursor| format!("https://connect.getseam.com{path}?page_cursor={cursor}"));
    Ok(json!({
        key: shown,
        "pagination": { "has_next_page": next.is_some(), "next_page_cursor": next, "next_page_url": url },
    }))
}

/// Whether any of the texts has this in it, whatever its case.
fn matches(search: Option<&str>, texts: &[Option<&str>]) -> bool {
    let Some(search) = search else { return true };
    let search = search.to_lowercase();
    texts
        .iter()
        .flatten()
        .any(|text| text.to_lowercase().contains(&search))
}
