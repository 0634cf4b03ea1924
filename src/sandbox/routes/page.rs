//! Lists in pages.

use serde::Serialize;
use serde_json::json;

use super::{Body, Call};
use crate::sandbox::refusal::Refusal;

/// Where the page that was asked for starts, and how long it may be.
pub(super) struct Page {
    /// The number of the last row of the page before; 0 at the start.
    pub(super) after: u64,
    limit: usize,
    fingerprint: u64,
}

impl Page {
    pub(super) fn of(call: &Call<'_>, default_limit: usize) -> Result<Self, Refusal> {
        let fingerprint = call.params.fingerprint();
        let after = match call.params.text("page_cursor") {
            None => 0,
            Some(cursor) => read_cursor(cursor, fingerprint)?,
        };
        Ok(Self {
            after,
            limit: call.params.count("limit").unwrap_or(default_limit),
            fingerprint,
        })
    }

    /// The page's objects under `key`, and the way on. `rows` start after [`Page::after`]; no
    /// more of them are taken than the page and one.
    pub(super) fn answer<T, W: Serialize>(
        &self,
        call: &Call<'_>,
        key: &str,
        rows: impl Iterator<Item = (u64, T)>,
        write: impl Fn(T) -> W,
    ) -> Body {
        let mut last = self.after;
        let mut more = false;
        let mut objects = Vec::new();
        for (number, row) in rows {
            if objects.len() == self.limit {
                more = true;
                break;
            }
            last = number;
            objects.push(text_of(&write(row)));
        }
        let cursor = more.then(|| format!("{last:x}.{:x}", self.fingerprint));
        let url = cursor
            .as_ref()
            .map(|cursor| format!("{}?page_cursor={cursor}", call.address));
        let pagination =
            json!({ "has_next_page": more, "next_page_cursor": cursor, "next_page_url": url });
        Body::Text(format!(
            r#"{{"{key}":[{}],"pagination":{pagination},"ok":true}}"#,
            objects.join(",")
        ))
    }
}

/// Writing an object cannot fail: its keys are text and its numbers are finite.
fn text_of(object: &impl Serialize) -> String {
    serde_json::to_string(object).unwrap_or_default()
}

/// A cursor belongs to the filters it was given for.
fn read_cursor(cursor: &str, fingerprint: u64) -> Result<u64, Refusal> {
    let parsed = cursor.split_once('.').and_then(|(number, filters)| {
        Some((
            u64::from_str_radix(number, 16).ok()?,
            u64::from_str_radix(filters, 16).ok()?,
        ))
    });
    match parsed {
        None => Err(Refusal::field("page_cursor", "Invalid page cursor")),
        Some((_, filters)) if filters != fingerprint => Err(Refusal::new(
            axum::http::StatusCode::BAD_REQUEST,
            "mismatched_page_parameters",
            "The page cursor belongs to a request with other parameters",
        )),
        Some((number, _)) => Ok(number),
    }
}
