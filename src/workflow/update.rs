//! `update`: the same guest's key with other times or doors.
//!
//! The vendor's way: a new joiner key with the changed values, joined to the other live keys of the rooms,
//! or to the key itself where it is alone; the service then replaces the old key. Whether it did is read
//! back, and a key that is still live is deleted, so that exactly one is left and never none.

use std::collections::BTreeSet;

use super::error::{Error, Found, Refusal};
use super::facts::Facts;
use super::plan::{Access, Action, Command, Ref, Steps};
use super::prepared::{Decided, Doors, Draft, Party, Times};
use super::property::Property;
use super::read::AtDoors;
use crate::seam::Client;
use crate::stay::decide::live_at_any;
use crate::stay::key::{Key, Medium};
use crate::stay::{GuestQuery, GuestRecord, RoomName, When, Window};

/// Which key.
#[derive(Clone, Debug)]
pub enum Which {
    /// By id; one phone's copy stands for the key of all phones.
    Key(String),
    /// The guest's, at this room where several are live.
    Guest(GuestQuery, Option<RoomName>),
}

/// What was asked for. What is not said stays as it is.
#[derive(Clone, Debug)]
pub struct Request {
    /// Which key.
    pub which: Which,
    /// When.
    pub times: Times,
    /// All the rooms of the key from now on; empty: as they are.
    pub rooms: Vec<RoomName>,
    /// All the common doors of the key from now on; `None`: as they are.
    pub also: Option<Vec<String>>,
    /// A new text on the key.
    pub label: Option<String>,
    /// A phone that is not ready is a refusal.
    pub require_phone: bool,
}

/// Reads the system and the doors; the key and its guest; then the guest's keys, and the keys at the rooms
/// that the key opens and is to open.
pub(super) async fn read(
    client: &Client,
    property: &Property,
    request: &Request,
) -> Result<Facts, Error> {
    let mut facts = match &request.which {
        Which::Key(id) => {
            let mut facts = Facts::read(client, property, &[]).await?;
            facts.system.check()?;
            facts.read_one(client, id).await?;
            facts.read_missing(client).await?;
            facts
        }
        Which::Guest(query, _) => {
            let guests = std::slice::from_ref(query);
            let mut facts = Facts::read_ahead(client, property, guests, &[], AtDoors::All).await?;
            facts.system.check()?;
            let guest = facts.guest(query)?.clone();
            let guests = std::slice::from_ref(&guest);
            facts
                .read_keys(client, guests, &BTreeSet::new(), AtDoors::All)
                .await?;
            facts
        }
    };
    let old = find(&facts, &request.which)?;
    let guest = holder(&facts, old)?.clone();
    let rooms = doors(&facts, property, request, old)?.rooms;
    let rooms = rooms.union(&facts.rooms_of(&old.doors)).cloned().collect();
    facts
        .read_keys(client, std::slice::from_ref(&guest), &rooms, AtDoors::All)
        .await?;
    Ok(facts)
}

/// The key that is meant.
fn find<'a>(facts: &'a Facts, which: &Which) -> Result<&'a Key, Refusal> {
    match which {
        Which::Key(id) => match facts.keys.get(id) {
            Some(key) => Ok(facts.keys.root(key)),
            None => Err(Refusal::Key {
                asked: id.clone(),
                found: Found::None,
            }),
        },
        Which::Guest(query, room) => {
            let guest = facts.guest(query)?;
            let room = facts.room_ids(room.as_slice())?.pop_first();
            let keys: Vec<&Key> = facts
                .live_mobile_of(&guest.acs_user_id)
                .into_iter()
                .filter(|key| room.as_ref().is_none_or(|room| key.doors.contains(room)))
                .collect();
            match keys[..] {
                [key] => Ok(key),
                _ => Err(Refusal::Key {
                    asked: format!("of {}", guest.name),
                    found: facts.found(&keys),
                }),
            }
        }
    }
}

fn holder<'a>(facts: &'a Facts, key: &Key) -> Result<&'a GuestRecord, Refusal> {
    let holder = key.holder.as_deref();
    holder
        .and_then(|holder| facts.guest_on_record(holder))
        .ok_or_else(|| {
            Refusal::CannotUpdate(format!(
                "key {} has no guest on record, so no new one can be made for them",
                key.id
            ))
        })
}

fn doors(
    facts: &Facts,
    property: &Property,
    request: &Request,
    old: &Key,
) -> Result<Doors, Refusal> {
    let id = &old.id;
    if old.medium != Medium::Mobile {
        return Err(Refusal::CannotUpdate(format!(
            "key {id} is a plastic card: it has to be encoded again at the card encoder"
        )));
    }
    if !old.is_live(facts.now()) {
        return Err(Refusal::CannotUpdate(format!(
            "key {id} is no longer valid; `issue` a new one"
        )));
    }
    let old_rooms = facts.rooms_of(&old.doors);
    let rooms = if request.rooms.is_empty() {
        old_rooms.clone()
    } else {
        facts.room_ids(&request.rooms)?
    };
    let others = match &request.also {
        None => old.doors.difference(&old_rooms).cloned().collect(),
        Some(names) => facts.other_ids(names)?,
    };
    Doors::of(
        facts,
        rooms.union(&others).cloned().collect(),
        property.format,
    )
}

pub(super) fn decide(
    facts: &Facts,
    property: &Property,
    request: &Request,
) -> Result<Decided, Refusal> {
    let mut warnings = vec![];
    let old = find(facts, &request.which)?;
    let doors = &doors(facts, property, request, old)?;
    let party = &Party::known(holder(facts, old)?.clone(), &mut warnings)?;
    let window = window(facts, request, old)?;
    let draft = Draft {
        property,
        doors,
        window,
        label: request.label.as_deref(),
        require_phone: request.require_phone,
    };
    draft.check_label(&mut warnings)?;

    let old_rooms = facts.rooms_of(&old.doors);
    let others = live_at_any(&facts.keys, &old_rooms, Some(&old.id), facts.now());
    check_new_rooms(facts, doors, &old_rooms, old, &others)?;

    let says = vec![
        format!(
            "Room {}: mobile key of {}",
            facts.room_names(&old_rooms).join(", "),
            party.name()
        ),
        format!(
            "  before: {}, until {}",
            facts.door_names(&old.doors).join(", "),
            facts.brief(old).until
        ),
        format!(
            "  after:  {}, until {} (hotel time, {})",
            facts.door_names(&doors.all).join(", "),
            facts.time.show(window.ends_at),
            facts.time.zone.name()
        ),
    ];
    let same_start = request.times.from.is_none()
        || old
            .starts_at
            .is_some_and(|s| s.timestamp() / 60 == window.starts_at.timestamp() / 60);
    if old.doors == doors.all
        && old.ends_with(window.ends_at)
        && same_start
        && request.label.is_none()
    {
        let already = vec![old.id.clone()];
        return Ok(Decided {
            command: Command::Update,
            plan: None,
            already,
            warnings,
            says,
            asks: None,
        });
    }

    // The guest's own other keys are being replaced with this one: they are nothing to join to.
    let mut joined: Vec<Ref> = others
        .iter()
        .filter(|key| key.holder != old.holder || key.medium != Medium::Mobile)
        .map(|key| Ref::Known(key.id.clone()))
        .collect();
    if joined.is_empty() {
        joined.push(Ref::Known(old.id.clone()));
    }
    let mut steps = Steps::default();
    let guest = Ref::Known(party.id().unwrap_or_default().to_owned());
    let spec = draft.spec(facts, party, guest, Access::Joiner(joined), &mut warnings)?;
    steps.add(
        format!("create the changed key for {}", doors.room_list()),
        Action::CreateKey(Box::new(spec)),
    );
    steps.add(
        "remove the key as it was",
        Action::DeleteIfLive(old.id.clone()),
    );
    let asks = Some("Replace the key?".to_owned());
    let plan = Some(facts.plan(
        Command::Update,
        std::slice::from_ref(party),
        doors,
        steps,
        vec![],
    ));
    Ok(Decided {
        command: Command::Update,
        plan,
        already: vec![],
        warnings,
        says,
        asks,
    })
}

/// What is not said is as it was; a start in the past is now.
fn window(facts: &Facts, request: &Request, old: &Key) -> Result<Window, Refusal> {
    let mut times = request.times.clone();
    if times.from.is_none() {
        times.from = old
            .starts_at
            .filter(|start| *start > facts.now())
            .map(When::Instant);
        // Nights count from the day the key began, which may have passed.
        if let (Some(nights), Some(start), None) = (times.nights, old.starts_at, times.until) {
            let end = facts
                .time
                .check_out_after(facts.time.date_of(start), nights)?;
            (times.nights, times.until) = (None, Some(When::Instant(end)));
        }
    }
    if times.until.is_none() && times.nights.is_none() {
        let end = old.ends_at.ok_or_else(|| {
            Refusal::CannotUpdate(
                "the key has no end; say one with `--until` or `--nights`".to_owned(),
            )
        })?;
        times.until = Some(When::Instant(end));
    }
    times.window(facts)
}

/// A key may be widened to free rooms only: a joiner on a room with a stranger's key lets the guest in there.
fn check_new_rooms(
    facts: &Facts,
    doors: &Doors,
    old_rooms: &BTreeSet<String>,
    old: &Key,
    same_stay: &[&Key],
) -> Result<(), Refusal> {
    let new: BTreeSet<String> = doors.rooms.difference(old_rooms).cloned().collect();
    let strangers: Vec<&Key> = live_at_any(&facts.keys, &new, Some(&old.id), facts.now())
        .into_iter()
        .filter(|key| !same_stay.iter().any(|known| known.id == key.id) && key.holder != old.holder)
        .collect();
    if strangers.is_empty() {
        return Ok(());
    }
    Err(Refusal::Occupied {
        rooms: facts.room_names(&new).join(", "),
        keys: strangers.iter().map(|key| facts.brief(key)).collect(),
        same_stay: false,
    })
}
