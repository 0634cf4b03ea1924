//! Functions for text that is typed, pasted or printed.

use unicode_normalization::UnicodeNormalization as _;

/// The maximum length of an input that an error message quotes, in characters.
const EXCERPT: usize = 60;

/// Trims a text, replaces every run of white space with one space, removes invisible marks, and composes accents
/// (NFC). Invisible marks are often pasted along with a name or number from an address book.
pub(crate) fn fold(text: &str) -> String {
    let visible: String = text.chars().filter(|c| !is_invisible_mark(*c)).collect();
    let words = visible.split_whitespace().collect::<Vec<_>>().join(" ");
    if words.is_ascii() {
        return words;
    }
    words.nfc().collect()
}

/// Returns whether a character is invisible and not white space. Joiners (U+200C, U+200D) and variation selectors are
/// excluded, because names in some scripts need them.
pub(crate) fn is_invisible_mark(c: char) -> bool {
    is_shapeless(c) && !matches!(c, '\u{200C}' | '\u{200D}' | '\u{FE00}'..='\u{FE0F}')
}

/// Matches format characters and letters without a shape: Unicode's `Cf`, `Default_Ignorable_Code_Point`, and the
/// Braille blank. They include the marks that change the direction of a line, and the tags that can hide a whole text.
fn is_shapeless(c: char) -> bool {
    matches!(c, '\u{AD}' | '\u{34F}' | '\u{600}'..='\u{605}' | '\u{61C}' | '\u{6DD}' | '\u{70F}'
        | '\u{890}' | '\u{891}' | '\u{8E2}' | '\u{115F}' | '\u{1160}' | '\u{17B4}' | '\u{17B5}'
        | '\u{180B}'..='\u{180F}' | '\u{200B}'..='\u{200F}' | '\u{202A}'..='\u{202E}'
        | '\u{2060}'..='\u{206F}' | '\u{2800}' | '\u{3164}' | '\u{FE00}'..='\u{FE0F}' | '\u{FEFF}'
        | '\u{FFA0}' | '\u{FFF0}'..='\u{FFFB}' | '\u{110BD}' | '\u{110CD}' | '\u{13430}'..='\u{1343F}'
        | '\u{1BCA0}'..='\u{1BCA3}' | '\u{1D173}'..='\u{1D17A}' | '\u{E0000}'..='\u{E0FFF}')
}

/// Returns whether a character could control a terminal, end a line, change its direction or hide in it.
pub(crate) fn is_unprintable(c: char) -> bool {
    c.is_control() || matches!(c, '\u{2028}' | '\u{2029}') || is_shapeless(c)
}

/// Returns the text as one line that is safe to print on a terminal. Line breaks and tabs become spaces. Other
/// characters that could control the terminal, change the direction of the line or hide in it are removed.
///
/// Every text that may contain an outside value (the name of a guest or door, a server's message, a cell of a file)
/// passes through this function, line by line, before it is printed.
pub(crate) fn printable(text: &str) -> String {
    let breaks = |c| matches!(c, '\t'..='\r' | '\u{85}' | '\u{2028}' | '\u{2029}');
    text.chars()
        .map(|c| if breaks(c) { ' ' } else { c })
        .filter(|c| !is_unprintable(*c))
        .collect()
}

/// Escapes in JSON text everything that [`printable`] would change. The JSON value stays the same.
pub(crate) fn printable_json(json: &str) -> String {
    let mut escaped = String::with_capacity(json.len());
    for c in json.chars() {
        if is_unprintable(c) {
            for unit in c.encode_utf16(&mut [0; 2]) {
                escaped += &format!("\\u{unit:04x}");
            }
        } else {
            escaped.push(c);
        }
    }
    escaped
}

/// Returns input in the form in which an error message quotes it: shortened, and with a mark for each unprintable
/// character.
pub(crate) fn excerpt(text: &str) -> String {
    let mut chars = text
        .trim()
        .chars()
        .map(|c| if is_unprintable(c) { '\u{FFFD}' } else { c });
    let mut short: String = chars.by_ref().take(EXCERPT).collect();
    if chars.next().is_some() {
        short.push('…');
    }
    short
}

/// Returns the text with composed accents, and also with decomposed accents if that differs.
pub(crate) fn encodings(text: &str) -> Vec<String> {
    let mut found: Vec<String> = vec![text.nfc().collect(), text.nfd().collect()];
    found.dedup();
    found
}

/// Returns a text as it looks to a reader: full-width letters and digits and other compatibility forms become plain
/// characters (Unicode's NFKC), and invisible marks are removed.
pub(crate) fn plain(text: &str) -> String {
    if text.is_ascii() {
        return text.to_owned();
    }
    let visible = text.chars().filter(|c| !is_shapeless(*c));
    visible.nfkc().collect()
}

/// Returns whether `text` has the form of `pattern`, in which `d` stands for one digit and any other character for
/// itself.
pub(crate) fn shaped(text: &str, pattern: &str) -> bool {
    text.len() == pattern.len()
        && text
            .bytes()
            .zip(pattern.bytes())
            .all(|(byte, form)| match form {
                b'd' => byte.is_ascii_digit(),
                other => byte == other,
            })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// Characters that can forge, reverse or hide lines.
    const HOSTILE: [char; 20] = [
        '\n',
        '\r',
        '\t',
        '\u{1b}',
        '\u{7f}',
        '\u{85}',
        '\u{9b}',
        '\u{ad}',
        '\u{61c}',
        '\u{200b}',
        '\u{200f}',
        '\u{2028}',
        '\u{2029}',
        '\u{202e}',
        '\u{2066}',
        '\u{3164}',
        '\u{feff}',
        '\u{e0041}',
        '\u{e0001}',
        '\u{ffa0}',
    ];

    #[test]
    fn pasted_marks_and_odd_spaces_go() {
        assert_eq!(fold("\u{202A} Jane\u{A0}\t Doe\u{202C} "), "Jane Doe");
        assert_eq!(fold("می\u{200C}نا"), "می\u{200C}نا");
        assert_eq!(fold("Zoe\u{308}"), "Zo\u{eb}");
    }

    #[test]
    fn an_excerpt_is_short_and_printable() {
        assert_eq!(excerpt(" 1\u{1b}[2J "), "1\u{FFFD}[2J");
        assert_eq!(excerpt("10\u{200b}1"), "10\u{FFFD}1");
        assert_eq!(excerpt(&"x".repeat(61)), "x".repeat(60) + "…");
    }

    #[test]
    fn nothing_from_outside_forges_or_steers_a_line() {
        for c in HOSTILE {
            let line = printable(&format!("Ada{c}Lovelace"));
            assert!(
                line == "Ada Lovelace" || line == "AdaLovelace",
                "{c:?}: {line:?}"
            );
            let json =
                printable_json(&serde_json::json!({ "name": format!("Ada{c}") }).to_string());
            assert!(json.chars().all(|c| (' '..='~').contains(&c)), "{json}");
        }
        assert_eq!(printable("\x1b]0;x\x07Ada\tL\u{9b}31m"), "]0;xAda L31m");
        assert_eq!(printable("Zoë Ångström 李 José"), "Zoë Ångström 李 José");
    }

    proptest! {
        #[test]
        fn what_is_printed_is_one_line_and_json_keeps_its_value(text in any::<String>()) {
            prop_assert!(!printable(&text).chars().any(is_unprintable));
            let value = serde_json::json!([text]);
            let json = printable_json(&value.to_string());
            prop_assert!(!json.chars().any(is_unprintable));
            prop_assert_eq!(serde_json::from_str::<serde_json::Value>(&json).unwrap(), value);
        }
    }
}
