//! What typed and pasted text has in common.

/// The longest piece of somebody's input that an error repeats, in characters.
const EXCERPT: usize = 60;

/// Trims, folds every run of white space to one space and drops invisible marks, which come along
/// when a name or a number is pasted from an address book.
pub(crate) fn fold(text: &str) -> String {
    let visible: String = text.chars().filter(|c| !is_invisible_mark(*c)).collect();
    visible.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Direction marks, zero-width spaces and the byte order mark. Joiners (U+200C, U+200D) stay: some
/// scripts spell names with them.
fn is_invisible_mark(c: char) -> bool {
    matches!(c, '\u{200B}' | '\u{200E}' | '\u{200F}' | '\u{202A}'..='\u{202E}'
        | '\u{2060}' | '\u{2066}'..='\u{2069}' | '\u{FEFF}')
}

/// The input as an error may repeat it: short and without control characters.
pub(crate) fn excerpt(text: &str) -> String {
    let mut chars = text
        .trim()
        .chars()
        .map(|c| if c.is_control() { '\u{FFFD}' } else { c });
    let mut short: String = chars.by_ref().take(EXCERPT).collect();
    if chars.next().is_some() {
        short.push('…');
    }
    short
}

/// True where `text` has the form of `pattern`: `d` stands for one digit, the rest for itself.
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
    use super::*;

    #[test]
    fn pasted_marks_and_odd_spaces_go() {
        assert_eq!(fold("\u{202A} Jane\u{A0}\t Doe\u{202C} "), "Jane Doe");
        assert_eq!(fold("می\u{200C}نا"), "می\u{200C}نا");
    }

    #[test]
    fn an_excerpt_is_short_and_printable() {
        assert_eq!(excerpt(" 1\u{1b}[2J "), "1\u{FFFD}[2J");
        assert_eq!(excerpt(&"x".repeat(61)), "x".repeat(60) + "…");
    }
}
