//! Answers of the server: every object is read or refused.

use proptest::prelude::*;
use roomkey::seam::workspaces::Workspace;
use roomkey::seam::{AcsCredential, AcsEntrance, AcsSystem, AcsUser, UserIdentity};
use serde::de::DeserializeOwned;

use super::{HOSTILE, changed, changes, fuzz};

const OBJECT: &str = r#"{"acs_credential_id":"c","acs_user_id":"u","acs_entrance_id":"e","acs_system_id":"s",
"user_identity_id":"i","workspace_id":"w","display_name":"101","full_name":"Jane Doe","email_address":"j@example.com",
"access_method":"mobile_key","starts_at":"2026-12-01T14:00:00.000Z","ends_at":"2026-12-04T10:00:00Z",
"created_at":"2026-11-24T10:00:00Z","is_sandbox":true,"is_latest_desired_state_synced_with_provider":false,
"external_type":"visionline_system","location":{"time_zone":"Europe/Berlin"},"acs_user_ids":["u"],
"parent_acs_credential_id":null,"visionline_metadata":{"door_category":"guest","card_format":"rfid48",
"guest_acs_entrance_ids":["e"],"common_acs_entrance_ids":[],"is_valid":true,"joiner_acs_credential_ids":["k"]},
"errors":[{"error_code":"x","message":"y"}],"warnings":[{"warning_code":"being_deleted","message":"z"}]}"#;

fn decode<T: DeserializeOwned + std::fmt::Debug>(bytes: &[u8]) {
    if let Ok(value) = serde_json::from_slice::<T>(bytes) {
        assert!(!format!("{value:?}").is_empty());
    }
}

#[test]
fn objects_of_the_server() {
    let values = [
        "null",
        "true",
        "\"\"",
        "[]",
        "{}",
        "-1",
        "1e999",
        "\"\\ud800\"",
        "\"9999-99-99T99:99:99Z\"",
        "[[[[{}]]]]",
    ];
    let value = prop_oneof![
        prop::sample::select(values.to_vec()).prop_map(str::to_owned),
        prop::sample::select(HOSTILE).prop_map(|text| serde_json::json!(text).to_string()),
    ];
    let swap = (0..40_usize, value);
    fuzz(
        "wire",
        (prop::collection::vec(swap, 0..4), changes()),
        |(swaps, changes)| {
            let mut text = OBJECT.to_owned();
            for (place, value) in swaps {
                // The value behind one of the colons becomes another.
                if let Some((colon, _)) = text.match_indices("\":").nth(place) {
                    let from = colon + 2;
                    let length = text[from..].find([',', '}']).unwrap_or(0);
                    text.replace_range(from..from + length, &value);
                }
            }
            let bytes = changed(&text, &changes);
            decode::<AcsCredential>(&bytes);
            decode::<AcsUser>(&bytes);
            decode::<AcsEntrance>(&bytes);
            decode::<AcsSystem>(&bytes);
            decode::<UserIdentity>(&bytes);
            decode::<Workspace>(&bytes);
            Ok(())
        },
    );
}
