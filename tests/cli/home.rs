//! The folder in which the tool keeps its files: made for one account, and checked before it is trusted.

use std::path::Path;
use std::process::Stdio;

use crate::support::{Ran, new_home, roomkey};

/// Runs a command that needs the home and no hotel.
fn history(home: &Path) -> Ran {
    roomkey(home).arg("history").output().unwrap().into()
}

/// Starts so many processes at once, and waits for all of them.
#[track_caller]
fn all_at_once(home: &Path, count: usize, arguments: impl Fn(usize) -> Vec<String>) {
    let started: Vec<_> = (0..count)
        .map(|index| {
            let mut command = roomkey(home);
            command.args(arguments(index)).stdin(Stdio::null());
            command.stdout(Stdio::piped()).stderr(Stdio::piped());
            command.spawn().unwrap()
        })
        .collect();
    for process in started {
        Ran::from(process.wait_with_output().unwrap()).exits(0);
    }
}

#[test]
fn history_expires_after_a_yes() {
    let home = new_home();
    earlier_journal(home.path());
    let run = |words: &[&str]| Ran::from(roomkey(home.path()).args(words).output().unwrap());
    for bad in ["400", "0d", "-1d", "d", "1y"] {
        run(&["history", "expire", "--older-than", bad]).exits(2);
    }
    let expire = ["history", "expire", "--older-than", "1d"];
    let told = run(&expire).exits(6);
    assert!(told.stderr.contains("--yes"), "{told:?}");
    let deleted = |told: Ran| told.exits(0).json()["data"]["deleted"].clone();
    // The operation of the journal began in November 2026.
    let far = [
        "history",
        "expire",
        "--older-than",
        "36500d",
        "--yes",
        "--json",
    ];
    assert_eq!(deleted(run(&far)), 0);
    assert_eq!(
        run(&["history", "--json"]).json()["data"]["operations"]
            .as_array()
            .unwrap()
            .len(),
        1
    );
}

/// A journal as the first version left it.
fn earlier_journal(home: &Path) {
    use sqlx::ConnectOptions as _;

    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    runtime.block_on(async {
        let mut all = roomkey::journal::migrations();
        all.migrations.to_mut().truncate(1);
        let options =
            sqlx::sqlite::SqliteConnectOptions::new().filename(home.join("record.sqlite3"));
        let mut journal = options.create_if_missing(true).connect().await.unwrap();
        all.run(&mut journal).await.unwrap();
        let insert = "INSERT INTO operations (id, command, fingerprint, system_id, rooms, open, started_at, operator, \
                      workstation) VALUES ('o', 'issue', 'f', 's', '[\"101\"]', 0, '2026-11-24T10:00:00.000Z', 'a', 'b')";
        sqlx::query(insert).execute(&mut journal).await.unwrap();
        sqlx::Connection::close(journal).await.unwrap();
    });
    // Made under whatever umask; others may read it.
    #[cfg(unix)]
    set_mode(&home.join("record.sqlite3"), 0o644);
}

#[test]
fn twenty_first_commands_at_once_all_work() {
    let home = new_home();
    all_at_once(&home.path().join("new"), 20, |_| vec!["history".to_owned()]);
    let home = new_home();
    let words = [
        "--sandbox",
        "issue",
        "--nights",
        "1",
        "--yes",
        "--wait",
        "0",
    ];
    all_at_once(&home.path().join("new"), 20, |index| {
        let guest = format!("Guest {index} <g{index}@example.com>");
        let room = format!("{}", 201 + index);
        let own = ["--room", &room, "--guest", &guest];
        words
            .iter()
            .chain(&own)
            .map(|word| (*word).to_owned())
            .collect()
    });
}

#[test]
fn twenty_commands_at_once_take_an_earlier_journal_over() {
    let home = new_home();
    earlier_journal(home.path());
    all_at_once(home.path(), 20, |_| vec!["history".to_owned()]);
    let told = roomkey(home.path())
        .args(["history", "--json"])
        .output()
        .unwrap();
    let told = Ran::from(told).exits(0).json();
    assert_eq!(told["data"]["operations"][0]["operation_id"], "o");
}

#[cfg(unix)]
fn set_mode(path: &Path, mode: u32) {
    use std::os::unix::fs::PermissionsExt as _;

    std::fs::set_permissions(path, std::fs::Permissions::from_mode(mode)).unwrap();
}

#[cfg(unix)]
fn mode(path: &Path) -> u32 {
    use std::os::unix::fs::MetadataExt as _;

    path.metadata().unwrap().mode() & 0o7777
}

#[cfg(unix)]
#[test]
fn whichever_command_comes_first_makes_a_home_for_its_owner_alone() {
    let parent = new_home();
    for (index, words) in [
        vec!["history"],
        vec!["--sandbox", "rooms"],
        vec!["sandbox", "clock"],
        vec![
            "--sandbox",
            "issue",
            "--room",
            "101",
            "--guest",
            "A B <a@example.com>",
            "--nights",
            "1",
        ],
    ]
    .into_iter()
    .enumerate()
    {
        let home = parent.path().join(index.to_string());
        let ran = roomkey(&home).args(&words).output().unwrap();
        Ran::from(ran).exits(0);
        let mut folders = vec![home];
        while let Some(folder) = folders.pop() {
            assert_eq!(mode(&folder), 0o700, "{words:?} {}", folder.display());
            for entry in std::fs::read_dir(&folder).unwrap() {
                let path = entry.unwrap().path();
                if path.is_dir() {
                    folders.push(path);
                } else {
                    assert_eq!(mode(&path), 0o600, "{words:?} {}", path.display());
                }
            }
        }
    }
}

#[cfg(unix)]
#[test]
fn what_others_can_read_is_narrowed_and_what_they_can_write_is_refused() {
    let home = new_home();
    history(home.path()).exits(0);
    let journal = home.path().join("record.sqlite3");
    set_mode(home.path(), 0o755);
    set_mode(&journal, 0o644);
    history(home.path()).exits(0);
    assert_eq!((mode(home.path()), mode(&journal)), (0o700, 0o600));
    for path in [home.path(), &journal] {
        let before = mode(path);
        set_mode(path, before | 0o020);
        let ran = history(home.path()).exits(2);
        assert!(
            ran.stderr.contains("can be written to by other accounts"),
            "{ran:?}"
        );
        assert!(
            ran.stderr
                .contains(&format!("chmod go-rwx {}", path.display())),
            "{ran:?}"
        );
        set_mode(path, before);
    }
}

#[cfg(unix)]
#[test]
fn a_home_in_a_folder_that_everybody_can_write_to_is_refused_with_the_way_out() {
    let parent = new_home();
    let (shared, link) = (parent.path().join("shared"), parent.path().join("link"));
    let home = shared.join("inner/home");
    std::os::unix::fs::symlink(&home, &link).unwrap();
    history(&home).exits(0);
    for (place, mode, code) in [
        (&home, 0o777, 2),
        (&link, 0o777, 2),
        (&home, 0o1777, 0),
        (&home, 0o775, 0),
        (&shared.join("new"), 0o777, 2),
    ] {
        set_mode(&shared, mode);
        let ran = history(place).exits(code);
        if code == 2 {
            let remedy = format!("chmod o-w {}", shared.display());
            for part in ["every account can write to", &remedy, "Nothing was sent"] {
                assert!(ran.stderr.contains(part), "{part}: {ran:?}");
            }
        }
    }
    assert!(!shared.join("new").exists());
}

#[cfg(unix)]
#[test]
fn a_link_or_a_pipe_in_the_place_of_a_file_is_refused_at_once() {
    let parent = new_home();
    let target = parent.path().join("target");
    std::fs::write(&target, "").unwrap();
    let names = [
        "record.sqlite3",
        "record.sqlite3-wal",
        "record.key",
        "record.lock",
        "known.json",
        "hotel.json",
        "config.toml",
    ];
    for (index, name) in names.into_iter().enumerate() {
        let home = parent.path().join(index.to_string());
        history(&home).exits(0);
        let path = home.join(name);
        let _ = std::fs::remove_file(&path);
        std::os::unix::fs::symlink(&target, &path).unwrap();
        let ran = history(&home).exits(2);
        assert!(ran.stderr.contains("is a symbolic link"), "{name}: {ran:?}");
        assert_eq!(std::fs::read(&target).unwrap(), b"", "{name}");
        std::fs::remove_file(&path).unwrap();
        make_pipe(&path);
        let ran = history(&home).exits(2);
        assert!(
            ran.stderr.contains("is not a regular file"),
            "{name}: {ran:?}"
        );
    }
}

#[cfg(unix)]
fn make_pipe(path: &Path) {
    let made = std::process::Command::new("mkfifo")
        .arg(path)
        .status()
        .unwrap();
    assert!(made.success());
}

#[cfg(unix)]
#[test]
fn a_configuration_that_others_can_write_is_refused_and_one_that_they_can_read_is_not() {
    let home = new_home();
    let config = home.path().join("config.toml");
    std::fs::write(&config, "[profiles.a]\nname = \"A\"\n").unwrap();
    set_mode(&config, 0o644);
    history(home.path()).exits(0);
    set_mode(&config, 0o646);
    let ran = history(home.path()).exits(2);
    assert!(
        ran.stderr
            .contains("config.toml can be written to by other accounts"),
        "{ran:?}"
    );
}

#[cfg(unix)]
#[test]
fn a_home_of_another_account_is_refused_with_the_reason() {
    // Only root can give a folder away; elsewhere a folder of root's is the other account's.
    let own = new_home();
    let home = if std::os::unix::fs::chown(own.path(), Some(65_534), None).is_ok() {
        own.path()
    } else {
        Path::new("/usr")
    };
    let ran = history(home).exits(2);
    assert!(ran.stderr.contains("belongs to another account"), "{ran:?}");
    assert!(ran.stderr.contains("a home serves one account"), "{ran:?}");
}

#[test]
fn each_way_in_which_a_journal_cannot_be_used_has_its_own_message() {
    let home = new_home();
    history(home.path()).exits(0);
    let journal = home.path().join("record.sqlite3");
    let whole = std::fs::read(&journal).unwrap();
    std::fs::write(&journal, "x".repeat(8192)).unwrap();
    let ran = history(home.path()).exits(1);
    assert!(
        ran.stderr.contains("record.sqlite3 is damaged: "),
        "{ran:?}"
    );
    assert!(ran.stderr.contains("from a backup"), "{ran:?}");

    for empty in [true, false] {
        if empty {
            std::fs::write(&journal, "").unwrap();
        } else {
            std::fs::remove_file(&journal).unwrap();
        }
        let ran = history(home.path()).exits(1);
        assert!(ran.stderr.contains("record.sqlite3 is lost: "), "{ran:?}");
        assert!(ran.stderr.contains("record.key"), "{ran:?}");
        assert!(
            journal.metadata().map_or(0, |found| found.len()) == 0,
            "a new journal was begun"
        );
    }
    let key = home.path().join("record.key");
    let kept = std::fs::read(&key).unwrap();
    std::fs::write(&journal, &whole).unwrap();
    for (damaged, words) in [("", "record.key is empty"), ("short", "has 5 bytes")] {
        std::fs::write(&key, damaged).unwrap();
        let ran = history(home.path()).exits(1);
        for part in ["has no usable key", words, "restore", "makes a new key"] {
            assert!(ran.stderr.contains(part), "{part}: {ran:?}");
        }
        assert!(!ran.stderr.contains("make room"), "{ran:?}");
    }
    std::fs::remove_file(&key).unwrap();
    let ran = history(home.path()).exits(0);
    assert!(
        ran.stderr.contains("Warning:") && ran.stderr.contains("record.key is not the key"),
        "{ran:?}"
    );
    let ran = history(home.path()).exits(0);
    assert!(
        !ran.stderr.contains("record.key"),
        "it is told once: {ran:?}"
    );
    std::fs::write(&key, kept).unwrap();
    let told = roomkey(home.path()).args(["history", "--json"]).output();
    let told = Ran::from(told.unwrap()).exits(0).json();
    assert_eq!(told["warnings"][0]["code"], "journal_key_changed", "{told}");

    std::fs::remove_file(&journal).unwrap();
    let foreign = foreign_database(&journal);
    for has_key in [true, false] {
        if !has_key {
            std::fs::remove_file(&key).unwrap();
        }
        let ran = history(home.path()).exits(1);
        for part in ["belongs to another program", "move "] {
            assert!(ran.stderr.contains(part), "{part}: {ran:?}");
        }
        assert_eq!(std::fs::read(&journal).unwrap(), foreign, "it is unchanged");
    }

    std::fs::write(&journal, whole).unwrap();
    let _lock = exclusive(&journal);
    let run = roomkey(home.path())
        .args(["history", "--timeout", "1"])
        .output();
    let ran = Ran::from(run.unwrap()).exits(1);
    assert!(
        ran.stderr
            .contains("record.sqlite3 is locked by another program: "),
        "{ran:?}"
    );
    assert!(ran.stderr.contains("close the program"), "{ran:?}");
}

/// Another program's database in the place of the journal; its content.
fn foreign_database(journal: &Path) -> Vec<u8> {
    use sqlx::{ConnectOptions as _, Connection as _};

    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    runtime.block_on(async {
        let options = sqlx::sqlite::SqliteConnectOptions::new().filename(journal);
        let mut other = options.create_if_missing(true).connect().await.unwrap();
        sqlx::query("CREATE TABLE bookmarks (url TEXT)")
            .execute(&mut other)
            .await
            .unwrap();
        other.close().await.unwrap();
    });
    std::fs::read(journal).unwrap()
}

/// Another program that keeps the journal for itself.
pub(crate) fn exclusive(journal: &Path) -> impl Sized + 'static {
    locked(journal, "EXCLUSIVE")
}

/// Another program that writes to the journal.
pub(crate) fn writing(journal: &Path) -> impl Sized + 'static {
    locked(journal, "NORMAL")
}

fn locked(journal: &Path, mode: &'static str) -> impl Sized + 'static {
    use sqlx::ConnectOptions as _;

    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    let options = sqlx::sqlite::SqliteConnectOptions::new().filename(journal);
    let options = options.pragma("locking_mode", mode);
    let held = runtime.block_on(async {
        let mut other = options.connect().await.unwrap();
        sqlx::query("BEGIN EXCLUSIVE")
            .execute(&mut other)
            .await
            .unwrap();
        other
    });
    (held, runtime)
}

#[cfg(unix)]
#[test]
fn a_link_in_the_place_of_the_folder_of_locks_is_refused_and_not_followed() {
    let home = new_home();
    let sandbox = home.path().join("sandbox");
    let precious = tempfile::tempdir().unwrap();
    let file = precious
        .path()
        .join("00000000-0000-4000-8000-000000000000.lock");
    std::fs::write(&file, "mine").unwrap();
    let run = |words: &[&str]| Ran::from(roomkey(home.path()).args(words).output().unwrap());
    run(&["--sandbox", "rooms"]).exits(0);
    let _ = std::fs::remove_dir_all(sandbox.join("desks"));
    std::os::unix::fs::symlink(precious.path(), sandbox.join("desks")).unwrap();
    for words in [
        &["--sandbox", "rooms"][..],
        &["--sandbox", "sandbox", "reset"],
    ] {
        let ran = run(words);
        assert_ne!(ran.code, 0, "{ran:?}");
        assert!(ran.stderr.contains("desks"), "{ran:?}");
    }
    assert!(file.exists());
}

#[test]
fn a_file_that_is_no_hotel_is_refused_before_it_is_changed() {
    let home = new_home();
    let file = home.path().join("notes.txt");
    std::fs::write(&file, "hello").unwrap();
    let path = file.to_str().unwrap();
    let serve = ["sandbox", "serve", "--port", "0", "--state", path];
    let ran = Ran::from(roomkey(home.path()).args(serve).output().unwrap());
    assert_ne!(ran.code, 0, "{ran:?}");
    assert!(ran.stderr.contains("name another file"), "{ran:?}");
    assert_eq!(std::fs::read_to_string(&file).unwrap(), "hello");
    assert!(!home.path().join("notes.txt.lock").exists());
}

#[test]
fn reset_deletes_only_what_the_tool_made() {
    let home = new_home();
    let sandbox = home.path().join("sandbox");
    let issue = [
        "--sandbox",
        "issue",
        "--room",
        "101",
        "--guest",
        "A B <a@example.com>",
        "--nights",
        "1",
    ];
    let run =
        |words: &[&str]| Ran::from(roomkey(home.path()).args(words).output().unwrap()).exits(0);
    run(&issue);
    std::fs::write(sandbox.join("notes.txt"), "mine").unwrap();
    std::fs::create_dir_all(sandbox.join("desks")).unwrap();
    std::fs::write(sandbox.join("desks/plan.lock"), "mine").unwrap();
    let ran = run(&["sandbox", "reset"]);
    assert!(ran.stderr.contains("are still there"), "{ran:?}");
    let names = |folder: &Path| {
        let entries = std::fs::read_dir(folder).unwrap();
        let mut names: Vec<_> = entries
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .collect();
        names.sort();
        names
    };
    assert_eq!(names(&sandbox), ["desks", "notes.txt"]);
    assert_eq!(names(&sandbox.join("desks")), ["plan.lock"]);
    // Nothing of the former hotel is left that would be in the way of the next.
    run(&issue);
    std::fs::remove_file(sandbox.join("notes.txt")).unwrap();
    std::fs::remove_dir_all(sandbox.join("desks")).unwrap();
    run(&["--sandbox", "sandbox", "reset"]);
    assert!(!sandbox.exists());
}
