//! Many rows: read, validate, plan, schedule, report.
//!
//! Every row is understood and decided before the first write ([`input`], [`plan`]); then the jobs run side by
//! side, those that share a room, a guest or a stay in their order ([`run`]).

mod chain;

pub mod fingerprint;
pub mod foresight;
pub mod input;
pub mod job;
pub mod place;
pub mod plan;
pub mod report;
pub mod row;
pub mod run;
pub mod session;
pub mod settle;
mod stays;
mod targets;
mod turns;
pub mod why;

use std::collections::HashMap;

pub use chain::chains;

/// The keys of reservations, live or not: `acs_credential_id`s by [`row::stay_hash`].
pub type KeysOf = HashMap<String, Vec<String>>;
