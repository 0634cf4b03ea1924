//! Finds the rows of a file that belong to one stay.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use super::row::Row;
use super::why::Why;
use crate::hotel::{RoomName, Window};

/// The stay of each row of a file.
#[derive(Debug, Default)]
pub(super) struct Stays {
    labels: Vec<String>,
    /// Rows, by index, that belong to the stay of an earlier row only because they name the same room at the same time
    /// (`--same-room-same-stay`).
    pub(super) by_room: BTreeSet<usize>,
}

/// Returns true if two windows have at least one moment in common. The end of a window is not part of it.
fn overlap(a: &Window, b: &Window) -> bool {
    a.starts_at < b.ends_at && b.starts_at < a.ends_at
}

impl Stays {
    /// Groups rows into stays. Rows with the same reservation number are one stay. A row without a number is a stay of its
    /// own, unless `by_room` joins rows that name the same room at the same time. `windows`: the windows of the rows that
    /// make a first key, by index.
    pub(super) fn of(rows: &[Row], windows: &HashMap<usize, Window>, by_room: bool) -> Self {
        let mut stays = Stays::default();
        let mut at: HashMap<&RoomName, Vec<usize>> = HashMap::new();
        for (index, row) in rows.iter().enumerate() {
            let own = match &row.reservation {
                Some(number) => number_label(number),
                None => format!("row {index}"),
            };
            let window = windows.get(&index).filter(|_| row.reservation.is_none());
            let Some(window) = window.filter(|_| by_room) else {
                stays.labels.push(own);
                continue;
            };
            let earlier = row.rooms.iter().filter_map(|room| at.get(room)).flatten();
            let shared = earlier.copied().find(|other| {
                windows
                    .get(other)
                    .is_some_and(|theirs| overlap(window, theirs))
            });
            for room in &row.rooms {
                at.entry(room).or_default().push(index);
            }
            match shared {
                Some(other) => {
                    stays.by_room.insert(index);
                    stays.labels.push(stays.labels[other].clone());
                }
                None => stays.labels.push(own),
            }
        }
        stays
    }

    /// Returns a name for the stay of this row.
    pub(super) fn label(&self, row: usize) -> &str {
        &self.labels[row]
    }

    /// Refuses rows of different stays in one room at the same time. A person must say whether they belong together.
    pub(super) fn refuse_shared_rooms(
        &self,
        rows: &[Row],
        chain: &[usize],
        windows: &HashMap<usize, Window>,
    ) -> Vec<(usize, Why)> {
        let mut at: BTreeMap<&RoomName, Vec<(usize, &Window)>> = BTreeMap::new();
        for &index in chain {
            for room in windows
                .get(&index)
                .into_iter()
                .flat_map(|_| &rows[index].rooms)
            {
                at.entry(room).or_default().push((index, &windows[&index]));
            }
        }
        let mut found: BTreeMap<usize, (String, usize)> = BTreeMap::new();
        for (room, mut there) in at {
            there.sort_by_key(|(index, window)| (window.starts_at, *index));
            let ahead = there.iter().map(|(index, window)| {
                let (starts, ends) = (window.starts_at, window.ends_at);
                (*index, ends.timestamp(), starts.timestamp())
            });
            // The same from the other direction: the windows are reversed, so that the last row comes first.
            let back = there.iter().rev().map(|(index, window)| {
                let (starts, ends) = (window.starts_at, window.ends_at);
                (*index, -starts.timestamp(), -ends.timestamp())
            });
            for (index, other) in self
                .rivals(rows, ahead)
                .into_iter()
                .chain(self.rivals(rows, back))
            {
                found
                    .entry(index)
                    .or_insert_with(|| (room.to_string(), other));
            }
        }
        found
            .into_iter()
            .map(|(index, (room, other))| {
                let numbered =
                    rows[index].reservation.is_some() || rows[other].reservation.is_some();
                (index, Why::rows(clash(&room, rows[other].line, numbered)))
            })
            .collect()
    }

    /// Returns each row that overlaps with an earlier row of another stay, together with that row. `rows_at`: the rows of
    /// one room in the order of their starts, each with its end and its start.
    ///
    /// Of rows that differ only in their times, only the one with the last end is compared, so that thousands of rows of one
    /// stay do not take quadratic time.
    fn rivals(
        &self,
        rows: &[Row],
        rows_at: impl Iterator<Item = (usize, i64, i64)>,
    ) -> Vec<(usize, usize)> {
        let mut found = vec![];
        let mut by_end: BTreeSet<(i64, usize)> = BTreeSet::new();
        let mut last: HashMap<_, (i64, usize)> = HashMap::new();
        for (index, end, begin) in rows_at {
            let row = &rows[index];
            let open = by_end.iter().rev().take_while(|(end, _)| *end > begin);
            let rival = open.map(|(_, other)| *other).find(|other| {
                self.label(*other) != self.label(index) && !share(&rows[*other], row)
            });
            found.extend(rival.map(|other| (index, other)));
            let alike = (self.label(index), &row.reservation, &row.share_with);
            let known = last.entry(alike).or_insert((i64::MIN, index));
            if end > known.0 {
                by_end.remove(known);
                *known = (end, index);
                by_end.insert(*known);
            }
        }
        found
    }
}

/// Returns a name for the stay with this number.
pub(super) fn number_label(number: &str) -> String {
    format!("stay {number}")
}

fn share(a: &Row, b: &Row) -> bool {
    let shares =
        |row: &Row, with: &Row| row.share_with.is_some() && row.share_with == with.reservation;
    shares(a, b) || shares(b, a)
}

fn clash(room: &str, line: u64, numbered: bool) -> String {
    let mut text = format!(
        "room {room} is also in line {line}, for another stay at the same time; correct the room, or, if they share it, write the same reservation number in both rows, or the other reservation under `share_with`"
    );
    if !numbered {
        text += "; for a list without reservation numbers in which one room is one stay, add `--same-room-same-stay`";
    }
    text
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::batch::input;

    fn read(text: &str) -> Vec<Row> {
        let text = format!("reservation,guest,room,nights\n{text}");
        input::read(text.as_bytes(), None, &input::Options::default())
            .unwrap()
            .rows
    }

    /// Returns windows from the day of each row's start and end.
    fn windows(days: &[(i64, i64)]) -> HashMap<usize, Window> {
        let day = |day: i64| chrono::DateTime::from_timestamp(day * 86_400, 0).unwrap();
        let windows = days.iter().map(|(from, until)| Window {
            starts_at: day(*from),
            ends_at: day(*until),
        });
        windows.enumerate().collect()
    }

    #[test]
    fn only_a_number_or_the_persons_word_makes_rows_one_stay() {
        let rows = read("1,A,101,1\n1,B,101,1\n,C,102,1\n,D,102,1\n,E,102,1\n,F,103,1\n");
        let windows = windows(&[(0, 2), (0, 2), (0, 2), (1, 3), (3, 4), (0, 9)]);
        for (by_room, groups) in [(false, [0, 0, 2, 3, 4, 5]), (true, [0, 0, 2, 2, 4, 5])] {
            let stays = Stays::of(&rows, &windows, by_room);
            for (index, first) in groups.into_iter().enumerate() {
                assert_eq!(stays.label(index), stays.label(first), "{index}, {by_room}");
                assert_eq!(
                    stays.by_room.contains(&index),
                    by_room && index == 3,
                    "{index}, {by_room}"
                );
            }
            let labels: BTreeSet<&str> = (0..rows.len()).map(|row| stays.label(row)).collect();
            assert_eq!(labels.len(), if by_room { 4 } else { 5 });
        }
    }

    proptest! {
        /// The result is the same as from a comparison of every row with every other row.
        #[test]
        fn stays_that_share_a_room_are_found(
            stays in proptest::collection::vec((0_u8..5, 0_u8..6, 0_i64..12, 1_i64..6), 1..24)
        ) {
            let rows: Vec<Row> = stays.iter().enumerate().map(|(index, (own, with, ..))| {
                let number = |n: &u8, none: u8| (*n < none).then(|| n.to_string());
                let mut row = read(&format!(",G{index},101,1\n")).remove(0);
                (row.reservation, row.share_with) = (number(own, 4), number(with, 4));
                row
            }).collect();
            let days: Vec<(i64, i64)> = stays.iter().map(|(_, _, from, nights)| (*from, from + nights)).collect();
            let windows = windows(&days);
            let chain: Vec<usize> = (0..rows.len()).collect();
            let stays = Stays::of(&rows, &windows, false);
            let clashes = |a: usize, b: usize| {
                overlap(&windows[&a], &windows[&b])
                    && stays.label(a) != stays.label(b)
                    && !share(&rows[a], &rows[b])
            };
            let wanted: BTreeSet<usize> = chain.iter().copied()
                .filter(|a| chain.iter().any(|b| clashes(*a, *b)))
                .collect();
            let refused = stays.refuse_shared_rooms(&rows, &chain, &windows);
            prop_assert_eq!(refused.iter().map(|(index, _)| *index).collect::<BTreeSet<_>>(), wanted);
        }
    }

    #[test]
    fn two_stays_on_one_room_are_refused_where_they_overlap() {
        let rows = read("1,A,101,1\n2,B,101,1\n,C,102,1\n,D,102,1\n,E,103,1\n,F,103,1\n");
        let windows = windows(&[(0, 2), (2, 3), (0, 2), (1, 3), (0, 2), (2, 3)]);
        let chain: Vec<usize> = (0..rows.len()).collect();
        let stays = Stays::of(&rows, &windows, false);
        let mut refused = stays.refuse_shared_rooms(&rows, &chain, &windows);
        refused.sort_by_key(|(index, _)| *index);
        let lines: Vec<usize> = refused.iter().map(|(index, _)| *index).collect();
        assert_eq!(lines, [2, 3], "back to back is no clash");
        let text = refused[0].1.to_string();
        for part in [
            "line 5",
            "reservation number",
            "`share_with`",
            "--same-room-same-stay",
        ] {
            assert!(text.contains(part), "{text}");
        }
        let stays = Stays::of(&rows, &windows, true);
        assert!(
            stays
                .refuse_shared_rooms(&rows, &chain, &windows)
                .is_empty()
        );
    }
}
