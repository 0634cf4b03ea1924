//! Lists that come in pages.

use std::collections::HashSet;

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::client::{Client, Operation, Reply};
use super::error::Error;

#[derive(Debug, Default, Deserialize)]
struct Pagination {
    #[serde(default)]
    has_next_page: Option<bool>,
    #[serde(default)]
    next_page_cursor: Option<String>,
}

#[derive(Serialize)]
struct Page<'a, B> {
    #[serde(flatten)]
    body: &'a B,
    #[serde(skip_serializing_if = "Option::is_none")]
    page_cursor: Option<&'a str>,
}

/// Reads all pages. Ends where the vendor's SDKs end: no next page, no cursor, or a cursor seen before.
/// The same parameters go with every page (SEAM.md 5.5).
pub(super) async fn all<T: DeserializeOwned>(
    client: &Client,
    operation: Operation,
    body: &impl Serialize,
    key: &str,
) -> Result<Reply<Vec<T>>, Error> {
    let mut seen = HashSet::new();
    let mut cursor: Option<String> = None;
    let mut found = vec![];
    loop {
        let page = Page {
            body,
            page_cursor: cursor.as_deref(),
        };
        let mut reply: Reply<serde_json::Map<String, Value>> =
            client.call_whole(operation, &page).await?;
        let missing = || {
            Error::answer(
                operation.path,
                format!("it has no list `{key}`"),
                reply.request_id.clone(),
            )
        };
        let Some(Value::Array(items)) = reply.value.remove(key) else {
            return Err(missing());
        };
        for item in items {
            found.push(serde_path_to_error::deserialize(item).map_err(|error| {
                Error::answer(
                    operation.path,
                    format!("at {key}: {error}"),
                    reply.request_id.clone(),
                )
            })?);
        }
        let pagination = reply.value.remove("pagination").unwrap_or_default();
        let pagination: Pagination = serde_json::from_value(pagination).unwrap_or_default();
        cursor = pagination
            .next_page_cursor
            .filter(|_| pagination.has_next_page != Some(false));
        match &cursor {
            Some(cursor) if seen.insert(cursor.clone()) => {}
            _ => {
                return Ok(Reply {
                    value: found,
                    request_id: reply.request_id,
                    date: reply.date,
                });
            }
        }
    }
}
