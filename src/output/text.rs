//! What guests and servers wrote is printed without what could steer a terminal.

/// The text without control characters, but for line ends, and without marks that turn or hide letters.
pub fn clean(text: &str) -> String {
    let hides = |c: char| matches!(c, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | '\u{feff}');
    text.chars()
        .filter(|c| *c == '\n' || !(c.is_control() || hides(*c)))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::clean;

    #[test]
    fn nothing_steers_the_terminal() {
        assert_eq!(
            clean("\x1b]0;x\x07Ada\u{202e}\tL\u{9b}31m\n"),
            "]0;xAdaL31m\n"
        );
        assert_eq!(clean("Zoë Ångström 李"), "Zoë Ångström 李");
    }
}
