//! The wire: a thin layer over Seam's API.
//!
//! One function an endpoint, named as the API names it; one chokepoint that sends ([`Client`]); one error
//! type that knows whether a request may have reached the server ([`Error::sent`]). No hotel rule lives
//! here, and nothing here prints. Field names and types follow the vendor's schema; everything but an
//! object's own id is optional, because fields of this API come and go.

mod auth;
mod call;
mod client;
pub mod credentials;
pub mod entrances;
mod error;
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
pub use error::{Error, Sent, Validation};
pub use ids::{AcsCredentialId, AcsEntranceId, AcsSystemId, AcsUserId, DeviceId, UserIdentityId};
pub use retry::Class;
pub use secret::Secret;
pub use systems::AcsSystem;
pub use transport::{Answer, Request, Transport, Undelivered, is_loopback};
pub use user_identities::UserIdentity;
pub use users::AcsUser;
pub use wire::{Remark, Timestamp};
