//! Tables for people.

use comfy_table::{Attribute, ColumnConstraint, ContentArrangement, TableStyle, Width, presets};

use crate::stay::text::printable;

/// Headings of the columns whose text stays in one line where the width allows it: times, and words that people type
/// again.
const WHOLE: [&str; 5] = ["Until", "When", "Command", "Operation", "Setting"];

/// The longest word, in characters, that is never broken. Ids and API paths are shorter; paths of files may be longer.
const LONGEST_WORD: usize = 40;

/// One field of a table: one or more lines without control characters.
#[derive(Clone, Debug, Default)]
pub struct Cell(String);

impl Cell {
    /// Returns a cell with these lines.
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

/// Rows under headings.
#[derive(Clone, Debug, Default)]
pub struct Table {
    header: Vec<String>,
    rows: Vec<Vec<Cell>>,
}

impl Table {
    /// Returns an empty table with these headings.
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

    /// Returns true if the table has no rows.
    pub fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// Returns the table as text of at most `width` columns, with a line break at its end.
    ///
    /// A word is broken only if it is longer than [`LONGEST_WORD`]. Where the columns need more space than there is,
    /// each row becomes a group of lines, one for each field.
    pub(super) fn render(&self, width: u16, color: bool) -> String {
        let columns = 0..self.header.len();
        let broken: Vec<usize> = columns
            .map(|column| self.longest(column, &[' ', '\n']).min(LONGEST_WORD))
            .collect();
        let mut whole = broken.clone();
        for (column, heading) in self.header.iter().enumerate() {
            if WHOLE.contains(&heading.as_str()) {
                whole[column] = self.longest(column, &['\n']);
            }
        }
        // Each column has a space on both sides and a border; one more border closes the table.
        let fits =
            |widths: &[usize]| widths.iter().map(|w| w + 3).sum::<usize>() < usize::from(width);
        let table = if fits(&whole) {
            self.columns(&whole, width, color)
        } else if fits(&broken) {
            self.columns(&broken, width, color)
        } else {
            self.stacked(width, color)
        };
        format!("{}\n", table.trim_fmt())
    }

    /// Returns the width of the widest part of a column, in characters, where its texts are split at these characters.
    fn longest(&self, column: usize, breaks: &[char]) -> usize {
        let cells = self.rows.iter().map(|row| row[column].0.as_str());
        std::iter::once(self.header[column].as_str())
            .chain(cells)
            .flat_map(|text| text.split(breaks))
            .map(|part| part.chars().count())
            .max()
            .unwrap_or_default()
    }

    /// Returns the usual form: the headings, and a line for each row. `least`: the width of each column's text.
    fn columns(&self, least: &[usize], width: u16, color: bool) -> comfy_table::Table {
        let mut table = empty(presets::UTF8_FULL_CONDENSED, width, color);
        table.set_header(self.header.iter().map(|text| bold(text)));
        for row in &self.rows {
            table.add_row(row.iter().map(|cell| &cell.0));
        }
        for (index, least) in least.iter().enumerate() {
            let least = u16::try_from(least + 2).unwrap_or(u16::MAX);
            if let Some(column) = table.column_mut(index) {
                column.set_constraint(ColumnConstraint::LowerBoundary(Width::Fixed(least)));
            }
        }
        table
    }

    /// Returns the form for narrow terminals: a line for each field, and an empty line between rows.
    fn stacked(&self, width: u16, color: bool) -> comfy_table::Table {
        let mut table = empty(presets::NOTHING, width, color);
        for (index, row) in self.rows.iter().enumerate() {
            if index > 0 {
                table.add_row(["", ""]);
            }
            let fields = self.header.iter().zip(row);
            for (heading, cell) in fields.filter(|(_, cell)| !cell.0.is_empty()) {
                table.add_row([bold(heading), comfy_table::Cell::new(&cell.0)]);
            }
        }
        if let Some(column) = table.column_mut(0) {
            column
                .set_padding((0, 1))
                .set_constraint(ColumnConstraint::ContentWidth);
        }
        table
    }
}

fn empty(style: TableStyle, width: u16, color: bool) -> comfy_table::Table {
    let mut table = comfy_table::Table::new();
    table
        .load_style(style)
        .set_width(width)
        .set_content_arrangement(ContentArrangement::Dynamic);
    if color {
        table.enforce_styling();
    } else {
        table.force_no_tty();
    }
    table
}

fn bold(text: &str) -> comfy_table::Cell {
    comfy_table::Cell::new(text).add_attribute(Attribute::Bold)
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
    fn no_word_is_broken_and_narrow_tables_are_stacked() {
        let mut table = Table::new(["Room", "Guest", "Key", "When", "Other doors", "State"]);
        table.row([
            "101".to_owned(),
            "Ada Lovelace".to_owned(),
            "shares the room".to_owned(),
            "until Fri 2026-12-04 11:00".to_owned(),
            String::new(),
            "guest must sign in to the app".to_owned(),
        ]);
        for width in [50, 60, 80] {
            let text = table.render(width, false);
            for word in ["Lovelace", "shares", "2026-12-04", "guest", "sign"] {
                assert!(text.contains(word), "{word}: {text}");
            }
            assert_eq!(text.contains('│'), width >= 60, "{text}");
        }
        let text = table.render(50, false);
        assert!(text.starts_with("Room"), "{text}");
        assert!(!text.contains("Other doors"), "{text}");
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
