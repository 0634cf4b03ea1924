//! The same file once more takes nothing away from those who came by it.

use serde_json::{Value, json};

use super::{Group, day, leaves};

const HEAD: &str = "reservation,action,guest,email,room,departure\n";

#[test]
fn a_revoke_that_found_nothing_does_not_take_the_key_made_after_it() {
    let group = Group::new(&format!(
        "{HEAD},revoke,,,101,\nR1,issue,Ada Lovelace,ada@example.com,101,{}\n",
        leaves()
    ));
    let first = group.told(&["--yes"]);
    assert_eq!(
        (first.code, first.count("already"), first.count("done")),
        (0, 1, 1)
    );
    for _ in 0..2 {
        let again = group.told(&["--yes"]);
        assert_eq!(
            (again.code, again.count("already")),
            (0, 2),
            "{:#?}",
            again.rows
        );
        assert_eq!(group.rooms("ada@example.com"), ["101"]);
    }
    // Nor where the first run was stopped, or the file has one row more.
    group.write(&format!(
        "{HEAD},revoke,,,101,\nR1,issue,Ada Lovelace,ada@example.com,101,{d}\nR2,issue,Bob Byron,bob@example.com,102,{d}\n",
        d = leaves()
    ));
    let more = group.told(&["--yes"]);
    assert_eq!((more.count("already"), more.count("done")), (2, 1));
    assert_eq!(group.rooms("ada@example.com"), ["101"]);
    assert_eq!(group.creates().len(), 2);
}

#[test]
fn a_key_that_was_right_before_the_batch_is_not_made_again_once_it_is_revoked() {
    let group = Group::new(&format!(
        "{HEAD}R1,issue,Ada Lovelace,ada@example.com,101,{d}\nR2,issue,Bob Byron,bob@example.com,102,{d}\n",
        d = leaves()
    ));
    group.hotel.json(
        0,
        &[
            "issue",
            "--guest",
            "Ada Lovelace <ada@example.com>",
            "--room",
            "101",
            "--until",
            &leaves(),
        ],
    );
    let first = group.told(&["--yes"]);
    assert_eq!((first.count("already"), first.count("done")), (1, 1));
    group.hotel.told(0, "revoke --guest ada@example.com --yes");
    // Twice: the run that tells it does not make it forgotten.
    for _ in 0..2 {
        let again = group.told(&["--yes"]);
        assert_eq!(
            (again.code, again.count("already"), again.count("refused")),
            (3, 1, 1),
            "{:#?}",
            again.rows
        );
        let row = again.line(2);
        assert_eq!(row["code"], "changed", "{row}");
        assert!(
            row["message"].as_str().unwrap().contains("--again"),
            "{row}"
        );
        assert!(!group.keys().contains_key("ada@example.com"));
    }
    let dry = group.told(&["--dry-run"]);
    assert_eq!(
        (dry.code, dry.count("already"), dry.count("refused")),
        (3, 1, 1),
        "{:#?}",
        dry.rows
    );
    let anew = group.told(&["--yes", "--again"]);
    assert_eq!((anew.count("done"), anew.count("already")), (1, 1));
    group.rooms("ada@example.com");
}

#[test]
fn a_key_that_the_same_file_takes_away_or_replaces_later_counts_as_done() {
    let group = Group::new(&format!(
        "{HEAD}R1,issue,Ada Lovelace,ada@example.com,101,{d}\nR1,revoke,,,101,\n\
         R2,issue,Bob Byron,bob@example.com,102,{d}\n",
        d = leaves()
    ));
    for words in ["done", "already"] {
        let told = group.told(&["--yes"]);
        assert_eq!((told.code, told.count(words)), (0, 3), "{:#?}", told.rows);
        assert!(!group.keys().contains_key("ada@example.com"));
    }
    // The desk extends a key: its guest has what the file asked for and more.
    group.hotel.json(
        0,
        &[
            "update",
            "--guest",
            "bob@example.com",
            "--until",
            &day(5),
            "--yes",
        ],
    );
    let told = group.told(&["--yes"]);
    assert_eq!(
        (told.code, told.count("already")),
        (0, 3),
        "{:#?}",
        told.rows
    );
}

#[test]
fn a_stay_ended_by_its_number_is_ended_for_its_new_guests_too() {
    let group = Group::new(&format!(
        "{HEAD}R1,issue,,jane@example.com,101,{d}\nR1,issue,Ada Lovelace,ada@example.com,101,{d}\n",
        d = leaves()
    ));
    assert_eq!(group.told(&["--yes"]).code, 0);
    group.write(&format!("{HEAD}R1,revoke,,,101,\n"));
    assert_eq!(group.told(&["--yes"]).code, 0);
    let keys = group.keys();
    assert!(!keys.contains_key("jane@example.com"), "{keys:#?}");
    assert!(!keys.contains_key("ada@example.com"), "{keys:#?}");
}

#[test]
fn a_chain_of_every_action_twice_changes_nothing_the_second_time() {
    let group = Group::new(&format!(
        "{HEAD},revoke,,,110,\nR2,issue,,jane@example.com,110,{d}\nR2,join,Ada Lovelace,ada@example.com,110,{d}\n\
         R2,update,,jane@example.com,110,{}\nR3,return-guest,,alan@example.com,103,{d}\n",
        day(5),
        d = leaves()
    ));
    let first = group.told(&["--yes", "--replace"]);
    assert_eq!(
        (first.code, first.count("done")),
        (0, 5),
        "{:#?}",
        first.rows
    );
    let held = group.keys();
    group.hotel.forget_requests();
    let again = group.told(&["--yes", "--replace"]);
    assert_eq!(
        (again.code, again.count("already")),
        (0, 5),
        "{:#?}",
        again.rows
    );
    assert_eq!(group.hotel.writes(), Vec::<String>::new());
    assert_eq!(group.keys(), held);
    assert_eq!(
        group.hotel.told(0, "recover")["data"]["unfinished"],
        json!([])
    );
}

/// Runs the batch at noon UTC, some days from now, on the hotel's clock.
fn at(group: &Group, days: i64, words: &[&str]) -> crate::support::Ran {
    let now = chrono::Utc::now() + chrono::TimeDelta::days(days);
    let now = now.format("%Y-%m-%dT12:00:00Z").to_string();
    group.hotel.control("POST", "clock", &json!({ "now": now }));
    let mut command = group.hotel.command();
    command.args(group.words(words));
    command.output().unwrap().into()
}

#[test]
fn the_next_nights_list_that_reads_the_same_is_carried_out_whole_though_it_is_stopped() {
    let mut text = "reservation,guest,email,room,nights\n".to_owned();
    for number in 1..=6 {
        text += &format!("R{number},Guest N{number},n{number}@example.com,10{number},1\n");
    }
    let group = Group::new(&text);
    at(&group, 0, &["--yes"]).exits(0);
    assert_eq!(group.creates().len(), 6);
    // Two nights later every key is over. The run is refused in the middle, and typed again.
    group.hotel.fault(
        &json!({ "path": "/acs/credentials/create", "kind": "401", "after": 2, "count": 1000 }),
    );
    at(&group, 2, &["--yes", "--jobs", "1"]).exits(3);
    group.hotel.control("DELETE", "faults", &Value::Null);
    assert!((6..12).contains(&group.creates().len()));
    at(&group, 2, &["--yes"]).exits(0);
    assert_eq!(group.creates().len(), 12, "a key for each guest and night");
    at(&group, 2, &["--yes"]).exits(0);
    assert_eq!(group.creates().len(), 12);
}

#[tokio::test]
async fn what_an_earlier_version_did_counts_as_done() {
    use sqlx::{ConnectOptions as _, SqliteConnection};
    let text = format!(
        "{HEAD}R1,issue,Ada Lovelace,ada@example.com,101,{d}\nR2,issue,Bob Byron,bob@example.com,102,{d}\n",
        d = leaves()
    );
    let group = Group::new(&text);
    assert_eq!(group.told(&["--yes"]).count("done"), 2);
    // The journal as that version left it: a batch that stopped, with the fingerprints of that time.
    let options = roomkey::batch::input::Options::default();
    let read = roomkey::batch::input::read(text.as_bytes(), None, &options).unwrap();
    let prints: Vec<_> = read
        .rows
        .iter()
        .map(roomkey::batch::fingerprint::Fingerprint::of)
        .collect();
    let (_, content) = roomkey::batch::fingerprint::of_all(&prints);
    let path = group.hotel.file("record.sqlite3");
    let options = sqlx::sqlite::SqliteConnectOptions::new().filename(path);
    let mut db: SqliteConnection = options.connect().await.unwrap();
    sqlx::query("UPDATE batches SET content = ?, ended_at = NULL")
        .bind(content.unwrap())
        .execute(&mut db)
        .await
        .unwrap();
    for (print, room) in prints.iter().zip(["[\"101\"]", "[\"102\"]"]) {
        let change = "UPDATE batch_rows SET fingerprint = ?, reservation = NULL \
                      WHERE operation IN (SELECT id FROM operations WHERE rooms = ?)";
        let changed = sqlx::query(change)
            .bind(print.former.as_ref().unwrap())
            .bind(room)
            .execute(&mut db)
            .await
            .unwrap();
        assert_eq!(changed.rows_affected(), 1);
    }
    // It had no key.
    sqlx::query("PRAGMA user_version = 0")
        .execute(&mut db)
        .await
        .unwrap();
    sqlx::Connection::close(db).await.unwrap();
    std::fs::remove_file(group.hotel.file("record.key")).unwrap();
    group.hotel.forget_requests();
    let again = group.told(&["--yes"]);
    assert_eq!(
        (again.code, again.count("already")),
        (0, 2),
        "{:#?}",
        again.rows
    );
    assert_eq!(again.line(2)["message"], "done by an earlier run");
    assert_eq!(group.hotel.writes(), Vec::<String>::new());
}
