//! What has an effect from outside the command line stands in the README.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

/// What libraries read of their own accord: proxies and certificates, folders, colours.
const LIBRARIES: &[&str] = &[
    "SSL_CERT_DIR",
    "HOME",
    "XDG_CONFIG_HOME",
    "XDG_STATE_HOME",
    "XDG_DATA_HOME",
    "APPDATA",
    "LOCALAPPDATA",
    "USERPROFILE",
    "TERM",
    "CLICOLOR",
    "CLICOLOR_FORCE",
    "COLORTERM",
    "CI",
    "TMPDIR",
    "TMP",
    "TEMP",
    "SQLITE_TMPDIR",
    "RUST_BACKTRACE",
    "RUST_MIN_STACK",
];

#[test]
fn the_readme_lists_the_variables_that_are_read_and_no_others() {
    let readme =
        std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/README.md")).unwrap();
    let settings = readme.split("\n## Settings\n").nth(1).unwrap();
    let settings = settings.split("\n##").next().unwrap();
    let rows = settings.lines().filter(|line| line.starts_with("| `"));
    let names = rows.flat_map(|row| row.split('|').nth(1).unwrap().split('`').skip(1).step_by(2));
    let listed: BTreeSet<&str> = names.collect();
    let read: BTreeSet<&str> = roomkey::config::VARIABLES
        .iter()
        .chain(LIBRARIES)
        .copied()
        .collect();
    assert_eq!(listed, read);
}

/// Code that ships: without test modules.
fn shipped(folder: &Path, found: &mut Vec<(PathBuf, String)>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_str().unwrap();
        if path.is_dir() && name != "tests" {
            shipped(&path, found);
        } else if path.extension().is_some_and(|end| end == "rs") && name != "tests.rs" {
            let text = std::fs::read_to_string(&path).unwrap();
            let text = text.split("#[cfg(test)]\nmod tests {").next().unwrap();
            found.push((path, text.to_owned()));
        }
    }
}

#[test]
fn the_environment_is_read_in_one_place_and_no_option_is_hidden() {
    let mut found = vec![];
    shipped(
        Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/src")),
        &mut found,
    );
    assert!(found.len() > 100);
    let mut reads = 0;
    for (path, text) in found {
        let is_the_place = path.ends_with("config/environment.rs");
        for word in ["env::var", "option_env!", "env = ", "hide = true"] {
            let count = text.matches(word).count();
            reads += count;
            assert!(count == 0 || is_the_place, "`{word}` in {}", path.display());
        }
    }
    assert_eq!(reads, 1, "the place itself was not found");
}
