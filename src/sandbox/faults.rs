//! Faults that a test orders: what goes wrong, for which requests, and how often.

use std::time::Duration;

use serde::Deserialize;

/// The kind of fault.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
pub(super) enum Kind {
    #[serde(rename = "429")]
    Busy,
    #[serde(rename = "429-retry-after")]
    BusyRetryAfter,
    #[serde(rename = "401")]
    Denied,
    #[serde(rename = "500-before")]
    ErrorBefore,
    #[serde(rename = "500-after")]
    ErrorAfter,
    #[serde(rename = "503-before")]
    OutageBefore,
    #[serde(rename = "503-after")]
    OutageAfter,
    #[serde(rename = "cut-before")]
    CutBefore,
    #[serde(rename = "cut-after")]
    CutAfter,
    #[serde(rename = "hang")]
    HangBefore,
    #[serde(rename = "hang-after")]
    HangAfter,
    #[serde(rename = "slow")]
    Slow,
    #[serde(rename = "500-echo")]
    Echo,
    #[serde(rename = "html")]
    Html,
    #[serde(rename = "stale-list")]
    StaleList,
    #[serde(rename = "never-sync")]
    NeverSync,
}

impl Kind {
    /// Returns true if the request takes effect despite the fault.
    pub(super) fn has_effect(self) -> bool {
        matches!(
            self,
            Self::ErrorAfter
                | Self::OutageAfter
                | Self::CutAfter
                | Self::HangAfter
                | Self::Slow
                | Self::StaleList
                | Self::NeverSync
        )
    }
}

/// An order for a fault, as a test sends it.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Fault {
    /// A path, a beginning of paths followed by `*`, or `*` for all paths.
    path: String,
    pub(super) kind: Kind,
    /// The number of matching requests that succeed before the fault applies.
    #[serde(default)]
    after: u64,
    /// The number of requests that the fault affects.
    #[serde(default = "one")]
    count: u64,
    /// With n, the fault affects every n-th matching request.
    #[serde(default = "one")]
    every: u64,
    /// The duration of a hang, of a slow answer or of a list's lag, in milliseconds.
    ms: Option<u64>,
    /// The seconds in the `Retry-After` header. The default is 1.
    pub(super) retry_after: Option<f64>,
    #[serde(skip)]
    seen: u64,
}

fn one() -> u64 {
    1
}

impl Fault {
    pub(super) fn duration(&self) -> Duration {
        Duration::from_millis(self.ms.unwrap_or(60_000))
    }

    fn matches(&self, path: &str) -> bool {
        match self.path.strip_suffix('*') {
            Some(start) => path.starts_with(start),
            None => self.path == path,
        }
    }
}

/// The faults that were ordered.
#[derive(Default)]
pub(super) struct Faults(Vec<Fault>);

impl Faults {
    pub(super) fn add(&mut self, fault: Fault) {
        self.0.push(fault);
    }

    pub(super) fn clear(&mut self) {
        self.0.clear();
    }

    /// Returns the fault that applies to a request. Every fault counts the requests that match it. If several are due,
    /// the first one applies.
    pub(super) fn strike(&mut self, path: &str) -> Option<Fault> {
        let mut struck = None;
        for fault in self.0.iter_mut().filter(|fault| fault.matches(path)) {
            fault.seen += 1;
            let past = fault.seen.saturating_sub(fault.after);
            if struck.is_none() && fault.count > 0 && past > 0 && past % fault.every.max(1) == 0 {
                fault.count -= 1;
                struck = Some(fault.clone());
            }
        }
        self.0.retain(|fault| fault.count > 0);
        struck
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn strikes(fault: &str, requests: usize) -> Vec<bool> {
        let mut faults = Faults::default();
        faults.add(serde_json::from_str(fault).unwrap());
        (0..requests)
            .map(|_| faults.strike("/acs/users/list").is_some())
            .collect()
    }

    #[test]
    fn after_count_and_every_say_which_requests_are_struck() {
        assert_eq!(
            strikes(r#"{"path":"*","kind":"429"}"#, 3),
            [true, false, false]
        );
        assert_eq!(
            strikes(
                r#"{"path":"/acs/users/*","kind":"429","after":1,"count":2}"#,
                4
            ),
            [false, true, true, false]
        );
        assert_eq!(
            strikes(
                r#"{"path":"/acs/users/list","kind":"429","every":2,"count":2}"#,
                5
            ),
            [false, true, false, true, false]
        );
        assert_eq!(strikes(r#"{"path":"/acs/users","kind":"429"}"#, 1), [false]);
    }
}
