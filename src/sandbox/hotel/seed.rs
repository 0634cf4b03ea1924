//! The hotel on its first day.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use crate::sandbox::id::{Id, IdSource};
use chrono::{DateTime, Days, NaiveTime, TimeDelta, TimeZone, Utc};
use chrono_tz::Tz;

use super::index::Index;
use super::records::{Asked, Category, Credential, Door, Identity, Method, Phone, Property, User};
use super::table::Table;
use super::{Hotel, Surroundings};

/// The properties of a new hotel.
pub(in crate::sandbox) struct Founding {
    pub(in crate::sandbox) rooms: u32,
    pub(in crate::sandbox) seed: u64,
    pub(in crate::sandbox) time_zone: Tz,
    pub(in crate::sandbox) now: DateTime<Utc>,
}

/// The guests: name, e-mail address, and whether the guest has signed in to the app.
const GUESTS: [(&str, &str, bool); 12] = [
    ("Jane Doe", "jane@example.com", true),
    ("Grace Hopper", "grace@example.com", true),
    ("Alan Turing", "alan@example.com", true),
    ("Edsger Dijkstra", "edsger@example.com", true),
    ("Barbara Liskov", "barbara@example.com", true),
    ("Katherine Johnson", "katherine@example.com", true),
    ("Donald Knuth", "donald@example.com", true),
    ("Hedy Lamarr", "hedy@example.com", true),
    ("Margaret Hamilton", "margaret@example.com", true),
    ("Mary Shelley", "mary@example.com", false),
    ("Jan de Vries", "jan1@example.com", true),
    ("Jan de Vries", "jan2@example.com", true),
];

const OTHER_DOORS: [(&str, Category, bool); 7] = [
    ("Gym", Category::Common, true),
    ("Pool", Category::Common, true),
    ("Parking", Category::Common, true),
    ("Spa", Category::CommonPms, true),
    ("Main Entrance", Category::Entrance, true),
    ("Elevator 1", Category::Elevator, true),
    ("Linen Store", Category::Common, false),
];

const ROOMS_A_FLOOR: u32 = 20;

/// A source of ids that gives the same ids for the same seed.
struct Ids(u64);

impl Ids {
    fn of(&self, name: &str) -> Id {
        Id::named(&format!("roomkey sandbox {} {name}", self.0))
    }
}

/// Returns a random part of a token in the vendor's alphabet. It does not depend on the seed, so the seed does not
/// reveal the key.
fn token(length: usize) -> String {
    const BASE58: &[u8] = b"123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz";
    let random = IdSource::new(crate::sandbox::Ids::Random);
    let bytes = std::iter::repeat_with(|| random.next().bytes()).flatten();
    // Values above 57 are skipped. A remainder instead would favour the first characters of the alphabet.
    let digits = bytes.filter_map(|byte| BASE58.get(usize::from(byte & 63)));
    digits
        .take(length)
        .map(|digit| char::from(*digit))
        .collect()
}

/// Creates a hotel.
pub(in crate::sandbox) fn found(founding: &Founding) -> Hotel {
    let ids = Ids(founding.seed);
    // Whole days give the same records to two runs with the same fixed clock.
    let today = founding.now.date_naive();
    let opened_at = (today - Days::new(30)).and_time(NaiveTime::MIN).and_utc();
    let mut hotel = Hotel {
        property: Property {
            name: "Harbour Hotel".into(),
            time_zone: founding.time_zone.name().to_owned(),
            opened_at,
            workspace: ids.of("workspace"),
            organization: ids.of("organization"),
            system: ids.of("visionline system"),
            system_account: ids.of("visionline account"),
            manager: ids.of("credential manager"),
            manager_account: ids.of("credential manager account"),
            api_key: format!("seam_test{}_{}", token(4), token(24)),
            personal_access_token: format!("seam_at1{}_{}", token(8), token(24)),
        },
        offset: 0,
        surroundings: Surroundings::default(),
        doors: Table::default(),
        users: Table::default(),
        identities: Table::default(),
        phones: Table::default(),
        credentials: Table::default(),
        grants: BTreeSet::new(),
        events: VecDeque::new(),
        going: BTreeSet::new(),
        locks: BTreeMap::new(),
        cards_out: Vec::new(),
        index: Index::default(),
        changed: true,
    };
    doors(&mut hotel, &ids, founding.rooms);
    guests(&mut hotel, &ids);
    stays(&mut hotel, &ids, founding);
    hotel.reindex();
    hotel
}

fn doors(hotel: &mut Hotel, ids: &Ids, rooms: u32) {
    let rooms = (0..rooms).map(|room| {
        let number = (room / ROOMS_A_FLOOR + 1) * 100 + room % ROOMS_A_FLOOR + 1;
        (number.to_string(), Category::Guest, true)
    });
    let others = OTHER_DOORS
        .iter()
        .map(|(name, category, mobile)| ((*name).to_owned(), *category, *mobile));
    for (name, category, mobile) in rooms.chain(others) {
        hotel.doors.insert(Door {
            id: ids.of(&format!("door {name}")),
            name,
            category,
            mobile,
            created_at: hotel.property.opened_at,
        });
    }
}

fn guests(hotel: &mut Hotel, ids: &Ids) {
    for (place, (name, email, signed_in)) in (1..).zip(GUESTS) {
        let created_at = hotel.property.opened_at + TimeDelta::minutes(place);
        let identity = ids.of(&format!("identity {email}"));
        let phone_number = Some(format!("+1555010{place:04}"));
        hotel.identities.insert(Identity {
            id: identity,
            key: None,
            full_name: Some(name.to_owned()),
            email: Some(email.to_owned()),
            phone: phone_number.clone(),
            created_at,
        });
        hotel.users.insert(User {
            id: ids.of(&format!("user {email}")),
            system: hotel.property.system,
            identity: Some(identity),
            full_name: name.to_owned(),
            email: Some(email.to_owned()),
            phone: phone_number,
            schedule: None,
            suspended: false,
            remark: None,
            created_at,
        });
        if signed_in {
            hotel.phones.insert(Phone {
                id: ids.of(&format!("phone {email}")),
                identity,
                name: format!("{name}'s phone"),
                ios: place % 2 == 0,
                endpoint: (1000 + place).to_string(),
                active: true,
                created_at,
            });
        }
    }
}

/// Adds a live stay in room 110 and a plastic card for room 111, if the hotel has those rooms.
fn stays(hotel: &mut Hotel, ids: &Ids, founding: &Founding) {
    let arrived = hotel_time(founding, -1, 15);
    let base = |id: &str, guest: &str, doors: Vec<Id>| Credential {
        id: ids.of(id),
        user: Some(ids.of(&format!("user {guest}"))),
        parent: None,
        device: None,
        method: Method::MobileKey,
        multi_phone: false,
        name: String::new(),
        doors,
        joined: Vec::new(),
        auto_join: None,
        staff: false,
        starts_at: Some(arrived),
        ends_at: Some(hotel_time(founding, 2, 11)),
        created_at: arrived,
        valid: true,
        sync_at: Some(arrived),
        never_syncs: false,
        moved: false,
        card_number: None,
        gone_at: None,
        asked: Asked {
            overrides: true,
            card_format: Some("rfid48".into()),
            label: None,
        },
        generations: Vec::new(),
        held: None,
    };
    let there = |hotel: &Hotel, names: &[&str]| -> Option<Vec<Id>> {
        names
            .iter()
            .map(|name| {
                hotel
                    .doors
                    .get(ids.of(&format!("door {name}")))
                    .map(|door| door.id)
            })
            .collect()
    };
    if let Some(doors) = there(hotel, &["110", "Gym"]) {
        let mut parent = Credential {
            multi_phone: true,
            name: "Grace Hopper Mobile Key".into(),
            ..base("stay 110", "grace@example.com", doors)
        };
        parent.generations = vec![hotel.own_generation(&parent, true)];
        let child = Credential {
            id: ids.of("stay 110 phone"),
            parent: Some(parent.id),
            device: Some(ids.of("phone grace@example.com")),
            multi_phone: false,
            ..parent.clone()
        };
        hotel.credentials.insert(parent);
        hotel.credentials.insert(child);
    }
    if let Some(doors) = there(hotel, &["111"]) {
        let mut card = Credential {
            method: Method::Card,
            name: "Alan Turing Card".into(),
            card_number: Some("1011".into()),
            ..base("card 111", "alan@example.com", doors)
        };
        card.generations = vec![hotel.own_generation(&card, true)];
        hotel.credentials.insert(card);
    }
}

/// Returns a full hour in the hotel's zone on the day that is `days` after today.
fn hotel_time(founding: &Founding, days: i64, hour: u32) -> DateTime<Utc> {
    let today = founding.now.with_timezone(&founding.time_zone).date_naive();
    let local = (today + TimeDelta::days(days)).and_time(NaiveTime::MIN)
        + TimeDelta::hours(i64::from(hour));
    founding
        .time_zone
        .from_local_datetime(&local)
        .earliest()
        .map_or_else(|| local.and_utc(), |time| time.with_timezone(&Utc))
}
