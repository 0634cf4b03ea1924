//! Tests of the errors and their texts.

use super::*;

fn api(status: u16, body: &str) -> Error {
    Error::refused("/x", status, body.as_bytes(), None)
}

#[test]
fn nested_complaints_are_flattened_and_found_by_name() {
    let error = api(
        400,
        r#"{"error":{"type":"invalid_input","message":"bad","validation_errors":
            {"_errors":[],"visionline_metadata":{"_errors":[],"label":{"_errors":["Unrecognized"]}}}}}"#,
    );
    assert_eq!(error.validation()[0].field, "visionline_metadata.label");
    assert!(error.names_field("label"));
    assert!(!error.names_field("override"));
    assert_eq!(error.sent(), Sent::No);
}

#[test]
fn only_the_apis_own_404_means_gone() {
    assert!(
        api(
            404,
            r#"{"error":{"type":"acs_user_not_found","message":"no"}}"#
        )
        .is_not_found()
    );
    assert!(
        api(
            400,
            r#"{"error":{"type":"user_identity_not_found","message":"no"}}"#
        )
        .is_not_found()
    );
    assert!(!api(404, "404").is_not_found());
    assert!(!api(404, "<html>no such page</html>").is_not_found());
}

#[test]
fn a_malformed_id_is_not_an_object_that_is_gone() {
    let named = |field: &str| {
        api(
            400,
            &format!(
                r#"{{"error":{{"type":"invalid_input","message":"bad","validation_errors":{{"{field}":{{"_errors":["Invalid uuid"]}}}}}}}}"#
            ),
        )
    };
    let malformed = named("acs_credential_id");
    assert!(malformed.is_malformed_id() && !malformed.is_not_found());
    assert!(!named("ends_at").is_malformed_id());
    let gone = api(404, r#"{"error":{"type":"x_not_found","message":"no"}}"#);
    assert!(gone.is_not_found() && !gone.is_malformed_id());
}

#[test]
fn what_may_have_run_is_told_from_what_did_not() {
    for status in [400, 401, 403, 404, 409, 429] {
        assert_eq!(api(status, "").sent(), Sent::No, "{status}");
    }
    for status in [408, 500, 502, 503, 504] {
        assert_eq!(api(status, "").sent(), Sent::Maybe, "{status}");
    }
    assert_eq!(Error::refused_for_test().sent(), Sent::No);
    assert_eq!(
        Error::refused_for_test().after(true).sent(),
        Sent::Maybe,
        "an earlier try counts"
    );
    assert_eq!(Error::timeout("/x").sent(), Sent::Maybe);
}

#[test]
fn an_echoed_request_does_not_come_through() {
    let error = api(
        500,
        r#"{"error":{"type":"x","message":"bad request {\"full_name\":\"Ada\"}"}}"#,
    );
    assert!(error.to_string().contains("bad request") && !error.to_string().contains("Ada"));
    let gateway = api(502, r#"{"request":{"full_name":"Ada"}}"#).to_string();
    assert!(
        gateway.contains("502") && !gateway.contains("Ada"),
        "{gateway}"
    );
}

#[test]
fn a_long_text_is_cut_and_many_complaints_are_not_kept() {
    let long = "ä".repeat(9999);
    let fields: Vec<String> = (0..99)
        .map(|n| format!(r#""{long}{n}":{{"_errors":["{long}","{long}"]}}"#))
        .collect();
    let body = format!(
        r#"{{"error":{{"type":"{long}","message":"{long}","validation_errors":{{{}}}}}}}"#,
        fields.join(",")
    );
    let error = api(400, &body);
    assert_eq!(error.validation().len(), MOST_COMPLAINTS);
    assert!(error.to_string().chars().count() < 20_000, "{error}");
}
