//! The context of a command: its settings, the terminal, the client for Seam, the journal and Ctrl-C.

use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use futures::FutureExt as _;
use reqwest::Url;
use serde_json::json;
use tokio::sync::Notify;

use crate::clock::Clock;
use crate::config::Settings;
use crate::doors::Doors;
use crate::failure::{Failure, Kind};
use crate::journal::{InFlight, Journal, JournalError, OperationId, Patience, Trouble};
use crate::operation::executor::{Executor, Interrupt};
use crate::present::Ui;
use crate::sandbox;
use crate::seam::{Auth, Client, Limits, Route, Secret, Trace};
use crate::snapshot::id_cache::IdCache;
use crate::snapshot::profile::HotelProfile;
use crate::workflow::command::Declined;

/// How long a batch waits for a server that answers 429 (too many requests). A rate limit slows a batch down; it does
/// not make a row fail.
const BUSY: Duration = Duration::from_secs(15 * 60);

/// The context that every command receives. `main` builds it once.
#[derive(Debug)]
pub struct App {
    /// The settings, each with its origin.
    pub settings: Settings,
    /// Prints output and messages, and asks questions.
    pub ui: Ui,
    /// Answers every confirmation with yes (`--yes`).
    pub yes: bool,
    /// How the sandbox behaves where the sources leave the behaviour of production open.
    pub readings: sandbox::Readings,
    /// Reports Ctrl-C.
    pub interrupts: Interrupts,
    /// The operations that the command is working on.
    pub in_flight: InFlight,
    /// Records whether this command can open real doors.
    pub doors: Arc<Doors>,
    /// The warnings about this PC, each as a code and a message.
    pub warnings: Arc<Mutex<Vec<(String, String)>>>,
    /// The clock that every part of the command reads. It follows the server's time.
    pub clock: Clock,
}

impl App {
    /// Returns a client for Seam or, with `--sandbox`, for the simulated hotel. The first request opens the connection.
    pub async fn client(&self) -> Result<Client, Failure> {
        self.client_for(Limits {
            call: self.settings.timeout.value,
            ..self.settings.bounds
        })
        .await
    }

    /// Returns a client for a batch: it keeps up to `in_flight` requests in flight and waits up to 15 minutes for a
    /// server that is too busy.
    pub async fn patient_client(&self, in_flight: u32) -> Result<Client, Failure> {
        self.client_for(Limits {
            call: self.settings.timeout.value,
            busy: BUSY,
            in_flight,
            ..self.settings.bounds
        })
        .await
    }

    async fn client_for(&self, limits: Limits) -> Result<Client, Failure> {
        let client = if self.settings.sandbox.value {
            let hotel = sandbox::start(self.hotel()).await.map_err(|error| {
                Failure::new(Kind::Io, format!("the sandbox cannot be opened: {error}"))
                    .impact("Nothing was changed.")
                    .hint("`roomkey sandbox reset` starts afresh")
            })?;
            let url = Url::parse(&hotel.url)
                .map_err(|error| Failure::new(Kind::Io, error.to_string()))?;
            let auth = Auth::ApiKey(Secret::new(&hotel.api_key));
            Client::new(&url, &Route::default(), auth, limits)
        } else {
            let auth = self.settings.auth.as_ref().ok_or_else(|| self.no_key())?;
            let route = Route {
                proxy: self
                    .settings
                    .proxy
                    .as_ref()
                    .map(|proxy| proxy.value.clone()),
                certificates: self.settings.certificates.clone(),
            };
            let endpoint = &self.settings.endpoint.value;
            Client::new(endpoint, &route, auth.value.clone(), limits)
        };
        let interrupts = self.interrupts.clone();
        let stop = move || {
            let interrupts = interrupts.clone();
            async move { interrupts.requested().await }.boxed()
        };
        let client = client
            .with_clock(self.clock.clone())
            .stopping(Box::new(stop));
        #[cfg(debug_assertions)]
        if let Some(at) = self.settings.panic_after.clone() {
            return Ok(client.traced(Box::new(move |tried| inject_panic(&at, tried.path))));
        }
        let client = if self.ui.verbose {
            client.traced(Box::new(trace))
        } else {
            client
        };
        self.doors.ask(&self.settings, &self.ui, &client).await?;
        Ok(client)
    }

    /// Returns the options of the simulated hotel that `--sandbox` starts. Its state is the file `hotel.json` in the
    /// home folder.
    pub fn hotel(&self) -> sandbox::Options {
        sandbox::Options {
            state: Some(self.settings.home.join("hotel.json")),
            readings: self.readings,
            ..sandbox::Options::default()
        }
    }

    fn no_key(&self) -> Failure {
        let message = match &self.settings.auth_problem {
            Some(problem) => format!("there is no usable API key: {problem}"),
            None => "there is no API key".to_owned(),
        };
        Failure::new(Kind::NoApiKey, message)
            .impact("Nothing was sent.")
            .hint("set `SEAM_API_KEY` to this hotel's key from the Seam Console")
            .hint("or set `SEAM_PERSONAL_ACCESS_TOKEN` together with `SEAM_WORKSPACE_ID`")
            .hint("or try it out first: `roomkey --sandbox …` needs no key")
    }

    /// Returns the part of the settings that describes the hotel.
    pub fn profile(&self) -> HotelProfile {
        let settings = &self.settings;
        let value = |setting: &Option<crate::config::Setting<String>>| {
            setting.as_ref().map(|s| s.value.clone())
        };
        HotelProfile {
            system: value(&settings.system),
            manager: value(&settings.credential_manager),
            zone: settings
                .time_zone
                .as_ref()
                .map(|zone| (zone.value, zone.origin.to_string())),
            hours: settings.hours.value,
            site: value(&settings.name),
            also: settings.also.value.clone(),
            label: value(&settings.label),
            format: settings.card_format.value,
            workspace: value(&settings.workspace),
            known: IdCache::default(),
        }
    }

    /// Opens the journal. A wait for another process that has locked it lasts as long as a request may take, and
    /// Ctrl-C ends it.
    pub async fn journal(&self) -> Result<Journal, Failure> {
        let (interrupts, quiet) = (self.interrupts.clone(), self.ui.quiet);
        let stop = move || {
            let interrupts = interrupts.clone();
            async move { interrupts.requested().await }.boxed()
        };
        let tell = move |line: &str| {
            if !quiet {
                Ui::err(line);
            }
        };
        let patience = Patience::up_to(self.settings.timeout.value)
            .stopping(stop)
            .telling(tell);
        let journal = Journal::open(&self.settings.home, self.clock.clone(), patience).await?;
        if journal.has_other_key() {
            let path = self.settings.home.join("record.key");
            self.warn(
                "journal_key_changed",
                format!(
                    "{} is not the key with which earlier batches were recorded: batches no longer recognise rows and \
                     reservations of earlier runs; restore the file from a backup",
                    path.display()
                ),
            );
        }
        Ok(journal.reporting(self.in_flight.clone()))
    }

    /// Warns the person at the terminal, and keeps the warning for the JSON.
    fn warn(&self, code: &str, text: String) {
        self.ui.warn(&text);
        let mut warnings = self.warnings.lock().unwrap_or_else(PoisonError::into_inner);
        warnings.push((code.to_owned(), text));
    }

    /// Returns the failure of a command that ends in the middle of a request, because a person has insisted on it.
    pub fn stopped_at_once(&self) -> Failure {
        let operations = self.in_flight.operations();
        let shown = |id: &OperationId| format!("`roomkey recover {}`", id.short());
        let at_risk = operations.iter().filter(|(_, may_lack)| *may_lack);
        let at_risk: Vec<String> = at_risk.map(|(id, _)| shown(id)).collect();
        let all: Vec<String> = operations.iter().map(|(id, _)| shown(id)).collect();
        let (kind, message, impact, commands) = match (&at_risk[..], &all[..]) {
            ([], []) => {
                return Failure::new(Kind::Interrupted, "stopped at once")
                    .impact("Whether the step in flight took effect is not known.")
                    .hint("`roomkey recover` shows what is open and finishes it");
            }
            ([], _) => (
                Kind::Interrupted,
                "stopped at once, in the middle of an operation",
                "Whether the step in flight took effect is not known.",
                all,
            ),
            _ => (
                Kind::NoAccess,
                "stopped at once, after access was taken away and before it was given again",
                "The guest may have NO access now.",
                at_risk,
            ),
        };
        let mut failure = Failure::new(kind, message).impact(impact);
        if operations.len() > 1 {
            failure = failure.hint("`roomkey recover --all` finishes everything that is open");
        }
        let outcome = match kind {
            Kind::NoAccess => "no_access",
            _ => "unknown",
        };
        let id = match &operations[..] {
            [(id, _)] => Some(id.as_str()),
            _ => None,
        };
        failure.data = Some(json!({ "outcome": outcome, "operation_id": id }));
        commands.iter().take(3).fold(failure, |failure, command| {
            failure.hint(format!("{command} finishes the operation"))
        })
    }

    /// Returns the executor of plans, with everything that it depends on.
    pub fn executor<'a, R>(
        &'a self,
        client: &'a Client,
        keys: &'a R,
        journal: &'a Journal,
    ) -> Executor<'a, Interrupts, R> {
        Executor {
            client,
            keys,
            journal,
            interrupt: &self.interrupts,
            wait: self.settings.wait.value,
            settle: self.settings.settle.value,
            operator: &self.settings.operator,
            workstation: &self.settings.workstation,
        }
    }

    /// Asks a question and returns true if the answer is yes. Ctrl-C at the prompt is the error
    /// [`Declined::Interrupted`].
    pub async fn ask(&self, question: &[String]) -> Result<bool, Declined> {
        let mut lines = question.to_vec();
        if let Some(last) = lines.last_mut() {
            last.push_str(" [y/N]");
        }
        let answer = self.ask_text(&lines).await?;
        Ok(is_yes(&answer))
    }

    /// Asks for a line of text. A separate thread reads the answer, so that Ctrl-C works at every prompt.
    pub async fn ask_text(&self, prompt: &[String]) -> Result<String, Declined> {
        self.ui.prompt(prompt)?;
        self.interrupts.at_prompt(true);
        let reading = tokio::task::spawn_blocking(Ui::read_line);
        let answer = tokio::select! {
            biased;
            () = self.interrupts.requested() => Err(Declined::Interrupted),
            read = reading => match read {
                Ok(answer) => answer.map_err(Declined::from),
                Err(error) => Err(std::io::Error::other(error).into()),
            },
        };
        self.interrupts.at_prompt(false);
        answer
    }

    /// Runs `work`, which must only read, and ends it at Ctrl-C. Not for work that writes.
    pub async fn until_interrupted<T>(
        &self,
        work: impl Future<Output = Result<T, Failure>>,
    ) -> Result<T, Failure> {
        tokio::select! {
            biased;
            () = self.interrupts.requested() => {
                Err(Failure::new(Kind::Interrupted, "interrupted").impact("Nothing was changed."))
            }
            done = work => done,
        }
    }
}

/// Returns true if the answer is yes in English, German, French, Spanish or Italian.
fn is_yes(answer: &str) -> bool {
    matches!(
        answer.trim().to_lowercase().as_str(),
        "y" | "yes" | "j" | "ja" | "o" | "oui" | "s" | "si" | "sí"
    )
}

fn trace(trace: &Trace<'_>) {
    let status = trace
        .status
        .map_or_else(|| "---".to_owned(), |status| status.to_string());
    let id = trace.request_id.unwrap_or("-");
    let mut line = format!("{status} {} {} ms {id}", trace.path, trace.took.as_millis());
    if let Some(problem) = &trace.problem {
        line = format!("{line}: {problem}");
    }
    Ui::err(&line);
}

/// Panics when `path` is the path `at`, in this task or, if `at` begins with `task:`, in a task of its own. Tests use
/// it to check how a panic is reported. Only builds with debug assertions contain it.
#[cfg(debug_assertions)]
fn inject_panic(at: &str, path: &str) {
    assert!(at != path, "injected after {path}");
    if at.strip_prefix("task:") == Some(path) {
        tokio::spawn(async { panic!("injected in a task") });
    }
}

impl From<JournalError> for Failure {
    fn from(error: JournalError) -> Self {
        match &error {
            JournalError::Unfinished { row, same } => {
                let about = format!("{} on room {}", row.command, row.rooms.join(", "));
                let text = if *same {
                    format!(
                        "this very command ({about}) stopped halfway earlier and must be finished first"
                    )
                } else {
                    format!("an earlier {about} stopped halfway and must be finished first")
                };
                Failure::new(Kind::Unfinished, text)
                    .impact("Nothing was changed now. What the earlier command changed is not known yet.")
                    .hint(format!("`roomkey recover {}` finishes it", row.id.short()))
                    .hint("`roomkey recover` shows what is open")
            }
            JournalError::Busy(row) => {
                let who = format!("{} at {}", row.operator, row.workstation);
                Failure::new(
                    Kind::Busy,
                    format!(
                        "{who} is working on the same room or guest right now ({})",
                        row.command
                    ),
                )
                .impact("Nothing was changed now.")
                .hint("wait until it is finished, then type the same command again")
            }
            JournalError::Closed(id) => Failure::new(
                Kind::OperationNotFound,
                format!("operation {id} is not open any more"),
            )
            .impact("Nothing was changed.")
            .hint("`roomkey history` shows its outcome"),
            JournalError::Unavailable { trouble, path, .. } => {
                let kind = if error.is_interrupted() {
                    Kind::Interrupted
                } else {
                    Kind::RecordUnavailable
                };
                let failure = Failure::new(kind, error.to_string()).impact(
                    "Nothing was changed, because roomkey changes nothing without its journal.",
                );
                let key = path.with_file_name("record.key");
                let key = key.display();
                let afresh = |first: &str| {
                    format!(
                        "or start a new journal: {first}delete {key}; roomkey then forgets the history and all unfinished operations"
                    )
                };
                match trouble {
                    Trouble::Damaged => failure
                        .hint(format!("restore {} from a backup, without files that end in -wal or -shm", path.display()))
                        .hint(afresh("move it and those files to a safe place, ")),
                    Trouble::Locked | Trouble::Interrupted => failure
                        .hint("close the program that has it open, such as a backup, a database browser or a stopped roomkey")
                        .hint("then type the same command again"),
                    Trouble::Foreign => failure
                        .hint(format!("move {} to where it belongs, then restore the journal from a backup", path.display()))
                        .hint(afresh("")),
                    Trouble::Key => failure
                        .hint(format!("restore {key} from a backup"))
                        .hint(format!("or delete {key}: roomkey makes a new key, and batches no longer recognise rows and reservations of earlier runs; the history and recovery do not need it")),
                    Trouble::Lost => failure
                        .hint(format!("restore {} from a backup", path.display()))
                        .hint(afresh("")),
                    Trouble::Other => failure
                        .hint("make room on the disk, or set `ROOMKEY_HOME` to a folder that this user can write to"),
                }
            }
        }
    }
}

/// Listens for Ctrl-C. The first Ctrl-C stops the command after the step in flight, the second one stops it at once.
#[derive(Clone, Debug, Default)]
pub struct Interrupts(Arc<Inner>);

#[derive(Debug, Default)]
struct Inner {
    /// True while a prompt is open, or while a server waits for its end. No request is in flight then.
    prompting: AtomicBool,
    count: AtomicU32,
    changed: Notify,
}

impl Interrupts {
    /// Starts to listen for Ctrl-C and, on Unix, for SIGTERM and SIGHUP.
    pub fn listen(&self) {
        let inner = Arc::clone(&self.0);
        let Ok(mut signals) = Signals::new() else {
            return;
        };
        tokio::spawn(async move {
            loop {
                if !signals.next().await {
                    return;
                }
                let first = inner.count.fetch_add(1, Ordering::SeqCst) == 0;
                if inner.prompting.load(Ordering::SeqCst) {
                    Ui::err("");
                } else if first {
                    Ui::err("Stopping after the step in flight. Ctrl-C again leaves at once.");
                }
                inner.changed.notify_waiters();
            }
        });
    }

    /// Records whether a prompt is open.
    fn at_prompt(&self, prompting: bool) {
        self.0.prompting.store(prompting, Ordering::SeqCst);
    }

    /// Records that Ctrl-C is the way to end the command. It is then not announced as a stop in the middle.
    pub fn closing(&self) {
        self.at_prompt(true);
    }

    async fn reached(&self, count: u32) {
        loop {
            let changed = self.0.changed.notified();
            if self.0.count.load(Ordering::SeqCst) >= count {
                return;
            }
            changed.await;
        }
    }

    /// Completes at the second Ctrl-C.
    pub async fn insisted(&self) {
        self.reached(2).await;
    }
}

impl Interrupt for Interrupts {
    fn is_requested(&self) -> bool {
        self.0.count.load(Ordering::SeqCst) > 0
    }

    async fn requested(&self) {
        self.reached(1).await;
    }
}

/// The signals SIGINT (Ctrl-C), SIGTERM and SIGHUP. The listeners stay registered between two signals, so that none is
/// lost.
#[cfg(unix)]
struct Signals([tokio::signal::unix::Signal; 3]);

#[cfg(unix)]
impl Signals {
    fn new() -> std::io::Result<Self> {
        use tokio::signal::unix::{SignalKind, signal};
        Ok(Self([
            signal(SignalKind::interrupt())?,
            signal(SignalKind::terminate())?,
            signal(SignalKind::hangup())?,
        ]))
    }

    /// Waits for the next signal. Returns false if no more signals can arrive.
    async fn next(&mut self) -> bool {
        let [interrupt, terminate, hang_up] = &mut self.0;
        tokio::select! {
            signal = interrupt.recv() => signal.is_some(),
            signal = terminate.recv() => signal.is_some(),
            signal = hang_up.recv() => signal.is_some(),
        }
    }
}

/// Listens for Ctrl-C.
#[cfg(not(unix))]
struct Signals;

#[cfg(not(unix))]
impl Signals {
    fn new() -> std::io::Result<Self> {
        Ok(Self)
    }

    async fn next(&mut self) -> bool {
        tokio::signal::ctrl_c().await.is_ok()
    }
}
