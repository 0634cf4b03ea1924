//! `help`: help on commands, and on topics that concern several commands.

use clap::CommandFactory as _;

use super::{Answer, Cli, Done};
use crate::failure::{EXITS, Failure, Kind};
use crate::present::Ui;

/// Show help on a command or a topic.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// A command, or `exit-codes`, `guests`, `times`, `profiles`.
    topic: Vec<String>,
}

const TIMES: &str = "\
Times are the hotel's, whatever the PC's time zone is.

  2026-12-01  26.11.2026  26 Nov 2026  Nov 26 2026    a day
  26.11.  26 Nov  Nov 26        the next day with this date
  today  tomorrow  fri  friday  +2d    a day from today; fri is one to seven days ahead
  now                           this minute
  tonight                       today's check-in hour, or now if that has passed
  15:00  2pm  \"2:30 pm\"  noon  midnight    an hour of the hotel's clock
  \"2026-12-01 15:00\"  \"26 Nov 2pm\"  \"fri noon\"  \"tonight 20:00\"    a day and an hour
  2026-12-01T15:00:00+01:00     an instant, with its offset

A day without an hour starts at the check-in hour and ends at the check-out hour. An hour without a day
is today's for --from, and the first one after the start for --until. midnight is the next midnight.

A day that can be read in two ways (03/04/2026, 3/4) is an error that names both, and so is 3:00 without am or pm.
When daylight saving begins or ends, the clock skips an hour or repeats it. Such an hour is an error that names the
choices.

Without --from a key starts now. --nights counts from the hotel's day, which begins at 04:00 unless the
profile says otherwise: for a guest who arrives at one in the morning, --nights 1 ends this morning.
";

const GUESTS: &str = "\
Every command takes a guest as --guest, in one of these forms:

  jane@example.com            the guest with this e-mail address
  +491701234567               the guest with this phone number, with the country code
  res:4711                    the guest with this reservation or PMS number (the user_identity_key)
  \"Jane Doe\"                  the only guest with this full name
  id:6f9619ff-…               the guest with this acs_user_id

issue and join put a new guest on record if no guest has the contact yet:

  \"Jane Doe <jane@example.com>\"
  \"Jane Doe <+491701234567>\"
  \"Jane Doe <res:4711>\"
  \"John Doe <shares:jane@example.com>\"    a second person, without a contact of their own

An e-mail address, a phone number and a reservation belong to one guest. If the name on record differs from the
name that you type, roomkey asks whether it is the same person. In a script it stops (exit 6, name_differs) and
names both choices. Case, the encoding of accents and the order \"Doe, Jane\" make no difference. In a file, a second
name with the same contact in one room or reservation is a second person; the row has the warning shared_contact.

A guest who is suspended, being deleted, not accepted by Visionline or without a user identity cannot get a
mobile key (exit 6, guest_not_ready). This is checked before anything is taken away.
";

const PROFILES: &str = "\
The file config.toml keeps the settings of a hotel. `roomkey config show` prints where it is.

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
  wait = 10                  # seconds to wait until the lock system confirms a key
  timeout = 30               # seconds that a request may take, its retries included
  batch_rows = 100000        # the most rows of a batch file
  doors = \"real\"             # or \"sandbox\": commands for the other kind are refused (exit 6)
  answer_mib = 64            # the largest answer of Seam, in MiB
  list_mib = 512             # the largest list of Seam with all its pages, in MiB
  list_pages = 2000          # the most pages of a list
  list_seconds = 300         # seconds that a list may take with all its pages

An option takes precedence over the environment, and the environment over the profile. The API key is read
from the environment only: SEAM_API_KEY, or SEAM_PERSONAL_ACCESS_TOKEN with SEAM_WORKSPACE_ID.
";

pub(super) fn run(args: &Args) -> Answer {
    let text = match args.topic.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        ["exit-codes"] => exits(),
        ["times"] => TIMES.to_owned(),
        // `guests` is a topic and a command. The help shows both.
        ["guests"] => format!("{GUESTS}\n{}", command(&["guests"])?),
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
                .hint("`roomkey --help` lists the commands; the topics are exit-codes, guests, times and profiles")
        })?;
    }
    Ok(found.render_long_help().to_string())
}
