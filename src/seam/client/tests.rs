//! Tests of the client over a transport with prepared answers.

use std::sync::{Arc, Mutex};

use futures::future::BoxFuture;

use super::super::transport::{Answer, Undelivered};
use super::super::{Secret, systems, users};
use super::*;

/// Answers each request with the next answer of a list, after a delay in milliseconds. `None` means that no answer
/// comes.
struct Scripted {
    answers: Vec<Option<(u64, Result<Answer, Undelivered>)>>,
    sent: Arc<Mutex<Vec<Duration>>>,
    begun: Instant,
}

impl Transport for Scripted {
    fn exchange(&self, request: Request) -> BoxFuture<'_, Result<Answer, Undelivered>> {
        assert!(
            request
                .headers
                .contains(&("authorization", "Bearer seam_k".to_owned()))
        );
        let index = {
            let mut sent = self.sent.lock().unwrap();
            sent.push(self.begun.elapsed());
            sent.len() - 1
        };
        let answer = self.answers.get(index).cloned().flatten();
        Box::pin(async move {
            match answer {
                Some((seconds, answer)) => {
                    tokio::time::sleep(Duration::from_secs(seconds)).await;
                    answer
                }
                None => std::future::pending().await,
            }
        })
    }
}

fn answer(status: u16, body: &str) -> Result<Answer, Undelivered> {
    Ok(Answer {
        status,
        request_id: None,
        retry_after: None,
        date: None,
        body: body.as_bytes().to_vec(),
    })
}

fn list() -> Result<Answer, Undelivered> {
    answer(200, r#"{"acs_systems":[],"ok":true}"#)
}

/// Returns a client with these answers, and the list of times at which it sent its requests.
fn client(
    answers: Vec<Option<(u64, Result<Answer, Undelivered>)>>,
) -> (Client, Arc<Mutex<Vec<Duration>>>) {
    let sent = Arc::new(Mutex::new(vec![]));
    let transport = Scripted {
        answers,
        sent: Arc::clone(&sent),
        begun: Instant::now(),
    };
    let auth = Auth::ApiKey(Secret::new("seam_k"));
    let client = Client::over(Box::new(transport), auth, Limits::default());
    (client, sent)
}

fn seconds(sent: &Arc<Mutex<Vec<Duration>>>) -> Vec<u64> {
    sent.lock().unwrap().iter().map(Duration::as_secs).collect()
}

#[tokio::test(start_paused = true)]
async fn a_list_that_takes_twelve_of_thirty_seconds_is_read() {
    let (client, sent) = client(vec![Some((12, list())), None]);
    let begun = Instant::now();
    systems::list(&client).await.unwrap();
    assert_eq!(begun.elapsed().as_secs(), 12);
    assert_eq!(seconds(&sent), [0, 10]);
}

#[tokio::test(start_paused = true)]
async fn a_read_that_hangs_is_joined_by_a_second_one() {
    let (client, sent) = client(vec![None, Some((3, list()))]);
    let begun = Instant::now();
    systems::list(&client).await.unwrap();
    assert_eq!(begun.elapsed().as_secs(), 13);
    assert_eq!(seconds(&sent), [0, 10]);
}

#[tokio::test(start_paused = true)]
async fn a_first_answer_that_fails_late_leaves_the_second_its_time() {
    let (client, sent) = client(vec![Some((11, answer(503, ""))), Some((5, list()))]);
    let begun = Instant::now();
    systems::list(&client).await.unwrap();
    assert_eq!(begun.elapsed().as_secs(), 15);
    assert_eq!(seconds(&sent), [0, 10]);
}

#[tokio::test(start_paused = true)]
async fn a_server_that_never_answers_is_given_up_in_time() {
    let (client, _) = client(vec![None, None]);
    let begun = Instant::now();
    let error = systems::list(&client).await.unwrap_err();
    assert!(error.to_string().contains("in time"), "{error}");
    assert_eq!(begun.elapsed().as_secs(), 30);
}

#[tokio::test(start_paused = true)]
async fn taking_all_access_is_never_on_its_way_twice() {
    let ok = answer(200, r#"{"ok":true}"#);
    let (client, sent) = client(vec![Some((20, ok.clone())), Some((0, ok))]);
    let user = super::super::AcsUserId::from("u".to_owned());
    users::revoke_access_to_all_entrances(&client, &user)
        .await
        .unwrap();
    assert_eq!(seconds(&sent), [0]);
}

#[tokio::test(start_paused = true)]
async fn a_wait_of_a_day_is_not_waited_for() {
    let mut busy = answer(429, "").unwrap();
    busy.retry_after = Some("86400".to_owned());
    let (client, sent) = client(vec![Some((0, Ok(busy)))]);
    let begun = Instant::now();
    assert_eq!(
        systems::list(&client).await.unwrap_err().status(),
        Some(429)
    );
    // Another call of the same command does not wait for a day either.
    assert_eq!(
        systems::list(&client).await.unwrap_err().status(),
        Some(429)
    );
    assert_eq!(begun.elapsed().as_secs(), 0);
    assert_eq!(seconds(&sent), [0]);
}

#[tokio::test]
async fn a_key_is_not_sent_over_an_open_line() {
    let client = Client::new(
        &Url::parse("http://10.255.255.1").unwrap(),
        &super::Route::default(),
        Auth::ApiKey(Secret::new("seam_k")),
        Limits::default(),
    );
    let error = systems::list(&client).await.unwrap_err();
    assert!(error.to_string().contains("not encrypted"), "{error}");
}

#[tokio::test(start_paused = true)]
async fn a_date_that_no_server_can_have_does_not_move_the_clock() {
    for date in [
        "Fri, 31 Dec 9999 23:59:59 GMT",
        "Thu, 01 Jan 1970 00:00:00 GMT",
        "soon",
    ] {
        let mut dated = list().unwrap();
        dated.date = Some(date.to_owned());
        let (client, _) = client(vec![Some((0, Ok(dated)))]);
        let before = client.now();
        systems::list(&client).await.unwrap();
        let moved = client.now() - before;
        assert!(moved.num_seconds().abs() < 60, "{date}: {moved}");
    }
}
