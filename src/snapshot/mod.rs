//! What was read of the hotel: the data, the functions that read it, and the cache of ids.
//!
//! A single command reads only what it needs, side by side ([`fetch`]). A batch reads whole lists ([`fetch_all`]).
//! Both produce the same [`hotel_snapshot::HotelSnapshot`], so that decisions do not depend on the way of reading.

pub mod convert;
pub mod error;
pub mod fetch;
pub mod fetch_all;
pub mod guests;
pub mod hotel_snapshot;
pub mod id_cache;
pub mod profile;
