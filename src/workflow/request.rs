//! The request of any command: what it reads, and what it decides.

use super::{issue, join, return_guest, revoke, update};
use crate::hotel::refusal::Refusal;
use crate::hotel::{GuestQuery, RoomName};
use crate::operation::decision::Decision;
use crate::seam::Client;
use crate::snapshot::error::Error;
use crate::snapshot::hotel_snapshot::HotelSnapshot;
use crate::snapshot::profile::HotelProfile;

/// The request of one of the five commands, as typed.
#[derive(Clone, Debug)]
pub enum Request {
    /// Makes the first key of a stay.
    Issue(issue::Request),
    /// Gives a returning guest a new first key.
    ReturnGuest(return_guest::Request),
    /// Adds a key to a stay.
    Join(join::Request),
    /// Changes a guest's key.
    Update(update::Request),
    /// Takes keys away.
    Revoke(revoke::Request),
}

impl Request {
    /// Reads everything that the decision needs, in parallel where possible.
    pub async fn read(
        &self,
        client: &Client,
        profile: &HotelProfile,
    ) -> Result<HotelSnapshot, Error> {
        match self {
            Request::Issue(request) => issue::read(client, profile, request).await,
            Request::ReturnGuest(request) => return_guest::read(client, profile, request).await,
            Request::Join(request) => join::read(client, profile, request).await,
            Request::Update(request) => update::read(client, profile, request).await,
            Request::Revoke(request) => revoke::read(client, profile, request).await,
        }
    }

    /// Returns the rooms that the request names.
    pub fn rooms(&self) -> &[RoomName] {
        match self {
            Request::Issue(request) => &request.rooms,
            Request::ReturnGuest(request) => &request.rooms,
            Request::Join(request) => &request.rooms,
            Request::Update(request) => &request.rooms,
            Request::Revoke(request) => match &request.which {
                revoke::Which::Rooms(rooms)
                | revoke::Which::Everybody(rooms)
                | revoke::Which::Guest(_, rooms) => rooms,
                revoke::Which::Keys(_) => &[],
            },
        }
    }

    /// Replaces the guest who was typed as `asked`. Returns `false` if the request does not contain that text.
    pub fn rename(&mut self, asked: &str, guest: &GuestQuery) -> bool {
        let named: &mut [GuestQuery] = match self {
            Request::Issue(request) => &mut request.guests,
            Request::Join(request) => &mut request.guests,
            Request::ReturnGuest(request) => std::slice::from_mut(&mut request.guest),
            Request::Update(request) => match &mut request.which {
                update::Which::Guest(query, _) => std::slice::from_mut(query),
                update::Which::Key(_) => &mut [],
            },
            Request::Revoke(request) => match &mut request.which {
                revoke::Which::Guest(query, _) => std::slice::from_mut(query),
                _ => &mut [],
            },
        };
        let mut found = false;
        for query in named.iter_mut().filter(|query| query.to_string() == asked) {
            *query = guest.clone();
            found = true;
        }
        found
    }

    /// Returns the decision, or a refusal. The function is pure: the facts may come from [`Self::read`], or from a
    /// batch that reads everything.
    pub fn decide(
        &self,
        snapshot: &HotelSnapshot,
        profile: &HotelProfile,
    ) -> Result<Decision, Refusal> {
        snapshot.system.check()?;
        let mut decision = match self {
            Request::Issue(request) => issue::decide(snapshot, profile, request),
            Request::ReturnGuest(request) => return_guest::decide(snapshot, profile, request),
            Request::Join(request) => join::decide(snapshot, profile, request),
            Request::Update(request) => update::decide(snapshot, profile, request),
            Request::Revoke(request) => revoke::decide(snapshot, request),
        }?;
        decision.warn_of_newer_keys(snapshot);
        Ok(decision)
    }
}
