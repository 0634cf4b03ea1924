//! The columns of one record, as text.

use super::column::Column;

/// The number of columns.
const COLUMNS: usize = Column::OldRoom as usize + 1;

/// The texts of one record by column. Columns that are not read are never stored.
#[derive(Default)]
pub(super) struct Fields {
    texts: [Option<String>; COLUMNS],
    utc: [bool; COLUMNS],
}

impl Fields {
    /// Stores a field, unless it is blank, `-` or `n/a`, which exports write for empty fields. Returns true if the column
    /// already has a text.
    pub(super) fn put(&mut self, column: Column, text: &str, utc: bool) -> bool {
        let text = text.trim();
        if is_blank(text) {
            return false;
        }
        let index = column as usize;
        self.utc[index] = utc;
        self.texts[index].replace(text.to_owned()).is_some()
    }

    /// Returns the text of a column; `None` if it is blank.
    pub(super) fn get(&self, column: Column) -> Option<&str> {
        self.texts[column as usize].as_deref()
    }

    /// Returns true if hours without an offset are in UTC.
    pub(super) fn is_utc(&self, column: Column) -> bool {
        self.utc[column as usize]
    }
}

/// Returns true for an empty text, and for the texts that exports write for empty fields.
fn is_blank(text: &str) -> bool {
    text.is_empty() || text == "-" || text.eq_ignore_ascii_case("n/a")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blanks_are_nothing() {
        let mut fields = Fields::default();
        for text in ["", "  ", "-", "N/A"] {
            assert!(!fields.put(Column::Room, text, false));
        }
        assert_eq!(fields.get(Column::Room), None);
        assert!(!fields.put(Column::Room, " 0101 ", false));
        assert_eq!(fields.get(Column::Room), Some("0101"));
        assert!(fields.put(Column::Room, "102", false));
    }
}
