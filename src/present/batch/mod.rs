//! What people and scripts see of a batch: the plan, each row when it ends, and the summary.

pub(crate) mod plan;
pub(crate) mod reporter;
pub(crate) mod row;
