//! `return-guest`: a guest who was here before gets a fresh start.
//!
//! `users/get` → `users/revoke_access_to_all_entrances` → `entrances/grant_access` for each door →
//! `credentials/create` with `override`: the order the tool was asked for. It takes access away before it
//! gives any, so everything that can be checked is checked before the first of these is sent.

use super::error::{Error, Refusal};
use super::facts::Facts;
use super::from_wire::guest;
use super::issue::check_rooms;
use super::plan::{Access, Action, Command, Ref, Steps};
use super::prepared::{Decided, Doors, Draft, Party, Times, Warning, parties, read_around};
use super::property::Property;
use super::read::AtDoors;
use crate::seam::{Client, users};
use crate::stay::decide::{Standing, Wanted, standing};
use crate::stay::key::Medium;
use crate::stay::{GuestQuery, RoomName};

/// What was asked for.
#[derive(Clone, Debug)]
pub struct Request {
    /// On record.
    pub guest: GuestQuery,
    /// At least one.
    pub rooms: Vec<RoomName>,
    /// When.
    pub times: Times,
    /// Common doors, beside those of the profile.
    pub also: Vec<String>,
    /// The text on the key, else the profile's.
    pub label: Option<String>,
    /// Other guests' live keys on the rooms are agreed to be replaced.
    pub replace: bool,
    /// A phone that is not ready is a refusal.
    pub require_phone: bool,
}

/// Reads the system, the doors, the guest; then their keys and phones, the keys at the rooms, and the guest
/// once more as the access system has them now.
pub(super) async fn read(
    client: &Client,
    property: &Property,
    request: &Request,
) -> Result<Facts, Error> {
    let guests = std::slice::from_ref(&request.guest);
    let rooms = &request.rooms;
    let mut facts = Facts::read_ahead(client, property, guests, rooms, AtDoors::All).await?;
    facts.system.check()?;
    let (party, doors, _) = resolve(&facts, property, request)?;
    let parties = std::slice::from_ref(&party);
    let user = party.id().unwrap_or_default().to_owned();
    if facts.is_confirmed(&user) {
        read_around(client, &mut facts, parties, &doors.rooms).await?;
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
                found: super::error::Found::None,
            }
            .into());
        }
        Err(error) => return Err(error.into()),
    }
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
            found: super::error::Found::None,
        }),
    }
}

pub(super) fn decide(
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
    let wanted = Wanted {
        guest: Some(&user),
        rooms: &doors.rooms,
        doors: &doors.all,
        starts_at: window.starts_at,
        ends_at: window.ends_at,
    };
    let says = vec![format!(
        "Room {}: fresh key for returning guest {}, {} to {} (hotel time, {})",
        doors.room_list(),
        party.name(),
        facts.time.show(window.starts_at),
        facts.time.show(window.ends_at),
        facts.time.zone.name(),
    )];
    if let Standing::Already(key) = standing(&facts.keys, &wanted, facts.now()) {
        let already = vec![key.id.clone()];
        return Ok(Decided {
            command: Command::ReturnGuest,
            plan: None,
            already,
            warnings,
            says,
            asks: None,
        });
    }
    let displaces = check_rooms(facts, std::slice::from_ref(party), &wanted, request.replace)?;
    let own = facts.live_of(&user);

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
    let spec = draft.spec(
        facts,
        party,
        Ref::Known(user.clone()),
        Access::Override,
        &mut warnings,
    )?;
    // A create that the service refuses for want of a phone would come after the guest's access is gone
    // (the vendor's pages disagree on whether it does): what works now is not put at stake.
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
    for key in own.iter().filter(|key| key.medium == Medium::Mobile) {
        steps.add(
            "remove the guest's earlier key",
            Action::DeleteIfLive(key.id.clone()),
        );
    }

    let asks = (!own.is_empty() || !displaces.is_empty()).then(|| {
        let keys: Vec<String> = own
            .iter()
            .chain(&displaces)
            .map(|key| format!("  {}", facts.brief(key)))
            .collect();
        format!(
            "These keys are taken away or replaced:\n{}\nGo on?",
            keys.join("\n")
        )
    });
    let displaced = displaces.iter().map(|key| key.id.clone()).collect();
    let plan = Some(facts.plan(
        Command::ReturnGuest,
        std::slice::from_ref(party),
        doors,
        steps,
        displaced,
    ));
    Ok(Decided {
        command: Command::ReturnGuest,
        plan,
        already: vec![],
        warnings,
        says,
        asks,
    })
}
