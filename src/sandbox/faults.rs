//! Faults on demand.

use std::time::Duration;

use serde::Deserialize;

/// What goes wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
pub(super) enum Kind {
    #[serde(rename = "429")]
    TooMany,
    #[serde(rename = "429-retry-after")]
    TooManyRetryAfter,
    #[serde(rename = "500-before")]
    BrokenBefore,
    #[serde(rename = "500-after")]
    BrokenAfter,
    #[serde(rename = "503-before")]
    DownBefore,
    #[serde(rename = "503-after")]
    DownAfter,
    #[serde(rename = "cut-before")]
    CutBefore,
    #[serde(rename = "cut-after")]
    CutAfter,
    #[serde(rename = "hang")]
    Hang,
    #[serde(rename = "hang-after")]
    HangAfter,
    #[serde(rename = "html")]
    Html,
    #[serde(rename = "stale-list")]
    StaleList,
    #[serde(rename = "never-sync")]
    NeverSync,
}

fn once() -> u64 {
    1
}

/// A fault as ordered: which requests, and how often.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Fault {
    /// A path, a beginning with `*`, or `*`.
    path: String,
    pub(super) kind: Kind,
    /// Matching requests to let pass first.
    #[serde(default)]
    after: u64,
    /// How many to hit.
    #[serde(default = "once")]
    count: u64,
    /// Only each so-many-th.
    #[serde(default = "once")]
    every: u64,
    /// How long a hang lasts, or a list lags.
    ms: Option<u64>,
    /// In seconds.
    pub(super) retry_after: Option<f64>,
    #[serde(skip)]
    seen: u64,
}

impl Fault {
    pub(super) fn time(&self) -> Duration {
        Duration::from_millis(self.ms.unwrap_or(60_000))
    }

    fn matches(&self, path: &str) -> bool {
        match self.path.strip_suffix('*') {
            Some(start) => path.starts_with(start),
            None => path == self.path,
        }
    }

    /// Whether this request is one of those to be hit.
    fn hits(&mut self, path: &str) -> bool {
        if self.count == 0 || !self.matches(path) {
            return false;
        }
        self.seen += 1;
        let hit =
            self.seen > self.after && (self.seen - self.after).is_multiple_of(self.every.max(1));
        if hit {
            self.count -= 1;
        }
        hit
    }
}

/// The faults in force.
#[derive(Debug, Default)]
pub(super) struct Faults(Vec<Fault>);

impl Faults {
    pub(super) fn order(&mut self, fault: Fault) {
        self.0.push(fault);
    }

    pub(super) fn clear(&mut self) {
        self.0.clear();
    }

    /// The first that hits this request.
    pub(super) fn strike(&mut self, path: &str) -> Option<Fault> {
        let hit = self
            .0
            .iter_mut()
            .find_map(|fault| fault.hits(path).then(|| fault.clone()));
        self.0.retain(|fault| fault.count > 0);
        hit
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn strikes(order: serde_json::Value, path: &str, requests: usize) -> Vec<bool> {
        let mut faults = Faults::default();
        faults.order(serde_json::from_value(order).unwrap());
        (0..requests)
            .map(|_| faults.strike(path).is_some())
            .collect()
    }

    #[test]
    fn faults_hit_the_requests_that_were_ordered() {
        let create =
            serde_json::json!({"path": "/a/create", "kind": "cut-after", "after": 1, "count": 2});
        assert_eq!(
            strikes(create.clone(), "/a/create", 4),
            [false, true, true, false]
        );
        assert_eq!(strikes(create, "/a/list", 2), [false, false]);
        let third = serde_json::json!({"path": "*", "kind": "429", "every": 3, "count": 9});
        assert_eq!(
            strikes(third, "/x", 6),
            [false, false, true, false, false, true]
        );
    }
}
