//! One step against the API, and what to do where its answer is lost.
//!
//! The API has no idempotency key (SEAM.md 5.6). What makes a create safe here is the plan: it lists every
//! key that was on the guest when it was made (`seen`). A key of the guest with the plan's guest rooms and end that
//! is not in that list was made since, by the request whose answer was lost; it is adopted. Where there is
//! none, and lists have had time to catch up, the request did not take effect and is sent again.
//! What remains: a list that lags by more than `settle` lets a second key be made, which then replaces the
//! first; and somebody else making the very same key in the same moment is taken for ourselves.

use std::time::Duration;

use super::from_wire::key;
use super::guests::create_guest;
use super::plan::{Access, Action, KeySpec, Plan};
use super::prepared::Warning;
use super::progress::Progress;
use super::read::read_key;
use super::record::Made;
use crate::seam::{self, Client, Sent, credentials, entrances, users};
use crate::stay::key::Key;

/// How often a create is sent at most. Between two, reading has shown that the first had no effect.
const CREATES: usize = 4;

/// A step that is done.
#[derive(Debug, Default)]
pub(super) struct Performed {
    pub(super) made: Made,
    /// The key as the answer that made it shows it.
    pub(super) key: Option<Key>,
    pub(super) request_id: Option<String>,
    pub(super) warning: Option<Warning>,
}

impl Performed {
    pub(super) fn answered(request_id: Option<String>) -> Self {
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

/// All that a step may need.
pub(super) struct Call<'a> {
    pub(super) client: &'a Client,
    pub(super) settle: Duration,
    pub(super) plan: &'a Plan,
    pub(super) progress: &'a Progress,
    /// An earlier try of the step may have taken effect.
    pub(super) resumed: bool,
}

impl Call<'_> {
    /// Carries out one step.
    pub(super) async fn perform(&self, step: usize) -> Result<Performed, seam::Error> {
        let client = self.client;
        match &self.plan.steps[step].action {
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
            Action::CreateGuest(guest) => create_guest(client, guest, self.resumed).await,
            Action::CreateKey(spec) => self.create_key(spec).await,
            Action::DeleteKey(id) | Action::DeleteIfLive(id) => delete_key(client, id).await,
        }
    }

    async fn create_key(&self, spec: &KeySpec) -> Result<Performed, seam::Error> {
        let Some(mut request) = wire(spec, self.progress) else {
            return Err(seam::Error::setup(
                "the plan refers to a step that made nothing",
            ));
        };
        if self.resumed
            && let Some(found) = self.find_key(&request, spec).await?
        {
            return Ok(found);
        }
        let mut warning = None;
        let mut sent = 0;
        loop {
            sent += 1;
            let error = match credentials::create(self.client, &request).await {
                Ok(reply) => {
                    return Ok(Performed {
                        warning,
                        ..Performed::key(key(reply.value), reply.request_id)
                    });
                }
                Err(error) => error,
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
            match self.find_key(&request, spec).await {
                Ok(Some(found)) => return Ok(Performed { warning, ..found }),
                Ok(None) if sent < CREATES => {}
                // Read to the end and not there: it had no effect, as far as reading can tell.
                _ => return Err(error),
            }
        }
    }

    /// The key that a create whose answer was lost has made. A list may lag behind: it is asked again until
    /// `settle` has passed.
    async fn find_key(
        &self,
        request: &credentials::Create,
        spec: &KeySpec,
    ) -> Result<Option<Performed>, seam::Error> {
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
            let mut keys = reply.value.into_iter().map(key);
            let made = keys.find(|key| self.plan.may_have_made(spec, key));
            if let Some(key) = made {
                return Ok(Some(Performed::key(key, reply.request_id)));
            }
            if last_look {
                return Ok(None);
            }
            // The last look is at the deadline itself: one before it would miss what a list shows only then.
            let next = tokio::time::Instant::now() + pause;
            last_look = next >= deadline;
            tokio::time::sleep_until(next.min(deadline)).await;
            pause *= 2;
        }
    }
}

/// Gone already is done. Where the answer was lost although repeated, reading decides.
pub(super) async fn delete_key(client: &Client, id: &str) -> Result<Performed, seam::Error> {
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

/// The request for a key; `None` where a step it builds on made nothing.
pub(super) fn wire(spec: &KeySpec, progress: &Progress) -> Option<credentials::Create> {
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
