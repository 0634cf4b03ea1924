//! The hotel's language: rooms, doors, guests, keys, stays, times, labels and card capacity.
//!
//! Everything in this module is pure. No function reads a clock, a file, the network or the time zone of the PC. The
//! caller passes in the current time and the hotel's zone.

pub mod card;
pub mod contact;
pub mod decide;
pub mod directory;
pub mod door;
pub mod guest;
pub mod key;
pub mod label;
pub mod name;
pub mod readiness;
pub mod refusal;
pub mod room;
pub mod shared;
pub mod span;
pub(crate) mod text;
pub mod window;

pub use card::{CapacityError, CardFormat, CardFormatError, fits};
pub use contact::Contact;
pub use directory::{Doors, Guests};
pub use door::{Category, Door, DoorError};
pub use guest::{GuestQuery, GuestRecord, GuestTextError, Match};
pub use label::{Label, LabelError};
pub use name::same_name;
pub use room::{RoomName, RoomTextError, collapse, parse_rooms};
pub use shared::{RowGuest, SecondPerson, second_persons};
pub use span::Span;
pub use window::{
    DaySpec, Edge, HotelTime, Hours, TimeError, When, WhenTextError, Window, show_day,
};
