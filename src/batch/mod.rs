//! Many rows: read, validate, plan, schedule, report.

pub mod input;
pub mod row;
