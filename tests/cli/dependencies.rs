//! Licences, sources and duplicates of the dependencies, as `cargo metadata` tells them.
//!
//! `cargo deny` does the same and more; building it takes longer than all other checks together.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

/// Licences under which a dependency may be used.
const LICENCES: [&str; 12] = [
    "Apache-2.0",
    "Apache-2.0 WITH LLVM-exception",
    "BSD-2-Clause",
    "BSD-3-Clause",
    "BSL-1.0",
    "CDLA-Permissive-2.0", // the certificate authorities of Mozilla
    "ISC",
    "MIT",
    "MIT-0",
    "Unicode-3.0",
    "Unlicense",
    "Zlib",
];

/// Crates of which several versions are known and wait for others to follow.
const DUPLICATES: [&str; 15] = [
    "base64",
    "bit-vec",
    "block-buffer",
    "core-foundation",
    "cpufeatures",
    "crypto-common",
    "digest",
    "getrandom",
    "hashbrown",
    "r-efi",
    "sha2",
    "syn",
    "synstructure",
    "windows-sys",
    "windows-targets",
];

/// Returns whether an SPDX expression is met by the licences allowed. `/` is an old way to write `OR`.
fn is_allowed(expression: &str) -> bool {
    let spaced = expression
        .replace('/', " OR ")
        .replace('(', " ( ")
        .replace(')', " ) ");
    let mut words = spaced.split_whitespace().peekable();
    let met = any_of(&mut words);
    met && words.next().is_none()
}

type Words<'a, 'b> = &'b mut std::iter::Peekable<std::str::SplitWhitespace<'a>>;

fn any_of(words: Words<'_, '_>) -> bool {
    let mut met = all_of(words);
    while words.next_if_eq(&"OR").is_some() {
        met |= all_of(words);
    }
    met
}

fn all_of(words: Words<'_, '_>) -> bool {
    let mut met = one(words);
    while words.next_if_eq(&"AND").is_some() {
        met &= one(words);
    }
    met
}

fn one(words: Words<'_, '_>) -> bool {
    if words.next_if_eq(&"(").is_some() {
        let met = any_of(words);
        return words.next() == Some(")") && met;
    }
    let mut licence = words.next().unwrap_or_default().to_owned();
    if words.next_if_eq(&"WITH").is_some() {
        licence = format!("{licence} WITH {}", words.next().unwrap_or_default());
    }
    LICENCES.contains(&&licence[..])
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
    let mut versions: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    let mut wrong = vec![];
    for package in packages() {
        let text = |name: &str| package[name].as_str().unwrap_or_default().to_owned();
        let (name, source) = (text("name"), package["source"].as_str());
        if !is_allowed(&text("license")) {
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
        if versions.len() > 1 && !DUPLICATES.contains(&&name[..]) {
            wrong.push(format!(
                "{name}: several versions, {versions:?}; use one, or add it to DUPLICATES"
            ));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn a_licence_is_met_as_it_is_written() {
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
        assert_eq!(is_allowed(expression), met, "{expression}");
    }
}
