//! `recover` after others have changed what the operation is about: it refuses, goes on with `--replace`, and puts
//! the operation away with `--close`.

use serde_json::{Value, json};

use super::{CREATE, GRANT, commands, elsewhere, rooms, short, stopped, text};
use crate::support::{Extent, Hotel, sampled, side_by_side};

/// An operation that stops, and what another desk does before it is taken up again.
struct Course {
    stops: (i32, &'static str, &'static str),
    meanwhile: &'static str,
    /// What the refusal says.
    says: &'static str,
    /// What is typed once the operation is put away, to see that nothing is in its way.
    unblocked: &'static str,
}

const GRACE: &str = "update --guest grace@example.com --also Pool --yes";
const RETURN: &str = "return-guest --room 102 --guest grace@example.com --nights 2 --yes";
const JOIN: &str = "join --room 110 --guest jane@example.com --yes";

const COURSES: [Course; 7] = [
    Course {
        stops: (8, GRACE, CREATE),
        meanwhile: "update --guest grace@example.com --nights 6 --yes",
        says: "Grace Hopper has got another key",
        unblocked: GRACE,
    },
    Course {
        stops: (9, RETURN, GRANT),
        meanwhile: "issue --room 103 --guest grace@example.com --nights 3",
        says: "Grace Hopper has got another key",
        unblocked: "issue --room 102 --guest jane@example.com --nights 1",
    },
    Course {
        stops: (9, RETURN, GRANT),
        meanwhile: "issue --room 102 --guest edsger@example.com --nights 3",
        says: "room 102 was given to somebody else",
        unblocked: "update --guest edsger@example.com --nights 4 --yes",
    },
    Course {
        stops: (
            8,
            "issue --room 101 --guest jane@example.com --guest barbara@example.com --nights 2",
            CREATE,
        ),
        meanwhile: "issue --room 101 --guest edsger@example.com --nights 3",
        says: "room 101 was given to somebody else",
        unblocked: "update --guest edsger@example.com --nights 4 --yes",
    },
    Course {
        stops: (8, GRACE, CREATE),
        meanwhile: "revoke --guest grace@example.com --yes",
        says: "has ended since this operation stopped",
        unblocked: "issue --room 110 --guest grace@example.com --nights 1",
    },
    Course {
        stops: (8, JOIN, CREATE),
        meanwhile: "revoke --room 110 --yes",
        says: "the stay that this key belongs to has ended",
        unblocked: "issue --room 110 --guest jane@example.com --nights 1",
    },
    Course {
        stops: (8, JOIN, CREATE),
        meanwhile: "issue --room 110 --guest edsger@example.com --nights 3 --replace --yes",
        says: "room 110 was given to somebody else",
        unblocked: "update --guest edsger@example.com --nights 4 --yes",
    },
];

impl Course {
    /// A hotel where it has come to this, and the operation.
    fn run(&self) -> (Hotel, String) {
        let mut hotel = Hotel::open();
        hotel.reading("revoke-all", "grants-and-keys");
        let (code, words, path) = self.stops;
        let answer = stopped(&hotel, code, words, path, 0);
        elsewhere(&mut hotel, 0, self.meanwhile);
        hotel.forget_requests();
        (hotel, short(&answer))
    }
}

sampled!(it_refuses_and_says_what_has_changed_and_close_unblocks_the_room);
sampled!(replace_goes_on_although_others_have_changed_it);

fn it_refuses_and_says_what_has_changed_and_close_unblocks_the_room(extent: Extent) {
    side_by_side(&extent.of(&COURSES, 3), |course| {
        let (hotel, id) = course.run();
        let case = format!("{:?}, {}", course.stops, course.meanwhile);
        for words in [format!("recover {id}"), "recover --all".to_owned()] {
            let refused = hotel.told(6, &words);
            assert_eq!(refused["error"]["code"], "changed", "{case}: {refused:#}");
            assert!(text(&refused).contains(course.says), "{case}: {refused:#}");
            assert_eq!(refused["error"]["impact"], "Nothing was changed.");
        }
        assert_eq!(hotel.writes(), [""; 0], "{case}");
        hotel.told(12, course.unblocked);
        let closed = hotel.told(0, &format!("recover {id} --close"));
        assert!(closed["data"]["guests_now"].is_array(), "{closed:#}");
        assert_eq!(hotel.writes(), [""; 0], "{case}");
        hotel.told(0, "recover");
        hotel.told(0, course.unblocked);
        let history = hotel.told(0, "history");
        let first = history["data"]["operations"].as_array().unwrap().iter();
        let first = first
            .clone()
            .find(|one| one["operation_id"].as_str().unwrap().ends_with(&id));
        assert_eq!(first.unwrap()["outcome"], "closed", "{history:#}");
    });
}

fn replace_goes_on_although_others_have_changed_it(extent: Extent) {
    // Who has which rooms then, in the order of the courses; and whether Edsger's key was in the way.
    let cases = COURSES.iter().zip([
        ("grace@example.com", "110", false),
        ("grace@example.com", "102", false),
        ("grace@example.com", "102", true),
        ("jane@example.com", "101", true),
        ("grace@example.com", "110", false),
        ("jane@example.com", "110", false),
        ("jane@example.com", "110", true),
    ]);
    side_by_side(
        &extent.of(cases, 3),
        |&(course, (email, room, displaces))| {
            let (hotel, id) = course.run();
            let done = hotel.told(0, &format!("recover {id} --replace"));
            let case = format!("{:?}, {}: {done:#}", course.stops, course.meanwhile);
            assert_eq!(done["data"]["outcome"], "done", "{case}");
            assert_eq!(rooms(&hotel, email), [json!([room])], "{case}");
            let made = &hotel.live(email)[0];
            assert_eq!(made["valid"], true, "{case}");
            if course.stops.1 == GRACE {
                assert!(made["doors"].to_string().contains("Pool"), "{case}");
            }
            if displaces {
                assert_eq!(
                    rooms(&hotel, "edsger@example.com"),
                    [Value::Null; 0],
                    "{case}"
                );
                assert_ne!(done["data"]["replaced"], json!([]), "{case}");
            }
            hotel.told(0, "recover");
        },
    );
}

#[test]
fn a_guest_who_can_get_no_key_any_more_does_not_block_the_room_for_ever() {
    for change in [json!({ "suspended": true }), json!({ "identity": null })] {
        let hotel = Hotel::open();
        hotel.reading("revoke-all", "grants-and-keys");
        let answer = stopped(&hotel, 9, RETURN, GRANT, 0);
        let mut change = change;
        change["user"] = json!("grace@example.com");
        hotel.control("POST", "user", &change);
        let ran = hotel.run(&["recover", &short(&answer), "--json"]);
        let failed = ran.json();
        assert!([6, 8, 9].contains(&ran.code), "{failed:#}");
        let issue = "issue --room 102 --guest jane@example.com --nights 1";
        let blocked = hotel.told(12, issue);
        assert!(!commands(&blocked).is_empty(), "{blocked:#}");
        hotel.told(0, &format!("recover {} --close", short(&answer)));
        hotel.told(0, issue);
        assert_eq!(rooms(&hotel, "jane@example.com"), [json!(["102"])]);
    }
}
