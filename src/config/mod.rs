//! Settings. A flag wins over the environment, the environment over the profile, and the profile over the default. Each
//! value records where it came from.
//!
//! Only this module reads the environment, and it does so once.

mod auth;
mod endpoint;
mod environment;
mod profile;
mod proxy;
mod settings;

pub use environment::{Environment, VARIABLES};
pub use settings::{BATCH_ROWS, Flags, Origin, Pin, Setting, Settings, Shown};
