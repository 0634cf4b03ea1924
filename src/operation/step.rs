//! Sends one step to the API, and settles it if its answer is lost.
//!
//! The API has no idempotency key (SEAM.md 5.6). Creates are safe because the plan lists every key that the guest had
//! when it was made (`seen`). A key of the guest that is not in this list, with the plan's guest rooms and end, was
//! made by the request whose answer was lost, and it is adopted. If there is no such key after lists have had time to
//! catch up, the request had no effect and is sent again.
//!
//! Two risks remain. If a list lags by more than `settle`, a second key may be made, which then replaces the first. If
//! somebody else makes the same key at the same moment, it is taken for the tool's own.

use std::time::Duration;

use crate::hotel::key::Key;
use crate::hotel::refusal::Warning;
use crate::journal::Made;
use crate::operation::executor::{Executor, Interrupt};
use crate::operation::new_guest::create_guest;
use crate::operation::plan::{Access, Action, KeySpec, Plan};
use crate::operation::progress::Progress;
use crate::seam::{self, Client, Sent, credentials, entrances, users};
use crate::snapshot::convert::key;
use crate::snapshot::fetch::{KeyReader, read_key};

/// The maximum number of times that a create is sent. Before each repetition, reading has shown that the previous one
/// had no effect.
const CREATES: usize = 4;

/// The result of a step that is done.
#[derive(Debug, Default)]
pub(crate) struct Performed {
    pub(crate) made: Made,
    /// The key as the create's answer shows it.
    pub(crate) key: Option<Key>,
    pub(crate) request_id: Option<String>,
    pub(crate) warning: Option<Warning>,
}

impl Performed {
    pub(crate) fn answered(request_id: Option<String>) -> Self {
        Self {
            request_id,
            ..Self::default()
        }
    }

    fn key(key: Key, request_id: Option<String>) -> Self {
        Self {
            made: Made {
                acs_credential_id: Some(key.id.clone()),
                ..Made::default()
            },
            key: Some(key),
            request_id,
            warning: None,
        }
    }
}

/// What a create whose answer was lost has made, as far as reading shows.
enum Found {
    /// The key that it made.
    Key(Box<Performed>),
    /// A key that it may have made, and that somebody is deleting.
    BeingDeleted,
    /// No key.
    None,
}

impl<I: Interrupt, R: KeyReader> Executor<'_, I, R> {
    /// Carries out one step. `resumed` says that an earlier attempt at the step may have had an effect.
    pub(super) async fn perform(
        &self,
        plan: &Plan,
        progress: &Progress,
        step: usize,
        resumed: bool,
    ) -> Result<Performed, seam::Error> {
        let client = self.client;
        match &plan.steps[step].action {
            Action::GetUser(user) => {
                let reply = users::get(client, &user.clone().into()).await?;
                Ok(Performed::answered(reply.request_id))
            }
            Action::RevokeAccess(user) => {
                let user = user.clone().into();
                let reply = users::revoke_access_to_all_entrances(client, &user).await?;
                Ok(Performed::answered(reply.request_id))
            }
            Action::GrantAccess { user, door } => {
                let (user, door) = (user.clone().into(), door.clone().into());
                let reply = entrances::grant_access(client, &door, &user).await?;
                Ok(Performed::answered(reply.request_id))
            }
            Action::CreateGuest(guest) => create_guest(client, guest, resumed).await,
            Action::CreateKey(spec) => self.create_key(plan, progress, spec, resumed).await,
            Action::DeleteKey(id) | Action::DeleteIfLive(id) => delete_key(client, id).await,
        }
    }

    async fn create_key(
        &self,
        plan: &Plan,
        progress: &Progress,
        spec: &KeySpec,
        resumed: bool,
    ) -> Result<Performed, seam::Error> {
        let Some(mut request) = wire(spec, progress) else {
            return Err(seam::Error::setup(
                "the plan refers to a step that made nothing",
            ));
        };
        if resumed {
            match self.find_key(plan, &request, spec).await? {
                Found::Key(found) => return Ok(*found),
                Found::BeingDeleted => {
                    let text = "somebody is deleting the key that it made";
                    return Err(seam::Error::unclear(credentials::CREATE.path, text));
                }
                Found::None => {}
            }
        }
        let mut warning = None;
        let mut sent = 0;
        // A refusal says nothing about an earlier request whose answer was lost. Another desk may have deleted its key.
        let mut earlier = false;
        loop {
            sent += 1;
            let error = match credentials::create(self.client, &request).await {
                Ok(reply) => {
                    return Ok(Performed {
                        warning,
                        ..Performed::key(key(reply.value), reply.request_id)
                    });
                }
                Err(error) => error.after(earlier),
            };
            if error.names_field("label") && request.visionline_metadata.label.take().is_some() {
                let message =
                    "the service refused the label; the key was made without one".to_owned();
                warning = Some(Warning {
                    code: "label_rejected".to_owned(),
                    message,
                });
                continue;
            }
            if error.sent() == Sent::No {
                return Err(error);
            }
            earlier = true;
            match self.find_key(plan, &request, spec).await {
                Ok(Found::Key(found)) => return Ok(Performed { warning, ..*found }),
                // The list was read to its end and the key is not there, so the request had no effect as far as
                // reading can show.
                Ok(Found::None) if sent < CREATES => {}
                // A key that somebody deletes on purpose is not made again.
                _ => return Err(error),
            }
        }
    }

    /// Finds the key that a create made whose answer was lost. A list may lag behind, so it is read again until
    /// `settle` has passed.
    async fn find_key(
        &self,
        plan: &Plan,
        request: &credentials::Create,
        spec: &KeySpec,
    ) -> Result<Found, seam::Error> {
        let list = credentials::List {
            acs_user_id: request.acs_user_id.clone(),
            acs_system_id: Some(spec.system.clone().into()),
            ..credentials::List::default()
        };
        let deadline = tokio::time::Instant::now() + self.settle;
        let mut pause = Duration::from_millis(100);
        let mut last_look = false;
        loop {
            let reply = credentials::list(self.client, &list).await?;
            let keys = reply.value.into_iter().map(key);
            let made = keys.filter(|key| plan.may_once_have_made(spec, key));
            let (going, there): (Vec<Key>, Vec<Key>) = made.partition(Key::is_being_deleted);
            if let Some(key) = there.into_iter().next() {
                let found = Performed::key(key, reply.request_id);
                return Ok(Found::Key(Box::new(found)));
            }
            if !going.is_empty() {
                return Ok(Found::BeingDeleted);
            }
            if last_look {
                return Ok(Found::None);
            }
            // The last read is at the deadline itself. An earlier one would miss a key that the list shows only then.
            let next = tokio::time::Instant::now() + pause;
            last_look = next >= deadline;
            tokio::time::sleep_until(next.min(deadline)).await;
            pause *= 2;
        }
    }
}

/// Deletes a key. A key that is already gone counts as done. If the answer is lost even after retries, a read decides.
pub(crate) async fn delete_key(client: &Client, id: &str) -> Result<Performed, seam::Error> {
    match credentials::delete(client, &id.to_owned().into()).await {
        Ok(reply) => Ok(Performed::answered(reply.request_id)),
        Err(error) if error.is_not_found() => {
            Ok(Performed::answered(error.request_id().map(str::to_owned)))
        }
        Err(error) if error.sent() == Sent::Maybe => match read_key(client, id).await {
            Ok(None) => Ok(Performed::default()),
            Ok(Some(key)) if key.is_being_deleted() => Ok(Performed::default()),
            _ => Err(error),
        },
        Err(error) => Err(error),
    }
}

/// Returns the request for a key, or `None` if a step that it depends on made nothing.
pub(crate) fn wire(spec: &KeySpec, progress: &Progress) -> Option<credentials::Create> {
    let mut visionline = credentials::VisionlineMetadata {
        card_format: Some(spec.format.as_str().to_owned()),
        label: Some(spec.label.clone()),
        ..credentials::VisionlineMetadata::default()
    };
    match &spec.access {
        Access::Override => visionline.r#override = Some(true),
        Access::Joiner(keys) => {
            let ids = keys
                .iter()
                .map(|key| progress.resolve(key).map(Into::into))
                .collect::<Option<Vec<_>>>()?;
            visionline.joiner_acs_credential_ids = Some(ids);
        }
    }
    Some(credentials::Create {
        acs_user_id: Some(progress.resolve(&spec.guest)?.into()),
        access_method: "mobile_key".to_owned(),
        is_multi_phone_sync_credential: true,
        credential_manager_acs_system_id: Some(spec.manager.clone().into()),
        allowed_acs_entrance_ids: spec.doors.iter().cloned().map(Into::into).collect(),
        starts_at: spec.window.starts_at,
        ends_at: spec.window.ends_at,
        visionline_metadata: visionline,
    })
}
