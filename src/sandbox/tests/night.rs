//! A hotel with a virtual clock, for tests with taps.

use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use serde_json::{Value, json};

use super::in_process::{START, post, simulated};
use crate::sandbox::InProcess;
use crate::sandbox::hotel::wire_time;

/// A hotel with a virtual clock. Times are hours since it was opened.
pub(super) struct Night(pub(super) InProcess);

/// Returns an hour of the hotel in the form in which the service writes times.
pub(super) fn hour(hour: i64) -> String {
    let start: DateTime<Utc> = START.parse().unwrap();
    wire_time(start + TimeDelta::hours(hour))
}

impl Night {
    pub(super) fn with(readings: &[(&str, &str)]) -> Self {
        let mut options = simulated();
        for (name, value) in readings {
            options.readings.set(name, value).unwrap();
        }
        Self(InProcess::open(options).unwrap())
    }

    pub(super) async fn ask(&self, path: &str, body: Value) -> (u16, Value) {
        let answer = post(&self.0, path, body).await.unwrap();
        (answer.status, serde_json::from_slice(&answer.body).unwrap())
    }

    pub(super) async fn get(&self, path: &str, body: Value) -> Value {
        let (status, answer) = self.ask(path, body).await;
        assert_eq!(status, 200, "{path}: {answer}");
        answer
    }

    /// Sets the clock to an hour and waits until all changes are complete.
    pub(super) async fn at(&self, time: i64) {
        self.get("/_sandbox/clock", json!({ "now": hour(time) }))
            .await;
        tokio::time::advance(Duration::from_secs(1)).await;
    }

    pub(super) async fn user(&self, email: &str) -> Value {
        let found = self
            .get("/acs/users/list", json!({ "search": email }))
            .await;
        found["acs_users"][0]["acs_user_id"].clone()
    }

    pub(super) async fn door(&self, name: &str) -> Value {
        let found = self
            .get("/acs/entrances/list", json!({ "search": name }))
            .await;
        found["acs_entrances"][0]["acs_entrance_id"].clone()
    }

    /// Creates a key from one hour to another and waits until it is on the phone.
    pub(super) async fn key(
        &self,
        guest: &str,
        doors: &[&str],
        hours: (i64, i64),
        more: Value,
    ) -> Value {
        let mut ids = Vec::new();
        for door in doors {
            ids.push(self.door(door).await);
        }
        let method = match more["card"] {
            Value::Null => "mobile_key",
            _ => "card",
        };
        let order = json!({
            "acs_user_id": self.user(guest).await, "access_method": method,
            "is_multi_phone_sync_credential": method == "mobile_key",
            "allowed_acs_entrance_ids": ids,
            "starts_at": hour(hours.0), "ends_at": hour(hours.1), "visionline_metadata": more,
        });
        let made = self.get("/acs/credentials/create", order).await;
        tokio::time::advance(Duration::from_secs(1)).await;
        made["acs_credential"]["acs_credential_id"].clone()
    }

    pub(super) async fn over(&self, guest: &str, doors: &[&str], hours: (i64, i64)) -> Value {
        self.key(guest, doors, hours, json!({ "override": true }))
            .await
    }

    pub(super) async fn join(
        &self,
        guest: &str,
        doors: &[&str],
        hours: (i64, i64),
        to: &Value,
    ) -> Value {
        let more = json!({ "joiner_acs_credential_ids": [to] });
        self.key(guest, doors, hours, more).await
    }

    pub(super) async fn delete(&self, key: &Value) {
        self.get(
            "/acs/credentials/delete",
            json!({ "acs_credential_id": key }),
        )
        .await;
    }

    pub(super) async fn copy_of(&self, key: &Value) -> Value {
        let all = self.get("/acs/credentials/list", json!({})).await;
        let mut all = all["acs_credentials"].as_array().unwrap().iter();
        let copy = all.find(|copy| copy["parent_acs_credential_id"] == *key);
        copy.unwrap()["acs_credential_id"].clone()
    }

    /// Returns whether the server calls the key valid.
    pub(super) async fn is_valid(&self, key: &Value) -> bool {
        let key = json!({ "acs_credential_id": key });
        let key = self.get("/acs/credentials/get", key).await;
        key["acs_credential"]["visionline_metadata"]["is_valid"] == true
    }

    pub(super) async fn tap(&self, door: &str, guest: &str) -> Value {
        let tap = json!({ "door": door, "user": guest });
        let answer = self.get("/_sandbox/tap", tap).await;
        assert_eq!(answer["opens"] == true, answer["why"] == "opened");
        answer
    }

    /// Returns the door's answer to a guest's tap.
    pub(super) async fn word(&self, door: &str, guest: &str) -> String {
        self.tap(door, guest).await["why"]
            .as_str()
            .unwrap()
            .to_owned()
    }
}

pub(super) const JANE: &str = "jane@example.com";
pub(super) const ALAN: &str = "alan@example.com";
pub(super) const GRACE: &str = "grace@example.com";
