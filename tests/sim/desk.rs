//! A front desk: each command is a process of its own, with its own client and clock, over the desk's journal.

use std::cell::{Cell, RefCell};
use std::future::poll_fn;
use std::pin::pin;
use std::sync::Arc;
use std::task::Poll;
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use roomkey::clock::Clock;
use roomkey::failure::Failure;
use roomkey::hotel::{CardFormat, Hours};
use roomkey::journal::{Journal, OperationRow, Store};
use roomkey::operation::decision::Decision;
use roomkey::operation::executor::{Executor, Interrupt};
use roomkey::operation::outcome::Outcome;
use roomkey::operation::plan::Plan;
use roomkey::operation::recover;
use roomkey::present::decision::{confirmation, summary};
use roomkey::present::failure_of;
use roomkey::seam::{Auth, Client, Limits, Secret};
use roomkey::snapshot::fetch::OneByOne;
use roomkey::snapshot::hotel_snapshot::HotelSnapshot;
use roomkey::snapshot::id_cache::IdCache;
use roomkey::snapshot::profile::HotelProfile;
use roomkey::workflow::command::{Agreed, Declined, Talk};
use roomkey::workflow::request::Request;
use tokio::sync::Notify;
use tokio::time::Instant;

use crate::wire::Wire;

/// What a desk keeps from one command to the next.
pub(crate) struct Place {
    pub(crate) name: String,
    pub(crate) store: Store,
    /// How far its PC's clock is ahead.
    pub(crate) skew: TimeDelta,
    /// The world's time when the simulation began.
    pub(crate) began: (DateTime<Utc>, Instant),
}

/// How the person at the desk answers a question.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Answering {
    /// `--yes`.
    Beforehand,
    /// Yes, after so long.
    Yes(Duration),
    /// No.
    No,
    /// Nobody is there.
    Nobody,
}

#[derive(Clone, Debug)]
#[expect(clippy::large_enum_variant, reason = "there are few calls at a time")]
pub(crate) enum Act {
    Write(Request),
    /// `recover --all`.
    RecoverAll,
    /// `recover OPERATION --undo` of the oldest.
    Undo,
    /// `recover OPERATION --close` of the oldest.
    Close,
}

/// One command of one desk.
#[derive(Clone, Debug)]
pub(crate) struct Call {
    pub(crate) desk: usize,
    /// As staff type it.
    pub(crate) typed: String,
    pub(crate) act: Act,
    pub(crate) answering: Answering,
    pub(crate) after: Duration,
    /// Ctrl-C, so long after the command began.
    pub(crate) interrupt: Option<Duration>,
    /// The process dies at its n-th wait.
    pub(crate) crash: Option<u32>,
}

/// What a person was shown.
#[derive(Clone, Debug)]
pub(crate) struct Shown {
    pub(crate) text: String,
    pub(crate) plan: Option<Plan>,
    pub(crate) asked: bool,
}

/// What came of one operation.
#[derive(Debug)]
pub(crate) struct Ended {
    /// Its row when it was taken up, where it is an earlier one.
    pub(crate) row: Option<OperationRow>,
    pub(crate) outcome: Option<Outcome>,
    pub(crate) exit: u8,
    pub(crate) code: String,
    pub(crate) message: String,
}

/// What came of a call.
#[derive(Debug)]
pub(crate) struct Report {
    pub(crate) call: Call,
    pub(crate) ends: Vec<Ended>,
    pub(crate) crashed: bool,
    pub(crate) shown: Vec<Shown>,
    pub(crate) effects: Vec<String>,
    /// The desk's open operations when it was over.
    pub(crate) open: Vec<OperationRow>,
    /// When a person said yes to it, where that took time.
    pub(crate) answered: Option<Instant>,
    /// When it was over.
    pub(crate) ended: Instant,
}

pub(crate) fn profile() -> HotelProfile {
    HotelProfile {
        system: None,
        manager: None,
        zone: None,
        hours: Hours::default(),
        site: None,
        also: vec![],
        label: None,
        format: CardFormat::Rfid48,
        workspace: None,
        known: IdCache::default(),
    }
}

#[derive(Default)]
struct CtrlC {
    pressed: Cell<bool>,
    changed: Notify,
}

impl Interrupt for CtrlC {
    fn is_requested(&self) -> bool {
        self.pressed.get()
    }

    async fn requested(&self) {
        while !self.pressed.get() {
            self.changed.notified().await;
        }
    }
}

struct Person<'a> {
    answering: Answering,
    answered: &'a Cell<Option<Instant>>,
    shown: &'a RefCell<Vec<Shown>>,
}

impl Talk for Person<'_> {
    fn show(&self, snapshot: &HotelSnapshot, decision: &Decision) {
        let mut lines = summary(decision, &snapshot.time);
        lines.extend(
            decision
                .warnings
                .iter()
                .map(|warning| warning.message.clone()),
        );
        lines.extend(decision.confirmation.iter().flat_map(confirmation));
        self.shown.borrow_mut().push(Shown {
            text: lines.join("\n"),
            plan: decision.plan.clone(),
            asked: decision.confirmation.is_some(),
        });
    }

    async fn agree(&self, decision: &Decision) -> Result<Agreed, Declined> {
        let Some(asked) = &decision.confirmation else {
            return Ok(Agreed::Beforehand);
        };
        match self.answering {
            Answering::Beforehand => Ok(Agreed::Beforehand),
            Answering::Yes(after) => {
                tokio::time::sleep(after).await;
                self.answered.set(Some(Instant::now()));
                Ok(Agreed::AtPrompt)
            }
            Answering::No => Err(Declined::No),
            Answering::Nobody if asked.optional => Ok(Agreed::Beforehand),
            Answering::Nobody => Err(Declined::NobodyToAsk(confirmation(asked))),
        }
    }
}

impl Place {
    fn clock(&self) -> Clock {
        let ((start, began), skew) = (self.began, self.skew);
        Clock::with_wall(move || start + TimeDelta::from_std(began.elapsed()).unwrap() + skew)
    }

    pub(crate) async fn unfinished(&self) -> Vec<OperationRow> {
        Journal::on(&self.store, self.clock())
            .unfinished()
            .await
            .unwrap()
    }

    /// Carries a call out, as one process from its start to its end or its death.
    pub(crate) async fn run(&self, wire: &Wire, call: Call) -> Report {
        tokio::time::sleep(call.after).await;
        let (line, effects) = wire.line();
        let shown = RefCell::new(vec![]);
        let answered = Cell::new(None);
        let ends = {
            let clock = self.clock();
            let auth = Auth::ApiKey(Secret::new(wire.api_key()));
            let client =
                Client::over(Box::new(line), auth, Limits::default()).with_clock(clock.clone());
            let journal = Journal::on(&self.store, clock);
            let ctrl_c = CtrlC::default();
            let work = self.work(&client, &journal, &ctrl_c, &call, (&shown, &answered));
            let interrupted = async {
                if let Some(after) = call.interrupt {
                    tokio::time::sleep(after).await;
                    ctrl_c.pressed.set(true);
                    ctrl_c.changed.notify_waiters();
                }
                std::future::pending::<()>().await;
            };
            let mut both = pin!(async {
                tokio::select! {
                    biased;
                    ends = work => ends,
                    () = interrupted => unreachable!(),
                }
            });
            let mut waits = 0;
            poll_fn(|context| {
                if call.crash == Some(waits) {
                    return Poll::Ready(None);
                }
                waits += 1;
                both.as_mut().poll(context).map(Some)
            })
            .await
        };
        let effects = Arc::clone(&effects);
        Report {
            crashed: ends.is_none(),
            ends: ends.unwrap_or_default(),
            shown: shown.into_inner(),
            effects: { effects.lock().unwrap().clone() },
            open: self.unfinished().await,
            answered: answered.get(),
            ended: Instant::now(),
            call,
        }
    }

    async fn work(
        &self,
        client: &Client,
        journal: &Journal,
        ctrl_c: &CtrlC,
        call: &Call,
        (shown, answered): (&RefCell<Vec<Shown>>, &Cell<Option<Instant>>),
    ) -> Vec<Ended> {
        let keys = OneByOne(client);
        let executor = Executor {
            client,
            keys: &keys,
            journal,
            interrupt: ctrl_c,
            wait: Duration::from_secs(10),
            settle: Duration::from_secs(3),
            operator: "staff",
            workstation: &self.name,
        };
        let profile = profile();
        match &call.act {
            Act::Write(request) => {
                let talk = Person {
                    answering: call.answering,
                    answered,
                    shown,
                };
                let done = Box::pin(executor.carry_out(&profile, request, &talk)).await;
                vec![match done {
                    Ok((outcome, _)) => Ended::with(None, outcome),
                    Err(error) => Ended::failed(None, error.into()),
                }]
            }
            Act::RecoverAll => {
                let mut ends = vec![];
                for row in journal.unfinished().await.unwrap() {
                    let done = Box::pin(executor.recover(&profile, &row.id, false)).await;
                    ends.push(match done {
                        Ok((outcome, _)) => Ended::with(Some(row), outcome),
                        Err(error) => Ended::failed(Some(row), error.into()),
                    });
                }
                ends
            }
            Act::Undo => {
                let Some(row) = journal.unfinished().await.unwrap().into_iter().next() else {
                    return vec![];
                };
                let done = async {
                    let takeback = executor.preview_undo(&profile, &row).await?;
                    shown.borrow_mut().push(Shown {
                        text: format!("{takeback:?}"),
                        plan: None,
                        asked: true,
                    });
                    Box::pin(executor.undo(&profile, &row.id, &takeback)).await
                };
                vec![match done.await {
                    Ok((outcome, _)) => Ended::with(Some(row), outcome),
                    Err(error) => Ended::failed(Some(row), error.into()),
                }]
            }
            Act::Close => {
                let Some(row) = journal.unfinished().await.unwrap().into_iter().next() else {
                    return vec![];
                };
                vec![match recover::close(journal, &row.id).await {
                    Ok(()) => Ended {
                        row: Some(row),
                        outcome: None,
                        exit: 0,
                        code: "closed".to_owned(),
                        message: String::new(),
                    },
                    Err(error) => Ended::failed(Some(row), error.into()),
                }]
            }
        }
    }
}

impl Ended {
    fn with(row: Option<OperationRow>, outcome: Outcome) -> Self {
        match failure_of(&outcome) {
            None => Self {
                row,
                outcome: Some(outcome),
                exit: 0,
                code: String::new(),
                message: String::new(),
            },
            Some(failure) => Self {
                outcome: Some(outcome),
                ..Self::failed(row, failure)
            },
        }
    }

    fn failed(row: Option<OperationRow>, failure: Failure) -> Self {
        let lines = std::iter::once(&failure.message)
            .chain(&failure.details)
            .cloned()
            .chain(failure.impact.clone())
            .chain(failure.hints.clone());
        Self {
            row,
            outcome: None,
            exit: failure.kind.exit(),
            code: format!("{:?}", failure.kind),
            message: lines.collect::<Vec<_>>().join(" | "),
        }
    }
}
