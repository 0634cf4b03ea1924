//! What stops half-way is told, blocks what would make it worse, and is finished.

use serde_json::json;

use crate::support::Hotel;

const RETURN: [&str; 9] = [
    "return-guest",
    "--room",
    "102",
    "--guest",
    "grace@example.com",
    "--nights",
    "2",
    "--yes",
    "--timeout",
];

#[test]
fn a_guest_left_without_access_is_9_and_recover_finishes() {
    let hotel = Hotel::open();
    hotel.fault(
        &json!({ "path": "/acs/entrances/grant_access", "kind": "503-before", "count": 1000 }),
    );
    let command = [&RETURN[..], &["0.6"]].concat();
    let told = hotel.run(&command).exits(9);
    assert!(told.stderr.contains("NO access"), "{}", told.stderr);
    let last = told.stderr.trim_end().lines().last().unwrap();
    assert!(last.contains("roomkey recover"), "{last}");

    hotel.control("DELETE", "faults", &serde_json::Value::Null);
    let blocked = hotel.json(12, &command);
    assert_eq!(blocked["error"]["code"], "unfinished");
    let open = hotel.json(12, &["recover"]);
    let id = open["data"]["unfinished"][0]["operation_id"]
        .as_str()
        .unwrap()
        .to_owned();
    let done = hotel.json(0, &["recover", &id]);
    assert_eq!(done["data"]["outcome"], "done");
    assert_eq!(hotel.live("grace@example.com")[0]["rooms"], json!(["102"]));
    assert_eq!(hotel.json(0, &["recover"])["data"]["unfinished"], json!([]));
    let history = hotel.json(0, &["history", "--room", "102"]);
    let last = &history["data"]["operations"][0];
    assert_eq!(
        (&last["outcome"], &last["operator"]),
        (&json!("done"), &json!("test"))
    );
}

#[test]
fn a_process_killed_at_any_request_is_finished_by_recover() {
    // The hang holds the request that the killed process had in flight, before or after its effect.
    for (call, kind) in (0..4).flat_map(|call| [(call, "hang"), (call, "hang-after")]) {
        let paths = [
            "/acs/users/get",
            "/acs/users/revoke_access_to_all_entrances",
            "/acs/entrances/grant_access",
            "/acs/credentials/create",
        ];
        let hotel = Hotel::open();
        hotel.fault(&json!({ "path": paths[call], "kind": kind, "ms": 60_000 }));
        let mut process = hotel
            .command()
            .args([&RETURN[..], &["30"]].concat())
            .spawn()
            .unwrap();
        hotel.until_requested(paths[call]);
        process.kill().unwrap();
        process.wait().unwrap();
        hotel.run(&["recover", "--all", "--settle", "0.2"]);
        hotel.json(0, &[&RETURN[..], &["30"]].concat());
        let live = hotel.live("grace@example.com");
        assert_eq!(live.len(), 1, "{kind} at {}", paths[call]);
        assert_eq!(
            live[0]["rooms"],
            json!(["102"]),
            "{kind} at {}",
            paths[call]
        );
        assert_eq!(hotel.json(0, &["recover"])["data"]["unfinished"], json!([]));
    }
}

#[test]
fn what_a_guest_is_called_is_gone_from_the_record_when_it_ends() {
    let hotel = Hotel::open();
    hotel.json(
        0,
        &[
            "issue",
            "--room",
            "101",
            "--guest",
            "Ada Lovelace <ada@example.com>",
            "--nights",
            "1",
        ],
    );
    for entry in std::fs::read_dir(hotel.home.path()).unwrap() {
        let path = entry.unwrap().path();
        if path.is_file() {
            let text = String::from_utf8_lossy(&std::fs::read(&path).unwrap()).to_lowercase();
            assert!(
                !text.contains("ada@example.com") && !text.contains("lovelace"),
                "{}",
                path.display()
            );
            assert!(!text.contains(&hotel.api_key), "{}", path.display());
        }
    }
}
