//! Reports a panic, which is a defect of roomkey, as an ordinary failure with exit status 8 ([`Kind::Internal`]).
//!
//! This holds for a panic in any thread or task. Whether the request in flight took effect is not known.

use std::panic::PanicHookInfo;
use std::sync::{Mutex, PoisonError};

use crate::failure::{Failure, Kind};

/// The message of the first panic of the process, with its place in the source.
static FIRST: Mutex<Option<String>> = Mutex::new(None);

/// The maximum length of a panic's message, in characters.
const LONGEST: usize = 300;

/// Installs a panic hook that records the first panic of the process. The hook replaces the text that Rust prints.
pub fn watch() {
    std::panic::set_hook(Box::new(|info| {
        let text = describe(info);
        let mut first = FIRST.lock().unwrap_or_else(PoisonError::into_inner);
        first.get_or_insert(text);
    }));
}

/// Returns the result of a command or, if a panic happened, the failure that reports the panic. A failure that says
/// that a guest has no access is kept in both cases, because it matters more.
pub fn checked<T>(answer: Result<T, Failure>) -> Result<T, Failure> {
    let first = FIRST.lock().unwrap_or_else(PoisonError::into_inner);
    match (&*first, answer) {
        (None, answer) => answer,
        (Some(_), Err(failure)) if failure.kind == Kind::NoAccess => Err(failure),
        (Some(text), Err(told)) if told.kind != Kind::Internal => {
            let mut failure = failure(text).details([told.message]);
            failure.data = told.data;
            failure.warnings = told.warnings;
            Err(failure)
        }
        (Some(text), _) => Err(failure(text)),
    }
}

/// Returns the failure that reports a panic that was caught.
pub fn caught() -> Failure {
    let first = FIRST.lock().unwrap_or_else(PoisonError::into_inner);
    failure(first.as_deref().unwrap_or("a panic"))
}

fn failure(text: &str) -> Failure {
    Failure::new(
        Kind::Internal,
        format!("roomkey has a defect and stopped: {text}"),
    )
    .impact("Whether the step in flight took effect is not known.")
    .hint("`roomkey recover` shows what is open and how to finish it")
    .hint("report the first line of this message to the maintainers of roomkey")
}

fn describe(info: &PanicHookInfo<'_>) -> String {
    let payload = info.payload();
    let owned = || payload.downcast_ref::<String>().map(String::as_str);
    let said = payload.downcast_ref::<&str>().copied().or_else(owned);
    let said = said.unwrap_or("a panic");
    let said: String = said.chars().take(LONGEST).collect();
    match info.location() {
        Some(at) => format!("{said} (in {}, line {})", at.file(), at.line()),
        None => said,
    }
}
