//! Long files: refused in time, planned in time, and stopped in time.

use std::time::{Duration, Instant};

use super::Group;

/// So many guests of one stay.
fn one_stay(rows: usize) -> String {
    let rows = (0..rows).map(|n| format!("4711,Guest {n},g{n}@example.com,205,2\n"));
    "reservation,guest,email,room,nights\n".to_owned() + &rows.collect::<String>()
}

#[test]
fn a_file_over_the_limit_is_refused_before_anything_is_sent() {
    let group = Group::new(&one_stay(100_100));
    let begun = Instant::now();
    let ran = group.hotel.run(&group.words(&["--dry-run"])).exits(2);
    let told = ran.told();
    assert!(
        told.contains("more than 100000 rows") && told.contains("batch_rows"),
        "{told}"
    );
    assert!(
        begun.elapsed() < Duration::from_secs(5),
        "{:?}",
        begun.elapsed()
    );
    let profile = "[profiles.harbour]\nbatch_rows = 3\n";
    std::fs::write(group.hotel.file("config.toml"), profile).unwrap();
    group.write(&one_stay(4));
    let ran = group.hotel.run(&group.words(&["--dry-run"])).exits(2);
    assert!(ran.stderr.contains("more than 3 rows"), "{}", ran.told());
    assert!(group.hotel.requests().is_empty());
    group.write(&one_stay(3));
    group.hotel.run(&group.words(&["--dry-run"])).exits(0);
}

/// Comparing each guest with each other one took a minute for these.
#[test]
fn thousands_of_guests_of_one_stay_are_planned_in_time() {
    let group = Group::new(&one_stay(4000));
    let begun = Instant::now();
    let ran = group.hotel.run(&group.words(&["--dry-run"])).exits(0);
    assert!(
        ran.stderr
            .contains("1 first key, 3999 keys for shared rooms"),
        "{}",
        ran.told()
    );
    assert!(
        begun.elapsed() < Duration::from_secs(25),
        "{:?}",
        begun.elapsed()
    );
}

#[cfg(unix)]
#[test]
fn an_interrupt_ends_the_planning() {
    use std::process::{Command, Stdio};
    let group = Group::new(&one_stay(20_000));
    let mut command = group.hotel.command();
    command
        .args(group.words(&["--dry-run"]))
        .stdout(Stdio::null())
        .stderr(Stdio::null());
    let mut process = command.spawn().unwrap();
    // Planning has begun when the last look-up was answered and nothing more is asked.
    let (mut count, mut since) = (0, Instant::now());
    while count == 0 || since.elapsed() < Duration::from_millis(400) {
        assert!(process.try_wait().unwrap().is_none(), "it is over already");
        let now = group.hotel.arrived();
        if now != count {
            (count, since) = (now, Instant::now());
        }
        std::thread::sleep(Duration::from_millis(10)); // Between two looks.
    }
    let id = process.id().to_string();
    Command::new("kill").args(["-INT", &id]).status().unwrap();
    let sent = Instant::now();
    assert_eq!(process.wait().unwrap().code(), Some(130));
    assert!(
        sent.elapsed() < Duration::from_secs(3),
        "{:?}",
        sent.elapsed()
    );
}
