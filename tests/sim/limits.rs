//! What the service makes impossible, each with the reading under which it does.

use serde_json::Value;

use crate::model::Promise;

/// Returns the limit of the service because of which a guest with a promise does not get in; `None` where there is
/// none, and the tool is to blame.
pub(crate) fn which(
    tapped: &Value,
    state: &Value,
    promise: &Promise,
    phones_were_off: bool,
) -> Option<&'static str> {
    match tapped["why"].as_str()? {
        // A key reaches a phone only while the phone takes keys; the command warns (`phone_not_ready`).
        "not_there" | "no_key" if has_no_ready_phone(state, promise) || phones_were_off => {
            Some("the guest's phone takes no keys")
        }
        // `override-order=issued`: a lock takes the override that was issued last for the latest, whatever its start.
        // Where the key of a later stay was issued first, the use of the earlier stay's key ends it at the lock. The
        // server does not report that, and no request can prevent it.
        "overridden" if is_overridden_by_another_time(state, promise) => {
            Some("a lock orders overrides by issue, not by stay")
        }
        _ => None,
    }
}

fn has_no_ready_phone(state: &Value, promise: &Promise) -> bool {
    let users = state["users"].as_array();
    let user = users.and_then(|users| {
        users
            .iter()
            .find(|user| user["acs_user_id"] == promise.guest.as_str())
    });
    let identity = user.map(|user| user["user_identity_id"].clone());
    let phones = state["phones"].as_array();
    !phones.is_some_and(|phones| {
        phones
            .iter()
            .any(|phone| Some(&phone["user_identity_id"]) == identity.as_ref())
    })
}

fn is_overridden_by_another_time(state: &Value, promise: &Promise) -> bool {
    let doors = state["entrances"].as_array();
    let door = doors.and_then(|doors| {
        doors
            .iter()
            .find(|door| door["display_name"] == promise.room.as_str())
    });
    let locks = state["locks"].as_array();
    let lock = locks.and_then(|locks| {
        locks.iter().find(|lock| {
            door.is_some_and(|door| lock["acs_entrance_id"] == door["acs_entrance_id"])
        })
    });
    let Some(root) = lock.map(|lock| lock["remembers"]["root"].clone()) else {
        return false;
    };
    let keys = state["credentials"].as_array();
    let rival = keys.and_then(|keys| keys.iter().find(|key| key["acs_credential_id"] == root));
    // A key that is gone cannot be asked for its time.
    rival.is_none_or(|rival| {
        let at = |name: &str| {
            let text = rival[name].as_str()?;
            text.parse::<chrono::DateTime<chrono::Utc>>().ok()
        };
        let (start, end) = (at("starts_at"), at("ends_at"));
        !(start.is_none_or(|start| start < promise.end)
            && end.is_none_or(|end| promise.start < end))
    })
}
