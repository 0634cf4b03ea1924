//! Generated files are fresh.

use crate::support::roomkey;

#[test]
fn completions_are_those_of_this_command_line() {
    let home = tempfile::TempDir::new().unwrap();
    for shell in ["bash", "zsh", "fish", "powershell", "elvish"] {
        let made = roomkey(home.path())
            .args(["completions", shell])
            .output()
            .unwrap()
            .stdout;
        let path = format!("{}/completions/roomkey.{shell}", env!("CARGO_MANIFEST_DIR"));
        let kept = std::fs::read(&path).unwrap();
        assert!(
            made == kept,
            "stale: `cargo run -- completions {shell} > completions/roomkey.{shell}`"
        );
    }
}

#[test]
fn every_exit_status_in_the_help_stands_in_the_readme() {
    let home = tempfile::TempDir::new().unwrap();
    let help = roomkey(home.path())
        .args(["help", "exit-codes"])
        .output()
        .unwrap()
        .stdout;
    let readme =
        std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/README.md")).unwrap();
    for line in String::from_utf8(help).unwrap().lines() {
        let (code, meaning) = line.trim().split_once("  ").unwrap();
        assert!(
            readme.contains(&format!("| {code} | {} |", meaning.trim())),
            "{line}"
        );
    }
}

/// The commands of the README's examples with their output, in order.
#[cfg(unix)]
fn examples(readme: &str) -> Vec<(String, String)> {
    let mut found: Vec<(String, String)> = vec![];
    let mut inside = false;
    for line in readme.lines() {
        match line.strip_prefix("$ roomkey ") {
            _ if line.starts_with("```") => inside = line == "```console",
            Some(command) if inside => found.push((command.to_owned(), String::new())),
            _ if inside => {
                let (_, output) = found.last_mut().unwrap();
                *output += &format!("{line}\n");
            }
            _ => {}
        }
    }
    found
}

#[cfg(unix)]
#[test]
fn the_readmes_examples_print_what_the_readme_says() {
    let home = tempfile::TempDir::new().unwrap();
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/README.md");
    let readme = std::fs::read_to_string(path).unwrap();
    let examples = examples(&readme);
    assert!(examples.len() >= 6);
    let mut fresh = readme.clone();
    let rows = readme.split("```csv\n").nth(1).unwrap();
    let rows = rows.split("```").next().unwrap();
    std::fs::write(home.path().join("arrivals.csv"), rows).unwrap();
    let control = |words: &[&str]| {
        let words = [&["--sandbox", "sandbox"], words].concat();
        let ran = roomkey(home.path()).args(&words).output().unwrap();
        assert!(ran.status.success(), "{words:?}: {ran:?}");
    };
    control(&["clock", "2026-12-01T14:00:05Z"]);
    control(&["reset"]);
    for (minute, (command, output)) in examples.into_iter().enumerate() {
        let mut shell = std::process::Command::new("sh");
        shell
            .args(["-c", &format!("\"$ROOMKEY\" {command} 2>&1")])
            .current_dir(home.path())
            .env_clear();
        shell
            .env("ROOMKEY", assert_cmd::cargo::cargo_bin!("roomkey"))
            .env("ROOMKEY_HOME", home.path());
        shell.env("COLUMNS", "80");
        control(&["clock", &format!("2026-12-01T14:{minute:02}:05Z")]);
        let ran = shell.output().unwrap().stdout;
        let told = format!("$ roomkey {command}\n{output}");
        fresh = fresh.replacen(
            &told,
            &format!("$ roomkey {command}\n{}", String::from_utf8(ran).unwrap()),
            1,
        );
    }
    if std::env::var_os("ROOMKEY_WRITE_README").is_some() {
        std::fs::write(path, &fresh).unwrap();
    }
    assert!(
        fresh == readme,
        "stale; `ROOMKEY_WRITE_README=1 cargo test readmes` writes:\n{fresh}"
    );
}
