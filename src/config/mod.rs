//! Settings: flag over environment over profile over default, each value knowing where it came from.
//!
//! The environment is read once, here, and nowhere else.

mod auth;
mod endpoint;
mod environment;
mod profile;
mod proxy;
mod settings;

pub use environment::{Environment, VARIABLES};
pub use settings::{BATCH_ROWS, Flags, Origin, Pin, Setting, Settings, Shown};
