//! One integration binary; a module per command or promise.
#![expect(
    clippy::print_stdout,
    reason = "the counts of a matrix are for the person who runs it"
)]
#![expect(clippy::unwrap_used, reason = "a test may fail where it stands")]
#![expect(
    clippy::disallowed_methods,
    reason = "a test sets the time and the environment of the program from its own"
)]

mod answers;
mod batch;
mod bystanders;
mod dependencies;
mod desks;
mod doors;
mod environment;
mod failures;
mod files;
mod five;
mod guests;
mod home;
mod hostile;
mod matrix;
#[cfg(unix)]
mod prompts;
mod readings;
mod recover;
mod remedies;
mod schema;
mod snapshots;
mod stages;
mod support;
mod turnover;
