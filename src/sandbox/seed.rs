//! The hotel as it opens: rooms on floors of twenty, guests with and without a phone, a stay on 110, a card
//! on 111, every other room empty.

use chrono::{DateTime, Days, NaiveTime, TimeDelta, TimeZone as _, Utc};
use chrono_tz::Tz;
use uuid::Uuid;

use super::world::{Credential, Entrance, Fixed, Identity, Phone, User, World};

const COMMON: [(&str, &str, bool); 7] = [
    ("Gym", "common", true),
    ("Pool", "common", true),
    ("Parking", "common", true),
    ("Spa", "common (PMS)", true),
    ("Main Entrance", "entrance", true),
    ("Elevator 1", "elevator reader", true),
    ("Linen Store", "common", false),
];

/// Name, e-mail, phone number, whether they signed in to the app.
const GUESTS: [(&str, &str, &str, bool); 10] = [
    ("Jane Doe", "jane@example.com", "+15550100", true),
    ("Grace Hopper", "grace@example.com", "+15550101", true),
    ("Alan Turing", "alan@example.com", "+15550102", true),
    ("Edsger Dijkstra", "edsger@example.com", "+15550103", true),
    ("Barbara Liskov", "barbara@example.com", "+15550104", true),
    ("Mary Shelley", "mary@example.com", "+15550105", false),
    ("Jan de Vries", "jan1@example.com", "+15550106", true),
    ("Jan de Vries", "jan2@example.com", "+15550107", true),
    ("Sofia Kovalevskaya", "sofia@example.com", "+15550108", true),
    ("Zoë Ångström", "zoe@example.com", "+15550109", true),
];

/// A hotel of so many rooms. The same seed gives the same ids.
pub(super) fn open(rooms: u32, seed: u64, time_zone: &str, now: DateTime<Utc>) -> World {
    let id = |name: &str| {
        Uuid::new_v5(&Uuid::NAMESPACE_OID, format!("{seed} {name}").as_bytes()).to_string()
    };
    let word = |name: &str, length: usize| id(name).replace('-', "")[..length].to_owned();
    let opened_at = now - TimeDelta::days(400);
    let mut world = World::new(Fixed {
        workspace_id: id("workspace"),
        account_id: id("account"),
        system_id: id("system"),
        manager_id: id("manager"),
        api_key: format!("seam_test{}_{}", word("short", 4), word("long", 24)),
        token: format!("seam_at1{}_{}", word("short", 8), word("token", 24)),
        time_zone: time_zone.to_owned(),
        opened_at,
    });
    let numbers = (0..rooms).map(|n| {
        (
            format!("{}", 100 * (n / 20 + 1) + n % 20 + 1),
            "guest".to_owned(),
            true,
        )
    });
    let common = COMMON
        .iter()
        .map(|(name, category, mobile)| ((*name).to_owned(), (*category).to_owned(), *mobile));
    for (name, category, mobile) in numbers.chain(common) {
        let id = id(&format!("door {name}"));
        world.entrances.insert(Entrance {
            id,
            name,
            category,
            mobile,
            created_at: opened_at,
        });
    }
    for (name, email, phone, signed_in) in GUESTS {
        let identity = id(&format!("identity {email}"));
        world.identities.insert(Identity {
            id: identity.clone(),
            key: None,
            name: Some(name.to_owned()),
            email: Some(email.to_owned()),
            phone: Some(phone.to_owned()),
            created_at: opened_at,
        });
        world.add_user(User {
            id: id(&format!("user {email}")),
            name: name.to_owned(),
            email: Some(email.to_owned()),
            phone: Some(phone.to_owned()),
            identity: Some(identity.clone()),
            created_at: opened_at,
            ..User::default()
        });
        if signed_in {
            let phone = Phone {
                id: id(&format!("phone {email}")),
                identity,
                endpoint: id(&format!("endpoint {email}")),
                android: email.len() % 2 == 0,
                created_at: opened_at,
            };
            world.add_phone(phone, TimeDelta::zero(), opened_at);
        }
    }
    stays(&mut world, id, time_zone.parse().unwrap_or(Tz::UTC), now);
    world.events.clear();
    world
}

fn stays(world: &mut World, id: impl Fn(&str) -> String, zone: Tz, now: DateTime<Utc>) {
    let today = now.with_timezone(&zone).date_naive();
    let at = |days: i64, hour: u32| {
        let day = if days < 0 {
            today.checked_sub_days(Days::new(days.unsigned_abs()))
        } else {
            today.checked_add_days(Days::new(days.unsigned_abs()))
        };
        let time = NaiveTime::from_hms_opt(hour, 0, 0).unwrap_or_default();
        let local = day.unwrap_or(today).and_time(time);
        zone.from_local_datetime(&local)
            .earliest()
            .map_or(now, |at| at.to_utc())
    };
    let doors = |names: [&str; 2]| {
        names
            .iter()
            .map(|name| id(&format!("door {name}")))
            .filter(|id| world.entrances.get(id).is_some())
            .collect()
    };
    let stay = Credential {
        id: id("key 110"),
        user: Some(id("user grace@example.com")),
        method: "mobile_key".to_owned(),
        multi_phone: true,
        doors: doors(["110", "Gym"]),
        starts_at: at(-1, 15),
        ends_at: Some(at(2, 11)),
        created_at: at(-1, 15),
        valid: true,
        synced_at: Some(at(-1, 15)),
        overrides: true,
        ..Credential::default()
    };
    let card = Credential {
        id: id("card 111"),
        user: Some(id("user alan@example.com")),
        method: "card".to_owned(),
        multi_phone: false,
        doors: doors(["111", "Gym"]),
        ..stay.clone()
    };
    for key in [stay, card].into_iter().filter(|key| key.doors.len() == 2) {
        let made = key.created_at;
        world.issue(key, &super::Readings::default(), TimeDelta::zero(), made);
    }
}
