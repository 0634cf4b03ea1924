//! Licences, sources and duplicates of the dependencies, by the rules of `.ci/deny.toml`, as `cargo metadata` tells them.
//!
//! `cargo deny` does the same and more; building it takes longer than all other checks together.

use std::collections::{BTreeMap, BTreeSet};

use serde::Deserialize;
use serde_json::Value;

/// The part of the rules that is checked here.
#[derive(Deserialize)]
struct Rules {
    licenses: Licences,
    bans: Bans,
}

#[derive(Deserialize)]
struct Licences {
    /// Licences under which a dependency may be used.
    allow: BTreeSet<String>,
}

#[derive(Deserialize)]
struct Bans {
    /// Crates of which there may be several versions.
    skip: BTreeSet<String>,
}

fn rules() -> Rules {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/.ci/deny.toml");
    toml::from_str(&std::fs::read_to_string(path).unwrap()).unwrap()
}

/// Returns whether an SPDX expression is met by the licences allowed. `/` is an old way to write `OR`.
fn is_allowed(allowed: &BTreeSet<String>, expression: &str) -> bool {
    let spaced = expression
        .replace('/', " OR ")
        .replace('(', " ( ")
        .replace(')', " ) ");
    let mut words = spaced.split_whitespace().peekable();
    let met = any_of(allowed, &mut words);
    met && words.next().is_none()
}

type Words<'a, 'b> = &'b mut std::iter::Peekable<std::str::SplitWhitespace<'a>>;

fn any_of(allowed: &BTreeSet<String>, words: Words<'_, '_>) -> bool {
    let mut met = all_of(allowed, words);
    while words.next_if_eq(&"OR").is_some() {
        met |= all_of(allowed, words);
    }
    met
}

fn all_of(allowed: &BTreeSet<String>, words: Words<'_, '_>) -> bool {
    let mut met = one(allowed, words);
    while words.next_if_eq(&"AND").is_some() {
        met &= one(allowed, words);
    }
    met
}

fn one(allowed: &BTreeSet<String>, words: Words<'_, '_>) -> bool {
    if words.next_if_eq(&"(").is_some() {
        let met = any_of(allowed, words);
        return words.next() == Some(")") && met;
    }
    let mut licence = words.next().unwrap_or_default().to_owned();
    if words.next_if_eq(&"WITH").is_some() {
        licence = format!("{licence} WITH {}", words.next().unwrap_or_default());
    }
    allowed.contains(&licence)
}

/// The packages of `Cargo.lock`, for all platforms.
fn packages() -> Vec<Value> {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let ran = std::process::Command::new(cargo)
        .args(["metadata", "--format-version", "1", "--locked"])
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .output()
        .unwrap();
    assert!(
        ran.status.success(),
        "{}",
        String::from_utf8_lossy(&ran.stderr)
    );
    let metadata: Value = serde_json::from_slice(&ran.stdout).unwrap();
    metadata["packages"].as_array().unwrap().clone()
}

#[test]
fn dependencies_have_known_licences_and_sources_and_no_new_duplicates() {
    let rules = rules();
    let mut versions: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    let mut wrong = vec![];
    for package in packages() {
        let text = |name: &str| package[name].as_str().unwrap_or_default().to_owned();
        let (name, source) = (text("name"), package["source"].as_str());
        if !is_allowed(&rules.licenses.allow, &text("license")) {
            wrong.push(format!("{name}: the licence is `{}`", text("license")));
        }
        if source
            .is_some_and(|source| source != "registry+https://github.com/rust-lang/crates.io-index")
        {
            wrong.push(format!("{name}: it is not from crates.io"));
        }
        versions.entry(name).or_default().insert(text("version"));
    }
    assert!(versions.len() > 100);
    for (name, versions) in &versions {
        if versions.len() > 1 && !rules.bans.skip.contains(name) {
            wrong.push(format!(
                "{name}: several versions, {versions:?}; use one, or add it to `skip` in .ci/deny.toml"
            ));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn a_licence_is_met_as_it_is_written() {
    let allowed = rules().licenses.allow;
    for (expression, met) in [
        ("MIT", true),
        ("GPL-3.0", false),
        ("", false),
        ("MIT/Apache-2.0", true),
        ("MIT OR GPL-3.0", true),
        ("MIT AND GPL-3.0", false),
        ("(MIT OR GPL-3.0) AND Unicode-3.0", true),
        ("Apache-2.0 WITH LLVM-exception OR GPL-3.0", true),
        ("Apache-2.0 WITH Classpath-exception-2.0", false),
        ("MIT)", false),
    ] {
        assert_eq!(is_allowed(&allowed, expression), met, "{expression}");
    }
}
