//! The control endpoints `tap`, `user`, `phone` and `card` under `/_sandbox/`: what guests do, and what happens to
//! them.

use serde_json::{Map, Value, json};

use crate::sandbox::desk::Desk;
use crate::sandbox::hotel::Hotel;
use crate::sandbox::hotel::records::{Method, Remark};
use crate::sandbox::hotel::tap::Held;
use crate::sandbox::id::Id;

use super::done;

/// Returns the object in the body. Fails if it has a key that is not in `known`.
fn keys<'a>(body: &'a Value, known: &[&str]) -> Result<&'a Map<String, Value>, String> {
    let map = body.as_object().ok_or("the body must be an object")?;
    match map.keys().find(|key| !known.contains(&key.as_str())) {
        Some(key) => Err(format!(
            "no such key: `{key}`; there are {}",
            known.join(", ")
        )),
        None => Ok(map),
    }
}

fn text<'a>(map: &'a Map<String, Value>, key: &str) -> Result<Option<&'a str>, String> {
    match map.get(key) {
        None => Ok(None),
        Some(Value::String(text)) => Ok(Some(text)),
        Some(_) => Err(format!("`{key}` must be text")),
    }
}

fn flag(map: &Map<String, Value>, key: &str) -> Result<Option<bool>, String> {
    match map.get(key) {
        None => Ok(None),
        Some(Value::Bool(flag)) => Ok(Some(*flag)),
        Some(_) => Err(format!("`{key}` must be true or false")),
    }
}

/// Returns the user with this id, e-mail address or phone number. The address or number may be that of the user or of
/// its identity.
fn user_named(hotel: &Hotel, name: &str) -> Result<Id, String> {
    if let Some(id) = Id::parse(name) {
        return hotel
            .users
            .get(id)
            .map(|user| user.id)
            .ok_or_else(|| format!("no user has the id {name}"));
    }
    let has = |contact: &Option<String>| {
        contact
            .as_deref()
            .is_some_and(|contact| contact.eq_ignore_ascii_case(name))
    };
    let numbers = hotel.index.users_by_ending(name);
    let users = numbers.iter().filter_map(|number| hotel.users.at(*number));
    let found: Vec<Id> = users
        .filter(|user| {
            let identity = user.identity.and_then(|id| hotel.identities.get(id));
            has(&user.email)
                || has(&user.phone)
                || identity.is_some_and(|identity| has(&identity.email) || has(&identity.phone))
        })
        .map(|user| user.id)
        .collect();
    match found[..] {
        [user] => Ok(user),
        [] => Err(format!(
            "no user has the e-mail address or phone number {name}"
        )),
        _ => Err(format!(
            "{} users have {name}: name one by its id",
            found.len()
        )),
    }
}

/// Returns the door with this id or name.
fn door_named(hotel: &Hotel, name: &str) -> Result<Id, String> {
    let by_id = Id::parse(name).and_then(|id| hotel.doors.get(id));
    let named = |name: &str| {
        let mut doors = hotel.doors.iter();
        doors.find(|door| door.name.eq_ignore_ascii_case(name))
    };
    by_id
        .or_else(|| named(name))
        .map(|door| door.id)
        .ok_or_else(|| format!("no door is called {name}"))
}

fn id_of(name: &str) -> Result<Id, String> {
    Id::parse(name).ok_or_else(|| format!("{name} is not an id"))
}

/// Runs `work` on the hotel and then saves the changes to disk.
fn on_hotel(
    desk: &Desk,
    work: impl FnOnce(&mut Hotel) -> Result<Value, String>,
) -> Result<Value, String> {
    desk.with_hotel(work).map_err(|error| error.to_string())?
}

/// Holds one key, or all keys of a guest, against a door.
pub(super) fn tap(desk: &Desk, body: &Value) -> Result<Value, String> {
    let map = keys(body, &["door", "user", "key"])?;
    let door = text(map, "door")?.ok_or("`door` is missing")?;
    let (user, key) = (text(map, "user")?, text(map, "key")?);
    on_hotel(desk, |hotel| {
        let door = door_named(hotel, door)?;
        let held = match (user, key) {
            // A guest whose user was deleted may still have a plastic card.
            (Some(user), None) => match Id::parse(user) {
                Some(id) => Held::KeysOf(id),
                None => Held::KeysOf(user_named(hotel, user)?),
            },
            (None, Some(key)) => Held::Key(id_of(key)?),
            _ => return Err("exactly one of `user` and `key`".to_owned()),
        };
        let tapped = hotel.tap(door, held);
        let (opens, why, key) = match tapped.opened {
            Ok(key) => (true, "opened", Some(key)),
            Err((refused, key)) => (false, refused.word(), key),
        };
        Ok(json!({ "opens": opens, "why": why, "key": key, "ended": tapped.ended, "ok": true }))
    })
}

/// Suspends a user, sets the access system's remark on a user, or unlinks a user from its identity.
pub(super) fn user(desk: &Desk, body: &Value) -> Result<Value, String> {
    let map = keys(body, &["user", "remark", "suspended", "identity"])?;
    let name = text(map, "user")?.ok_or("`user` is missing")?;
    let suspended = flag(map, "suspended")?;
    let remark = match map.get("remark") {
        None => None,
        Some(Value::Null) => Some(None),
        Some(remark) => Some(Some(
            serde_json::from_value::<Remark>(remark.clone()).map_err(|error| error.to_string())?,
        )),
    };
    let loses_identity = match map.get("identity") {
        None => false,
        Some(Value::Null) => true,
        Some(_) => return Err("`identity` can only be null".to_owned()),
    };
    on_hotel(desk, |hotel| {
        let id = user_named(hotel, name)?;
        hotel.change_user(id, |user| {
            user.suspended = suspended.unwrap_or(user.suspended);
            user.remark = remark.unwrap_or(user.remark);
            if loses_identity {
                user.identity = None;
            }
        });
        let user = hotel.users.get(id).map(|user| hotel.wire_user(user));
        Ok(json!({ "acs_user": user, "ok": true }))
    })
}

/// Signs a guest's phone in to the app, or sets whether a phone accepts keys.
pub(super) fn phone(desk: &Desk, body: &Value) -> Result<Value, String> {
    let map = keys(body, &["user", "phone", "active"])?;
    let (user, phone) = (text(map, "user")?, text(map, "phone")?);
    let active = flag(map, "active")?;
    on_hotel(desk, |hotel| {
        let sync = desk.sync();
        let phones = match (user, phone) {
            (Some(user), None) => {
                let user = user_named(hotel, user)?;
                let identity = hotel.users.get(user).and_then(|user| user.identity);
                let identity = identity.ok_or("the user has no identity, which a phone needs")?;
                if active.is_none() {
                    let device = hotel.sign_in(identity, sync);
                    return Ok(json!({ "device_id": device, "ok": true }));
                }
                hotel.phones_of(identity).map(|phone| phone.id).collect()
            }
            (None, Some(phone)) => {
                let id = id_of(phone)?;
                hotel.phones.get(id).ok_or("no phone has this id")?;
                vec![id]
            }
            _ => return Err("exactly one of `user` and `phone`".to_owned()),
        };
        let active = active.ok_or("`active` is missing")?;
        for phone in phones {
            hotel.switch_phone(phone, active, sync);
        }
        Ok(done())
    })
}

/// Encodes a plastic card, which opens doors from then on.
pub(super) fn card(desk: &Desk, body: &Value) -> Result<Value, String> {
    let map = keys(body, &["key"])?;
    let id = id_of(text(map, "key")?.ok_or("`key` is missing")?)?;
    on_hotel(desk, |hotel| {
        let is_card = hotel
            .credentials
            .get(id)
            .is_some_and(|key| key.method == Method::Card);
        if !is_card {
            return Err("no card has this id".to_owned());
        }
        hotel.encode(id);
        Ok(done())
    })
}
