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
use crate::operation::decision::{Confirmation, Decision, Question};
use crate::operation::plan::{Access, Action, Command, Ref, Steps};
use crate::seam::{Client, users};
use crate::snapshot::convert::guest;
use crate::snapshot::error::Error;
use crate::snapshot::hotel_snapshot::HotelSnapshot;
use crate::snapshot::profile::HotelProfile;
use crate::workflow::issue::{
    InTheWay, add_removals, cards_at, neighbours, others_at, refuse_others, refuse_own,
    warn_of_later_keys,
};
use crate::workflow::template::{
    Doors, KeyTemplate, PlanParts, Recipient, Times, Touches, read_around, read_unlisted,
    recipients,
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
    profile: &HotelProfile,
    request: &Request,
) -> Result<HotelSnapshot, Error> {
    let guests = std::slice::from_ref(&request.guest);
    let rooms = &request.rooms;
    let mut snapshot = HotelSnapshot::read_ahead(client, profile, guests, rooms).await?;
    snapshot.system.check()?;
    let (recipient, doors, _) = resolve(&snapshot, profile, request)?;
    let recipients = std::slice::from_ref(&recipient);
    let user = recipient.id().unwrap_or_default().to_owned();
    if snapshot.is_confirmed(&user) {
        read_around(client, &mut snapshot, recipients, &doors.rooms).await?;
        read_unlisted(client, &mut snapshot, recipients, &doors).await?;
        return Ok(snapshot);
    }
    let user = user.into();
    let (read, confirmed) = futures::join!(
        read_around(client, &mut snapshot, recipients, &doors.rooms),
        users::get(client, &user)
    );
    read?;
    match confirmed {
        Ok(reply) => snapshot.know_confirmed(guest(reply.value), reply.request_id),
        Err(error) if error.is_not_found() => {
            return Err(Refusal::Guest {
                asked: request.guest.to_string(),
                found: crate::hotel::refusal::Found::None,
            }
            .into());
        }
        Err(error) => return Err(error.into()),
    }
    read_unlisted(client, &mut snapshot, recipients, &doors).await?;
    Ok(snapshot)
}

fn resolve(
    snapshot: &HotelSnapshot,
    profile: &HotelProfile,
    request: &Request,
) -> Result<(Recipient, Doors, Vec<Warning>), Refusal> {
    let mut warnings = vec![];
    let doors = Doors::find(snapshot, &request.rooms, &request.also, profile.format)?;
    let mut found = recipients(
        snapshot,
        std::slice::from_ref(&request.guest),
        &mut warnings,
    )?;
    match found.pop() {
        Some(recipient @ Recipient::Known(_)) => Ok((recipient, doors, warnings)),
        _ => Err(Refusal::Guest {
            asked: request.guest.to_string(),
            found: crate::hotel::refusal::Found::None,
        }),
    }
}

pub(crate) fn decide(
    snapshot: &HotelSnapshot,
    profile: &HotelProfile,
    request: &Request,
) -> Result<Decision, Refusal> {
    let (recipient, doors, mut warnings) = resolve(snapshot, profile, request)?;
    let (recipient, doors) = (&recipient, &doors);
    let user = recipient.id().unwrap_or_default().to_owned();
    let window = request.times.window(snapshot)?;
    let template = KeyTemplate {
        profile,
        doors,
        window,
        label: request.label.as_deref(),
        require_phone: request.require_phone,
    };
    template.check_label(&mut warnings)?;
    let recipients = std::slice::from_ref(recipient);
    let others = others_at(snapshot, recipients, doors, window);
    let summary = Some(doors.new_keys(recipients, window));
    let neighbours = neighbours(snapshot, &others);
    match template.own_key(snapshot, recipient) {
        OwnKey::Already(key) => {
            return Ok(Decision {
                command: Command::ReturnGuest,
                plan: None,
                already: vec![key.id.clone()],
                warnings,
                summary,
                neighbours,
                confirmation: None,
            });
        }
        own => refuse_own(snapshot, recipient, &own, window, true)?,
    }
    let own = snapshot.live_of(&user);
    let (mobile, cards): (Vec<&Key>, Vec<&Key>) =
        own.iter().partition(|key| key.medium == Medium::Mobile);
    let at_rooms = cards_at(snapshot, &user, doors, window);
    let elsewhere = cards
        .into_iter()
        .filter(|card| !at_rooms.iter().any(|other| other.id == card.id));
    let in_the_way = InTheWay::Replaced(request.replace);
    let mut displaces = refuse_others(snapshot, &[&user], &others, doors, in_the_way)?;
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
        let about = format!("grant {}", snapshot.door_name(door));
        steps.add(
            about,
            Action::GrantAccess {
                user: user.clone(),
                door: door.clone(),
            },
        );
    }
    let guest = Ref::Known(user.clone());
    let spec = template.spec(snapshot, recipient, guest, Access::Override, &mut warnings)?;
    // If the service refused the create because no phone is ready, the guest's access would already be gone. The
    // vendor's pages disagree on whether it does. A working key is therefore not put at risk.
    if let (false, Some(loses)) = (
        spec.phone_ready == Some(true),
        own.iter().find(|key| !key.is_waiting()),
    ) {
        return Err(Refusal::PhoneNotReady {
            guest: recipient.name().to_owned(),
            loses: Some(snapshot.brief(loses)),
        });
    }
    steps.add(
        format!("create the key for {}", doors.room_list()),
        Action::CreateKey(Box::new(spec)),
    );
    add_removals(&mut steps, &touches);
    warn_of_later_keys(snapshot, &others, window, &mut warnings);
    let touched = touches.all();
    let confirmation = (!touched.is_empty()).then(|| Confirmation {
        question: Question::ReturnGuest,
        residents: vec![],
        ends: snapshot.briefs(&touched),
        optional: false,
    });
    let plan = Some(snapshot.plan(PlanParts {
        command: Command::ReturnGuest,
        recipients,
        doors,
        leaves: &BTreeSet::new(),
        steps,
        touches,
        arrival: snapshot.arrival(&[], window),
    }));
    Ok(Decision {
        command: Command::ReturnGuest,
        plan,
        already: vec![],
        warnings,
        summary,
        neighbours,
        confirmation,
    })
}
