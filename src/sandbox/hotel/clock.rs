//! The hotel's clock: everything that happens in the hotel goes by it.

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

    /// Sets the clock. It goes on from there, and never shows an earlier moment than `now`.
    pub(in crate::sandbox) fn set_clock(&mut self, now: DateTime<Utc>) {
        let ahead = now - self.surroundings.beat.now();
        let whole = ahead.num_milliseconds();
        let rest = ahead > TimeDelta::milliseconds(whole);
        self.set_offset(whole + i64::from(rest));
    }

    /// How far the clock is ahead of the one it runs on, in milliseconds.
    pub(in crate::sandbox) fn offset(&self) -> i64 {
        self.offset
    }

    /// Sets how far the clock is ahead, in milliseconds. What is under way when the clock is set back is
    /// completed first: else it would stay under way until the clock has caught up.
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
