//! Every prompt on a terminal: yes goes on, anything else and Enter declines, Ctrl-C ends at once, and what another
//! desk does while the prompt is open is noticed.

use serde_json::json;

use crate::support::{Extent, Hotel, Ran, Terminal, sampled, side_by_side};

/// A prompt: how the hotel comes to it, what is typed, how the prompt ends, and the answers.
struct Prompt {
    name: &'static str,
    prepare: fn(&Hotel),
    words: &'static str,
    ends: &'static str,
    yes: &'static str,
    /// How the command ends where the answer is no.
    declined: (i32, &'static str),
}

const DECLINED: (i32, &str) = (6, "not confirmed");
const YES_NO: &str = "[y/N] ";

fn nothing(_: &Hotel) {}

/// Jane has a key that Alan was to share when Seam stopped answering.
fn stopped(hotel: &Hotel) {
    let down = json!({ "path": "/acs/credentials/create", "kind": "503-before", "after": 1, "count": 1000 });
    hotel.fault(&down);
    hotel.told(
        8,
        "issue --room 101 --guest jane@example.com --guest alan@example.com --nights 2 --timeout 0.6 --settle 0.2",
    );
    hotel.control("DELETE", "faults", &serde_json::Value::Null);
}

/// Three arrivals.
fn file(hotel: &Hotel) {
    let text = "guest,email,room,nights\n\
        Jane Doe,jane@example.com,101,1\n\
        Alan Turing,alan@example.com,102,1\n";
    std::fs::write(hotel.file("arrivals.csv"), text).unwrap();
}

const PROMPTS: [Prompt; 9] = [
    Prompt {
        name: "issue --replace",
        prepare: nothing,
        words: "issue --room 110 --guest jane@example.com --nights 1 --replace",
        ends: YES_NO,
        yes: "y",
        declined: DECLINED,
    },
    Prompt {
        name: "return-guest",
        prepare: nothing,
        words: "return-guest --room 102 --guest grace@example.com --nights 1",
        ends: YES_NO,
        yes: "yes",
        declined: DECLINED,
    },
    Prompt {
        name: "join",
        prepare: nothing,
        words: "join --room 110 --guest jane@example.com",
        ends: YES_NO,
        yes: "Y",
        declined: DECLINED,
    },
    Prompt {
        name: "update",
        prepare: nothing,
        words: "update --guest grace@example.com --also Pool",
        ends: YES_NO,
        yes: "y",
        declined: DECLINED,
    },
    Prompt {
        name: "revoke",
        prepare: nothing,
        words: "revoke --room 110",
        ends: YES_NO,
        yes: "y",
        declined: DECLINED,
    },
    Prompt {
        name: "recover --undo",
        prepare: stopped,
        words: "recover OPERATION --undo",
        ends: YES_NO,
        yes: "y",
        declined: DECLINED,
    },
    Prompt {
        name: "batch",
        prepare: file,
        words: "batch FILE",
        ends: "to go on: ",
        yes: "2",
        declined: DECLINED,
    },
    Prompt {
        name: "a name that differs",
        prepare: nothing,
        words: "issue --room 101 --guest \"John Doe <jane@example.com>\" --nights 1",
        ends: "Enter for none: ",
        yes: "1",
        declined: (6, "belongs to Jane Doe"),
    },
    Prompt {
        name: "guests of one name",
        prepare: nothing,
        words: "issue --room 101 --guest \"Jan de Vries\" --nights 1",
        ends: "Enter for none: ",
        yes: "2",
        declined: (5, "the name of 2 guests"),
    },
];

impl Prompt {
    /// A hotel where the prompt is open.
    fn open(&self) -> (Hotel, Terminal) {
        let hotel = Hotel::open();
        (self.prepare)(&hotel);
        hotel.forget_requests();
        let words = self.words.replace("OPERATION", &open_operation(&hotel));
        let words = words.replace("FILE", &hotel.file("arrivals.csv").display().to_string());
        let mut terminal = Terminal::open(&hotel, &words);
        terminal.until(self.ends);
        (hotel, terminal)
    }
}

/// The short id of the operation that is open; empty where there is none.
fn open_operation(hotel: &Hotel) -> String {
    let shown = hotel.run(&["history", "--json"]).json();
    let operations = shown["data"]["operations"].as_array().unwrap();
    let id = operations
        .first()
        .map(|operation| operation["operation_id"].as_str().unwrap());
    let id = id.unwrap_or_default();
    id[id.len().saturating_sub(12)..].to_owned()
}

fn nothing_was_written(prompt: &Prompt, hotel: &Hotel, ran: &Ran) {
    let told = ran.told();
    assert_eq!(hotel.writes(), [""; 0], "{}: {told}", prompt.name);
    assert!(
        told.contains("Nothing was changed."),
        "{}: {told}",
        prompt.name
    );
    // An operation that was open before is open still, and can be taken up.
    if prompt.words.starts_with("recover") {
        hotel.told(12, "recover");
        hotel.told(0, "recover --all");
    }
}

sampled!(no_and_enter_decline_at_every_prompt);
sampled!(an_interrupt_ends_at_once_at_every_prompt);
sampled!(what_another_desk_changes_while_the_prompt_is_open_is_not_overridden);

#[test]
fn yes_goes_on_at_every_prompt() {
    side_by_side(&PROMPTS, |prompt| {
        let (hotel, mut terminal) = prompt.open();
        terminal.types(prompt.yes);
        let ran = terminal.end();
        assert_eq!(ran.code, 0, "{}: {}", prompt.name, ran.told());
        assert!(!hotel.writes().is_empty(), "{}", prompt.name);
    });
}

fn no_and_enter_decline_at_every_prompt(extent: Extent) {
    let cases = PROMPTS
        .iter()
        .flat_map(|prompt| ["n", ""].map(|answer| (prompt, answer)));
    side_by_side(&extent.of(cases, 3), |(prompt, answer)| {
        let (hotel, mut terminal) = prompt.open();
        terminal.types(answer);
        let ran = terminal.end();
        let (code, text) = prompt.declined;
        let told = ran.told();
        assert_eq!(ran.code, code, "{} {answer:?}: {told}", prompt.name);
        assert!(told.contains(text), "{} {answer:?}: {told}", prompt.name);
        nothing_was_written(prompt, &hotel, &ran);
    });
}

fn an_interrupt_ends_at_once_at_every_prompt(extent: Extent) {
    side_by_side(&extent.of(&PROMPTS, 4), |prompt| {
        let (hotel, mut terminal) = prompt.open();
        terminal.interrupts();
        let ran = terminal.end();
        assert_eq!(ran.code, 130, "{}: {}", prompt.name, ran.told());
        nothing_was_written(prompt, &hotel, &ran);
    });
}

fn what_another_desk_changes_while_the_prompt_is_open_is_not_overridden(extent: Extent) {
    // What is open, and what another desk does meanwhile.
    let cases = [
        (
            "issue --room 110 --guest jane@example.com --nights 1 --replace",
            "issue --room 110 --guest alan@example.com --nights 2 --replace --yes",
        ),
        (
            "issue --room 110 --guest jane@example.com --nights 1 --replace",
            "join --room 110 --guest alan@example.com --yes",
        ),
        (
            "return-guest --room 102 --guest grace@example.com --nights 1",
            "issue --room 102 --guest alan@example.com --nights 2",
        ),
        (
            "join --room 110 --guest jane@example.com",
            "revoke --room 110 --yes",
        ),
        (
            "join --room 110 --guest jane@example.com",
            "issue --room 110 --guest alan@example.com --nights 2 --replace --yes",
        ),
        (
            "update --guest grace@example.com --also Pool",
            "revoke --guest grace@example.com --yes",
        ),
        (
            "update --guest grace@example.com --rooms 102",
            "issue --room 102 --guest alan@example.com --nights 2",
        ),
        (
            "revoke --room 110",
            "join --room 110 --guest alan@example.com --yes",
        ),
        (
            "revoke --room 110",
            "issue --room 110 --guest alan@example.com --nights 2 --replace --yes",
        ),
    ];
    side_by_side(&extent.of(cases, 4), |(words, meanwhile)| {
        let mut hotel = Hotel::open();
        let mut terminal = Terminal::open(&hotel, words);
        terminal.until(YES_NO);
        // The other desk has a journal of its own.
        let here = std::mem::replace(&mut hotel.home, crate::support::new_home());
        hotel.told(0, meanwhile);
        hotel.home = here;
        hotel.forget_requests();
        terminal.types("y");
        let ran = terminal.end();
        let told = ran.told();
        assert_eq!(ran.code, 6, "{words}, {meanwhile}: {told}");
        assert!(
            told.contains("have changed while the question was open"),
            "{words}, {meanwhile}: {told}"
        );
        assert_eq!(hotel.writes(), [""; 0], "{words}, {meanwhile}");
    });
}
