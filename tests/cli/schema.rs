//! What the tool sends, against the vendor's own schema, where `SEAM_OPENAPI` names it.

use std::io::Write as _;

use serde_json::{Value, json};

use crate::support::Hotel;

/// The schema of a request's body; unknown names are refused, but for the guide's `label`.
fn strict(api: &Value, path: &str) -> Value {
    let mut schema =
        api["paths"][path]["post"]["requestBody"]["content"]["application/json"]["schema"].clone();
    assert!(
        api["paths"][path]["post"].is_object(),
        "{path} is not in the schema"
    );
    if schema.is_null() {
        schema = json!({ "type": "object" });
    }
    if schema.get("properties").is_some() {
        schema["additionalProperties"] = json!(false);
    }
    if let Some(visionline) = schema.pointer_mut("/properties/visionline_metadata") {
        visionline["properties"]["label"] = json!({ "type": "string" });
        visionline["additionalProperties"] = json!(false);
    }
    schema
}

#[test]
fn every_request_is_one_that_the_schema_knows() {
    let Some(path) = std::env::var_os("SEAM_OPENAPI") else {
        // Not with `eprintln`: the output of a test that passes is not shown.
        let mut stderr = std::io::stderr();
        writeln!(
            stderr,
            "SKIPPED: requests against the vendor's schema, because SEAM_OPENAPI is not set"
        )
        .unwrap();
        return;
    };
    let api: Value = serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap();
    let hotel = Hotel::open();
    let commands: [&[&str]; 10] = [
        &[
            "issue",
            "--room",
            "101-102",
            "--guest",
            "Ada Lovelace <ada@example.com>",
            "--guest",
            "jane@example.com",
            "--nights",
            "2",
        ],
        &[
            "join",
            "--room",
            "111",
            "--guest",
            "edsger@example.com",
            "--yes",
        ],
        &[
            "update",
            "--guest",
            "jane@example.com",
            "--until",
            "+4d",
            "--also",
            "Gym,Spa",
            "--label",
            "Room %ROOMNUM%",
        ],
        &[
            "return-guest",
            "--room",
            "204",
            "--guest",
            "barbara@example.com",
            "--nights",
            "2",
            "--format",
            "TLCode",
        ],
        &["revoke", "--guest", "barbara@example.com", "--yes"],
        &["keys"],
        &["rooms"],
        &["guests", "jan"],
        &["doctor"],
        &["sandbox", "phone", "--guest", "mary@example.com"],
    ];
    commands
        .iter()
        .for_each(|command| drop(hotel.json(0, command)));
    let file = hotel.file("arrivals.csv").display().to_string();
    let mut rows = "action,guest,email,room,nights\n".to_owned();
    for (room, guest) in [
        (205, "mary"),
        (206, "hedy"),
        (207, "margaret"),
        (208, "katherine"),
    ] {
        rows += &format!("return-guest,,{guest}@example.com,{room},2\n");
    }
    std::fs::write(&file, rows + "issue,Zed,zed@example.com,209,2\n").unwrap();
    hotel.run(&["batch", &file, "--yes"]).exits(0);
    // A create that had no effect: `recover` reads the events before it is sent again.
    let issue = "issue --room 215 --guest hedy@example.com --nights 1 --replace --yes";
    let stopped = crate::recover::stopped(&hotel, 8, issue, crate::recover::CREATE, 0);
    hotel.told(0, &format!("recover {}", crate::recover::short(&stopped)));
    let requests = hotel.requests();
    assert!(requests.len() > 60);
    assert!(requests.iter().any(|one| one["path"] == "/events/list"));
    for request in requests {
        let path = request["path"].as_str().unwrap();
        let validator = jsonschema::options()
            .with_draft(jsonschema::Draft::Draft4)
            .should_validate_formats(true)
            .build(&strict(&api, path))
            .unwrap();
        let complaints: Vec<String> = validator
            .iter_errors(&request["body"])
            .map(|error| error.to_string())
            .collect();
        assert!(
            complaints.is_empty(),
            "{path}: {complaints:?}\n{}",
            request["body"]
        );
    }
}
