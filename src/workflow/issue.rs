//! `issue`: the first key of a stay, and a joiner for every further guest of the same call.
//!
//! Look up the system, the doors, the guests; their keys, their phones and the keys on the rooms. Decide.
//! Then, in order: put new guests on record, create the first key with `override`, join the others to it.

use super::error::{Error, Refusal};
use super::facts::Facts;
use super::plan::{Access, Action, Command, Ref, Steps};
use super::prepared::{Decided, Doors, Draft, Party, Times, Warning, parties, read_around};
use super::property::Property;
use super::read::AtDoors;
use crate::seam::Client;
use crate::stay::decide::{Occupied, Standing, Wanted, occupied, standing};
use crate::stay::key::Key;
use crate::stay::{GuestQuery, RoomName};

/// What was asked for.
#[derive(Clone, Debug)]
pub struct Request {
    /// At least one.
    pub rooms: Vec<RoomName>,
    /// At least one; the first gets the override.
    pub guests: Vec<GuestQuery>,
    /// When.
    pub times: Times,
    /// Common doors, beside those of the profile.
    pub also: Vec<String>,
    /// The text on the key, else the profile's.
    pub label: Option<String>,
    /// Live keys in the way are agreed to be replaced.
    pub replace: bool,
    /// A phone that is not ready is a refusal.
    pub require_phone: bool,
}

/// Reads the system, the doors, the guests; then their keys and phones, and the keys at the rooms.
pub(super) async fn read(
    client: &Client,
    property: &Property,
    request: &Request,
) -> Result<Facts, Error> {
    let mut facts = Facts::read_ahead(
        client,
        property,
        &request.guests,
        &request.rooms,
        AtDoors::All,
    )
    .await?;
    facts.system.check()?;
    let (parties, doors, _) = resolve(&facts, property, request)?;
    read_around(client, &mut facts, &parties, &doors.rooms).await?;
    Ok(facts)
}

fn resolve(
    facts: &Facts,
    property: &Property,
    request: &Request,
) -> Result<(Vec<Party>, Doors, Vec<Warning>), Refusal> {
    let mut warnings = vec![];
    let doors = Doors::find(facts, &request.rooms, &request.also, property.format)?;
    let parties = parties(facts, &request.guests, &mut warnings)?;
    Ok((parties, doors, warnings))
}

pub(super) fn decide(
    facts: &Facts,
    property: &Property,
    request: &Request,
) -> Result<Decided, Refusal> {
    let (parties, doors, mut warnings) = resolve(facts, property, request)?;
    let (parties, doors) = (&parties[..], &doors);
    let window = request.times.window(facts)?;
    let draft = Draft {
        property,
        doors,
        window,
        label: request.label.as_deref(),
        require_phone: request.require_phone,
    };
    draft.check_label(&mut warnings)?;
    let wanted = |party| Wanted {
        guest: Party::id(party),
        rooms: &doors.rooms,
        doors: &doors.all,
        starts_at: window.starts_at,
        ends_at: window.ends_at,
    };

    let mut have: Vec<&Key> = vec![];
    let mut lack: Vec<&Party> = vec![];
    let mut stale: Vec<&Key> = vec![];
    for party in parties {
        match standing(&facts.keys, &wanted(party), facts.now()) {
            Standing::Already(key) => have.push(key),
            standing => {
                refuse_standing(facts, party, &standing, request.replace)?;
                stale.extend(
                    party
                        .id()
                        .into_iter()
                        .flat_map(|id| facts.live_mobile_of(id)),
                );
                lack.push(party);
            }
        }
    }

    // A key of the party that is right already is joined to; nothing is overridden then.
    let displaces: Vec<&Key> = if have.is_empty() {
        check_rooms(facts, parties, &wanted(&parties[0]), request.replace)?
    } else {
        vec![]
    };

    let mut steps = Steps::default();
    let mut anchor = have.first().map(|key| Ref::Known(key.id.clone()));
    for party in &lack {
        let guest = party.refer(facts, &mut steps);
        let access = anchor
            .clone()
            .map_or(Access::Override, |first| Access::Joiner(vec![first]));
        let about = match access {
            Access::Override => format!("create the key for {}", doors.room_list()),
            Access::Joiner(_) => format!("join a key for {}", doors.room_list()),
        };
        let spec = draft.spec(facts, party, guest, access, &mut warnings)?;
        let made = steps.add(about, Action::CreateKey(Box::new(spec)));
        anchor.get_or_insert(made);
    }
    for key in &stale {
        steps.add(
            "remove the guest's earlier key",
            Action::DeleteIfLive(key.id.clone()),
        );
    }

    let asks = (!displaces.is_empty() || !stale.is_empty()).then(|| {
        let keys: Vec<String> = displaces
            .iter()
            .chain(&stale)
            .map(|key| format!("  {}", facts.brief(key)))
            .collect();
        format!(
            "These keys stop working when the new one is first used:\n{}\nReplace them?",
            keys.join("\n")
        )
    });
    let says = vec![format!(
        "Room {}: mobile key for {}, {} to {} (hotel time, {})",
        doors.room_list(),
        parties
            .iter()
            .map(Party::name)
            .collect::<Vec<_>>()
            .join(", "),
        facts.time.show(window.starts_at),
        facts.time.show(window.ends_at),
        facts.time.zone.name(),
    )];
    let already = have.iter().map(|key| key.id.clone()).collect();
    let displaced = displaces.iter().map(|key| key.id.clone()).collect();
    let plan =
        (!lack.is_empty()).then(|| facts.plan(Command::Issue, parties, doors, steps, displaced));
    Ok(Decided {
        command: Command::Issue,
        plan,
        already,
        warnings,
        says,
        asks,
    })
}

/// The guest's own keys in the way.
pub(super) fn refuse_standing(
    facts: &Facts,
    party: &Party,
    standing: &Standing<'_>,
    replace: bool,
) -> Result<(), Refusal> {
    if replace {
        return Ok(());
    }
    let guest = party.name().to_owned();
    match standing {
        Standing::Different(key) => Err(Refusal::UseUpdate {
            guest,
            key: facts.brief(key),
        }),
        Standing::OwnCard(key) => Err(Refusal::UseJoin {
            guest,
            key: facts.brief(key),
        }),
        Standing::Elsewhere(key) => Err(Refusal::KeyElsewhere {
            guest,
            key: facts.brief(key),
        }),
        Standing::None | Standing::Already(_) => Ok(()),
    }
}

/// Strangers' keys on the rooms: a refusal, or what an override agreed to makes invalid.
pub(super) fn check_rooms<'a>(
    facts: &'a Facts,
    parties: &[Party],
    wanted: &Wanted<'_>,
    replace: bool,
) -> Result<Vec<&'a Key>, Refusal> {
    let ids: Vec<&str> = parties.iter().filter_map(Party::id).collect();
    match occupied(&facts.keys, wanted, &ids, facts.now()) {
        None => Ok(vec![]),
        Some(Occupied { keys, .. }) if replace => Ok(keys),
        Some(Occupied { keys, same_stay }) => {
            let rooms: std::collections::BTreeSet<String> = wanted
                .rooms
                .iter()
                .filter(|room| keys.iter().any(|key| key.doors.contains(*room)))
                .cloned()
                .collect();
            Err(Refusal::Occupied {
                rooms: facts.room_names(&rooms).join(", "),
                keys: keys.iter().map(|key| facts.brief(key)).collect(),
                same_stay,
            })
        }
    }
}
