//! Every workflow is right under every reading of what no source settles.

use serde_json::Value;

use crate::support::{Extent, Hotel, sampled, side_by_side};

const READINGS: [(&str, &str); 22] = [
    ("override", "overlapping"),
    ("override", "all"),
    ("override", "at-first-use"),
    ("override-order", "issued"),
    ("override-order", "start"),
    ("replacement", "guest"),
    ("replacement", "guest-room"),
    ("replacement", "none"),
    ("label", "ignored"),
    ("label", "rejected"),
    ("unknown-keys", "ignored"),
    ("unknown-keys", "rejected"),
    ("revoke-all", "grants"),
    ("revoke-all", "grants-and-keys"),
    ("doors", "credential"),
    ("doors", "user-grants"),
    ("phone", "optional"),
    ("phone", "required"),
    ("delete", "async"),
    ("delete", "sync"),
    ("other-doors", "common"),
    ("other-doors", "unlisted"),
];

fn live(hotel: &Hotel, guest: &str) -> Vec<Value> {
    hotel.live(guest)
}

sampled!(the_five_commands_keep_their_promise_under_each);

fn the_five_commands_keep_their_promise_under_each(extent: Extent) {
    side_by_side(&extent.of(READINGS, 3), |(name, value)| {
        let hotel = Hotel::open();
        hotel.reading(name, value);
        let at = |what: &str| format!("{name}={value}: {what}");
        hotel.told(0, "issue --room 101 --guest jane@example.com --nights 1");
        assert_eq!(live(&hotel, "jane@example.com").len(), 1, "{}", at("issue"));
        hotel.told(0, "join --room 101 --guest edsger@example.com --yes");
        assert_eq!(
            live(&hotel, "edsger@example.com").len(),
            1,
            "{}",
            at("join")
        );
        assert_eq!(
            live(&hotel, "jane@example.com").len(),
            1,
            "{}",
            at("join leaves the first")
        );
        hotel.told(0, "update --guest jane@example.com --nights 3");
        assert_eq!(
            live(&hotel, "jane@example.com").len(),
            1,
            "{}",
            at("update")
        );
        assert_eq!(
            live(&hotel, "edsger@example.com").len(),
            1,
            "{}",
            at("update leaves the other")
        );
        hotel.told(
            0,
            "return-guest --room 204 --guest jane@example.com --nights 2 --yes",
        );
        let keys = live(&hotel, "jane@example.com");
        assert_eq!(keys.len(), 1, "{}", at("return-guest"));
        assert_eq!(keys[0]["rooms"][0], "204", "{}", at("return-guest"));
        hotel.told(0, "revoke --guest jane@example.com --yes");
        assert_eq!(
            live(&hotel, "jane@example.com").len(),
            0,
            "{}",
            at("revoke")
        );
        assert_eq!(
            live(&hotel, "edsger@example.com").len(),
            1,
            "{}",
            at("revoke leaves the other")
        );
    });
}
