//! Operations: the writes of a command as data, and what carries them out.
//!
//! A [`plan::Plan`] is a list of steps, and [`stages`] tells which of them run side by side. The
//! [`Executor`](executor::Executor) carries the stages out and writes the intents and results of their steps to the
//! [journal](crate::journal). Its methods have files by subject:
//!
//! | file | subject |
//! | --- | --- |
//! | [`execution`] | an operation from its beginning in the journal to its end |
//! | [`executor`] | the stages of a plan |
//! | [`step`] | one request, and what became of it if its answer was lost |
//! | [`rooms`] | the rooms, read right before a key is made on them |
//! | [`confirmation`] | the new keys and the other keys at their rooms, read after the change |
//! | [`removal`] | the guests' earlier keys, removed once the new ones work |
//! | [`recover`] | operations that stopped, finished from the state of the server |
//! | [`changed`], [`taken`] | what other people have changed or taken away since |
//! | [`restore`] | access given back to guests who lost it |
//! | [`undo`] | the keys of an operation, taken away again |
//!
//! [`verify`] judges what the keys show after the change. [`stop`] names the reasons why a plan stops, and [`outcome`]
//! says how a command ended.

pub mod changed;
pub mod confirmation;
pub mod decision;
pub mod encoding;
pub mod execution;
pub mod executor;
pub mod list_poller;
pub mod new_guest;
pub mod outcome;
pub mod plan;
pub mod progress;
pub mod recover;
pub mod removal;
pub mod report;
pub mod restore;
pub mod rooms;
pub mod simulate;
pub mod stages;
pub mod step;
pub mod stop;
pub mod taken;
pub mod undo;
pub mod verify;
