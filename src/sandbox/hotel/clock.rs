//! The hotel's clock, which determines the time of everything in the hotel.

use chrono::{DateTime, TimeDelta, Utc};

use super::Hotel;
use crate::sandbox::id::Id;

impl Hotel {
    pub(in crate::sandbox) fn now(&self) -> DateTime<Utc> {
        let now = self.surroundings.beat.now();
        TimeDelta::try_milliseconds(self.offset)
            .and_then(|offset| now.checked_add_signed(offset))
            .unwrap_or(now)
    }

    /// Sets the clock to `now`, or up to a millisecond later. It continues from there.
    pub(in crate::sandbox) fn set_clock(&mut self, now: DateTime<Utc>) {
        let ahead = now - self.surroundings.beat.now();
        let whole = ahead.num_milliseconds();
        let rest = ahead > TimeDelta::milliseconds(whole);
        self.set_offset(whole + i64::from(rest));
    }

    /// Returns how far the clock is ahead of the clock that drives it, in milliseconds.
    pub(in crate::sandbox) fn offset(&self) -> i64 {
        self.offset
    }

    /// Sets how far the clock is ahead, in milliseconds. If the clock is set back, all changes that are under way are
    /// completed first. They would otherwise stay under way until the clock reaches that time again.
    pub(in crate::sandbox) fn set_offset(&mut self, offset: i64) {
        let back = offset < self.offset;
        self.changed |= offset != self.offset;
        self.offset = offset;
        if back {
            self.catch_up();
        }
    }

    fn catch_up(&mut self) {
        let now = self.now();
        self.going = self
            .going
            .iter()
            .map(|(due, id)| (now.min(*due), *id))
            .collect();
        let late: Vec<Id> = self
            .credentials
            .iter()
            .filter(|key| key.sync_at.is_some_and(|at| at > now))
            .map(|key| key.id)
            .collect();
        for id in late {
            self.change_credential(id, |key| key.sync_at = Some(now));
        }
    }
}
