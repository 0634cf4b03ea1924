//! Operations: the writes of a command as data, and what carries them out.
//!
//! A [`plan::Plan`] is a list of steps. The [`executor`] carries the steps out and writes their intents and results to
//! the [journal](crate::journal). [`verify`] judges what the keys show after the change, and [`recover`] finishes or
//! undoes operations that stopped.

pub mod decision;
pub mod encoding;
pub mod executor;
pub mod list_poller;
pub mod new_guest;
pub mod outcome;
pub mod plan;
pub mod progress;
pub mod recover;
pub mod report;
pub mod simulate;
pub mod stages;
pub mod step;
pub mod taken;
pub mod verify;
