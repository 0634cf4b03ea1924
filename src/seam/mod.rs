//! A thin client for Seam's API.
//!
//! There is one function for each endpoint, with the API's name. All requests go through [`Client`]. The error type
//! reports whether a request may have reached the server ([`Error::sent`]). This module contains no rules of a hotel
//! and prints nothing.
//!
//! Field names and types follow the vendor's schema. Every field is optional except the id of the object itself,
//! because the API adds and removes fields.

mod auth;
mod call;
mod client;
pub mod credentials;
pub mod entrances;
mod error;
pub mod events;
mod ids;
mod pace;
mod page;
pub mod phones;
mod retry;
mod secret;
pub mod systems;
#[cfg(test)]
mod tests;
mod transport;
pub mod user_identities;
pub mod users;
mod wire;
pub mod workspaces;

pub use auth::Auth;
pub use call::{Limits, Operation, Reply, Trace};
pub use client::{Client, Stop, Tracer};
pub use credentials::AcsCredential;
pub use entrances::AcsEntrance;
pub use error::{Error, Sent, Validation, in_words};
pub use ids::{AcsCredentialId, AcsEntranceId, AcsSystemId, AcsUserId, DeviceId, UserIdentityId};
pub use retry::Class;
pub use secret::{Secret, without_keys};
pub use systems::AcsSystem;
pub use transport::{Answer, Request, Route, Transport, Undelivered, is_loopback, is_this_machine};
pub use user_identities::UserIdentity;
pub use users::AcsUser;
pub use wire::{Remark, Timestamp};
