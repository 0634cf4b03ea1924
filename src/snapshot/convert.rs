//! Conversion of the API's objects into the hotel's: users into guests, credentials into keys, entrances into doors.

use crate::hotel::key::{Key, Medium};
use crate::hotel::{Category, Contact, Door, GuestRecord};
use crate::seam::{AcsCredential, AcsEntrance, AcsUser};

/// Converts a user into a guest.
pub(crate) fn guest(user: AcsUser) -> GuestRecord {
    let email = user
        .email_address
        .or_else(|| user.user_identity_email_address.clone());
    let phone = user
        .phone_number
        .or_else(|| user.user_identity_phone_number.clone());
    let other_email = user
        .user_identity_email_address
        .filter(|other| email.as_ref() != Some(other));
    let other_phone = user
        .user_identity_phone_number
        .filter(|other| phone.as_ref() != Some(other));
    GuestRecord {
        name: user
            .full_name
            .or(user.user_identity_full_name)
            .or(user.display_name)
            .unwrap_or_default(),
        email,
        phone,
        aliases: other_email
            .map(Contact::Email)
            .into_iter()
            .chain(other_phone.map(Contact::Phone))
            .collect(),
        user_identity_id: user.user_identity_id.map(Into::into),
        acs_user_id: user.acs_user_id.into(),
        suspended: user.is_suspended == Some(true),
        remarks: user
            .errors
            .into_iter()
            .chain(user.warnings)
            .map(|remark| (remark.code, remark.message))
            .collect(),
    }
}

/// Converts a credential into a key.
pub(crate) fn key(credential: AcsCredential) -> Key {
    let visionline = credential.visionline_metadata.unwrap_or_default();
    let doors = visionline
        .guest_acs_entrance_ids
        .into_iter()
        .chain(visionline.common_acs_entrance_ids);
    Key {
        medium: match credential.access_method.as_deref() {
            Some("mobile_key") => Medium::Mobile,
            Some("card") => Medium::Card,
            _ => Medium::Other,
        },
        id: credential.acs_credential_id.into(),
        holder: credential.acs_user_id.map(Into::into),
        parent: credential.parent_acs_credential_id.map(Into::into),
        doors: doors.map(Into::into).collect(),
        starts_at: credential.starts_at.and_then(|at| at.parsed),
        ends_at: credential.ends_at.and_then(|at| at.parsed),
        created_at: credential.created_at.and_then(|at| at.parsed),
        valid: visionline.is_valid,
        synced: credential.is_latest_desired_state_synced_with_provider,
        joined_to: visionline
            .joiner_acs_credential_ids
            .into_iter()
            .map(Into::into)
            .collect(),
        remarks: credential
            .errors
            .into_iter()
            .chain(credential.warnings)
            .map(|remark| (remark.code, remark.message))
            .collect(),
    }
}

/// Converts an entrance into a door. Mobile keys need a BLE profile (vendor's guide). If the server does not report
/// it, the lock is assumed to accept mobile keys. The server refuses a key for a lock that does not.
pub(crate) fn door(entrance: AcsEntrance) -> Door {
    let visionline = entrance.visionline_metadata.unwrap_or_default();
    let ble = (!visionline.profiles.is_empty()).then(|| {
        visionline
            .profiles
            .iter()
            .any(|profile| profile.visionline_door_profile_type.as_deref() == Some("BLE"))
    });
    Door {
        id: entrance.acs_entrance_id.into(),
        system_id: entrance.acs_system_id.map(Into::into).unwrap_or_default(),
        name: entrance.display_name.unwrap_or_default(),
        mobile: entrance.can_unlock_with_mobile_key.or(ble).unwrap_or(true),
        category: Category::from_api(visionline.door_category.as_deref()),
        door_name: visionline.door_name,
    }
}
