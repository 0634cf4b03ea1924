//! `join`: adds a key to a stay without affecting the live keys.
//!
//! The keys to join are mobile keys (for all phones, or one phone's copy) or plastic cards. They are named, or they
//! are found at the rooms and shown with their holders before anything is created. Doors and end default to those of
//! the joined keys. A new key may open fewer rooms than the joined keys, but not more.

use std::collections::BTreeSet;

use crate::hotel::decide::{Occupancy, OwnKey, is_of_one_guest, stay_at, stays};
use crate::hotel::key::Key;
use crate::hotel::refusal::{Found, Refusal};
use crate::hotel::{Edge, GuestQuery, RoomName, Span, Window};
use crate::operation::decision::{Confirmation, Decision, Question, Summary};
use crate::operation::plan::{Access, Action, Command, Ref, Steps};
use crate::seam::Client;
use crate::snapshot::error::Error;
use crate::snapshot::fetch::read_named;
use crate::snapshot::hotel_snapshot::HotelSnapshot;
use crate::snapshot::profile::HotelProfile;
use crate::workflow::issue::{InTheWay, add_removals, ids, others_at, refuse_others, refuse_own};
use crate::workflow::template::{
    Doors, KeyTemplate, PlanParts, Recipient, Times, Touches, read_around, recipients,
};

/// The arguments of the command.
#[derive(Clone, Debug)]
pub struct Request {
    /// The guests, at least one.
    pub guests: Vec<GuestQuery>,
    /// The ids of the keys to join. If empty, the keys are found at the rooms.
    pub to: Vec<String>,
    /// The rooms. If empty, all rooms of the joined keys.
    pub rooms: Vec<RoomName>,
    /// The common doors. If empty, those of the joined keys.
    pub also: Vec<String>,
    /// The time in which the key works. Missing values are those of the joined keys.
    pub times: Times,
    /// The label of the key, if it differs from the profile's.
    pub label: Option<String>,
    /// Whether it was agreed that the guest's own key elsewhere may be replaced.
    pub replace: bool,
    /// Whether to refuse the command if a phone is not ready.
    pub require_phone: bool,
}

/// Reads the system, the doors, the guests and the named keys, then the guests' own keys and phones and the keys at
/// the rooms, and last the doors that lists leave out of the keys to join.
pub(crate) async fn read(
    client: &Client,
    profile: &HotelProfile,
    request: &Request,
) -> Result<HotelSnapshot, Error> {
    let (snapshot, named) = futures::join!(
        HotelSnapshot::read_ahead(client, profile, &request.guests, &request.rooms),
        read_named(client, &request.to),
    );
    let mut snapshot = snapshot?;
    snapshot.system.check()?;
    named?.into_iter().for_each(|key| snapshot.keys.insert(key));
    snapshot.read_missing(client).await?;
    snapshot.read_doors(client, &request.to).await?;
    let recipients = recipients(&snapshot, &request.guests, &mut vec![])?;
    let mut rooms = snapshot.room_ids(&request.rooms)?;
    let to = request.to.iter().filter_map(|id| snapshot.keys.get(id));
    let named: Vec<Key> = to.cloned().collect();
    let theirs: BTreeSet<String> = named
        .iter()
        .flat_map(|key| key.doors.iter().cloned())
        .collect();
    rooms.extend(snapshot.rooms_of(&theirs));
    read_around(client, &mut snapshot, &recipients, &rooms).await?;
    // The full doors are read last, because another read of a key drops the doors that its list leaves out.
    for key in named {
        if let Some(mut again) = snapshot.keys.get(&key.id).cloned() {
            again.doors.extend(key.doors);
            snapshot.keys.insert(again);
        }
    }
    if request.to.is_empty()
        && let Ok(joined) = find_joined(&snapshot, request, &rooms, &recipients)
    {
        let ids: Vec<String> = joined.iter().map(|key| key.id.clone()).collect();
        snapshot.read_doors(client, &ids).await?;
    }
    Ok(snapshot)
}

pub(crate) fn decide(
    snapshot: &HotelSnapshot,
    profile: &HotelProfile,
    request: &Request,
) -> Result<Decision, Refusal> {
    let mut warnings = vec![];
    let recipients = recipients(snapshot, &request.guests, &mut warnings)?;
    let rooms = snapshot.room_ids(&request.rooms)?;
    let joined = find_joined(snapshot, request, &rooms, &recipients)?;
    let doors = doors(snapshot, profile, request, rooms, &joined)?;
    let window = window(snapshot, request, &joined)?;
    let others = others_at(snapshot, &recipients, &doors, window);
    check_others(snapshot, &recipients, others, &joined, &doors)?;
    let template = KeyTemplate {
        profile,
        doors: &doors,
        window,
        label: request.label.as_deref(),
        require_phone: request.require_phone,
    };
    template.check_label(&mut warnings)?;

    let mut steps = Steps::default();
    let mut already = vec![];
    let mut touches = Touches::default();
    for recipient in &recipients {
        match template.own_key(snapshot, recipient) {
            OwnKey::Already(key) => {
                already.push(key.id.clone());
                continue;
            }
            OwnKey::Card(_) => {} // A guest who has a card may join it with a phone.
            own => refuse_own(snapshot, recipient, &own, window, request.replace)?,
        }
        let own = recipient.id().map(|id| snapshot.live_mobile_of(id));
        touches.add_own(own.into_iter().flatten(), window);
        let guest = recipient.refer(snapshot, &mut steps);
        let ids = joined.iter().map(|key| Ref::Known(key.id.clone()));
        let access = Access::Joiner(ids.collect());
        let spec = template.spec(snapshot, recipient, guest, access, &mut warnings)?;
        steps.add(
            format!("join a key for {}", doors.room_list()),
            Action::CreateKey(Box::new(spec)),
        );
    }
    add_removals(&mut steps, &touches);
    let rooms: Vec<String> = doors.names.iter().map(ToString::to_string).collect();
    let names = recipients.iter().map(Recipient::name);
    let guests: Vec<String> = names.map(str::to_owned).collect();
    let confirmation = Confirmation {
        question: Question::LetIn {
            rooms: rooms.clone(),
            guests: guests.clone(),
        },
        residents: snapshot.briefs(&joined),
        ends: snapshot.briefs(&touches.all()),
        optional: false,
    };
    let summary = Summary::NewKeys {
        rooms,
        guests,
        window,
        joins: snapshot.briefs(&joined),
    };
    let arrival = snapshot.arrival(&joined, window);
    let is_needed = already.len() < recipients.len();
    let plan = is_needed.then(|| {
        snapshot.plan(PlanParts {
            command: Command::Join,
            recipients: &recipients,
            doors: &doors,
            leaves: &BTreeSet::new(),
            steps,
            touches,
            arrival,
        })
    });
    Ok(Decision {
        command: Command::Join,
        plan,
        already,
        warnings,
        summary: Some(summary),
        neighbours: vec![],
        confirmation: is_needed.then_some(confirmation),
    })
}

/// Returns the keys that were named or, if none were named, the keys of the stay that is in the rooms when the new key
/// starts. The guests' own keys are left out.
fn find_joined<'a>(
    snapshot: &'a HotelSnapshot,
    request: &Request,
    rooms: &BTreeSet<String>,
    recipients: &[Recipient],
) -> Result<Vec<&'a Key>, Refusal> {
    if !request.to.is_empty() {
        return find_named(snapshot, &request.to);
    }
    let is_own = |key: &Key| {
        let holder = key.holder.as_deref();
        recipients
            .iter()
            .filter_map(Recipient::id)
            .any(|own| holder == Some(own))
    };
    let (own, others): (Vec<&Key>, Vec<&Key>) = snapshot
        .keys
        .live_at_any(rooms, snapshot.now())
        .into_iter()
        .partition(|key| is_own(key));
    // If only the guest's own card is for the room, the new key joins this card.
    let candidates = if others.is_empty() { own } else { others };
    let start = match &request.times.from {
        Some(from) => snapshot.time.resolve(from, Edge::CheckIn)?,
        None => snapshot.now(),
    };
    let names = || snapshot.room_names(rooms).join(", ");
    stay_at(&stays(&snapshot.keys, &candidates), start).map_err(|stays| {
        if stays.is_empty() {
            return Refusal::Key {
                asked: format!("live on room {}", names()),
                found: Found::None,
            };
        }
        snapshot.several_stays("join", names(), &stays)
    })
}

fn find_named<'a>(snapshot: &'a HotelSnapshot, ids: &[String]) -> Result<Vec<&'a Key>, Refusal> {
    let mut found = vec![];
    for id in ids {
        found.push(snapshot.keys.get(id).ok_or_else(|| Refusal::Key {
            asked: id.clone(),
            found: Found::None,
        })?);
    }
    match found.iter().find(|key| !key.is_live(snapshot.now())) {
        None => Ok(found),
        Some(dead) => Err(Refusal::CannotJoin(format!(
            "key {} is no longer valid, so nothing can be joined to it",
            dead.id
        ))),
    }
}

/// Refuses if the rooms belong to another stay at that time. Guests who already share the room with the joined stay
/// are no reason to refuse, because a person has named the stay to join.
fn check_others(
    snapshot: &HotelSnapshot,
    recipients: &[Recipient],
    mut others: Occupancy<'_>,
    joined: &[&Key],
    doors: &Doors,
) -> Result<(), Refusal> {
    let joined: Vec<&Key> = joined.iter().map(|key| snapshot.keys.root(key)).collect();
    let share_a_room = |a: &Key, b: &Key| {
        let mut rooms = doors.rooms.iter();
        rooms.any(|room| a.doors.contains(room) && b.doors.contains(room))
    };
    let linked = snapshot
        .keys
        .linked_to(joined.iter().map(|key| &key.id[..]));
    let belongs = |key: &Key| {
        let mut joined = joined.iter();
        linked.contains(&key.id)
            || joined.any(|own| {
                is_of_one_guest(own, key)
                    || (key.span().overlaps(own.span()) && share_a_room(own, key))
            })
    };
    others.companions.clear();
    others.strangers.retain(|key| !belongs(key));
    refuse_others(snapshot, &ids(recipients), &others, doors, InTheWay::Left).map(drop)
}

fn doors(
    snapshot: &HotelSnapshot,
    profile: &HotelProfile,
    request: &Request,
    rooms: BTreeSet<String>,
    joined: &[&Key],
) -> Result<Doors, Refusal> {
    let theirs: BTreeSet<String> = joined
        .iter()
        .flat_map(|key| key.doors.iter().cloned())
        .collect();
    let their_rooms = snapshot.rooms_of(&theirs);
    let beyond: BTreeSet<String> = rooms.difference(&their_rooms).cloned().collect();
    if !beyond.is_empty() {
        return Err(Refusal::BeyondJoined(format!(
            "room {} is not among the rooms of the keys to be joined ({})",
            snapshot.room_names(&beyond).join(", "),
            snapshot.room_names(&their_rooms).join(", "),
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
        snapshot.other_ids(&request.also)?
    };
    Doors::of(
        snapshot,
        rooms.union(&others).cloned().collect(),
        profile.format,
    )
}

/// Returns the window of the new key. Missing values are those of the joined keys. If their ends differ, the end must
/// be given.
fn window(snapshot: &HotelSnapshot, request: &Request, joined: &[&Key]) -> Result<Window, Refusal> {
    let now = snapshot.now();
    let mut times = request.times.clone();
    if times.from.is_none() {
        let start = joined
            .iter()
            .filter_map(|key| key.starts_at)
            .min()
            .filter(|start| *start > now);
        times.from = start.map(crate::hotel::When::Instant);
    }
    if times.until.is_none() && times.nights.is_none() {
        let mut ends: Vec<_> = joined.iter().filter_map(|key| key.ends_at).collect();
        ends.sort_unstable();
        ends.dedup();
        match ends[..] {
            [end] => times.until = Some(crate::hotel::When::Instant(end)),
            [] => {
                return Err(Refusal::CannotJoin(
                    "the keys to be joined have no end; give one with `--until`".to_owned(),
                ));
            }
            [..] => {
                let ends: Vec<_> = ends.iter().map(|end| snapshot.time.show(*end)).collect();
                let text = format!(
                    "the keys to be joined end at different times ({}); give the end with `--until`",
                    ends.join("; ")
                );
                return Err(Refusal::CannotJoin(text));
            }
        }
    }
    let window = times.window(snapshot)?;
    let meets = |key: &&&Key| key.span().overlaps(Span::from(window));
    if joined.iter().any(|key| meets(&key)) {
        return Ok(window);
    }
    Err(Refusal::BeyondJoined(format!(
        "the key would be for {} to {}, when the keys to be joined are not in use ({})",
        snapshot.time.show(window.starts_at),
        snapshot.time.show(window.ends_at),
        joined
            .iter()
            .map(|key| snapshot.brief(key).to_string())
            .collect::<Vec<_>>()
            .join("; "),
    )))
}
