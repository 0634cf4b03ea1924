//! One record's columns as text, before they are understood.

use super::column::Column;

/// How many columns there are.
const COLUMNS: usize = Column::OldRoom as usize + 1;

/// What stands in the columns of one record. Only columns that are read ever come in here.
#[derive(Default)]
pub(super) struct Fields {
    texts: [Option<String>; COLUMNS],
    utc: [bool; COLUMNS],
}

impl Fields {
    /// Keeps a field, unless it is blank. Exports write `-` and `n/a` where there is nothing. True where the
    /// column has a text already.
    pub(super) fn put(&mut self, column: Column, text: &str, utc: bool) -> bool {
        let text = text.trim();
        if is_blank(text) {
            return false;
        }
        let index = column as usize;
        self.utc[index] = utc;
        self.texts[index].replace(text.to_owned()).is_some()
    }

    /// The text of a column, where there is one.
    pub(super) fn get(&self, column: Column) -> Option<&str> {
        self.texts[column as usize].as_deref()
    }

    /// True where an hour without an offset is in UTC.
    pub(super) fn is_utc(&self, column: Column) -> bool {
        self.utc[column as usize]
    }
}

/// Nothing, or what exports write for it.
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
