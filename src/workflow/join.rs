//! `join`: one more key in a stay, beside the live ones and without hurting them.
//!
//! What to join to is a mobile key (all phones, or one phone's copy) or a plastic card; it is named, or
//! found on the rooms and shown with its holders before anything is created. Doors and end default to those
//! of the keys joined; rooms may be fewer, never more.

use std::collections::BTreeSet;

use super::error::{Error, Found, Refusal};
use super::facts::Facts;
use super::issue::refuse_standing;
use super::plan::{Access, Action, Command, Ref, Steps};
use super::prepared::{Decided, Doors, Draft, Party, Times, parties, read_around};
use super::property::Property;
use super::read::AtDoors;
use crate::seam::Client;
use crate::stay::decide::{Standing, Wanted, live_at_any, standing};
use crate::stay::key::Key;
use crate::stay::{GuestQuery, RoomName, Window};

/// What was asked for.
#[derive(Clone, Debug)]
pub struct Request {
    /// At least one.
    pub guests: Vec<GuestQuery>,
    /// Keys to join to, by id; empty where they are to be found on the rooms.
    pub to: Vec<String>,
    /// The rooms; empty for all of the keys joined.
    pub rooms: Vec<RoomName>,
    /// Common doors; empty for those of the keys joined.
    pub also: Vec<String>,
    /// When; what is not said is as the keys joined have it.
    pub times: Times,
    /// The text on the key, else the profile's.
    pub label: Option<String>,
    /// The guest's own key elsewhere is agreed to be replaced.
    pub replace: bool,
    /// A phone that is not ready is a refusal.
    pub require_phone: bool,
}

/// Reads the system, the doors, the guests; the keys to join; then the guests' own keys and phones.
pub(super) async fn read(
    client: &Client,
    property: &Property,
    request: &Request,
) -> Result<Facts, Error> {
    let rooms: &[RoomName] = if request.to.is_empty() {
        &request.rooms
    } else {
        &[]
    };
    let mut facts =
        Facts::read_ahead(client, property, &request.guests, rooms, AtDoors::Valid).await?;
    facts.system.check()?;
    let parties = parties(&facts, &request.guests, &mut vec![])?;
    let rooms = facts.room_ids(&request.rooms)?;
    if request.to.is_empty() {
        facts.read_keys(client, &[], &rooms, AtDoors::Valid).await?;
    } else {
        for id in &request.to {
            facts.read_one(client, id).await?;
        }
        facts.read_missing(client).await?;
        facts.read_doors(client, &request.to).await?;
    }
    read_around(client, &mut facts, &parties, &BTreeSet::new()).await?;
    Ok(facts)
}

pub(super) fn decide(
    facts: &Facts,
    property: &Property,
    request: &Request,
) -> Result<Decided, Refusal> {
    let mut warnings = vec![];
    let parties = parties(facts, &request.guests, &mut warnings)?;
    let rooms = facts.room_ids(&request.rooms)?;
    let joined = find_joined(facts, request, &rooms)?;
    let doors = doors(facts, property, request, rooms, &joined)?;
    let window = window(facts, request, &joined)?;
    let draft = Draft {
        property,
        doors: &doors,
        window,
        label: request.label.as_deref(),
        require_phone: request.require_phone,
    };
    draft.check_label(&mut warnings)?;

    let mut steps = Steps::default();
    let mut already = vec![];
    let mut stale = vec![];
    for party in &parties {
        let wanted = Wanted {
            guest: party.id(),
            rooms: &doors.rooms,
            doors: &doors.all,
            starts_at: window.starts_at,
            ends_at: window.ends_at,
        };
        match standing(&facts.keys, &wanted, facts.now()) {
            Standing::Already(key) => {
                already.push(key.id.clone());
                continue;
            }
            Standing::OwnCard(_) => {} // A phone beside one's own card is what joining is for.
            standing => refuse_standing(facts, party, &standing, request.replace)?,
        }
        stale.extend(
            party
                .id()
                .into_iter()
                .flat_map(|id| facts.live_mobile_of(id)),
        );
        let guest = party.refer(facts, &mut steps);
        let access = Access::Joiner(
            joined
                .iter()
                .map(|key| Ref::Known(key.id.clone()))
                .collect(),
        );
        let spec = draft.spec(facts, party, guest, access, &mut warnings)?;
        steps.add(
            format!("join a key for {}", doors.room_list()),
            Action::CreateKey(Box::new(spec)),
        );
    }
    for key in &stale {
        steps.add(
            "remove the guest's earlier key",
            Action::DeleteIfLive(key.id.clone()),
        );
    }
    let asks = (!stale.is_empty()).then(|| {
        let keys: Vec<String> = stale
            .iter()
            .map(|key| format!("  {}", facts.brief(key)))
            .collect();
        format!(
            "The guest's earlier keys are replaced:\n{}\nGo on?",
            keys.join("\n")
        )
    });
    let mut says = vec![format!(
        "Room {}: mobile key for {}, until {} (hotel time, {}), joined to",
        doors.room_list(),
        parties
            .iter()
            .map(Party::name)
            .collect::<Vec<_>>()
            .join(", "),
        facts.time.show(window.ends_at),
        facts.time.zone.name(),
    )];
    says.extend(joined.iter().map(|key| format!("  {}", facts.brief(key))));
    let plan = (already.len() < parties.len())
        .then(|| facts.plan(Command::Join, &parties, &doors, steps, vec![]));
    Ok(Decided {
        command: Command::Join,
        plan,
        already,
        warnings,
        says,
        asks,
    })
}

/// The keys named, or the valid ones on the rooms but for the guests' own.
fn find_joined<'a>(
    facts: &'a Facts,
    request: &Request,
    rooms: &BTreeSet<String>,
) -> Result<Vec<&'a Key>, Refusal> {
    if request.to.is_empty() {
        let own: BTreeSet<&str> = request
            .guests
            .iter()
            .filter_map(|query| facts.guest(query).ok())
            .map(|guest| guest.acs_user_id.as_str())
            .collect();
        let keys = live_at_any(&facts.keys, rooms, None, facts.now());
        let others: Vec<&Key> = keys
            .iter()
            .copied()
            .filter(|key| key.holder.as_deref().is_none_or(|h| !own.contains(h)))
            .collect();
        // Where only the guest's own card is on the room, that is what the phone joins.
        let chosen = if others.is_empty() { keys } else { others };
        if chosen.is_empty() {
            return Err(Refusal::Key {
                asked: format!("live on room {}", facts.room_names(rooms).join(", ")),
                found: Found::None,
            });
        }
        return Ok(chosen);
    }
    let mut found = vec![];
    for id in &request.to {
        found.push(facts.keys.get(id).ok_or_else(|| Refusal::Key {
            asked: id.clone(),
            found: Found::None,
        })?);
    }
    match found.iter().find(|key| !key.is_live(facts.now())) {
        None => Ok(found),
        Some(dead) => Err(Refusal::CannotJoin(format!(
            "key {} is no longer valid, so nothing can be joined to it",
            dead.id
        ))),
    }
}

fn doors(
    facts: &Facts,
    property: &Property,
    request: &Request,
    rooms: BTreeSet<String>,
    joined: &[&Key],
) -> Result<Doors, Refusal> {
    let theirs: BTreeSet<String> = joined
        .iter()
        .flat_map(|key| key.doors.iter().cloned())
        .collect();
    let their_rooms = facts.rooms_of(&theirs);
    let beyond: BTreeSet<String> = rooms.difference(&their_rooms).cloned().collect();
    if !beyond.is_empty() {
        return Err(Refusal::BeyondJoined(format!(
            "room {} is not among the rooms of the keys to be joined ({})",
            facts.room_names(&beyond).join(", "),
            facts.room_names(&their_rooms).join(", "),
        )));
    }
    let rooms = if rooms.is_empty() {
        their_rooms.clone()
    } else {
        rooms
    };
    if rooms.is_empty() {
        return Err(Refusal::CannotJoin(
            "the keys to be joined open no guest room".to_owned(),
        ));
    }
    let others: BTreeSet<String> = if request.also.is_empty() {
        theirs.difference(&their_rooms).cloned().collect()
    } else {
        facts.other_ids(&request.also)?
    };
    Doors::of(
        facts,
        rooms.union(&others).cloned().collect(),
        property.format,
    )
}

/// What is not said is as the keys joined have it; where their ends differ, a person says.
fn window(facts: &Facts, request: &Request, joined: &[&Key]) -> Result<Window, Refusal> {
    let now = facts.now();
    let mut times = request.times.clone();
    if times.from.is_none() {
        let start = joined
            .iter()
            .filter_map(|key| key.starts_at)
            .min()
            .filter(|start| *start > now);
        times.from = start.map(crate::stay::When::Instant);
    }
    if times.until.is_none() && times.nights.is_none() {
        let mut ends: Vec<_> = joined.iter().filter_map(|key| key.ends_at).collect();
        ends.sort_unstable();
        ends.dedup();
        match ends[..] {
            [end] => times.until = Some(crate::stay::When::Instant(end)),
            [] => {
                return Err(Refusal::CannotJoin(
                    "the keys to be joined have no end; say one with `--until`".to_owned(),
                ));
            }
            [..] => {
                let ends: Vec<_> = ends.iter().map(|end| facts.time.show(*end)).collect();
                let text = format!(
                    "the keys to be joined end at different times ({}); say one with `--until`",
                    ends.join("; ")
                );
                return Err(Refusal::CannotJoin(text));
            }
        }
    }
    let window = times.window(facts)?;
    let last = joined.iter().filter_map(|key| key.ends_at).max();
    match last {
        Some(last) if window.starts_at >= last => Err(Refusal::BeyondJoined(format!(
            "the key would start {}, after the keys to be joined have ended ({})",
            facts.time.show(window.starts_at),
            facts.time.show(last),
        ))),
        _ => Ok(window),
    }
}
