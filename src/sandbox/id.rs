//! The service's ids: UUIDs with hyphens.

use std::fmt;
use std::sync::atomic::{AtomicU64, Ordering};

use serde::de::Error;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use uuid::Uuid;

/// The id of an object of the service. It has its own serde code, because the crate `uuid` is built without serde here.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct Id(Uuid);

impl Id {
    pub(super) const FIRST: Self = Self(Uuid::nil());
    pub(super) const LAST: Self = Self(Uuid::max());

    /// Returns the id that belongs to a name.
    pub(super) fn named(name: &str) -> Self {
        Self(Uuid::new_v5(&Uuid::NAMESPACE_OID, name.as_bytes()))
    }

    /// Parses an id. Like the vendor's validator, it accepts only the form with hyphens.
    pub(super) fn parse(text: &str) -> Option<Self> {
        Uuid::try_parse(text)
            .ok()
            .filter(|_| text.len() == 36)
            .map(Self)
    }

    pub(super) fn bytes(self) -> [u8; 16] {
        self.0.into_bytes()
    }
}

/// The source of new ids.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum Ids {
    /// Random numbers from this machine.
    #[default]
    Random,
    /// A seed. The same requests in the same order get the same ids, including the ids of the requests.
    Seeded(u64),
}

/// Returns new ids, each of them once.
pub(super) struct IdSource {
    ids: Ids,
    given: AtomicU64,
}

impl Default for IdSource {
    fn default() -> Self {
        Self::new(Ids::Random)
    }
}

impl IdSource {
    pub(super) fn new(ids: Ids) -> Self {
        Self {
            ids,
            given: AtomicU64::new(0),
        }
    }

    pub(super) fn next(&self) -> Id {
        Id(match self.ids {
            Ids::Random => Uuid::new_v4(),
            Ids::Seeded(seed) => {
                let place = self.given.fetch_add(2, Ordering::Relaxed);
                let halves = [place, place + 1].map(|place| mixed(mixed(seed) ^ place));
                let [high, low] = halves.map(u128::from);
                uuid::Builder::from_random_bytes((high << 64 | low).to_be_bytes()).into_uuid()
            }
        })
    }
}

/// Maps each number to another one, so that consecutive numbers spread over all 64 bits. This is the finalizer of
/// splitmix64 (Steele, Lea and Flood 2014).
fn mixed(number: u64) -> u64 {
    let mut number = number.wrapping_add(0x9e37_79b9_7f4a_7c15);
    number = (number ^ (number >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    number = (number ^ (number >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    number ^ (number >> 31)
}

impl fmt::Display for Id {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.hyphenated().fmt(f)
    }
}

impl Serialize for Id {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.0.hyphenated().encode_lower(&mut Uuid::encode_buffer()))
    }
}

impl<'de> Deserialize<'de> for Id {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = <std::borrow::Cow<'de, str>>::deserialize(deserializer)?;
        Self::parse(&text).ok_or_else(|| D::Error::custom("not a UUID"))
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn a_seed_gives_the_same_ids_and_every_one_once() {
        let ids = |seed| {
            let source = IdSource::new(Ids::Seeded(seed));
            (0..1000).map(|_| source.next()).collect::<Vec<_>>()
        };
        assert_eq!(ids(1), ids(1));
        let all: BTreeSet<Id> = ids(1).into_iter().chain(ids(2)).collect();
        assert_eq!(all.len(), 2000);
        assert_eq!(ids(3)[0].0.get_version_num(), 4);
    }
}
