//! The commands, from what is read to a decision with a plan.
//!
//! Every command has the same structure: read the hotel, decide, and return a plan. A decision is a pure function of
//! what was read. [`command`] shows the decision, asks for confirmation and passes the plan to
//! [`operation`](crate::operation).

pub mod command;
pub mod issue;
pub mod join;
mod recipient;
pub mod request;
pub mod return_guest;
pub mod revoke;
pub mod template;
pub mod update;
