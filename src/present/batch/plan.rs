//! Tables and sentences about a batch.

use std::collections::{BTreeMap, BTreeSet};

use crate::batch::input::Input;
use crate::batch::job::Ask;
use crate::batch::plan::BatchPlan;
use crate::batch::preview::Preview;
use crate::batch::report::{Totals, Word};
use crate::batch::row::Row;
use crate::batch::settle::Settled;
use crate::failure::Failure;
use crate::hotel::{GuestQuery, RoomName};
use crate::journal::PastBatch;
use crate::present::{Cell, Table, Ui};
use crate::snapshot::hotel_snapshot::HotelSnapshot;

/// The most rows that a table shows. Of the others only the number is printed.
const SHOWN: usize = 200;

/// Prints which columns and rows of the file are not used.
pub(crate) fn notices(ui: &Ui, input: &Input) {
    if !input.unused.is_empty() {
        ui.say(&format!("Columns not read: {}", input.unused.join(", ")));
    }
    let mut skipped: BTreeMap<&str, usize> = BTreeMap::new();
    for row in &input.skipped {
        *skipped.entry(&row.why).or_default() += 1;
    }
    for (why, count) in skipped {
        ui.say(&format!("{} left out: {why}", rows(count)));
    }
    if !input.merged.is_empty() {
        let count = input.merged.len();
        ui.say(&format!(
            "{} left out: the same as an earlier one",
            rows(count)
        ));
    }
}

fn rows(count: usize) -> String {
    plural(count, "row")
}

fn plural(count: usize, what: &str) -> String {
    match count {
        1 => format!("1 {what}"),
        n => format!("{n} {what}s"),
    }
}

/// Prints what the journal has about earlier runs of the file, and returns the warnings for JSON.
pub(crate) fn past(ui: &Ui, past: &PastBatch) -> Vec<(String, String)> {
    let when = past.started_at.map_or_else(
        || "before".to_owned(),
        |at| at.format("on %Y-%m-%d %H:%M UTC").to_string(),
    );
    if past.same {
        let text = if past.ended {
            format!(
                "This file was carried out {when}. Rows that are done are not done again; `--again` does them again"
            )
        } else {
            format!(
                "Going on where the run of {when} stopped. Days such as `today` are the days of that run"
            )
        };
        ui.say(&text);
        return vec![];
    }
    let text = format!(
        "the file has changed since it was carried out {when}: rows that are the same as then count as done, the others are new"
    );
    ui.warn(&text);
    vec![("file_changed".to_owned(), text)]
}

/// Warns about guests who share a contact, and returns warnings for JSON, which name no guest. These also list the rows
/// that `--same-room-same-stay` adds to the stay of an earlier row.
pub(crate) fn shared(
    ui: &Ui,
    rows: &[Row],
    settled: &Settled,
    planned: &BatchPlan,
) -> Vec<(String, String)> {
    let mut warnings = vec![];
    for (index, text) in &settled.shared {
        let line = rows[*index].line;
        ui.warn(&format!("line {line}: {text}"));
        warnings.push((
            "shared_contact".to_owned(),
            format!("line {line}: the guest has the same contact as another guest of the room or reservation, and is kept on record without it"),
        ));
    }
    if !planned.by_room.is_empty() {
        let lines: Vec<String> = planned
            .by_room
            .iter()
            .map(|row| rows[*row].line.to_string())
            .collect();
        warnings.push((
            "same_room_same_stay".to_owned(),
            format!(
                "these lines join the stay of an earlier line because they name the same room: {}",
                lines.join(", ")
            ),
        ));
    }
    warnings
}

/// Returns the number of rooms that a plan changes.
pub(crate) fn rooms(rows: &[Row], planned: &BatchPlan) -> usize {
    let open = planned.jobs.iter().filter(|job| !job.preview.already);
    let rooms: BTreeSet<&str> = open
        .flat_map(|job| &job.rows)
        .flat_map(|row| &rows[*row].rooms)
        .map(RoomName::as_str)
        .collect();
    rooms.len()
}

/// Prints the plan as a table and a line with counts.
pub(crate) fn plan(
    ui: &Ui,
    rows: &[Row],
    planned: &BatchPlan,
    snapshot: &HotelSnapshot,
) -> Result<(), Failure> {
    if ui.json {
        return Ok(());
    }
    let mut table = Table::new(["Line", "Room", "Guest", "What", "Until"]);
    let mut lines: Vec<(u64, [String; 4])> = vec![];
    for job in &planned.jobs {
        let preview = &job.preview;
        for (place, row) in job.rows.iter().map(|row| &rows[*row]).enumerate() {
            let until = match preview.until {
                Some(until) => snapshot.time.show(until),
                None => "-".to_owned(),
            };
            let room: Vec<&str> = row.rooms.iter().map(RoomName::as_str).collect();
            let guest = row
                .guest
                .as_ref()
                .map(|query| match (snapshot.guest(query), query) {
                    (Ok(guest), _) => guest.name.clone(),
                    (Err(_), GuestQuery::New { name, .. }) => name.clone(),
                    (Err(_), other) => other.to_string(),
                });
            let mut what = what(&job.ask, *preview, place);
            if planned.by_room.contains(&job.rows[place]) {
                what += " (no number)";
            }
            lines.push((
                row.line,
                [room.join(", "), guest.unwrap_or_default(), what, until],
            ));
        }
    }
    lines.sort_by_key(|(line, _)| *line);
    let more = lines.len().saturating_sub(SHOWN);
    for (line, [room, guest, what, until]) in lines.into_iter().take(SHOWN) {
        table.row([line.to_string(), room, guest, what, until]);
    }
    if !table.is_empty() {
        ui.table(&table)?;
    }
    if more > 0 {
        ui.say(&format!("and {more} more"));
    }
    ui.say(&counts(rows, planned));
    Ok(())
}

fn what(ask: &Ask, preview: Preview, place: usize) -> String {
    if preview.gone {
        return "taken away since".to_owned();
    }
    if preview.already {
        return "already".to_owned();
    }
    if preview.unsettled {
        return "to be finished".to_owned();
    }
    let also = match preview.replaced {
        0 => String::new(),
        n => format!(", replaces {n}"),
    };
    match ask {
        Ask::Issue if place > 0 || preview.overrides == 0 => "shares the room".to_owned(),
        Ask::Issue => format!("first key{also}"),
        Ask::ReturnGuest => format!("fresh start{also}"),
        Ask::Join { .. } => format!("shares the room{also}"),
        Ask::Update => "changed key".to_owned(),
        Ask::Revoke => format!("revoke {}", plural(preview.revoked, "key")),
    }
}

fn counts(rows: &[Row], planned: &BatchPlan) -> String {
    let sum = |of: fn(&Preview) -> usize| planned.previews().map(of).sum::<usize>();
    let mut parts = vec![];
    for (count, one, several) in [
        (sum(|job| job.overrides), "first key", "first keys"),
        (
            sum(|job| job.joiners),
            "key for a shared room",
            "keys for shared rooms",
        ),
        (sum(|job| job.revoked), "revoked key", "revoked keys"),
        (sum(|job| job.replaced), "replaced key", "replaced keys"),
    ] {
        match count {
            0 => {}
            1 => parts.push(format!("1 {one}")),
            n => parts.push(format!("{n} {several}")),
        }
    }
    let unsettled = planned.previews().filter(|job| job.unsettled).count();
    if unsettled > 0 {
        parts.push(format!("{unsettled} to be finished"));
    }
    let already = planned
        .jobs
        .iter()
        .filter(|job| job.preview.already)
        .map(|job| job.rows.len())
        .sum::<usize>();
    if already > 0 {
        parts.push(format!("{} already done", self::rows(already)));
    }
    if parts.is_empty() {
        parts.push("nothing to do".to_owned());
    }
    format!(
        "{}, {}: {}",
        self::rows(planned.jobs.iter().map(|job| job.rows.len()).sum()),
        plural(self::rooms(rows, planned), "room"),
        parts.join(", ")
    )
}

/// Prints the rows that are not done, and why.
pub(crate) fn problems(
    ui: &Ui,
    problems: &BTreeMap<u64, (Word, Vec<String>)>,
) -> Result<(), Failure> {
    if problems.is_empty() {
        return Ok(());
    }
    let mut table = Table::new(["Line", "Outcome", "Why"]);
    for (line, (word, text)) in problems.iter().take(SHOWN) {
        table.row([
            line.to_string().into(),
            word.describe().to_owned().into(),
            Cell::lines(text),
        ]);
    }
    ui.table(&table)?;
    let more = problems.len().saturating_sub(SHOWN);
    if more > 0 {
        ui.say(&format!("and {more} more"));
    }
    Ok(())
}

/// Returns a sentence with the number of rows for each result.
pub(crate) fn sentence(totals: &Totals) -> String {
    let parts: Vec<String> = Word::ALL
        .into_iter()
        .filter(|word| totals.of(*word) > 0)
        .map(|word| format!("{} {}", totals.of(word), word.describe()))
        .collect();
    format!("{}: {}", rows(totals.rows()), parts.join(", "))
}
