//! Every kind of failure, with its stable code, its exit status, and the advice that people read.

use serde_json::{Value, json};

use crate::home;
use crate::seam::{self, Secret, Validation};

/// The kinds of failure. Their codes are stable; later versions may add more.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(
    missing_docs,
    reason = "each is explained by its entry in the table below"
)]
pub enum Kind {
    Failed,
    Rejected,
    Io,
    Internal,
    RecordUnavailable,
    Usage,
    Config,
    Capacity,
    RowsNotDone,
    BadRows,
    BadFile,
    NoApiKey,
    KeyRefused,
    RoomNotFound,
    RoomAmbiguous,
    GuestNotFound,
    GuestAmbiguous,
    KeyNotFound,
    KeyAmbiguous,
    OperationNotFound,
    RoomOccupied,
    UseJoin,
    UseUpdate,
    GuestHasKeyElsewhere,
    PhoneNotReady,
    NameDiffers,
    GuestNotReady,
    NeedsConfirmation,
    Declined,
    Changed,
    SeveralStays,
    LosesAccess,
    NotACopy,
    CannotJoin,
    CannotUpdate,
    SystemNotFound,
    SystemAmbiguous,
    CredentialManagerAmbiguous,
    TimeZoneUnknown,
    TimeZoneConflict,
    WrongWorkspace,
    WrongDoors,
    Unreachable,
    SystemDown,
    UnknownOutcome,
    PartDone,
    Displaced,
    Contested,
    NoAccess,
    NotConfirmed,
    Unfinished,
    Busy,
    Interrupted,
}

/// The exit status and the stable code of every kind. The exit code, the JSON and `help exit-codes` all use this table.
const TABLE: &[(Kind, u8, &str)] = &[
    (Kind::Failed, 1, "failed"),
    (Kind::Rejected, 1, "rejected"),
    (Kind::Io, 1, "io"),
    (Kind::Internal, 8, "internal"),
    (Kind::RecordUnavailable, 1, "record_unavailable"),
    (Kind::Usage, 2, "usage"),
    (Kind::Config, 2, "config"),
    (Kind::Capacity, 2, "capacity"),
    (Kind::RowsNotDone, 3, "rows_not_done"),
    (Kind::BadRows, 3, "bad_rows"),
    (Kind::BadFile, 2, "bad_file"),
    (Kind::NoApiKey, 4, "no_api_key"),
    (Kind::KeyRefused, 4, "key_refused"),
    (Kind::RoomNotFound, 5, "room_not_found"),
    (Kind::RoomAmbiguous, 5, "room_ambiguous"),
    (Kind::GuestNotFound, 5, "guest_not_found"),
    (Kind::GuestAmbiguous, 5, "guest_ambiguous"),
    (Kind::KeyNotFound, 5, "key_not_found"),
    (Kind::KeyAmbiguous, 5, "key_ambiguous"),
    (Kind::OperationNotFound, 5, "operation_not_found"),
    (Kind::RoomOccupied, 6, "room_occupied"),
    (Kind::UseJoin, 6, "use_join"),
    (Kind::UseUpdate, 6, "use_update"),
    (Kind::GuestHasKeyElsewhere, 6, "guest_has_key_elsewhere"),
    (Kind::PhoneNotReady, 6, "phone_not_ready"),
    (Kind::NameDiffers, 6, "name_differs"),
    (Kind::GuestNotReady, 6, "guest_not_ready"),
    (Kind::NeedsConfirmation, 6, "needs_confirmation"),
    (Kind::Declined, 6, "declined"),
    (Kind::Changed, 6, "changed"),
    (Kind::SeveralStays, 6, "several_stays"),
    (Kind::LosesAccess, 6, "loses_access"),
    (Kind::NotACopy, 2, "not_a_copy"),
    (Kind::CannotJoin, 6, "cannot_join"),
    (Kind::CannotUpdate, 6, "cannot_update"),
    (Kind::SystemNotFound, 5, "system_not_found"),
    (Kind::SystemAmbiguous, 6, "system_ambiguous"),
    (
        Kind::CredentialManagerAmbiguous,
        6,
        "credential_manager_ambiguous",
    ),
    (Kind::TimeZoneUnknown, 6, "time_zone_unknown"),
    (Kind::TimeZoneConflict, 6, "time_zone_conflict"),
    (Kind::WrongWorkspace, 6, "wrong_workspace"),
    (Kind::WrongDoors, 6, "wrong_doors"),
    (Kind::Unreachable, 7, "unreachable"),
    (Kind::SystemDown, 7, "system_down"),
    (Kind::UnknownOutcome, 8, "unknown_outcome"),
    (Kind::PartDone, 8, "part_done"),
    (Kind::Displaced, 8, "displaced"),
    (Kind::Contested, 8, "contested"),
    (Kind::NoAccess, 9, "no_access"),
    (Kind::NotConfirmed, 11, "not_confirmed"),
    (Kind::Unfinished, 12, "unfinished"),
    (Kind::Busy, 12, "busy"),
    (Kind::Interrupted, 130, "interrupted"),
];

/// The exit statuses and their meanings, for `roomkey help exit-codes` and the README.
pub const EXITS: &[(u8, &str)] = &[
    (0, "done, or already so"),
    (1, "failed, and nothing was changed"),
    (2, "the command line or the configuration is wrong"),
    (3, "a batch has rows that are not done"),
    (4, "the API key is missing, refused or lacks rights"),
    (5, "no such room, guest or key, or more than one"),
    (
        6,
        "a person must decide: a live key of another stay, a question nobody could answer, …",
    ),
    (
        7,
        "Seam, its bridge or Visionline cannot be reached; nothing was sent",
    ),
    (
        8,
        "the outcome is not known, or only part is done; `roomkey recover` settles it",
    ),
    (
        9,
        "a guest has NO access now; the last line is the command that gives it back",
    ),
    (
        11,
        "Seam accepted, the lock system had not confirmed by the deadline",
    ),
    (
        12,
        "an unfinished earlier operation on this room or guest comes first",
    ),
    (130, "interrupted; 9 where a guest is without access"),
];

impl Kind {
    fn entry(self) -> (u8, &'static str) {
        TABLE
            .iter()
            .find(|(kind, ..)| *kind == self)
            .map_or((1, "internal"), |(_, exit, word)| (*exit, word))
    }

    /// Returns the stable code, which is `error.code` in the JSON.
    pub fn code(self) -> &'static str {
        self.entry().1
    }

    /// Returns the exit status.
    pub fn exit(self) -> u8 {
        self.entry().0
    }

    /// Returns the word for `data.outcome` in the JSON.
    pub fn outcome(self) -> OutcomeWord {
        match self.exit() {
            5 | 6 | 12 => OutcomeWord::Refused,
            8 | 11 => OutcomeWord::Unknown,
            9 => OutcomeWord::NoAccess,
            _ => OutcomeWord::Failed,
        }
    }
}

/// How a command ended, as the JSON field `data.outcome` says it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "snake_case")]
pub enum OutcomeWord {
    /// It did what was asked.
    Done,
    /// Everything was as asked before.
    Already,
    /// A dry run: it would change something.
    Planned,
    /// A person must decide or correct something first. Nothing was changed.
    Refused,
    /// It failed. Nothing was changed, or the message says what was.
    Failed,
    /// Whether everything was done is not known.
    Unknown,
    /// A guest has no access.
    NoAccess,
}

/// A failure, as people and scripts read it: what happened, what it means for the guest, and what to do next.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Failure {
    /// The kind, which determines the code and the exit status.
    pub kind: Kind,
    /// What happened, in one sentence.
    pub message: String,
    /// Further lines that explain the message, such as the keys in the way or the guests with this name.
    pub details: Vec<String>,
    /// What the failure means for the guest.
    pub impact: Option<String>,
    /// What to do next, one line for each proposal.
    pub hints: Vec<String>,
    /// The `seam-request-id` of the answer that failed.
    pub request_id: Option<String>,
    /// The API's complaints about single fields of the request.
    pub validation: Vec<Validation>,
    /// What the command reports despite the failure. It becomes `data` in the JSON.
    pub data: Option<Value>,
    /// Warnings that came before the failure, each as a code and a message.
    pub warnings: Vec<(String, String)>,
}

impl Failure {
    /// Returns a failure with this kind and message, and nothing else.
    pub fn new(kind: Kind, message: impl Into<String>) -> Self {
        Self {
            kind,
            message: message.into(),
            details: vec![],
            impact: None,
            hints: vec![],
            request_id: None,
            validation: vec![],
            data: None,
            warnings: vec![],
        }
    }

    /// Sets what the failure means for the guest.
    #[must_use]
    pub fn impact(mut self, text: impl Into<String>) -> Self {
        self.impact = Some(text.into());
        self
    }

    /// Adds a proposal of what to do next.
    #[must_use]
    pub fn hint(mut self, text: impl Into<String>) -> Self {
        self.hints.push(text.into());
        self
    }

    /// Adds lines that explain the message.
    #[must_use]
    pub fn details(mut self, lines: impl IntoIterator<Item = impl std::fmt::Display>) -> Self {
        self.details
            .extend(lines.into_iter().map(|line| line.to_string()));
        self
    }

    /// Returns the failure with these secrets, and everything that looks like a key of Seam, replaced in its text. A key
    /// that was pasted into a wrong setting or argument is quoted in the message about it.
    #[must_use]
    pub fn without_keys(mut self, secrets: &[Secret]) -> Self {
        let clean = |text: &mut String| *text = without_keys(std::mem::take(text), secrets);
        clean(&mut self.message);
        let texts = self.details.iter_mut().chain(&mut self.hints);
        texts
            .chain(&mut self.impact)
            .chain(&mut self.request_id)
            .for_each(clean);
        for complaint in &mut self.validation {
            clean(&mut complaint.field);
            clean(&mut complaint.message);
        }
        self.warnings.iter_mut().for_each(|(_, text)| clean(text));
        self
    }

    /// Returns the value of `error` in the JSON.
    pub fn json(&self) -> Value {
        let mut message = self.message.clone();
        for detail in &self.details {
            message = format!("{message}\n{detail}");
        }
        json!({
            "code": self.kind.code(), "message": message, "impact": self.impact,
            "hint": if self.hints.is_empty() { Value::Null } else { json!(self.hints.join("\n")) },
            "request_id": self.request_id, "validation": self.validation,
        })
    }
}

/// Returns `text` without these secrets and without anything that looks like a key of Seam.
pub fn without_keys(text: String, secrets: &[Secret]) -> String {
    let text = secrets
        .iter()
        .fold(text, |text, secret| secret.redact(text));
    seam::without_keys(&text)
}

impl std::error::Error for Failure {}

impl std::fmt::Display for Failure {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.message)
    }
}

impl From<seam::Error> for Failure {
    /// Converts an error of a read. It says "Nothing was changed", so an error of a write must not come here.
    fn from(error: seam::Error) -> Self {
        let denied = "check the key in the Seam Console: it must belong to this hotel's workspace";
        let (kind, message, hint) = if error.is_denied() {
            (
                Kind::KeyRefused,
                format!("Seam does not accept the API key: {error}"),
                denied,
            )
        } else if error.is_rate_limited() {
            return Self {
                request_id: error.request_id().map(str::to_owned),
                ..Failure::new(Kind::Unreachable, format!("Seam is too busy: {error}"))
                    .impact("Nothing was changed.")
                    .hint(busy_hint(&error))
            };
        } else if error.is_unreachable() {
            let hint =
                "check the network and https://status.seam.co, then type the same command again";
            (
                Kind::Unreachable,
                format!("Seam cannot be reached: {error}"),
                hint,
            )
        } else if error.status().is_some() {
            let hint = "`-v` shows every call; Seam's support can look the request up";
            (Kind::Rejected, format!("Seam refused: {error}"), hint)
        } else if error.is_setup() {
            let hint = "correct that, then type the same command again; `roomkey config show` shows the proxy and the server";
            (Kind::Failed, error.to_string(), hint)
        } else if error.is_bound() {
            let hint = "if the hotel is not that large, the server repeats its answers; `-v` shows every call";
            (Kind::Failed, error.to_string(), hint)
        } else {
            let hint = "`SEAM_ENDPOINT` may point to something that is not Seam; `roomkey config show` shows it";
            (Kind::Failed, error.to_string(), hint)
        };
        Self {
            request_id: error.request_id().map(str::to_owned),
            validation: error.validation().to_vec(),
            ..Failure::new(kind, message)
                .impact("Nothing was changed.")
                .hint(hint)
        }
    }
}

/// Returns what to do after Seam has answered that it receives too many requests (429).
pub fn busy_hint(error: &seam::Error) -> String {
    /// The longest time for `--timeout`, in seconds.
    const LONGEST: u64 = 3600;

    let Some(asked) = error.asked_to_wait() else {
        return "wait a minute, then type the same command again; fewer commands at a time help too".to_owned();
    };
    let wait = seam::in_words(asked);
    let wait = format!("wait for {wait}, then type the same command again");
    match asked.as_secs() + 10 {
        seconds if seconds <= LONGEST => {
            format!("{wait}; or let roomkey wait, with `--timeout {seconds}`")
        }
        _ => wait,
    }
}

impl From<home::Unsafe> for Failure {
    /// Converts the error for a folder or file that is not safe to use.
    fn from(error: home::Unsafe) -> Self {
        Failure::new(Kind::Config, error.to_string())
            .impact("Nothing was sent.")
            .hint(error.remedy())
    }
}

impl From<anyhow::Error> for Failure {
    /// Converts the error for a file or setting that cannot be used. A [`Failure`] inside is returned unchanged.
    fn from(error: anyhow::Error) -> Self {
        match error.downcast::<Failure>() {
            Ok(failure) => failure,
            Err(error) => {
                Failure::new(Kind::Config, format!("{error:#}"))
                    .impact("Nothing was sent.")
                    .hint("correct it, then type the same command again; `roomkey help profiles` shows the settings of a profile")
            }
        }
    }
}

impl From<std::io::Error> for Failure {
    /// Returns the failure of a command that cannot print its result or read an answer.
    fn from(error: std::io::Error) -> Self {
        Failure::new(
            Kind::Io,
            format!("the terminal or the output file cannot be used: {error}"),
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_exit_status_is_explained() {
        for (kind, exit, word) in TABLE {
            assert!(EXITS.iter().any(|(known, _)| known == exit), "{kind:?}");
            assert_eq!(kind.code(), *word);
        }
        let mut words: Vec<&str> = TABLE.iter().map(|(.., word)| *word).collect();
        words.sort_unstable();
        words.dedup();
        assert_eq!(words.len(), TABLE.len(), "words are unique");
    }
}
