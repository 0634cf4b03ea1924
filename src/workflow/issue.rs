//! `issue`: makes the first key of a stay, and a joiner for every further guest of the same command.
//!
//! It reads the system, the doors, the guests with their keys and phones, and the keys at the rooms, and decides. The
//! plan then puts new guests on record, creates the first key with `override`, and joins the other keys to it, in this
//! order.

use std::collections::BTreeSet;

use crate::hotel::decide::{Occupancy, OwnKey, occupancy, stays};
use crate::hotel::key::{Key, Medium};
use crate::hotel::refusal::Refusal;
use crate::hotel::refusal::Sharing;
use crate::hotel::refusal::Warning;
use crate::hotel::{GuestQuery, RoomName, Window};
use crate::operation::decision::{Confirmation, Decision, Neighbour, Question};
use crate::operation::plan::{Access, Action, Command, Ref, Steps};
use crate::operation::report::{first_key_command, revoke_command};
use crate::seam::Client;
use crate::snapshot::error::Error;
use crate::snapshot::hotel_snapshot::HotelSnapshot;
use crate::snapshot::profile::HotelProfile;
use crate::workflow::template::{
    Doors, KeyTemplate, PlanParts, Recipient, Times, Touches, read_around, read_unlisted,
    recipients,
};

/// The arguments of the command.
#[derive(Clone, Debug)]
pub struct Request {
    /// The rooms, at least one.
    pub rooms: Vec<RoomName>,
    /// The guests, at least one. The first guest gets the override.
    pub guests: Vec<GuestQuery>,
    /// The time in which the keys work.
    pub times: Times,
    /// Common doors in addition to those of the profile.
    pub also: Vec<String>,
    /// The label of the keys, if it differs from the profile's.
    pub label: Option<String>,
    /// Whether it was agreed that live keys in the way may be replaced.
    pub replace: bool,
    /// Whether to refuse the command if a phone is not ready.
    pub require_phone: bool,
}

/// Reads the system, the doors and the guests, then the guests' keys and phones and the keys at the rooms.
pub(crate) async fn read(
    client: &Client,
    profile: &HotelProfile,
    request: &Request,
) -> Result<HotelSnapshot, Error> {
    let mut snapshot =
        HotelSnapshot::read_ahead(client, profile, &request.guests, &request.rooms).await?;
    snapshot.system.check()?;
    let (recipients, doors, _) = resolve(&snapshot, profile, request)?;
    read_around(client, &mut snapshot, &recipients, &doors.rooms).await?;
    read_unlisted(client, &mut snapshot, &recipients, &doors).await?;
    Ok(snapshot)
}

fn resolve(
    snapshot: &HotelSnapshot,
    profile: &HotelProfile,
    request: &Request,
) -> Result<(Vec<Recipient>, Doors, Vec<Warning>), Refusal> {
    let mut warnings = vec![];
    let doors = Doors::find(snapshot, &request.rooms, &request.also, profile.format)?;
    let recipients = recipients(snapshot, &request.guests, &mut warnings)?;
    Ok((recipients, doors, warnings))
}

pub(crate) fn decide(
    snapshot: &HotelSnapshot,
    profile: &HotelProfile,
    request: &Request,
) -> Result<Decision, Refusal> {
    let (recipients, doors, mut warnings) = resolve(snapshot, profile, request)?;
    let (recipients, doors) = (&recipients[..], &doors);
    let window = request.times.window(snapshot)?;
    let template = KeyTemplate {
        profile,
        doors,
        window,
        label: request.label.as_deref(),
        require_phone: request.require_phone,
    };
    template.check_label(&mut warnings)?;

    let mut have: Vec<&Key> = vec![];
    let mut lack: Vec<&Recipient> = vec![];
    let mut touches = Touches::default();
    for recipient in recipients {
        match template.own_key(snapshot, recipient) {
            OwnKey::Already(key) => have.push(key),
            own => {
                refuse_own(snapshot, recipient, &own, window, request.replace)?;
                let keys = recipient.id().map(|id| snapshot.live_mobile_of(id));
                touches.add_own(keys.into_iter().flatten(), window);
                lack.push(recipient);
            }
        }
    }
    let others = others_at(snapshot, recipients, doors, window);
    // If a guest of the party already has the right key, the others join it and nothing is overridden.
    if have.is_empty() {
        let in_the_way = InTheWay::Replaced(request.replace);
        let displaced = refuse_others(snapshot, &ids(recipients), &others, doors, in_the_way)?;
        let cards = lack.iter().filter_map(|recipient| recipient.id());
        let cards = cards.flat_map(|guest| cards_at(snapshot, guest, doors, window));
        touches.displaces = displaced.into_iter().chain(cards).collect();
    } else if !lack.is_empty() && !others.strangers.is_empty() {
        refuse_others(snapshot, &ids(recipients), &others, doors, InTheWay::Left)?;
    }

    let mut steps = Steps::default();
    let mut anchor = have.first().map(|key| Ref::Known(key.id.clone()));
    for recipient in &lack {
        let guest = recipient.refer(snapshot, &mut steps);
        let access = anchor
            .clone()
            .map_or(Access::Override, |first| Access::Joiner(vec![first]));
        let about = match access {
            Access::Override => format!("create the key for {}", doors.room_list()),
            Access::Joiner(_) => format!("join a key for {}", doors.room_list()),
        };
        let spec = template.spec(snapshot, recipient, guest, access, &mut warnings)?;
        let made = steps.add(about, Action::CreateKey(Box::new(spec)));
        anchor.get_or_insert(made);
    }
    add_removals(&mut steps, &touches);
    let touched = touches.all();
    let confirmation = (!touched.is_empty()).then(|| Confirmation {
        question: Question::Replace,
        residents: vec![],
        ends: snapshot.briefs(&touched),
        optional: false,
    });
    if have.is_empty() && !lack.is_empty() {
        warn_of_later_keys(snapshot, &others, window, &mut warnings);
    }
    let already = have.iter().map(|key| key.id.clone()).collect();
    let plan = (!lack.is_empty()).then(|| {
        snapshot.plan(PlanParts {
            command: Command::Issue,
            recipients,
            doors,
            leaves: &BTreeSet::new(),
            steps,
            touches,
            arrival: snapshot.arrival(&have, window),
        })
    });
    Ok(Decision {
        command: Command::Issue,
        plan,
        already,
        warnings,
        summary: Some(doors.new_keys(recipients, window)),
        neighbours: neighbours(snapshot, &others),
        confirmation,
    })
}

/// Returns the refusal if one of the guest's own keys is in the way.
pub(crate) fn refuse_own(
    snapshot: &HotelSnapshot,
    recipient: &Recipient,
    own: &OwnKey<'_>,
    window: Window,
    replace: bool,
) -> Result<(), Refusal> {
    let guest = recipient.name().to_owned();
    match own {
        // `--replace` does not override this refusal, because it would not prevent the gap in the guest's access.
        OwnKey::Gap(key) => Err(Refusal::Gap {
            guest,
            key: snapshot.brief(key),
            start: snapshot.time.show(window.starts_at),
        }),
        _ if replace => Ok(()),
        OwnKey::Different(key) => Err(Refusal::UseUpdate {
            guest,
            key: snapshot.brief(key),
        }),
        OwnKey::Card(key) => Err(Refusal::UseJoin {
            guest,
            key: snapshot.brief(key),
        }),
        OwnKey::Elsewhere(key) => Err(Refusal::KeyElsewhere {
            guest,
            key: snapshot.brief(key),
        }),
        OwnKey::None | OwnKey::Already(_) => Ok(()),
    }
}

/// Returns the keys that other people have to the rooms.
pub(crate) fn others_at<'a>(
    snapshot: &'a HotelSnapshot,
    recipients: &[Recipient],
    doors: &Doors,
    window: Window,
) -> Occupancy<'a> {
    let span = window.into();
    occupancy(
        &snapshot.keys,
        &doors.rooms,
        span,
        &ids(recipients),
        snapshot.now(),
    )
}

/// Returns the `acs_user_id`s of the guests who are on record.
pub(crate) fn ids(recipients: &[Recipient]) -> Vec<&str> {
    recipients.iter().filter_map(Recipient::id).collect()
}

/// What a command may do with keys of other people who are in the rooms.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum InTheWay {
    /// The command can replace them. The flag says whether that was agreed to.
    Replaced(bool),
    /// The command leaves them alone.
    Left,
}

/// Refuses if other people are in the rooms at that time and their keys may not be replaced. Otherwise returns the
/// keys that the override makes invalid. `guests` holds the `acs_user_id`s of the guests whom the command names.
pub(crate) fn refuse_others<'a>(
    snapshot: &HotelSnapshot,
    guests: &[&str],
    others: &Occupancy<'a>,
    doors: &Doors,
    in_the_way: InTheWay,
) -> Result<Vec<&'a Key>, Refusal> {
    let keys: Vec<&Key> = others
        .strangers
        .iter()
        .chain(&others.companions)
        .copied()
        .collect();
    if keys.is_empty() || in_the_way == InTheWay::Replaced(true) {
        return Ok(keys);
    }
    let has_none = |guest: &&str| snapshot.live_mobile_of(guest).is_empty();
    let is_taken = |room: &&String| keys.iter().any(|key| key.doors.contains(*room));
    Err(Refusal::Occupied {
        rooms: snapshot
            .room_names(doors.rooms.iter().filter(is_taken))
            .join(", "),
        keys: keys.iter().map(|key| snapshot.brief(key)).collect(),
        same_stay: others.strangers.is_empty(),
        replaceable: in_the_way != InTheWay::Left,
        sharing: if guests.iter().all(has_none) {
            Sharing::Join
        } else {
            Sharing::Replace
        },
    })
}

/// Returns the guest's own cards to the rooms that the override makes invalid.
pub(crate) fn cards_at<'a>(
    snapshot: &'a HotelSnapshot,
    guest: &str,
    doors: &Doors,
    window: Window,
) -> Vec<&'a Key> {
    let mut own = snapshot.live_of(guest);
    own.retain(|key| {
        key.medium != Medium::Mobile
            && key.opens_any(&doors.rooms)
            && key.span().overlaps(window.into())
    });
    own
}

/// Adds the steps that remove the guests' earlier keys. They come last.
pub(crate) fn add_removals(steps: &mut Steps, touches: &Touches<'_>) {
    for key in &touches.removes {
        steps.add(
            "remove the guest's earlier key",
            Action::DeleteIfLive(key.id.clone()),
        );
    }
}

/// Returns the guests who have the rooms before or after this stay.
pub(crate) fn neighbours(snapshot: &HotelSnapshot, others: &Occupancy<'_>) -> Vec<Neighbour> {
    let neighbour = |key: &&Key| {
        let guest = snapshot.name_of(key.holder.as_deref());
        match key.starts_at.filter(|start| *start > snapshot.now()) {
            Some(from) => Neighbour::Later { guest, from },
            None => Neighbour::Earlier {
                guest,
                until: snapshot.brief(key).until,
            },
        }
    };
    let mut found: Vec<Neighbour> = others.bystanders.iter().map(neighbour).collect();
    found.dedup();
    found
}

/// Warns if a key for a later guest was made before this one. Some locks may take the override that was made last for
/// the newest one, whenever it starts. In that case the earlier-made key of the later guest does not open the door. No
/// source settles this, and the API does not show it.
pub(crate) fn warn_of_later_keys(
    snapshot: &HotelSnapshot,
    others: &Occupancy<'_>,
    window: Window,
    warnings: &mut Vec<Warning>,
) {
    let later = others.bystanders.iter().copied();
    let later: Vec<&Key> = later
        .filter(|key| key.starts_at.is_some_and(|start| start >= window.ends_at))
        .collect();
    for stay in stays(&snapshot.keys, &later) {
        let names: Vec<String> = stay
            .iter()
            .map(|key| snapshot.name_of(key.holder.as_deref()))
            .collect();
        let start = stay.iter().filter_map(|key| key.starts_at).min();
        let start = start.map_or_else(String::new, |start| snapshot.time.show(start));
        warnings.push(Warning {
            code: "later_key_was_made_first".to_owned(),
            message: format!(
                "the key of {} from {start} was made before this one; if a lock refuses it then, {}",
                names.join(", "),
                make_anew(snapshot, &stay),
            ),
        });
    }
}

/// Says how the keys of a stay are made anew. `issue` alone would find them as they were asked for.
fn make_anew(snapshot: &HotelSnapshot, stay: &[&Key]) -> String {
    let guests: Option<Vec<&str>> = stay
        .iter()
        .filter(|key| key.medium == Medium::Mobile)
        .map(|key| key.holder.as_deref())
        .collect();
    let first = stay.first().and_then(|key| Some((key, key.ends_at?)));
    let ids: Vec<String> = stay.iter().map(|key| key.id.clone()).collect();
    match (guests, first, revoke_command(snapshot, &ids)) {
        (Some(guests), Some((key, end)), Some(revoke)) if guests.len() == stay.len() => {
            let issue = first_key_command(snapshot, &guests, &key.doors, None, end);
            format!("`{revoke}` and then `{issue}` make it anew")
        }
        _ => "make it anew at the encoder".to_owned(),
    }
}
