//! The only place that knows order and undo.
//!
//! Every command reads like a page of the manual: look everything up, decide, then a list of steps. The
//! steps are data ([`plan::Plan`]); [`engine`] carries them out, [`record`] keeps what was meant and what
//! came of it, [`recover`] brings to an end what stopped half-way.

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
