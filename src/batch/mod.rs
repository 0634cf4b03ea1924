//! Many rows: read, validate, plan, schedule, report.
//!
//! Every row is understood and decided before the first write ([`input`], [`plan`]); then the jobs run side by
//! side, those that share a room, a guest or a stay in their order ([`run`]).

mod chain;

pub mod fingerprint;
pub mod input;
pub mod job;
pub mod plan;
pub mod report;
pub mod row;
pub mod run;

pub use chain::chains;
