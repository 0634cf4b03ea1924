//! Tables for people.

use comfy_table::{Attribute, ColumnConstraint, ContentArrangement, TableStyle, Width, presets};

use crate::hotel::text::printable;

/// Headings of the columns whose text stays in one line where the width allows it: times, and words that people type
/// again.
const WHOLE: [&str; 5] = ["Until", "When", "Command", "Operation", "Setting"];

/// The longest word, in characters, that is never broken. Ids and API paths are shorter; paths of files may be longer.
const LONGEST_WORD: usize = 48;

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
    pub fn new<'a>(header: impl IntoIterator<Item = &'a str>) -> Self {
        Self {
            header: header.into_iter().map(str::to_owned).collect(),
            rows: vec![],
        }
    }

    /// Adds a row.
    pub fn row(&mut self, cells: impl IntoIterator<Item: Into<Cell>>) {
        self.rows.push(cells.into_iter().map(Into::into).collect());
    }

    /// Returns true if the table has no rows.
    pub fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// Returns the table as text of at most `width` columns, with a line break at its end.
    ///
    /// A word is broken only if it is longer than [`LONGEST_WORD`]. If the columns need more space than there is, each
    /// row becomes a group of lines, one for each field.
    pub(super) fn render(&self, width: u16, color: bool) -> String {
        let all = 0..self.header.len();
        let lines: Vec<usize> = all.map(|column| self.longest(column, &['\n'])).collect();
        let words: Vec<usize> = (0..self.header.len())
            .map(|column| self.longest(column, &[' ', '\n']).min(LONGEST_WORD))
            .collect();
        let whole: Vec<usize> = (0..self.header.len())
            .map(|column| {
                if WHOLE.contains(&self.header[column].as_str()) {
                    lines[column]
                } else {
                    words[column]
                }
            })
            .collect();
        // Each column has a space on both sides and a border; one more border closes the table.
        let space = usize::from(width).saturating_sub(3 * self.header.len() + 1);
        let table = [whole, words]
            .into_iter()
            .find(|least| least.iter().sum::<usize>() <= space)
            .map_or_else(
                || self.stacked(width, color),
                |least| self.columns(&widths(least, &lines, space), width, color),
            );
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

    /// Returns the usual form: the headings, and a line for each row. `widths`: the width of each column's text.
    fn columns(&self, widths: &[usize], width: u16, color: bool) -> comfy_table::Table {
        let mut table = empty(presets::UTF8_FULL_CONDENSED, width, color);
        table.set_header(self.header.iter().map(|text| bold(text)));
        for row in &self.rows {
            table.add_row(row.iter().map(|cell| &cell.0));
        }
        for (index, width) in widths.iter().enumerate() {
            let padded = u16::try_from(width + 2).unwrap_or(u16::MAX);
            if let Some(column) = table.column_mut(index) {
                column.set_constraint(ColumnConstraint::Absolute(Width::Fixed(padded)));
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

/// Distributes `space` characters over columns. `least`: the smallest width of each, which all fit. `lines`: the widths at
/// which no line is broken. The column whose texts need the most lines is widened first.
fn widths(least: Vec<usize>, lines: &[usize], space: usize) -> Vec<usize> {
    let mut widths = least;
    let mut left = space - widths.iter().sum::<usize>();
    while left > 0 {
        let narrow = (0..widths.len()).filter(|column| widths[*column] < lines[*column]);
        let Some(column) =
            narrow.max_by_key(|column| lines[*column] * 1000 / widths[*column].max(1))
        else {
            break;
        };
        widths[column] += 1;
        left -= 1;
    }
    widths
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
