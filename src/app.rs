//! The context of a command: its settings, the terminal, the client for Seam, the journal and Ctrl-C.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::time::Duration;

use futures::FutureExt as _;
use reqwest::Url;
use tokio::sync::Notify;

use crate::clock::Clock;
use crate::config::Settings;
use crate::doors::Doors;
use crate::failure::{Failure, Kind};
use crate::journal::{Journal, JournalError, Trouble};
use crate::operation::executor::Interrupt;
use crate::operation::outcome::Desk;
use crate::present::Ui;
use crate::sandbox;
use crate::seam::{Auth, Client, Limits, Secret, Trace};
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
    /// Records whether this command can open real doors.
    pub doors: Arc<Doors>,
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
            Client::new(&url, None, auth, limits)
        } else {
            let auth = self.settings.auth.as_ref().ok_or_else(|| self.no_key())?;
            let proxy = self.settings.proxy.as_ref().map(|proxy| &proxy.value);
            let endpoint = &self.settings.endpoint.value;
            Client::new(endpoint, proxy, auth.value.clone(), limits)
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

    /// Opens the journal.
    pub async fn journal(&self) -> Result<Journal, Failure> {
        Ok(Journal::open(&self.settings.home, self.clock.clone()).await?)
    }

    /// Returns the executor of plans, with everything that it depends on.
    pub fn desk<'a, R>(
        &'a self,
        client: &'a Client,
        keys: &'a R,
        journal: &'a Journal,
    ) -> Desk<'a, Interrupts, R> {
        Desk {
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
                let failure = Failure::new(Kind::RecordUnavailable, error.to_string()).impact(
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
                    Trouble::Locked => failure
                        .hint("close the program that has it open, such as a backup, a database browser or a stopped roomkey")
                        .hint("then type the same command again"),
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
    /// True while a prompt is open. No request is in flight then.
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
