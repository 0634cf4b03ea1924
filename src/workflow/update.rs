//! `update`: gives a guest's key other times or doors.
//!
//! It follows the vendor's guide: a new joiner key with the changed values is joined to the other live keys of the
//! rooms, or to the key itself if there are no others. A guest who moves alone gets an override, because the lock of
//! the new room does not know the rights of the old room's key. The service then replaces the old key. The tool reads
//! whether it did, and deletes the old key if it is still live. Exactly one key is left, and the guest is never
//! without one.

use std::collections::BTreeSet;

use crate::hotel::decide::{Occupancy, OwnKey, is_one_stay, loses_access};
use crate::hotel::key::{Key, Medium};
use crate::hotel::refusal::{Found, Refusal};
use crate::hotel::{GuestQuery, GuestRecord, RoomName, When, Window};
use crate::operation::decision::{Decided, Question};
use crate::operation::plan::{Access, Action, Command, Ref, Steps};
use crate::seam::Client;
use crate::snapshot::error::Error;
use crate::snapshot::fetch::read_named;
use crate::snapshot::hotel_snapshot::Facts;
use crate::snapshot::profile::Property;
use crate::workflow::issue::{
    InTheWay, add_removals, neighbours, others_at, refuse_others, refuse_own,
};
use crate::workflow::template::{Doors, Draft, Party, PlanParts, Times, Touches};

/// Which key the command changes.
#[derive(Clone, Debug)]
pub enum Which {
    /// The key with this id. One phone's copy stands for the whole key.
    Key(String),
    /// The guest's key. The room selects one if the guest has several live keys.
    Guest(GuestQuery, Option<RoomName>),
}

/// The arguments of the command. Anything that is not given stays unchanged.
#[derive(Clone, Debug)]
pub struct Request {
    /// The key to change.
    pub which: Which,
    /// The new times.
    pub times: Times,
    /// All rooms of the changed key. If empty, the rooms stay unchanged.
    pub rooms: Vec<RoomName>,
    /// Common doors to add to the key.
    pub also: Vec<String>,
    /// Common doors to remove from the key.
    pub without: Vec<String>,
    /// The new label.
    pub label: Option<String>,
    /// Whether other mobile keys of the guest may be replaced.
    pub replace: bool,
    /// Whether to refuse the command if a phone is not ready.
    pub require_phone: bool,
}

/// Reads the system and the doors, and the key or its guest. Then reads the guest's keys, the keys at the rooms of the
/// key before and after the change, and all doors of the key.
pub(crate) async fn read(
    client: &Client,
    property: &Property,
    request: &Request,
) -> Result<Facts, Error> {
    let mut facts = match &request.which {
        Which::Key(id) => {
            let named = std::slice::from_ref(id);
            let (facts, named) = futures::join!(
                Facts::read(client, property, &[]),
                read_named(client, named)
            );
            let mut facts = facts?;
            facts.system.check()?;
            named?.into_iter().for_each(|key| facts.keys.insert(key));
            facts.read_missing(client).await?;
            facts
        }
        Which::Guest(query, _) => {
            let guests = std::slice::from_ref(query);
            let mut facts = Facts::read_ahead(client, property, guests, &[]).await?;
            facts.system.check()?;
            let guest = facts.guest(query)?.clone();
            let guests = std::slice::from_ref(&guest);
            facts.read_keys(client, guests, &BTreeSet::new()).await?;
            facts
        }
    };
    let old = find(&facts, &request.which)?;
    let id = old.id.clone();
    let guest = holder(&facts, old)?.clone();
    let rooms = doors(&facts, property, request, old)?.rooms;
    let rooms = rooms.union(&facts.rooms_of(&old.doors)).cloned().collect();
    facts
        .read_keys(client, std::slice::from_ref(&guest), &rooms)
        .await?;
    // The doors are read last, because another read of the key drops the doors that its list leaves out.
    facts.read_doors(client, &[id]).await?;
    Ok(facts)
}

/// Returns the key that the command changes.
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
                "key {} has no guest on record, so it cannot be replaced with a new key",
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
    let mut others: BTreeSet<String> = old.doors.difference(&old_rooms).cloned().collect();
    others.extend(facts.other_ids(&request.also)?);
    for door in facts.other_ids(&request.without)? {
        others.remove(&door);
    }
    Doors::of(
        facts,
        rooms.union(&others).cloned().collect(),
        property.format,
    )
}

pub(crate) fn decide(
    facts: &Facts,
    property: &Property,
    request: &Request,
) -> Result<Decided, Refusal> {
    let mut warnings = vec![];
    let old = find(facts, &request.which)?;
    let doors = &doors(facts, property, request, old)?;
    let party = &Party::known(holder(facts, old)?.clone(), &mut warnings)?;
    let stay = stay_of(facts, old);
    let window = window(facts, request, old, &stay)?;
    let draft = Draft {
        property,
        doors,
        window,
        label: request.label.as_deref(),
        require_phone: request.require_phone,
    };
    draft.check_label(&mut warnings)?;

    let old_rooms = facts.rooms_of(&old.doors);
    let mut says = vec![
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
    let others = others_at(facts, std::slice::from_ref(party), doors, window);
    check_growth(facts, &others, doors, old, &stay)?;
    says.extend(neighbours(facts, &others));
    let touches = replaced(facts, party, old, window, request.replace)?;

    let access = access(facts, old, &stay, doors, window, &others);
    let mut steps = Steps::default();
    let guest = Ref::Known(party.id().unwrap_or_default().to_owned());
    let spec = draft.spec(facts, party, guest, access, &mut warnings)?;
    steps.add(
        format!("create the changed key for {}", doors.room_list()),
        Action::CreateKey(Box::new(spec)),
    );
    add_removals(&mut steps, &touches);
    let mut asks = Question::about(
        facts,
        &[("These keys are replaced:", &touches.all())],
        "Replace the key?",
    );
    // If the change takes nothing away from the guest, the command continues even if nobody can be asked. It does not
    // if nights are counted from a day that is uncertain.
    let shrinks = old
        .ends_at
        .is_none_or(|end| window.ends_at < end && !old.ends_with(window.ends_at))
        || !old.doors.is_subset(&doors.all)
        || !touches.at_risk.is_empty()
        || touches.removes.len() > 1;
    asks.optional = !shrinks && (request.times.nights.is_none() || facts.knows_arrival(&stay));
    let plan = Some(facts.plan(PlanParts {
        command: Command::Update,
        parties: std::slice::from_ref(party),
        doors,
        leaves: &old_rooms,
        steps,
        touches,
        arrival: facts.arrival(&stay, window),
    }));
    Ok(Decided {
        command: Command::Update,
        plan,
        already: vec![],
        warnings,
        says,
        asks: Some(asks),
    })
}

/// Returns how the changed key gets its rights: it joins the other keys of its stay at the same time. If there are
/// none and the key opens a room that the old one did not open, it overrides. A joiner has the rights of the key that
/// it joins, and the lock of the new room refuses them if a guest who has left had a later key there.
fn access(
    facts: &Facts,
    old: &Key,
    stay: &[&Key],
    doors: &Doors,
    window: Window,
    others: &Occupancy<'_>,
) -> Access {
    let is_of_stay = |key: &&Key| {
        stay.iter().any(|own| own.id == key.id)
            || is_one_stay(&facts.keys, old, key)
            || (key.holder.is_some() && key.holder == old.holder)
    };
    // The guest's own mobile keys are replaced together with this one, so the new key cannot join them.
    let is_other = |key: &&Key| {
        (key.holder != old.holder || key.medium != Medium::Mobile)
            && key.span().overlaps(window.into())
    };
    let at_rooms = facts.keys.live_at_any(&doors.rooms, facts.now());
    let joined: Vec<Ref> = at_rooms
        .into_iter()
        .filter(is_of_stay)
        .filter(is_other)
        .map(|key| Ref::Known(key.id.clone()))
        .collect();
    if !joined.is_empty() {
        return Access::Joiner(joined);
    }
    // An override would end the keys of other guests who already overlap this one.
    let is_alone = others.strangers.is_empty() && others.companions.is_empty();
    if !is_alone || doors.rooms.is_subset(&facts.rooms_of(&old.doors)) {
        return Access::Joiner(vec![Ref::Known(old.id.clone())]);
    }
    Access::Override
}

/// Returns the live keys that belong to the same stay as this key at its rooms, including the key itself.
fn stay_of<'a>(facts: &'a Facts, old: &'a Key) -> Vec<&'a Key> {
    let rooms = facts.rooms_of(&old.doors);
    let mut stay = facts.keys.live_at_any(&rooms, facts.now());
    stay.retain(|key| is_one_stay(&facts.keys, old, key));
    if !stay.iter().any(|key| key.id == old.id) {
        stay.push(old);
    }
    stay
}

/// Returns the window of the changed key. Missing values stay unchanged, and a start in the past becomes now. Nights
/// are counted from the business date on which the stay began, whatever was changed in between.
fn window(facts: &Facts, request: &Request, old: &Key, stay: &[&Key]) -> Result<Window, Refusal> {
    let mut times = request.times.clone();
    if times.from.is_none() {
        times.from = old
            .starts_at
            .filter(|start| *start > facts.now())
            .map(When::Instant);
        if let (Some(nights), None) = (times.nights, times.until) {
            let arrival = facts.arrival_of(stay).ok_or_else(|| {
                Refusal::CannotUpdate(
                    "it is not known when this stay began; give its end with `--until`".to_owned(),
                )
            })?;
            let end = facts.time.check_out_after(arrival, nights)?;
            (times.nights, times.until) = (None, Some(When::Instant(end)));
        }
    }
    if times.until.is_none() && times.nights.is_none() {
        let end = old.ends_at.ok_or_else(|| {
            Refusal::CannotUpdate(
                "the key has no end; give one with `--until` or `--nights`".to_owned(),
            )
        })?;
        times.until = Some(When::Instant(end));
    }
    times.window(facts)
}

/// Refuses a change that extends the key into the rooms or times of another stay. Guests who already overlap the
/// unchanged key are no reason to refuse.
fn check_growth(
    facts: &Facts,
    others: &Occupancy<'_>,
    doors: &Doors,
    old: &Key,
    stay: &[&Key],
) -> Result<(), Refusal> {
    let all = others.strangers.iter().chain(&others.companions).copied();
    let in_the_way = all.filter(|key| {
        let is_of_stay =
            stay.iter().any(|own| own.id == key.id) || is_one_stay(&facts.keys, old, key);
        let meets_already =
            key.span().overlaps(old.span()) && key.opens_any(&facts.rooms_of(&old.doors));
        !is_of_stay && !meets_already
    });
    let grown = Occupancy {
        strangers: in_the_way.collect(),
        ..Occupancy::default()
    };
    refuse_others(facts, &grown, doors, InTheWay::Left).map(drop)
}

/// Returns the guest's keys that the changed key replaces: the key itself and, if agreed, others.
fn replaced<'a>(
    facts: &'a Facts,
    party: &Party,
    old: &'a Key,
    window: Window,
    replace: bool,
) -> Result<Touches<'a>, Refusal> {
    let own = facts.live_mobile_of(party.id().unwrap_or_default());
    if let Some(works) = loses_access(&own, window, facts.now()) {
        refuse_own(facts, party, &OwnKey::Gap(works), window, replace)?;
    }
    let mut touches = Touches {
        removes: vec![old],
        ..Touches::default()
    };
    let others: Vec<&Key> = own.into_iter().filter(|key| key.id != old.id).collect();
    if let (Some(other), false) = (others.first(), replace) {
        refuse_own(facts, party, &OwnKey::Elsewhere(other), window, false)?;
    }
    touches.add_own(others, window);
    Ok(touches)
}
