//! Where the results go.

use super::{Group, newcomers};

#[test]
fn results_never_replace_the_input_or_something_that_is_no_file() {
    let group = Group::new(&newcomers(2));
    let input = group.hotel.file("arrivals.csv");
    let before = std::fs::read(&input).unwrap();
    let folder = group.hotel.home.path().display().to_string();
    let mut bad = vec![group.file.clone(), folder.clone()];
    // Each of these would be read as roomkey's own file by the next command.
    bad.extend(["config.toml", "record.sqlite3"].map(|name| format!("{folder}/{name}")));
    #[cfg(unix)]
    {
        bad.push("/dev/null".to_owned());
        let (soft, hard) = (group.hotel.file("soft.csv"), group.hotel.file("hard.csv"));
        std::os::unix::fs::symlink(&input, &soft).unwrap();
        std::fs::hard_link(&input, &hard).unwrap();
        let broken = group.hotel.file("broken.csv");
        std::os::unix::fs::symlink("nothing.csv", &broken).unwrap();
        bad.extend([soft, hard, broken].map(|path| path.display().to_string()));
    }
    for out in &bad {
        let ran = group.run(&["--yes", "--overwrite", "--out", out]).exits(2);
        assert!(ran.stderr.contains("--out"), "{out}: {}", ran.stderr);
    }
    assert_eq!(group.hotel.arrived(), 0);
    assert_eq!(std::fs::read(&input).unwrap(), before);
}

#[test]
fn a_folder_that_does_not_exist_is_told_before_anything_is_sent() {
    let group = Group::new(&newcomers(2));
    for more in [&["--yes"][..], &["--dry-run"]] {
        let out = ["--out", "/nonexistent/x.csv"];
        let ran = group.run(&[more, &out].concat()).exits(1);
        for part in [
            "the folder /nonexistent cannot be written to",
            "Nothing was sent.",
            "name another file with `--out`",
        ] {
            assert!(ran.stderr.contains(part), "{part}: {}", ran.stderr);
        }
        assert!(!ran.stderr.contains(".tmp"), "{}", ran.stderr);
    }
    assert_eq!(group.hotel.arrived(), 0);
}

#[test]
fn a_file_of_somebody_else_is_replaced_only_where_that_is_said() {
    let group = Group::new(&newcomers(1));
    let out = group.hotel.file("bookings.csv");
    std::fs::write(&out, "name,room\nJane,101\n").unwrap();
    let name = out.display().to_string();
    let ran = group.run(&["--yes", "--out", &name]).exits(6);
    assert!(ran.stderr.contains("--overwrite"), "{}", ran.stderr);
    assert_eq!(
        std::fs::read_to_string(&out).unwrap(),
        "name,room\nJane,101\n"
    );
    assert_eq!(group.hotel.arrived(), 0);
    group
        .run(&["--yes", "--out", &name, "--overwrite"])
        .exits(0);
    assert!(
        std::fs::read_to_string(&out)
            .unwrap()
            .starts_with("line,reservation,")
    );
    // From here on the file is the tool's own, in either form.
    group.run(&["--yes", "--out", &name]).exits(0);
    let lines = group.hotel.file("r.jsonl").display().to_string();
    for _ in 0..2 {
        group.run(&["--yes", "--out", &lines]).exits(0);
    }
}
