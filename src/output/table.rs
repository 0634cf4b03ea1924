//! Tables for people.

use comfy_table::{Attribute, Cell, ColumnConstraint, ContentArrangement, presets};

use super::text::clean;

/// Columns whose text is never broken: times, and what is typed again.
const WHOLE: [&str; 5] = ["Until", "When", "Command", "Operation", "Setting"];

/// Rows under a heading.
#[derive(Clone, Debug, Default)]
pub struct Table {
    header: Vec<String>,
    rows: Vec<Vec<String>>,
}

impl Table {
    /// An empty table with these headings.
    pub fn new<const N: usize>(header: [&str; N]) -> Self {
        Self {
            header: header.map(str::to_owned).to_vec(),
            rows: vec![],
        }
    }

    /// Adds a row.
    pub fn row<const N: usize>(&mut self, cells: [String; N]) {
        self.rows.push(cells.to_vec());
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// The table in so many columns, and a line's end.
    pub(super) fn render(&self, width: u16, color: bool) -> String {
        let mut table = comfy_table::Table::new();
        table
            .load_style(presets::UTF8_FULL_CONDENSED)
            .set_width(width)
            .set_content_arrangement(ContentArrangement::Dynamic);
        if color {
            table.enforce_styling();
        } else {
            table.force_no_tty();
        }
        table.set_header(
            self.header
                .iter()
                .map(|text| Cell::new(text).add_attribute(Attribute::Bold)),
        );
        for row in &self.rows {
            table.add_row(row.iter().map(|text| clean(text)));
        }
        for (index, heading) in self.header.iter().enumerate() {
            if WHOLE.contains(&heading.as_str())
                && let Some(column) = table.column_mut(index)
            {
                column.set_constraint(ColumnConstraint::ContentWidth);
            }
        }
        format!("{}\n", table.trim_fmt())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_table_keeps_to_its_width_and_to_plain_text() {
        let mut table = Table::new(["Room", "Guest"]);
        table.row(["101".to_owned(), "\x1b[31mA very long name ".repeat(9)]);
        let text = table.render(60, false);
        assert!(
            text.lines().all(|line| line.chars().count() <= 60),
            "{text}"
        );
        assert!(!text.contains('\x1b'));
    }
}
