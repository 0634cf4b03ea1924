//! Users, identities and phones in the form of the API.

use std::collections::BTreeMap;

use serde::Serialize;
use serde_json::{Value, json};

use super::{Errors, Failing, Warning, written};
use crate::sandbox::hotel::records::{Identity, Phone, Remark, User};
use crate::sandbox::hotel::{Hotel, wire_time};
use crate::sandbox::id::Id;

#[derive(Serialize)]
struct WireUser<'a> {
    acs_user_id: Id,
    acs_system_id: Id,
    workspace_id: Id,
    connected_account_id: Id,
    created_at: String,
    display_name: &'a str,
    full_name: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    email_address: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    email: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    phone_number: Option<&'a str>,
    #[serde(flatten)]
    identity: Option<IdentityOfUser<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    access_schedule: Option<WireSchedule>,
    is_suspended: bool,
    is_managed: bool,
    last_successful_sync_at: String,
    pending_mutations: Errors,
    errors: Vec<Failing>,
    warnings: Vec<Warning>,
}

/// The fields of a user's identity. A field is null if the identity lacks the value. A user without an identity has
/// none of the fields.
#[derive(Serialize)]
#[expect(clippy::struct_field_names, reason = "the wire's names")]
struct IdentityOfUser<'a> {
    user_identity_id: Id,
    user_identity_email_address: Option<&'a str>,
    user_identity_phone_number: Option<&'a str>,
    user_identity_full_name: Option<&'a str>,
}

#[derive(Serialize)]
struct WireSchedule {
    starts_at: String,
    ends_at: Option<String>,
}

#[derive(Serialize)]
struct WireIdentity<'a> {
    user_identity_id: Id,
    user_identity_key: Option<&'a str>,
    email_address: Option<&'a str>,
    phone_number: Option<&'a str>,
    display_name: &'a str,
    full_name: Option<&'a str>,
    acs_user_ids: Vec<Id>,
    merged_user_identity_ids: Errors,
    merged_user_identity_keys: Errors,
    created_at: String,
    workspace_id: Id,
    errors: Errors,
    warnings: Errors,
}

#[derive(Serialize)]
struct WirePhone<'a> {
    device_id: Id,
    display_name: &'a str,
    device_type: &'static str,
    workspace_id: Id,
    created_at: String,
    custom_metadata: BTreeMap<String, Value>,
    properties: Value,
    errors: Errors,
    warnings: Errors,
}

impl Hotel {
    pub(in crate::sandbox) fn wire_user<'a>(&'a self, user: &'a User) -> impl Serialize + use<'a> {
        let identity = user.identity.and_then(|id| self.identities.get(id));
        let (errors, warnings) = remarks(user);
        WireUser {
            acs_user_id: user.id,
            acs_system_id: user.system,
            workspace_id: self.property.workspace,
            connected_account_id: self.system_account(user.system),
            created_at: wire_time(user.created_at),
            display_name: &user.full_name,
            full_name: &user.full_name,
            email_address: user.email.as_deref(),
            email: user.email.as_deref(),
            phone_number: user.phone.as_deref(),
            identity: identity.map(|identity| IdentityOfUser {
                user_identity_id: identity.id,
                user_identity_email_address: identity.email.as_deref(),
                user_identity_phone_number: identity.phone.as_deref(),
                user_identity_full_name: identity.full_name.as_deref(),
            }),
            access_schedule: user.schedule.map(|(starts_at, ends_at)| WireSchedule {
                starts_at: wire_time(starts_at),
                ends_at: ends_at.map(wire_time),
            }),
            is_suspended: user.suspended,
            is_managed: true,
            last_successful_sync_at: wire_time(user.created_at),
            pending_mutations: [],
            errors,
            warnings,
        }
    }

    pub(in crate::sandbox) fn wire_identity<'a>(
        &'a self,
        identity: &'a Identity,
    ) -> impl Serialize + use<'a> {
        let names = [
            &identity.full_name,
            &identity.email,
            &identity.phone,
            &identity.key,
        ];
        WireIdentity {
            user_identity_id: identity.id,
            user_identity_key: identity.key.as_deref(),
            email_address: identity.email.as_deref(),
            phone_number: identity.phone.as_deref(),
            display_name: names
                .into_iter()
                .flatten()
                .next()
                .map_or("User", String::as_str),
            full_name: identity.full_name.as_deref(),
            acs_user_ids: self.users_of(identity.id).map(|user| user.id).collect(),
            merged_user_identity_ids: [],
            merged_user_identity_keys: [],
            created_at: wire_time(identity.created_at),
            workspace_id: self.property.workspace,
            errors: [],
            warnings: [],
        }
    }

    pub(in crate::sandbox) fn wire_phone(&self, phone: &Phone) -> Value {
        written(WirePhone {
            device_id: phone.id,
            display_name: &phone.name,
            device_type: if phone.ios {
                "ios_phone"
            } else {
                "android_phone"
            },
            workspace_id: self.property.workspace,
            created_at: wire_time(phone.created_at),
            custom_metadata: BTreeMap::new(),
            properties: json!({ "assa_abloy_credential_service_metadata": {
                "has_active_endpoint": phone.active,
                "endpoints": [{ "endpoint_id": phone.endpoint, "is_active": phone.active }],
            }}),
            errors: [],
            warnings: [],
        })
    }
}

/// Returns the errors and warnings that the access system's remark on a user causes.
fn remarks(user: &User) -> (Vec<Failing>, Vec<Warning>) {
    let created_at = wire_time(user.created_at);
    let failing = |error_code, message| {
        let error = Failing {
            error_code,
            message,
            created_at: created_at.clone(),
        };
        (vec![error], Vec::new())
    };
    match user.remark {
        None => (Vec::new(), Vec::new()),
        Some(Remark::DeletedExternally) => failing(
            "deleted_externally",
            "The user was deleted on the access system, outside of Seam.",
        ),
        Some(Remark::FailedToCreateOnAcsSystem) => failing(
            "failed_to_create_on_acs_system",
            "The user could not be created on the access system.",
        ),
        Some(Remark::BeingDeleted) => {
            let warning = Warning {
                warning_code: "being_deleted",
                message: "The user is being deleted.",
                created_at,
            };
            (Vec::new(), vec![warning])
        }
    }
}
