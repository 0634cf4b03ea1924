//! The commands, from what is read to what is written. Only this module knows the order of writes and how to undo
//! them.
//!
//! Every command has the same structure: look everything up, decide, and return a list of steps. The steps are data
//! ([`plan::Plan`]). [`engine`] carries them out, [`record`] is the journal of intents and results, and [`recover`]
//! finishes or undoes operations that stopped.

pub mod bulk;
pub mod command;
pub mod effect;
pub mod encoding;
pub mod engine;
pub mod error;
pub mod facts;
mod from_wire;
pub mod guests;
pub mod issue;
pub mod join;
pub mod known;
mod party;
mod perform;
pub mod plan;
pub mod prepared;
pub mod progress;
pub mod property;
pub mod read;
pub mod record;
pub mod recover;
pub mod report;
pub mod request;
pub mod return_guest;
pub mod revoke;
pub mod run;
pub mod sweep;
pub mod update;
pub mod verify;
