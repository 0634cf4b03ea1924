//! Full names, and the comparison of two spellings of one name.

use unicode_normalization::UnicodeNormalization as _;

use super::text::fold;

/// Suffixes that may follow a full name after a comma and are not a first name.
const SUFFIXES: [&str; 8] = ["jr", "sr", "ii", "iii", "iv", "phd", "md", "esq"];

/// Returns whether both are spellings of the same name. Case, runs of white space, the encoding of accents and the
/// order `Doe, Jane` are ignored.
pub fn same_name(a: &str, b: &str) -> bool {
    canonical(a) == canonical(b)
}

/// Returns the form of a name that is equal for all its spellings.
pub(super) fn canonical(name: &str) -> String {
    usual(name).to_lowercase()
}

/// Returns a name in the form that is usual on record: first name first, with composed accents.
pub(crate) fn usual(name: &str) -> String {
    turn(&fold(name)).nfc().collect()
}

/// Converts `Doe, Jane` to `Jane Doe`, the order in which names are kept on record. A suffix such as `Jr.` stays
/// behind its comma. A name with more commas is not changed.
pub(crate) fn turn(name: &str) -> String {
    let suffix =
        |text: &str| SUFFIXES.contains(&text.trim_end_matches('.').to_lowercase().as_str());
    match name
        .split_once(',')
        .map(|(last, first)| (last.trim(), first.trim()))
    {
        Some((last, first))
            if !last.is_empty()
                && !first.is_empty()
                && !first.contains([',', '@'])
                && !suffix(first) =>
        {
            format!("{first} {last}")
        }
        _ => name.trim().trim_end_matches(',').trim_end().to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spellings_of_one_name_are_equal_and_other_names_are_not() {
        for (a, b, same) in [
            ("Jane Doe", "JANE  doe", true),
            ("Jane Doe", "Doe, Jane", true),
            ("doe,jane", "Jane Doe", true),
            ("Zo\u{eb} M\u{fc}ller", "Zoe\u{308} Mu\u{308}ller", true),
            ("M\u{dc}LLER, ZO\u{cb}", "Zoe\u{308} Mu\u{308}ller", true),
            ("John Doe, Jr.", "John Doe, JR.", true),
            ("John Doe, Jr.", "John Doe", false),
            ("Jane Doe", "John Doe", false),
            ("Jane Doe", "Doe Jane", false),
            ("Jane Doe", "Jane", false),
            ("Zo\u{eb}", "Zoe", false),
        ] {
            assert_eq!(same_name(a, b), same, "{a} | {b}");
            assert_eq!(same_name(b, a), same, "{b} | {a}");
        }
    }
}
