//! Lists that the API returns in pages.

use std::collections::{HashMap, HashSet};

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use tokio::time::Instant;

use super::call::{Operation, Reply};
use super::client::{Client, unquoted};
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

/// Reads all pages of a list into memory.
pub(super) async fn all<T: DeserializeOwned>(
    client: &Client,
    operation: Operation,
    body: &impl Serialize,
    key: &str,
) -> Result<Reply<Vec<T>>, Error> {
    let mut found = vec![];
    let last = each(client, operation, body, key, usize::MAX, |item| {
        found.push(item);
    })
    .await?;
    Ok(Reply {
        value: found,
        request_id: last.request_id,
        date: last.date,
    })
}

/// Reads a list page by page, at most `at_most` pages, and calls `found` with each item. Returns true if the list ended
/// within these pages.
///
/// The list ends as in the vendor's SDKs: there is no next page, no cursor, or a cursor that was seen before. Every
/// page is requested with the same parameters (SEAM.md 5.5).
///
/// # Errors
///
/// A call fails, the list has more pages than [`Limits::pages`](super::Limits::pages) or more bytes than
/// [`Limits::list_size`](super::Limits::list_size), or it takes longer than [`Limits::list`](super::Limits::list).
pub(super) async fn each<T: DeserializeOwned>(
    client: &Client,
    operation: Operation,
    body: &impl Serialize,
    key: &str,
    at_most: usize,
    mut found: impl FnMut(T),
) -> Result<Reply<bool>, Error> {
    let mut seen = HashSet::new();
    let mut pages = 0;
    let mut size = 0_u64;
    let mut cursor: Option<String> = None;
    let limits = client.limits();
    let patience = limits.list;
    let deadline = Instant::now() + patience;
    loop {
        let page = Page {
            body,
            page_cursor: cursor.as_deref(),
        };
        let next = tokio::time::timeout_at(deadline, client.call_whole(operation, &page));
        let (reply, bytes) = next.await.map_err(|_| {
            let what = format!("the list takes longer than {} s", patience.as_secs());
            Error::bound(operation.path, &what, "list_seconds")
        })??;
        let mut reply: Reply<HashMap<String, Box<RawValue>>> = reply;
        size = size.saturating_add(bytes);
        if size > limits.list_size {
            let what = format!("the list has more than {} MiB", limits.list_size >> 20);
            return Err(Error::bound(operation.path, &what, "list_mib"));
        }
        let wrong = |text: String| Error::answer(operation.path, text, reply.request_id.clone());
        let items = reply
            .value
            .remove(key)
            .ok_or_else(|| wrong(format!("it has no list `{key}`")))?;
        let mut from = serde_json::Deserializer::from_str(items.get());
        let items: Vec<T> = serde_path_to_error::deserialize(&mut from)
            .map_err(|error| wrong(format!("at {key}: {}", unquoted(&error.to_string()))))?;
        items.into_iter().for_each(&mut found);
        pages += 1;
        let pagination: Pagination = reply
            .value
            .remove("pagination")
            .and_then(|pagination| serde_json::from_str(pagination.get()).ok())
            .unwrap_or_default();
        cursor = pagination
            .next_page_cursor
            .filter(|_| pagination.has_next_page != Some(false));
        let more = cursor
            .as_ref()
            .is_some_and(|cursor| seen.insert(cursor.clone()));
        if !more || pages >= at_most {
            return Ok(Reply {
                value: !more,
                request_id: reply.request_id,
                date: reply.date,
            });
        }
        if pages >= limits.pages {
            let what = format!("the list has more than {pages} pages");
            return Err(Error::bound(operation.path, &what, "list_pages"));
        }
    }
}
