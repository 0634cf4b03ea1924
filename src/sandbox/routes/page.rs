//! Lists in pages.

use serde::Serialize;
use serde_json::json;

use super::{Body, Call};
use crate::sandbox::refusal::Refusal;

/// The start and the maximum length of the page that was requested.
pub(super) struct Page {
    /// The number of the last row of the previous page, or 0 for the first page.
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

    /// Returns a page with the objects under `key` and the cursor of the next page. `rows` must start after
    /// [`Page::after`]. The page takes one row more than its length at most.
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

/// Serializes an object. This cannot fail, because its keys are text and its numbers are finite.
fn text_of(object: &impl Serialize) -> String {
    serde_json::to_string(object).unwrap_or_default()
}

/// Parses a cursor. It is only valid for the filters that it was created for.
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
