//! One integration binary; a module per command or promise.
#![expect(clippy::unwrap_used, reason = "a test may fail where it stands")]

mod batch;
mod desks;
mod failures;
mod files;
mod five;
mod guests;
mod matrix;
mod readings;
mod recover;
mod schema;
mod support;
mod turnover;
