//! Phones and cards, which a guest can hold against a door.

use std::time::Duration;

use serde_json::json;

use super::night::{ALAN, GRACE, JANE, Night, hour};
use super::warnings;

#[tokio::test(start_paused = true)]
async fn a_phone_has_what_has_reached_it_and_was_not_taken_off() {
    let night = Night::with(&[("replacement", "none")]);
    let mary = "mary@example.com";
    night.over(mary, &["105"], (0, 40)).await;
    assert_eq!(night.word("105", mary).await, "no_key", "no phone");
    let phone = night.get("/_sandbox/phone", json!({ "user": mary })).await;
    assert_eq!(night.word("105", mary).await, "not_there", "on its way");
    tokio::time::advance(Duration::from_secs(1)).await;
    assert_eq!(night.word("105", mary).await, "opened");
    assert_eq!(night.word("106", mary).await, "other_door");

    // A phone that does not accept keys keeps those it has.
    let off = json!({ "phone": phone["device_id"], "active": false });
    night.get("/_sandbox/phone", off).await;
    night.over(mary, &["106"], (0, 40)).await;
    assert_eq!(night.word("105", mary).await, "opened");
    assert_eq!(night.word("106", mary).await, "other_door");
    let on = json!({ "user": mary, "active": true });
    night.get("/_sandbox/phone", on).await;
    tokio::time::advance(Duration::from_secs(1)).await;
    let second = night.tap("106", mary).await;
    assert_eq!(second["opens"], true);

    // A deleted key works until the deletion reaches the phone.
    let copy = second["key"].clone();
    night.delete(&copy).await;
    assert_eq!(night.word("106", mary).await, "opened");
    tokio::time::advance(Duration::from_secs(1)).await;
    assert_eq!(night.word("106", mary).await, "other_door");
    let gone = json!({ "door": "106", "key": copy });
    assert_eq!(night.get("/_sandbox/tap", gone).await["why"], "no_key");

    night
        .get(
            "/phones/deactivate",
            json!({ "device_id": phone["device_id"] }),
        )
        .await;
    assert_eq!(night.word("105", mary).await, "no_key");
}

#[tokio::test(start_paused = true)]
async fn what_the_server_says_does_not_reach_the_phone_by_itself() {
    let night = Night::with(&[]);
    let old = night.over(JANE, &["101"], (0, 40)).await;
    night.over(JANE, &["102"], (0, 40)).await;
    assert!(!night.is_valid(&old).await, "replaced");
    assert_eq!(
        night.word("101", JANE).await,
        "opened",
        "still on the phone"
    );
    let user = json!({ "acs_user_id": night.user(JANE).await });
    night
        .get("/acs/users/revoke_access_to_all_entrances", user)
        .await;
    assert_eq!(night.word("102", JANE).await, "opened");
}

#[tokio::test(start_paused = true)]
async fn a_new_end_counts_when_it_has_reached_the_phone() {
    let night = Night::with(&[]);
    let key = night.over(JANE, &["101"], (0, 10)).await;
    for (end, then) in [(20, "opened"), (10, "ended")] {
        let before = night.word("101", JANE).await;
        let change = json!({ "acs_credential_id": key, "ends_at": hour(end) });
        night.at(9).await;
        night.get("/acs/credentials/update", change).await;
        assert_eq!(night.word("101", JANE).await, before, "under way");
        night.at(11).await;
        assert_eq!(night.word("101", JANE).await, then);
    }
}

#[tokio::test(start_paused = true)]
async fn a_card_presents_itself_once_it_is_encoded_and_wherever_its_record_is() {
    let night = Night::with(&[]);
    let card = night.tap("111", ALAN).await;
    assert_eq!(card["opens"], true);
    let card = card["key"].clone();
    let order = json!({ "joiner_acs_credential_ids": [card], "card": true });
    let spare = night.key(JANE, &["111"], (0, 40), order).await;
    assert_eq!(night.word("111", JANE).await, "not_there", "a blank");
    night.get("/_sandbox/card", json!({ "key": spare })).await;
    assert_eq!(night.word("111", JANE).await, "opened");
    let shown = night
        .get(
            "/acs/credentials/get",
            json!({ "acs_credential_id": spare }),
        )
        .await;
    assert_eq!(shown["acs_credential"]["is_issued"], true);

    night.delete(&card).await;
    tokio::time::advance(Duration::from_secs(1)).await;
    let gone = json!({ "acs_credential_id": card });
    assert_eq!(night.ask("/acs/credentials/get", gone).await.0, 404);
    for tap in [
        json!({ "door": "111", "key": card }),
        json!({ "door": "111", "user": ALAN }),
    ] {
        assert_eq!(night.get("/_sandbox/tap", tap).await["why"], "opened");
    }
    night.over(GRACE, &["111"], (0, 40)).await;
    let ended = night.tap("111", GRACE).await["ended"].clone();
    assert_eq!(ended, json!([card, spare]));
    for guest in [ALAN, JANE] {
        assert_eq!(night.word("111", guest).await, "overridden");
    }
}

#[tokio::test(start_paused = true)]
async fn a_key_of_a_user_in_trouble_does_not_reach_the_phone() {
    for remark in [
        "deleted_externally",
        "failed_to_create_on_acs_system",
        "being_deleted",
    ] {
        let night = Night::with(&[]);
        let remark = json!({ "user": JANE, "remark": remark });
        night.get("/_sandbox/user", remark).await;
        let key = night.over(JANE, &["101"], (0, 40)).await;
        let shown = json!({ "acs_credential_id": key });
        let shown = night.get("/acs/credentials/get", shown).await;
        let shown = &shown["acs_credential"];
        assert_eq!(shown["is_latest_desired_state_synced_with_provider"], false);
        assert_eq!(warnings(shown), ["unknown_issue_with_acs_credential"]);
        assert_eq!(night.word("101", JANE).await, "not_there");
    }
}
