//! Tests of the sandbox over HTTP, as a client sees it.
#![expect(
    clippy::disallowed_methods,
    reason = "a test compares the hotel's time with that of this machine"
)]

mod carriers;
mod conformance;
mod doors;
mod faults;
mod guests;
mod in_process;
mod lists;
mod night;
mod rules;
mod service;
mod shared;

use std::time::Duration;

use chrono::{TimeDelta, Utc};
use reqwest::Method;
use serde_json::{Value, json};

use super::{Options, Running, start};

/// A hotel with a client.
struct House {
    running: Running,
    client: reqwest::Client,
}

impl House {
    async fn open() -> Self {
        Self::with(Options::default()).await
    }

    /// Opens a hotel with one reading, in which the lock system carries out changes at once.
    async fn reading(name: &str, value: &str) -> Self {
        let mut options = Options {
            sync: Duration::ZERO,
            ..Options::default()
        };
        options.readings.set(name, value).unwrap();
        Self::with(options).await
    }

    async fn with(options: Options) -> Self {
        // An error means that another test has installed the provider.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let running = start(options).await.unwrap();
        Self {
            running,
            client: reqwest::Client::builder().no_proxy().build().unwrap(),
        }
    }

    fn request(&self, method: Method, path: &str) -> reqwest::RequestBuilder {
        self.client
            .request(method, format!("{}{path}", self.running.url))
            .bearer_auth(&self.running.api_key)
    }

    /// Returns the status and the JSON of an answer.
    async fn ask(&self, path: &str, body: Value) -> (u16, Value) {
        let response = self
            .request(Method::POST, path)
            .json(&body)
            .send()
            .await
            .unwrap();
        let status = response.status().as_u16();
        (status, response.json().await.unwrap())
    }

    /// Returns the answer to a request that must succeed.
    async fn get(&self, path: &str, body: Value) -> Value {
        let (status, answer) = self.ask(path, body).await;
        assert_eq!(status, 200, "{path}: {answer}");
        answer
    }

    async fn control(&self, path: &str, body: Value) {
        let (status, answer) = self.ask(path, body).await;
        assert_eq!(status, 200, "{path}: {answer}");
    }

    async fn state(&self) -> Value {
        let response = self
            .request(Method::GET, "/_sandbox/state")
            .send()
            .await
            .unwrap();
        response.json().await.unwrap()
    }

    async fn requests(&self) -> Vec<Value> {
        self.request(Method::GET, "/_sandbox/requests")
            .send()
            .await
            .unwrap()
            .json()
            .await
            .unwrap()
    }

    async fn user(&self, email: &str) -> Value {
        self.get("/acs/users/list", json!({ "search": email }))
            .await["acs_users"][0]
            .clone()
    }

    async fn door(&self, name: &str) -> String {
        let found = self
            .get("/acs/entrances/list", json!({ "search": name }))
            .await;
        let doors = found["acs_entrances"].as_array().unwrap();
        let door = doors
            .iter()
            .find(|door| door["display_name"] == name)
            .unwrap();
        door["acs_entrance_id"].as_str().unwrap().to_owned()
    }

    /// Returns the body of a create for a guest and doors. `more` is its Visionline metadata.
    async fn order(&self, email: &str, doors: &[&str], more: Value) -> Value {
        let mut ids = Vec::new();
        for door in doors {
            ids.push(self.door(door).await);
        }
        let now = Utc::now();
        json!({
            "acs_user_id": self.user(email).await["acs_user_id"],
            "access_method": "mobile_key",
            "is_multi_phone_sync_credential": true,
            "credential_manager_acs_system_id": self.running.credential_manager_acs_system_id,
            "allowed_acs_entrance_ids": ids,
            "starts_at": super::hotel::wire_time(now),
            "ends_at": super::hotel::wire_time(now + TimeDelta::days(2)),
            "visionline_metadata": more,
        })
    }

    async fn issue(&self, email: &str, doors: &[&str], more: Value) -> Value {
        let order = self.order(email, doors, more).await;
        self.get("/acs/credentials/create", order).await["acs_credential"].clone()
    }

    async fn override_key(&self, email: &str, doors: &[&str]) -> Value {
        self.issue(
            email,
            doors,
            json!({ "override": true, "card_format": "rfid48" }),
        )
        .await
    }

    async fn key(&self, key: &Value) -> Value {
        let id = &key["acs_credential_id"];
        self.get("/acs/credentials/get", json!({ "acs_credential_id": id }))
            .await["acs_credential"]
            .clone()
    }

    async fn is_valid(&self, key: &Value) -> bool {
        self.key(key).await["visionline_metadata"]["is_valid"]
            .as_bool()
            .unwrap()
    }

    async fn children(&self, parent: &Value) -> Vec<Value> {
        let user = &parent["acs_user_id"];
        let keys = self
            .get("/acs/credentials/list", json!({ "acs_user_id": user }))
            .await;
        let keys = keys["acs_credentials"].as_array().unwrap().iter();
        keys.filter(|key| key["parent_acs_credential_id"] == parent["acs_credential_id"])
            .cloned()
            .collect()
    }

    /// Returns the credentials of a door.
    async fn on_door(&self, name: &str, only_valid: bool) -> Vec<Value> {
        let mut body = json!({ "acs_entrance_id": self.door(name).await });
        if only_valid {
            body["include_if"] = json!(["visionline_metadata.is_valid"]);
        }
        let answer = self
            .get("/acs/entrances/list_credentials_with_access", body)
            .await;
        answer["acs_credentials"].as_array().unwrap().clone()
    }
}

fn warnings(key: &Value) -> Vec<&str> {
    let warnings = key["warnings"].as_array().unwrap().iter();
    warnings
        .map(|warning| warning["warning_code"].as_str().unwrap())
        .collect()
}
