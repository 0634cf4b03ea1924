//! Tests of the journal's guarantees, on disk and in memory.

use std::time::Duration;

use serde_json::json;
use tempfile::TempDir;

use super::*;

/// The home of one desk.
enum Home {
    Disk(TempDir),
    Memory(Store),
}

impl Home {
    fn both() -> [Home; 2] {
        [
            Home::Disk(tempfile::tempdir().unwrap()),
            Home::Memory(Store::new(1)),
        ]
    }

    /// Opens the journal as a further process of this desk.
    async fn process(&self) -> Journal {
        match self {
            Home::Disk(folder) => {
                Journal::open(folder.path(), Clock::system(), Patience::default())
                    .await
                    .unwrap()
            }
            Home::Memory(store) => Journal::on(store, Clock::system()),
        }
    }
}

fn operation(journal: &Journal, room: &str, fingerprint: &str) -> NewOperation {
    let step = |name: &str| PlannedStep {
        name: name.to_owned(),
        call: "/acs/credentials/create".to_owned(),
        status: StepStatus::Planned,
        request_id: None,
    };
    NewOperation {
        id: journal.operation_id(),
        command: "issue".to_owned(),
        fingerprint: fingerprint.to_owned(),
        first_fingerprint: Some(format!("first-{fingerprint}")),
        system_id: "system".to_owned(),
        subjects: vec![
            Subject::Room(room.to_owned()),
            Subject::Contact("jane@example.com".to_owned()),
        ],
        rooms: vec![room.to_owned()],
        plan: json!({ "version": 1 }),
        steps: vec![step("one"), step("two")],
        started_at: "2026-11-24T10:00:00.1234Z".parse().unwrap(),
        arrival: NaiveDate::from_ymd_opt(2026, 11, 24),
        operator: "ada".to_owned(),
        workstation: "desk-1".to_owned(),
        changes: vec![],
        seen: vec![],
        rows: None,
    }
}

fn made(key: &str, guest: &str) -> JournalUpdate {
    let result = StepResult {
        status: StepStatus::Done,
        made: Made {
            acs_credential_id: Some(key.to_owned()),
            acs_user_id: Some(guest.to_owned()),
            user_identity_id: None,
        },
        request_id: Some("request".to_owned()),
        error: None,
    };
    JournalUpdate {
        results: vec![(0, result)],
        intents: vec![1],
        end: None,
    }
}

async fn check(journal: &Journal, room: &str) -> Result<(), JournalError> {
    let subjects = vec![Subject::Room(room.to_owned())];
    journal.check("system", subjects).await
}

/// Waits until the process that dropped its journal counts as dead.
async fn until_dead(other: &Journal, id: &OperationId) {
    for _ in 0..200 {
        let rows = other.unfinished().await.unwrap();
        if rows.iter().any(|row| row.id == *id) {
            return;
        }
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    panic!("the process still counts as alive");
}

#[tokio::test]
async fn a_live_process_keeps_others_away_and_a_dead_one_leaves_its_work() {
    for home in Home::both() {
        let (first, second) = (home.process().await, home.process().await);
        let new = operation(&first, "101", "same");
        first.begin(new.clone()).await.unwrap();
        assert!(
            matches!(check(&second, "101").await, Err(JournalError::Busy(row)) if row.id == new.id)
        );
        assert!(check(&second, "102").await.is_ok());
        assert!(second.unfinished().await.unwrap().is_empty());
        assert!(matches!(
            second.resume(&new.id).await,
            Err(JournalError::Busy(_))
        ));
        let intent = JournalUpdate {
            intents: vec![0],
            ..JournalUpdate::default()
        };
        first.note(&new.id, intent).await.unwrap();
        drop(first);
        until_dead(&second, &new.id).await;
        for (word, first, is_same) in [
            ("same", "", true),
            ("new", "same", true),
            ("new", "", false),
        ] {
            let next = NewOperation {
                first_fingerprint: Some(first.to_owned()),
                ..operation(&second, "101", word)
            };
            let refused = second.begin(next).await.unwrap_err();
            let JournalError::Unfinished { row, same } = refused else {
                panic!("{refused}");
            };
            assert_eq!((row.steps[0].status, same), (StepStatus::Intended, is_same));
            assert_eq!(row.plan, Some(json!({ "version": 1 })));
        }
        let third = home.process().await;
        assert_eq!(second.resume(&new.id).await.unwrap().id, new.id);
        assert!(matches!(
            third.resume(&new.id).await,
            Err(JournalError::Busy(_))
        ));
    }
}

#[tokio::test]
async fn one_update_holds_the_results_of_a_stage_and_the_intents_of_the_next() {
    for home in Home::both() {
        let journal = home.process().await;
        let mut new = operation(&journal, "101", "a");
        new.steps.extend(new.steps.clone());
        journal.begin(new.clone()).await.unwrap();
        let first = JournalUpdate {
            intents: vec![0, 1],
            ..JournalUpdate::default()
        };
        journal.note(&new.id, first).await.unwrap();
        let mut next = made("key", "guest");
        let mut lost = next.results[0].1.clone();
        (lost.status, lost.made) = (StepStatus::Unknown, Made::default());
        next.results.push((1, lost));
        next.intents = vec![2, 3];
        journal.note(&new.id, next).await.unwrap();
        let rows = journal.history(Filter::default()).await.unwrap();
        let statuses: Vec<StepStatus> = rows[0].steps.iter().map(|step| step.status).collect();
        assert_eq!(
            statuses,
            [
                StepStatus::Done,
                StepStatus::Unknown,
                StepStatus::Intended,
                StepStatus::Intended
            ]
        );
        let made = rows[0].steps[0].made.acs_credential_id.as_deref();
        assert_eq!(made, Some("key"));
    }
}

#[tokio::test]
async fn work_that_never_began_is_closed_by_the_next_who_comes() {
    for home in Home::both() {
        let (first, second) = (home.process().await, home.process().await);
        let new = operation(&first, "101", "a");
        first.begin(new.clone()).await.unwrap();
        drop(first);
        until_dead(&second, &new.id).await;
        let next = operation(&second, "101", "a");
        second.begin(next.clone()).await.unwrap();
        let rows = second.history(Filter::default()).await.unwrap();
        let told: Vec<_> = rows.iter().map(|row| (&row.id, row.open)).collect();
        assert_eq!(told.len(), 2);
        assert!(told.contains(&(&new.id, false)) && told.contains(&(&next.id, true)));
        assert!(matches!(
            second.resume(&new.id).await,
            Err(JournalError::Closed(_))
        ));
    }
}

#[tokio::test]
async fn results_are_kept_and_what_guests_are_called_is_not() {
    for home in Home::both() {
        let journal = home.process().await;
        let new = operation(&journal, "101", "a");
        journal.begin(new.clone()).await.unwrap();
        journal.note(&new.id, made("key", "guest")).await.unwrap();
        let more = operation(&journal, "101", "a").steps;
        let plan = json!({ "version": 1, "more": true });
        journal.extend(&new.id, plan.clone(), more).await.unwrap();
        journal
            .note(&new.id, End::Left("unfinished".to_owned()).into())
            .await
            .unwrap();
        let row = journal.unfinished().await.unwrap().remove(0);
        assert_eq!(
            (row.steps.len(), row.plan, row.outcome.as_deref()),
            (4, Some(plan), Some("unfinished"))
        );
        assert_eq!(row.steps[0].made.acs_credential_id.as_deref(), Some("key"));
        assert_eq!(row.steps[1].status, StepStatus::Intended);
        assert_eq!(row.guests, ["guest"]);
        assert_eq!(row.started_at, "2026-11-24T10:00:00.123Z".parse().ok());

        let email = vec![Subject::Contact("jane@example.com".to_owned())];
        assert!(journal.check("system", email.clone()).await.is_err());
        journal
            .note(&new.id, End::Ended("done").into())
            .await
            .unwrap();
        journal.check("system", email).await.unwrap();
        journal
            .note(&new.id, End::Left("late".to_owned()).into())
            .await
            .unwrap();
        let of_guest = Filter {
            guest: Some("guest".to_owned()),
            room: Some("101".to_owned()),
            since: "2026-11-24T10:00:00Z".parse().ok(),
            limit: 1,
        };
        let row = journal.history(of_guest).await.unwrap().remove(0);
        assert_eq!(
            (row.open, row.plan, row.outcome.as_deref()),
            (false, None, Some("done"))
        );
        let arrivals = journal
            .arrivals(vec!["key".to_owned(), "other".to_owned()])
            .await;
        let arrivals = arrivals.unwrap();
        assert_eq!(
            (arrivals.len(), arrivals.get("key").copied()),
            (1, new.arrival)
        );
    }
}

#[tokio::test]
async fn history_is_newest_first_and_filtered() {
    for home in Home::both() {
        let journal = home.process().await;
        let mut ids = vec![];
        for room in ["101", "102", "103"] {
            let new = operation(&journal, room, room);
            ids.push(new.id.clone());
            let mut new = new;
            new.subjects.truncate(1);
            journal.begin(new).await.unwrap();
            tokio::time::sleep(Duration::from_millis(3)).await; // Ids sort by their millisecond.
        }
        ids.reverse();
        let all = journal.history(Filter::default()).await.unwrap();
        assert_eq!(
            all.iter().map(|row| row.id.clone()).collect::<Vec<_>>(),
            ids
        );
        let since = Filter {
            since: "2026-11-24T10:00:01Z".parse().ok(),
            ..Filter::default()
        };
        assert!(journal.history(since).await.unwrap().is_empty());
    }
}

#[test]
fn ids_in_memory_come_from_the_seed() {
    let id = |seed| {
        let clock = Clock::with_wall(|| "2026-11-24T10:00:00Z".parse().unwrap());
        Journal::on(&Store::new(seed), clock).operation_id()
    };
    assert_eq!(id(1), id(1));
    assert_ne!(id(1).short(), id(2).short());
}

#[tokio::test]
async fn what_ended_long_ago_expires_and_what_is_open_stays() {
    let home = tempfile::tempdir().unwrap();
    let open = async |now: &'static str| {
        let clock = Clock::with_wall(move || now.parse().unwrap());
        Journal::open(home.path(), clock, Patience::default())
            .await
            .unwrap()
    };
    let journal = open("2026-11-24T10:00:00Z").await;
    let (ended, left) = (
        operation(&journal, "101", "a"),
        operation(&journal, "102", "b"),
    );
    let (ended, left) = (
        NewOperation {
            subjects: vec![Subject::Room("101".to_owned())],
            ..ended
        },
        left,
    );
    for new in [&ended, &left] {
        journal.begin(new.clone()).await.unwrap();
        journal.note(&new.id, made("key", "guest")).await.unwrap();
    }
    journal
        .note(&ended.id, End::Ended("done").into())
        .await
        .unwrap();
    journal.close().await;
    let journal = open("2027-11-24T10:00:00Z").await;
    let at = |text: &str| text.parse().unwrap();
    assert_eq!(journal.expire(at("2026-11-24T09:59:59Z")).await.unwrap(), 0);
    assert_eq!(journal.expire(at("2026-11-24T10:00:01Z")).await.unwrap(), 1);
    let rows = journal.history(Filter::default()).await.unwrap();
    let kept: Vec<_> = rows.iter().map(|row| (&row.id, row.steps.len())).collect();
    assert_eq!(kept, [(&left.id, 2)]);
    journal.close().await;
    let kept = std::fs::read(home.path().join("record.sqlite3")).unwrap();
    let id = ended.id.as_str().as_bytes();
    assert!(
        !kept.windows(id.len()).any(|part| part == id),
        "the id is still in the file"
    );
}

#[tokio::test]
async fn the_keys_that_an_operation_made_or_read_are_known() {
    let home = tempfile::tempdir().unwrap();
    for journal in [
        Journal::open(home.path(), Clock::system(), Patience::default())
            .await
            .unwrap(),
        Journal::on(&Store::new(7), Clock::system()),
    ] {
        let first = NewOperation {
            seen: vec!["read".to_owned()],
            ..operation(&journal, "101", "f")
        };
        let id = first.id.clone();
        journal.begin(first).await.unwrap();
        journal.note(&id, made("made", "guest")).await.unwrap();
        journal.note(&id, End::Ended("done").into()).await.unwrap();
        let asked = ["made", "other", "read"].map(str::to_owned);
        let known = journal.known_keys(asked.to_vec()).await.unwrap();
        assert_eq!(known, ["made", "read"]);
        journal.close().await;
    }
}

#[tokio::test]
async fn the_account_of_the_system_is_recorded_whatever_the_operator_is_called() {
    let home = tempfile::tempdir().unwrap();
    let journal = Journal::open(home.path(), Clock::system(), Patience::default())
        .await
        .unwrap();
    journal
        .begin(operation(&journal, "101", "a"))
        .await
        .unwrap();
    let row = journal.history(Filter::default()).await.unwrap().remove(0);
    assert_eq!(row.operator, "ada");
    assert_eq!(row.account, whoami::username().ok());
}
