//! Batches: reads rows from a file, plans them, carries them out side by side, and reports each.
//!
//! All rows are read ([`input`]) and decided ([`plan`]) before the first write. Then the jobs run side by side
//! ([`schedule`]); jobs that share a room, a guest or a stay keep their order.

mod chain;

pub mod fingerprint;
pub mod input;
pub mod job;
pub mod place;
pub mod plan;
pub mod preview;
pub mod reading;
pub mod report;
pub mod row;
pub mod schedule;
pub mod session;
pub mod settle;
mod stays;
mod targets;
mod turns;
pub mod why;

use std::collections::HashMap;

pub use chain::chains;

/// The keys of each reservation, also keys that have ended or are deleted: `acs_credential_id`s by
/// [`row::stay_hash`].
pub type KeysOf = HashMap<String, Vec<String>>;
