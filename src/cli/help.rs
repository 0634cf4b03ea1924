//! `help`: on commands, and on what no single command explains.

use clap::CommandFactory as _;

use super::{Answer, Cli, Done};
use crate::failure::{EXITS, Failure, Kind};
use crate::output::Ui;

/// Help on a command or a topic.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// A command, or `exit-codes`, `times`, `profiles`.
    topic: Vec<String>,
}

const TIMES: &str = "\
Times are the hotel's, wherever the PC stands.

  2026-12-01              a day: from the check-in hour, until the check-out hour
  \"2026-12-01 15:00\"      a day and an hour
  2026-12-01T15:00:00+01:00   an instant, with its offset
  now, today, tonight, tomorrow, friday, +2d   with or without an hour: \"friday 12:00\"

Without --from a key starts now. Nights count from the hotel's day, which begins at 04:00: at one in
the morning, --nights 1 ends this morning. An hour that the clock skips or runs through twice is an
error that names both readings.
";

const PROFILES: &str = "\
The file config.toml (`roomkey config show` tells where) keeps what a hotel sets once:

  default_profile = \"harbour\"

  [profiles.harbour]
  name = \"Harbour Hotel\"
  workspace = \"…\"            # the API key must belong to it
  system = \"Harbour Hotel\"   # the Visionline system, by name or id
  credential_manager = \"…\"   # by id
  time_zone = \"Europe/Berlin\"
  check_in = \"15:00\"
  check_out = \"11:00\"
  day_starts = \"04:00\"
  also = [\"Gym\"]             # common doors of every new key
  label = \"%ROOMNUM% - %SITENAME%\"
  card_format = \"rfid48\"
  wait = 10                  # seconds the lock system may take to confirm
  timeout = 30               # seconds a call may take with all its tries

An option wins over the environment, the environment over the profile. The API key stands in the
environment alone: SEAM_API_KEY, or SEAM_PERSONAL_ACCESS_TOKEN with SEAM_WORKSPACE_ID.
";

pub(super) fn run(args: &Args) -> Answer {
    let text = match args.topic.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        ["exit-codes"] => exits(),
        ["times"] => TIMES.to_owned(),
        ["profiles"] => PROFILES.to_owned(),
        ref path => command(path)?,
    };
    Ui::out(&text)?;
    Ok(Done::default())
}

fn exits() -> String {
    let lines = EXITS
        .iter()
        .map(|(code, meaning)| format!("{code:>4}  {meaning}\n"));
    lines.collect()
}

fn command(path: &[&str]) -> Result<String, Failure> {
    let mut cli = Cli::command();
    cli.build();
    let mut found = &mut cli;
    for word in path {
        found = found.find_subcommand_mut(word).ok_or_else(|| {
            Failure::new(Kind::Usage, format!("there is no command or topic `{}`", path.join(" ")))
                .hint("`roomkey --help` lists the commands; the topics are exit-codes, times and profiles")
        })?;
    }
    Ok(found.render_long_help().to_string())
}
