//! One integration binary; a module per command or promise.
#![expect(clippy::unwrap_used, reason = "a test may fail where it stands")]

mod failures;
mod faults;
mod files;
mod five;
mod readings;
mod recover;
mod schema;
mod support;
