//! Credentials in the form of the API.

use serde::Serialize;

use super::{Errors, Warning, short_id};
use crate::sandbox::hotel::records::{Credential, Method};
use crate::sandbox::hotel::{Hotel, wire_time};
use crate::sandbox::id::Id;

#[derive(Serialize)]
#[expect(clippy::struct_excessive_bools, reason = "the wire's flags")]
struct WireCredential<'a> {
    acs_credential_id: Id,
    acs_system_id: Id,
    connected_account_id: Id,
    workspace_id: Id,
    #[serde(skip_serializing_if = "Option::is_none")]
    acs_user_id: Option<Id>,
    #[serde(skip_serializing_if = "Option::is_none")]
    user_identity_id: Option<Id>,
    #[serde(skip_serializing_if = "Option::is_none")]
    parent_acs_credential_id: Option<Id>,
    access_method: Method,
    display_name: &'a str,
    created_at: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    starts_at: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    ends_at: Option<String>,
    code: Option<&'a str>,
    card_number: Option<&'a str>,
    is_issued: bool,
    issued_at: Option<String>,
    is_managed: bool,
    is_multi_phone_sync_credential: bool,
    is_one_time_use: bool,
    is_latest_desired_state_synced_with_provider: bool,
    latest_desired_state_synced_with_provider_at: Option<String>,
    external_type: &'static str,
    external_type_display_name: &'static str,
    visionline_metadata: KeyMetadata<'a>,
    errors: Errors,
    warnings: Vec<Warning>,
}

#[derive(Serialize)]
struct KeyMetadata<'a> {
    card_function_type: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    auto_join: Option<bool>,
    card_id: String,
    credential_id: String,
    guest_acs_entrance_ids: Vec<Id>,
    common_acs_entrance_ids: Vec<Id>,
    joiner_acs_credential_ids: &'a [Id],
    is_valid: bool,
}

impl Hotel {
    pub(in crate::sandbox) fn wire_credential<'a>(
        &'a self,
        key: &'a Credential,
    ) -> impl Serialize + use<'a> {
        // A key that waits for a phone is not in the lock system yet.
        let synced_at = key
            .sync_at
            .filter(|at| !key.never_syncs && *at <= self.now() && !self.is_waiting(key));
        let mobile = key.method == Method::MobileKey;
        let issued_at = if mobile {
            synced_at
        } else {
            key.card_number.is_some().then_some(key.created_at)
        };
        let (guest, common) = self.split_doors(key);
        WireCredential {
            acs_credential_id: key.id,
            acs_system_id: self.property.system,
            connected_account_id: self.property.system_account,
            workspace_id: self.property.workspace,
            acs_user_id: key.user,
            user_identity_id: key.user.and_then(|user| self.users.get(user)?.identity),
            parent_acs_credential_id: key.parent,
            access_method: key.method,
            display_name: &key.name,
            created_at: wire_time(key.created_at),
            starts_at: key.starts_at.map(wire_time),
            ends_at: key.ends_at.map(wire_time),
            code: None,
            card_number: key.card_number.as_deref(),
            is_issued: issued_at.is_some(),
            issued_at: issued_at.map(wire_time),
            is_managed: true,
            is_multi_phone_sync_credential: key.multi_phone,
            is_one_time_use: false,
            is_latest_desired_state_synced_with_provider: synced_at.is_some(),
            latest_desired_state_synced_with_provider_at: synced_at.map(wire_time),
            external_type: "visionline_card",
            external_type_display_name: "Visionline Card",
            visionline_metadata: KeyMetadata {
                card_function_type: if key.staff { "staff" } else { "guest" },
                auto_join: key.auto_join,
                card_id: short_id(key.id),
                credential_id: short_id(key.id),
                guest_acs_entrance_ids: guest,
                common_acs_entrance_ids: common,
                joiner_acs_credential_ids: &key.joined,
                is_valid: key.valid,
            },
            errors: [],
            warnings: self.warnings(key),
        }
    }

    fn is_waiting(&self, key: &Credential) -> bool {
        key.multi_phone && self.index.children.of(key.id).is_empty()
    }

    fn warnings(&self, key: &Credential) -> Vec<Warning> {
        let all = [
            (
                self.is_waiting(key),
                "waiting_to_be_issued",
                "The credential is waiting for a phone to be issued to.",
            ),
            (
                key.moved,
                "schedule_modified",
                "The start was in the past and has been moved to the time of creation.",
            ),
            (
                key.gone_at.is_some(),
                "being_deleted",
                "The credential is being deleted.",
            ),
            (
                key.user
                    .and_then(|user| self.users.get(user)?.remark)
                    .is_some(),
                "unknown_issue_with_acs_credential",
                "The credential may not work: there is a problem with its user.",
            ),
        ];
        all.into_iter()
            .filter(|(there, ..)| *there)
            .map(|(_, warning_code, message)| Warning {
                warning_code,
                message,
                created_at: wire_time(key.created_at),
            })
            .collect()
    }
}
