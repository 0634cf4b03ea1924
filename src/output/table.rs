//! Tables for people.

use comfy_table::{Attribute, ColumnConstraint, ContentArrangement, presets};

use crate::stay::text::printable;

/// Columns whose text is never broken: times, and what is typed again.
const WHOLE: [&str; 5] = ["Until", "When", "Command", "Operation", "Setting"];

/// What stands in one field of a table: lines, each clean.
#[derive(Clone, Debug, Default)]
pub struct Cell(String);

impl Cell {
    /// A cell of several lines.
    pub fn lines(lines: &[String]) -> Self {
        let lines: Vec<String> = lines.iter().map(|line| printable(line)).collect();
        Self(lines.join("\n"))
    }
}

impl From<String> for Cell {
    fn from(line: String) -> Self {
        Self(printable(&line))
    }
}

/// Rows under a heading.
#[derive(Clone, Debug, Default)]
pub struct Table {
    header: Vec<String>,
    rows: Vec<Vec<Cell>>,
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
    pub fn row<const N: usize>(&mut self, cells: [impl Into<Cell>; N]) {
        self.rows.push(cells.map(Into::into).to_vec());
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
                .map(|text| comfy_table::Cell::new(text).add_attribute(Attribute::Bold)),
        );
        for row in &self.rows {
            table.add_row(row.iter().map(|cell| &cell.0));
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

    #[test]
    fn a_name_with_a_line_break_stays_in_its_line() {
        let mut table = Table::new(["Room", "Guest"]);
        table.row(["101".to_owned(), "Ada\n102 \u{2028}Eve".to_owned()]);
        let text = table.render(60, false);
        assert!(text.contains("│ 101  ┆ Ada 102  Eve"), "{text}");
        table.row([
            Cell::from("103".to_owned()),
            Cell::lines(&["a".to_owned(), "b\nc".to_owned()]),
        ]);
        assert!(table.render(60, false).contains("┆ b c"));
    }
}
