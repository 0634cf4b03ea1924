//! `return-guest`: gives a guest who was here before a new first key.
//!
//! The order of the requests was specified by the user of the tool: `users/get` →
//! `users/revoke_access_to_all_entrances` → `entrances/grant_access` for each door → `credentials/create` with
//! `override`. The command takes access away before it gives any. For this reason everything that can be checked is
//! checked before the first of these requests.

use std::collections::BTreeSet;

use crate::hotel::decide::OwnKey;
use crate::hotel::key::{Key, Medium};
use crate::hotel::refusal::Refusal;
use crate::hotel::refusal::Warning;
use crate::hotel::{GuestQuery, RoomName};
use crate::operation::decision::{Decided, Question};
use crate::operation::plan::{Access, Action, Command, Ref, Steps};
use crate::seam::{Client, users};
use crate::snapshot::convert::guest;
use crate::snapshot::error::Error;
use crate::snapshot::hotel_snapshot::Facts;
use crate::snapshot::profile::Property;
use crate::workflow::issue::{
    InTheWay, add_removals, cards_at, neighbours, others_at, refuse_others, refuse_own,
    warn_of_later_keys,
};
use crate::workflow::template::{
    Doors, Draft, Party, PlanParts, Times, Touches, parties, read_around, read_unlisted,
};

/// The arguments of the command.
#[derive(Clone, Debug)]
pub struct Request {
    /// The guest, who must be on record.
    pub guest: GuestQuery,
    /// The rooms, at least one.
    pub rooms: Vec<RoomName>,
    /// The time in which the key works.
    pub times: Times,
    /// Common doors in addition to those of the profile.
    pub also: Vec<String>,
    /// The label of the key, if it differs from the profile's.
    pub label: Option<String>,
    /// Whether it was agreed that other guests' live keys to the rooms may be replaced.
    pub replace: bool,
    /// Whether to refuse the command if a phone is not ready.
    pub require_phone: bool,
}

/// Reads the system, the doors and the guest, then the guest's keys and phones, the keys at the rooms, and the guest's
/// current record in the access system.
pub(crate) async fn read(
    client: &Client,
    property: &Property,
    request: &Request,
) -> Result<Facts, Error> {
    let guests = std::slice::from_ref(&request.guest);
    let rooms = &request.rooms;
    let mut facts = Facts::read_ahead(client, property, guests, rooms).await?;
    facts.system.check()?;
    let (party, doors, _) = resolve(&facts, property, request)?;
    let parties = std::slice::from_ref(&party);
    let user = party.id().unwrap_or_default().to_owned();
    if facts.is_confirmed(&user) {
        read_around(client, &mut facts, parties, &doors.rooms).await?;
        read_unlisted(client, &mut facts, parties, &doors).await?;
        return Ok(facts);
    }
    let user = user.into();
    let (read, confirmed) = futures::join!(
        read_around(client, &mut facts, parties, &doors.rooms),
        users::get(client, &user)
    );
    read?;
    match confirmed {
        Ok(reply) => facts.know_confirmed(guest(reply.value), reply.request_id),
        Err(error) if error.is_not_found() => {
            return Err(Refusal::Guest {
                asked: request.guest.to_string(),
                found: crate::hotel::refusal::Found::None,
            }
            .into());
        }
        Err(error) => return Err(error.into()),
    }
    read_unlisted(client, &mut facts, parties, &doors).await?;
    Ok(facts)
}

fn resolve(
    facts: &Facts,
    property: &Property,
    request: &Request,
) -> Result<(Party, Doors, Vec<Warning>), Refusal> {
    let mut warnings = vec![];
    let doors = Doors::find(facts, &request.rooms, &request.also, property.format)?;
    let mut found = parties(facts, std::slice::from_ref(&request.guest), &mut warnings)?;
    match found.pop() {
        Some(party @ Party::Known(_)) => Ok((party, doors, warnings)),
        _ => Err(Refusal::Guest {
            asked: request.guest.to_string(),
            found: crate::hotel::refusal::Found::None,
        }),
    }
}

pub(crate) fn decide(
    facts: &Facts,
    property: &Property,
    request: &Request,
) -> Result<Decided, Refusal> {
    let (party, doors, mut warnings) = resolve(facts, property, request)?;
    let (party, doors) = (&party, &doors);
    let user = party.id().unwrap_or_default().to_owned();
    let window = request.times.window(facts)?;
    let draft = Draft {
        property,
        doors,
        window,
        label: request.label.as_deref(),
        require_phone: request.require_phone,
    };
    draft.check_label(&mut warnings)?;
    let parties = std::slice::from_ref(party);
    let others = others_at(facts, parties, doors, window);
    let mut says = vec![format!(
        "Room {}: fresh key for returning guest {}, {} to {} (hotel time, {})",
        doors.room_list(),
        party.name(),
        facts.time.show(window.starts_at),
        facts.time.show(window.ends_at),
        facts.time.zone.name(),
    )];
    says.extend(neighbours(facts, &others));
    match draft.own_key(facts, party) {
        OwnKey::Already(key) => {
            return Ok(Decided {
                command: Command::ReturnGuest,
                plan: None,
                already: vec![key.id.clone()],
                warnings,
                says,
                asks: None,
            });
        }
        own => refuse_own(facts, party, &own, window, true)?,
    }
    let own = facts.live_of(&user);
    let (mobile, cards): (Vec<&Key>, Vec<&Key>) =
        own.iter().partition(|key| key.medium == Medium::Mobile);
    let at_rooms = cards_at(facts, &user, doors, window);
    let elsewhere = cards
        .into_iter()
        .filter(|card| !at_rooms.iter().any(|other| other.id == card.id));
    let mut displaces = refuse_others(facts, &others, doors, InTheWay::Replaced(request.replace))?;
    displaces.extend(at_rooms.iter().copied());
    let touches = Touches {
        displaces,
        removes: mobile,
        // It is not documented whether the service removes these keys along with the access.
        at_risk: elsewhere.collect(),
    };

    let mut steps = Steps::default();
    steps.add(
        "check that the guest is on record",
        Action::GetUser(user.clone()),
    );
    steps.add(
        "take away all earlier access",
        Action::RevokeAccess(user.clone()),
    );
    for door in &doors.all {
        let about = format!("grant {}", facts.door_name(door));
        steps.add(
            about,
            Action::GrantAccess {
                user: user.clone(),
                door: door.clone(),
            },
        );
    }
    let guest = Ref::Known(user.clone());
    let spec = draft.spec(facts, party, guest, Access::Override, &mut warnings)?;
    // If the service refused the create because no phone is ready, the guest's access would already be gone. The
    // vendor's pages disagree on whether it does. A working key is therefore not put at risk.
    if let (false, Some(loses)) = (
        spec.phone_ready == Some(true),
        own.iter().find(|key| !key.is_waiting()),
    ) {
        return Err(Refusal::PhoneNotReady {
            guest: party.name().to_owned(),
            loses: Some(facts.brief(loses)),
        });
    }
    steps.add(
        format!("create the key for {}", doors.room_list()),
        Action::CreateKey(Box::new(spec)),
    );
    add_removals(&mut steps, &touches);
    warn_of_later_keys(facts, &others, window, &mut warnings);
    let touched = touches.all();
    let asks = (!touched.is_empty()).then(|| {
        let heading = "These keys are taken away or replaced:";
        Question::about(facts, &[(heading, &touched)], "Go on?")
    });
    let plan = Some(facts.plan(PlanParts {
        command: Command::ReturnGuest,
        parties,
        doors,
        leaves: &BTreeSet::new(),
        steps,
        touches,
        arrival: facts.arrival(&[], window),
    }));
    Ok(Decided {
        command: Command::ReturnGuest,
        plan,
        already: vec![],
        warnings,
        says,
        asks,
    })
}
