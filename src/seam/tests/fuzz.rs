//! A fuzz test of the client with arbitrary answers. The client decodes or refuses each of them. It does not panic,
//! does not wait longer than its limits, and never prints the API key.
//!
//! `ROOMKEY_FUZZ_SECONDS` sets how long the test searches. Without it, the test tries a few hundred cases.
#![expect(
    clippy::disallowed_methods,
    reason = "a variable says how long to search"
)]

use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use futures::future::BoxFuture;
use proptest::prelude::*;
use proptest::test_runner::{Config, TestCaseError, TestRunner};
use serde_json::{Value, json};
use tokio::time::Instant;

use super::super::transport::{Answer, Request, Transport, Undelivered};
use super::super::{Auth, Client, Error, Limits, Secret};
use super::super::{credentials, entrances, phones, systems, user_identities, users, workspaces};

const KEY: &str = "seam_test_4Gq9ZxW1";

/// Gives its answers in order, again and again.
struct Answers {
    all: Vec<Answer>,
    next: AtomicUsize,
}

impl Transport for Answers {
    fn exchange(&self, _: Request) -> BoxFuture<'_, Result<Answer, Undelivered>> {
        let index = self.next.fetch_add(1, Ordering::Relaxed);
        let answer = self.all[index % self.all.len()].clone();
        Box::pin(async move { Ok(answer) })
    }
}

/// Returns an answer as in the schema, with every list and object of the API.
fn good() -> Value {
    let remark =
        json!([{ "error_code": "bridge_disconnected", "message": "m", "created_at": "x" }]);
    let entrance = json!({
        "acs_entrance_id": "e", "display_name": "101", "errors": remark, "warnings": [],
        "can_unlock_with_mobile_key": true,
        "visionline_metadata": { "door_name": "101", "door_category": "guest", "profiles": [{ "visionline_door_profile_id": "p" }] },
    });
    let user = json!({
        "acs_user_id": "u", "acs_system_id": "s", "full_name": "Jane Doe", "email_address": "jane@example.com",
        "phone_number": "+491701234567", "user_identity_id": "i", "user_identity_email_address": null,
        "is_suspended": false, "errors": [], "warnings": [{ "warning_code": "being_deleted", "message": "m" }],
    });
    let credential = json!({
        "acs_credential_id": "c", "acs_user_id": "u", "access_method": "mobile_key", "display_name": "x",
        "created_at": "2026-11-24T10:00:00.000Z", "starts_at": "2026-11-24 10:00:00.000+00", "ends_at": "2026-12-01T11:00:00Z",
        "is_multi_phone_sync_credential": true, "parent_acs_credential_id": null, "errors": [], "warnings": remark,
        "is_latest_desired_state_synced_with_provider": null,
        "visionline_metadata": {
            "is_valid": true, "guest_acs_entrance_ids": ["e"], "common_acs_entrance_ids": null,
            "joiner_acs_credential_ids": ["d"], "card_function_type": "guest",
        },
    });
    let identity = json!({
        "user_identity_id": "i", "user_identity_key": "4711", "full_name": "Jane Doe",
        "email_address": "jane@example.com", "phone_number": null, "acs_user_ids": ["u"],
    });
    let system = json!({
        "acs_system_id": "s", "name": "Harbour", "external_type": "visionline_system", "is_credential_manager": false,
        "default_credential_manager_acs_system_id": null, "location": { "time_zone": "Europe/Berlin" },
        "errors": [], "warnings": [], "visionline_metadata": { "system_id": "1" },
    });
    let phone = json!({
        "device_id": "p", "display_name": "Phone",
        "properties": { "assa_abloy_credential_service_metadata": { "has_active_endpoint": true, "endpoints": [] } },
    });
    json!({
        "ok": true, "acs_systems": [system], "acs_entrances": [entrance], "acs_users": [user], "acs_user": user,
        "acs_credentials": [credential], "acs_credential": credential, "phones": [phone], "phone": phone,
        "user_identities": [identity], "user_identity": identity,
        "workspace": { "workspace_id": "w", "name": "W", "is_sandbox": true },
        "pagination": { "has_next_page": true, "next_page_cursor": "c", "next_page_url": null },
        "error": {
            "type": "invalid_input", "message": "no {\"full_name\":\"Jane\"}",
            "validation_errors": { "_errors": ["a"], "visionline_metadata": { "label": { "_errors": ["b"] } } },
        },
    })
}

/// A value to put in place of another one.
fn odd() -> impl Strategy<Value = Value> {
    let text = prop_oneof![
        any::<String>(),
        Just(KEY.to_owned()),
        Just(format!("{}{KEY}", "x".repeat(490))),
        "[0-9]{1,6}-[0-9]{2}-[0-9]{2}[T ][0-9]{2}:[0-9]{2}:[0-9]{2}(Z|[+-][0-9]{2}:?[0-9]{2})",
        Just("9".repeat(4000)),
    ];
    prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<f64>().prop_map(|number| json!(number)),
        any::<i64>().prop_map(Value::from),
        text.prop_map(Value::from),
        Just(json!([])),
        Just(json!([[null, 1, "x"], {}])),
        Just(json!({ "a": [{}], "_errors": [1, KEY] })),
    ]
}

/// Walks `steps` into the value. Replaces the value at the end with `odd`, or removes it if `odd` is `None`.
fn mutate(value: &mut Value, steps: &[usize], odd: Option<&Value>) {
    let Some((step, rest)) = steps.split_first() else {
        if let Some(odd) = odd {
            *value = odd.clone();
        }
        return;
    };
    match value {
        Value::Array(items) if !items.is_empty() => {
            let index = step % items.len();
            if rest.is_empty() && odd.is_none() {
                items.remove(index);
            } else {
                mutate(&mut items[index], rest, odd);
            }
        }
        Value::Object(fields) if !fields.is_empty() => {
            let name = fields.keys().nth(step % fields.len()).cloned();
            let name = name.unwrap_or_default();
            if rest.is_empty() && odd.is_none() {
                fields.remove(&name);
            } else if let Some(field) = fields.get_mut(&name) {
                mutate(field, rest, odd);
            }
        }
        value => mutate(value, &[], odd),
    }
}

/// A body: a good one with some changed values, some flipped bytes and possibly a missing end; or arbitrary bytes.
fn body() -> impl Strategy<Value = Vec<u8>> {
    let walk = (
        prop::collection::vec(any::<usize>(), 1..7),
        prop::option::of(odd()),
    );
    let changed = (
        prop::collection::vec(walk, 0..6),
        prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 0..3),
        prop::option::of(any::<prop::sample::Index>()),
        prop::bool::weighted(0.2),
    );
    let changed = changed.prop_map(|(walks, flips, cut, is_cut)| {
        let mut value = good();
        for (steps, odd) in &walks {
            mutate(&mut value, steps, odd.as_ref());
        }
        let mut bytes = value.to_string().into_bytes();
        if is_cut {
            for (index, byte) in flips {
                let at = index.index(bytes.len());
                bytes[at] = byte;
            }
            if let Some(cut) = cut {
                bytes.truncate(cut.index(bytes.len()));
            }
        }
        bytes
    });
    prop_oneof![
        8 => changed,
        1 => prop::collection::vec(any::<u8>(), 0..300),
        1 => Just(format!("{}{KEY}", "<html>".repeat(9)).into_bytes()),
    ]
}

fn answer() -> impl Strategy<Value = Answer> {
    let header = || {
        prop::option::of(prop_oneof![
            any::<String>(),
            "-?[0-9]{1,25}(\\.[0-9]{1,3}|e[0-9]{1,3})?",
            Just(KEY.to_owned()),
            "(Mon|Tue), [0-9]{1,2} (Jan|Feb|Dec) [0-9]{1,6} [0-9]{2}:[0-9]{2}:[0-9]{2} GMT",
        ])
    };
    let status = prop_oneof![
        3 => Just(200),
        2 => Just(400),
        1 => prop::sample::select(vec![401, 404, 408, 409, 429, 429, 500, 503]),
        1 => 100_u16..1000,
    ];
    (status, header(), header(), header(), body()).prop_map(
        |(status, request_id, retry_after, date, body)| Answer {
            status,
            request_id,
            retry_after,
            date,
            body,
        },
    )
}

/// Calls every kind of endpoint once, and returns the text of each result.
async fn call_all(client: &Client) -> Vec<String> {
    fn describe<T: std::fmt::Debug>(result: Result<T, Error>) -> String {
        match result {
            Ok(value) => format!("{value:?}"),
            Err(error) => {
                let id = error.request_id().unwrap_or_default().to_owned();
                assert!(id.chars().count() <= 128, "{id}");
                let text = format!("{error} {:?} {:?}", error.validation(), error.sent());
                assert!(text.len() < 40_000, "{text}");
                format!("{text} {error:?} {id}")
            }
        }
    }
    let (user, identity) = ("u".to_owned().into(), "i".to_owned().into());
    let (system, entrance) = ("s".to_owned().into(), "e".to_owned().into());
    let key = "c".to_owned().into();
    let ids = ["i".to_owned()];
    vec![
        describe(systems::list(client).await),
        describe(systems::list_compatible_credential_manager_acs_systems(client, &system).await),
        describe(entrances::list(client).await),
        describe(entrances::list_credentials_with_access(client, &entrance).await),
        describe(entrances::grant_access(client, &entrance, &user).await),
        describe(users::get(client, &user).await),
        describe(users::list(client, &users::List::default()).await),
        describe(users::revoke_access_to_all_entrances(client, &user).await),
        describe(credentials::get(client, &key).await),
        describe(credentials::list(client, &credentials::List::default()).await),
        describe(credentials::list_accessible_entrances(client, &key).await),
        describe(credentials::delete(client, &key).await),
        describe(phones::list(client, Some(&identity)).await),
        describe(user_identities::get_by_key(client, "k").await),
        describe(user_identities::list(client, Some("x")).await),
        describe(user_identities::list_these(client, &ids).await),
        describe(workspaces::get(client).await),
    ]
}

fn survives(answers: Vec<Answer>) -> Result<(), TestCaseError> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .start_paused(true)
        .build()?;
    runtime.block_on(async {
        let transport = Answers {
            all: answers,
            next: AtomicUsize::new(0),
        };
        let limits = Limits {
            pages: 20,
            ..Limits::default()
        };
        let auth = Auth::ApiKey(Secret::new(KEY));
        let client = Client::over(Box::new(transport), auth, limits);
        let begun = Instant::now();
        let told = call_all(&client).await;
        // There are seventeen calls, and six of them read lists.
        let patience = limits.call * 17 + limits.list * 6 + Duration::from_secs(1);
        prop_assert!(begun.elapsed() < patience, "{:?}", begun.elapsed());
        for text in told {
            prop_assert!(!text.contains(KEY), "{text}");
        }
        let _ = (client.now(), client.clock().skew());
        Ok(())
    })
}

#[test]
fn any_answer_is_read_or_refused() {
    let seconds = std::env::var("ROOMKEY_FUZZ_SECONDS").map(|text| text.parse::<u64>().unwrap());
    let cases = prop::collection::vec(answer(), 1..4);
    let run = |count| {
        let config = Config {
            cases: count,
            failure_persistence: None,
            ..Config::default()
        };
        if let Err(error) = TestRunner::new(config).run(&cases, survives) {
            panic!("{error}");
        }
        count
    };
    let mut done = run(256);
    if let Ok(seconds) = seconds {
        let begun = std::time::Instant::now();
        while begun.elapsed() < Duration::from_secs(seconds) {
            done += run(256);
        }
    }
    println!("{done} cases");
}
