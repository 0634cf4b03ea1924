//! Files that cannot be read, pipes, and other forms.

use std::io::Write as _;
use std::process::Stdio;

use super::{Group, leaves};
use crate::support::Ran;

#[test]
fn a_file_that_cannot_be_used_is_told_by_name_and_with_the_remedy() {
    let group = Group::new("");
    let told = group.run(&["--yes"]).exits(2);
    assert!(told.stderr.contains("is empty"), "{}", told.stderr);
    group.write("colour,size\nred,3\n");
    let told = group.run(&["--yes"]).exits(2);
    assert!(
        told.stderr.contains("colour") && told.stderr.contains("room"),
        "{}",
        told.stderr
    );
    let folder = group.hotel.home.path().display().to_string();
    let told = group.hotel.run(&["batch", &folder, "--yes"]).exits(2);
    assert!(told.stderr.contains("folder"), "{}", told.stderr);
    let told = group.hotel.run(&["batch", "no-such.csv", "--yes"]).exits(2);
    assert!(told.stderr.contains("no-such.csv"), "{}", told.stderr);
    group.write("guest,email,room,departure\nA,a@example.com,101,03/04/2027\n");
    let told = group.run(&["--yes"]).exits(3);
    assert!(told.stdout.contains("--date-format"), "{}", told.stdout);
    assert_eq!(group.hotel.writes(), Vec::<String>::new());
}

fn piped(group: &Group, text: &str, words: &[&str]) -> Ran {
    let mut process = group
        .hotel
        .command()
        .args(words)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut stdin = process.stdin.take().unwrap();
    stdin.write_all(text.as_bytes()).unwrap();
    drop(stdin);
    process.wait_with_output().unwrap().into()
}

#[test]
fn rows_come_from_a_pipe_as_json_lines_and_from_a_spreadsheet() {
    let group = Group::new("");
    let text = format!(
        "{{\"reservation\":\"R1\",\"guest\":\"Ada Lovelace\",\"email\":\"ada@example.com\",\"room\":101,\"departure\":\"{}\"}}\n",
        leaves()
    );
    piped(&group, &text, &["batch", "-", "--yes"]).exits(0);
    assert_eq!(group.rooms("ada@example.com"), ["101"]);
    group.write(&format!(
        "\u{feff}Reservierung;Name;E-Mail;Zimmer;Abreise;Notiz\r\nR2;\"Bob\";bob@example.com;102;{};\"zwei\r\nZeilen\"\r\n",
        leaves()
    ));
    let told = group.told(&["--yes"]);
    assert_eq!(told.code, 0, "{:#?} {}", told.rows, told.summary);
    assert_eq!(group.rooms("bob@example.com"), ["102"]);
}
