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
use crate::hotel::refusal::Sharing;
use crate::hotel::refusal::{Found, Refusal};
use crate::hotel::{GuestQuery, GuestRecord, RoomName, When, Window};
use crate::operation::decision::{Confirmation, Decision, Question, Summary};
use crate::operation::plan::{Access, Action, Command, Ref, Steps};
use crate::seam::Client;
use crate::snapshot::error::Error;
use crate::snapshot::fetch::read_named;
use crate::snapshot::hotel_snapshot::HotelSnapshot;
use crate::snapshot::profile::HotelProfile;
use crate::workflow::issue::{
    InTheWay, add_removals, neighbours, others_at, refuse_others, refuse_own,
};
use crate::workflow::template::{Doors, KeyTemplate, PlanParts, Recipient, Times, Touches};

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
    profile: &HotelProfile,
    request: &Request,
) -> Result<HotelSnapshot, Error> {
    let mut snapshot = match &request.which {
        Which::Key(id) => {
            let named = std::slice::from_ref(id);
            let (snapshot, named) = futures::join!(
                HotelSnapshot::read(client, profile, &[]),
                read_named(client, named)
            );
            let mut snapshot = snapshot?;
            snapshot.system.check()?;
            named?.into_iter().for_each(|key| snapshot.keys.insert(key));
            snapshot.read_missing(client).await?;
            snapshot
        }
        Which::Guest(query, _) => {
            let guests = std::slice::from_ref(query);
            let mut snapshot = HotelSnapshot::read_ahead(client, profile, guests, &[]).await?;
            snapshot.system.check()?;
            let guest = snapshot.guest(query)?.clone();
            let guests = std::slice::from_ref(&guest);
            snapshot.read_keys(client, guests, &BTreeSet::new()).await?;
            snapshot
        }
    };
    let old = find(&snapshot, &request.which)?;
    let id = old.id.clone();
    let guest = holder(&snapshot, old)?.clone();
    let rooms = doors(&snapshot, profile, request, old)?.rooms;
    let rooms = rooms
        .union(&snapshot.rooms_of(&old.doors))
        .cloned()
        .collect();
    snapshot
        .read_keys(client, std::slice::from_ref(&guest), &rooms)
        .await?;
    // The doors are read last, because another read of the key drops the doors that its list leaves out.
    snapshot.read_doors(client, &[id]).await?;
    Ok(snapshot)
}

/// Returns the key that the command changes.
fn find<'a>(snapshot: &'a HotelSnapshot, which: &Which) -> Result<&'a Key, Refusal> {
    match which {
        Which::Key(id) => match snapshot.keys.get(id) {
            Some(key) => Ok(snapshot.keys.root(key)),
            None => Err(Refusal::Key {
                asked: id.clone(),
                found: Found::None,
            }),
        },
        Which::Guest(query, room) => {
            let guest = snapshot.guest(query)?;
            let room = snapshot.room_ids(room.as_slice())?.pop_first();
            let keys: Vec<&Key> = snapshot
                .live_mobile_of(&guest.acs_user_id)
                .into_iter()
                .filter(|key| room.as_ref().is_none_or(|room| key.doors.contains(room)))
                .collect();
            match keys[..] {
                [key] => Ok(key),
                _ => Err(Refusal::Key {
                    asked: format!("of {}", guest.name),
                    found: snapshot.found(&keys),
                }),
            }
        }
    }
}

fn holder<'a>(snapshot: &'a HotelSnapshot, key: &Key) -> Result<&'a GuestRecord, Refusal> {
    let holder = key.holder.as_deref();
    holder
        .and_then(|holder| snapshot.guest_on_record(holder))
        .ok_or_else(|| {
            Refusal::CannotUpdate(format!(
                "key {} has no guest on record, so it cannot be replaced with a new key",
                key.id
            ))
        })
}

fn doors(
    snapshot: &HotelSnapshot,
    profile: &HotelProfile,
    request: &Request,
    old: &Key,
) -> Result<Doors, Refusal> {
    let id = &old.id;
    if old.medium != Medium::Mobile {
        return Err(Refusal::CannotUpdate(format!(
            "key {id} is a plastic card: it has to be encoded again at the card encoder"
        )));
    }
    if !old.is_live(snapshot.now()) {
        return Err(Refusal::CannotUpdate(format!(
            "key {id} is no longer valid; `issue` a new one"
        )));
    }
    let old_rooms = snapshot.rooms_of(&old.doors);
    let rooms = if request.rooms.is_empty() {
        old_rooms.clone()
    } else {
        snapshot.room_ids(&request.rooms)?
    };
    let mut others: BTreeSet<String> = old.doors.difference(&old_rooms).cloned().collect();
    others.extend(snapshot.other_ids(&request.also)?);
    for door in snapshot.other_ids(&request.without)? {
        others.remove(&door);
    }
    Doors::of(
        snapshot,
        rooms.union(&others).cloned().collect(),
        profile.format,
    )
}

pub(crate) fn decide(
    snapshot: &HotelSnapshot,
    profile: &HotelProfile,
    request: &Request,
) -> Result<Decision, Refusal> {
    let mut warnings = vec![];
    let old = find(snapshot, &request.which)?;
    let doors = &doors(snapshot, profile, request, old)?;
    let recipient = &Recipient::known(holder(snapshot, old)?.clone(), &mut warnings)?;
    let stay = stay_of(snapshot, old);
    let window = window(snapshot, request, old, &stay)?;
    let template = KeyTemplate {
        profile,
        doors,
        window,
        label: request.label.as_deref(),
        require_phone: request.require_phone,
    };
    template.check_label(&mut warnings)?;

    let old_rooms = snapshot.rooms_of(&old.doors);
    let summary = Some(Summary::ChangedKey {
        rooms: snapshot.room_names(&old_rooms),
        guest: recipient.name().to_owned(),
        before: snapshot.brief(old),
        doors: snapshot.door_names(&doors.all),
        until: window.ends_at,
    });
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
        return Ok(Decision {
            command: Command::Update,
            plan: None,
            already,
            warnings,
            summary,
            neighbours: vec![],
            confirmation: None,
        });
    }
    let others = others_at(snapshot, std::slice::from_ref(recipient), doors, window);
    check_growth(snapshot, &others, doors, old, &stay)?;
    let touches = replaced(snapshot, recipient, old, window, request.replace)?;

    let access = access(snapshot, old, &stay, doors, window, &others);
    let mut steps = Steps::default();
    let guest = Ref::Known(recipient.id().unwrap_or_default().to_owned());
    let spec = template.spec(snapshot, recipient, guest, access, &mut warnings)?;
    steps.add(
        format!("create the changed key for {}", doors.room_list()),
        Action::CreateKey(Box::new(spec)),
    );
    add_removals(&mut steps, &touches);
    // If the change takes nothing away from the guest, the command continues even if nobody can be asked. It does not
    // if nights are counted from a day that is uncertain.
    let shrinks = old
        .ends_at
        .is_none_or(|end| window.ends_at < end && !old.ends_with(window.ends_at))
        || !old.doors.is_subset(&doors.all)
        || !touches.at_risk.is_empty()
        || touches.removes.len() > 1;
    let only_end = old.doors == doors.all && same_start && request.label.is_none();
    let confirmation = Confirmation {
        question: Question::Change {
            guest: recipient.name().to_owned(),
            until: only_end.then(|| snapshot.time.show(window.ends_at)),
            shorter: old.ends_at.is_none_or(|end| window.ends_at < end),
        },
        residents: vec![],
        ends: snapshot.briefs(&touches.all()),
        optional: !shrinks && (request.times.nights.is_none() || snapshot.knows_arrival(&stay)),
    };
    let plan = Some(snapshot.plan(PlanParts {
        command: Command::Update,
        recipients: std::slice::from_ref(recipient),
        doors,
        leaves: &old_rooms,
        steps,
        touches,
        arrival: snapshot.arrival(&stay, window),
    }));
    Ok(Decision {
        command: Command::Update,
        plan,
        already: vec![],
        warnings,
        summary,
        neighbours: neighbours(snapshot, &others),
        confirmation: Some(confirmation),
    })
}

/// Returns how the changed key gets its rights: it joins the other keys of its stay at the same time. If there are
/// none and the key opens a room that the old one did not open, it overrides. A joiner has the rights of the key that
/// it joins, and the lock of the new room refuses them if a guest who has left had a later key there.
fn access(
    snapshot: &HotelSnapshot,
    old: &Key,
    stay: &[&Key],
    doors: &Doors,
    window: Window,
    others: &Occupancy<'_>,
) -> Access {
    let is_of_stay = |key: &&Key| {
        stay.iter().any(|own| own.id == key.id)
            || is_one_stay(&snapshot.keys, old, key)
            || (key.holder.is_some() && key.holder == old.holder)
    };
    // The guest's own mobile keys are replaced together with this one, so the new key cannot join them.
    let is_other = |key: &&Key| {
        (key.holder != old.holder || key.medium != Medium::Mobile)
            && key.span().overlaps(window.into())
    };
    let at_rooms = snapshot.keys.live_at_any(&doors.rooms, snapshot.now());
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
    if !is_alone || doors.rooms.is_subset(&snapshot.rooms_of(&old.doors)) {
        return Access::Joiner(vec![Ref::Known(old.id.clone())]);
    }
    Access::Override
}

/// Returns the live keys that belong to the same stay as this key at its rooms, including the key itself.
fn stay_of<'a>(snapshot: &'a HotelSnapshot, old: &'a Key) -> Vec<&'a Key> {
    let rooms = snapshot.rooms_of(&old.doors);
    let mut stay = snapshot.keys.live_at_any(&rooms, snapshot.now());
    stay.retain(|key| is_one_stay(&snapshot.keys, old, key));
    if !stay.iter().any(|key| key.id == old.id) {
        stay.push(old);
    }
    stay
}

/// Returns the window of the changed key. Missing values stay unchanged, and a start in the past becomes now. Nights
/// are counted from the business date on which the stay began, whatever was changed in between.
fn window(
    snapshot: &HotelSnapshot,
    request: &Request,
    old: &Key,
    stay: &[&Key],
) -> Result<Window, Refusal> {
    let mut times = request.times.clone();
    if times.from.is_none() {
        times.from = old
            .starts_at
            .filter(|start| *start > snapshot.now())
            .map(When::Instant);
        if let (Some(nights), None) = (times.nights, times.until) {
            let arrival = snapshot.arrival_of(stay).ok_or_else(|| {
                Refusal::CannotUpdate(
                    "it is not known when this stay began; give its end with `--until`".to_owned(),
                )
            })?;
            let end = snapshot.time.check_out_after(arrival, nights)?;
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
    times.window(snapshot)
}

/// Refuses a change that extends the key into the rooms or times of another stay. Guests who already overlap the
/// unchanged key are no reason to refuse.
fn check_growth(
    snapshot: &HotelSnapshot,
    others: &Occupancy<'_>,
    doors: &Doors,
    old: &Key,
    stay: &[&Key],
) -> Result<(), Refusal> {
    let all = others.strangers.iter().chain(&others.companions).copied();
    let in_the_way = all.filter(|key| {
        let is_of_stay =
            stay.iter().any(|own| own.id == key.id) || is_one_stay(&snapshot.keys, old, key);
        let meets_already =
            key.span().overlaps(old.span()) && key.opens_any(&snapshot.rooms_of(&old.doors));
        !is_of_stay && !meets_already
    });
    let grown = Occupancy {
        strangers: in_the_way.collect(),
        ..Occupancy::default()
    };
    let guest: Vec<&str> = old.holder.as_deref().into_iter().collect();
    // Another key would not help a guest whose own key is for the room already.
    let mut own_rooms = grown.strangers.iter();
    let own_rooms = own_rooms.any(|key| key.opens_any(&snapshot.rooms_of(&old.doors)));
    refuse_others(snapshot, &guest, &grown, doors, InTheWay::Left)
        .map(drop)
        .map_err(|refusal| match refusal {
            Refusal::Occupied {
                rooms,
                keys,
                same_stay,
                replaceable,
                ..
            } if own_rooms => Refusal::Occupied {
                rooms,
                keys,
                same_stay,
                replaceable,
                sharing: Sharing::None,
            },
            other => other,
        })
}

/// Returns the guest's keys that the changed key replaces: the key itself and, if agreed, others.
fn replaced<'a>(
    snapshot: &'a HotelSnapshot,
    recipient: &Recipient,
    old: &'a Key,
    window: Window,
    replace: bool,
) -> Result<Touches<'a>, Refusal> {
    let own = snapshot.live_mobile_of(recipient.id().unwrap_or_default());
    if let Some(works) = loses_access(&own, window, snapshot.now()) {
        refuse_own(snapshot, recipient, &OwnKey::Gap(works), window, replace)?;
    }
    let mut touches = Touches {
        removes: vec![old],
        ..Touches::default()
    };
    let others: Vec<&Key> = own.into_iter().filter(|key| key.id != old.id).collect();
    if let (Some(other), false) = (others.first(), replace) {
        refuse_own(
            snapshot,
            recipient,
            &OwnKey::Elsewhere(other),
            window,
            false,
        )?;
    }
    touches.add_own(others, window);
    Ok(touches)
}
