//! Whether the access system can give a guest a mobile key, according to the guest's record.

use super::GuestRecord;
use super::refusal::{Refusal, Warning};

/// Checks whether the access system can give the guest a mobile key, according to the guest's record. A certain
/// obstacle is a refusal, before anything is taken away or made. A possible one is a warning (`guest_problem`).
///
/// A mobile key needs a user identity (SEAM.md 3.3). The codes are those of SEAM.md 3.9. The set is open, and an
/// unknown code is a warning.
pub fn readiness(guest: &GuestRecord) -> Result<Vec<Warning>, Refusal> {
    let not_ready = |why: &str, remedy: &str| {
        Err(Refusal::GuestNotReady {
            guest: guest.name.clone(),
            why: why.to_owned(),
            remedy: remedy.to_owned(),
        })
    };
    let again = "wait until `roomkey guests` no longer lists the guest, then put the guest on record again, such as \"Jane Doe <jane@example.com>\"";
    for (code, _) in &guest.remarks {
        match code.as_str() {
            "being_deleted" => {
                return not_ready("being deleted", again);
            }
            "failed_to_delete_on_acs_system" => {
                return not_ready(
                    "to be deleted, which Visionline did not do",
                    "delete the guest in Visionline, then put the guest on record again",
                );
            }
            "deleted_externally" => {
                return not_ready(
                    "deleted in Visionline",
                    "delete the guest in the Seam Console as well, then put the guest on record again",
                );
            }
            "failed_to_create_on_acs_system" => {
                return not_ready(
                    "not accepted by Visionline, perhaps because the e-mail address is in use there",
                    "look the guest up in Visionline, and correct the e-mail address in one of the two",
                );
            }
            _ => {}
        }
    }
    if guest.suspended {
        return not_ready(
            "suspended",
            "lift the suspension in the Seam Console, then type the same again",
        );
    }
    if guest.user_identity_id.is_none() {
        return not_ready(
            "there is no user identity, which a phone belongs to",
            "link the guest to a user identity in the Seam Console; until then, make a plastic card",
        );
    }
    let remarks = guest.remarks.iter();
    Ok(remarks
        .map(|(code, message)| Warning {
            code: "guest_problem".to_owned(),
            message: format!("{}: {message} ({code})", guest.name),
        })
        .collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Returns the result for a guest with these remarks: "ready", the codes of the warnings, or the refusal.
    fn outcome(change: impl FnOnce(&mut GuestRecord)) -> String {
        let mut guest = GuestRecord {
            acs_user_id: "u".to_owned(),
            user_identity_id: Some("i".to_owned()),
            name: "Jane Doe".to_owned(),
            ..GuestRecord::default()
        };
        change(&mut guest);
        match readiness(&guest) {
            Ok(warnings) if warnings.is_empty() => "ready".to_owned(),
            Ok(warnings) => warnings.iter().map(|w| w.message.clone()).collect(),
            Err(Refusal::GuestNotReady { guest, why, remedy }) => {
                assert_eq!(guest, "Jane Doe");
                assert!(!remedy.is_empty());
                format!("no: {why}")
            }
            Err(other) => other.to_string(),
        }
    }

    #[test]
    fn who_can_get_a_key() {
        let remark = |code: &'static str| {
            outcome(move |guest| {
                guest
                    .remarks
                    .push((code.to_owned(), "the message".to_owned()));
            })
        };
        assert_eq!(outcome(|_| {}), "ready");
        assert!(outcome(|guest| guest.suspended = true).starts_with("no: suspended"));
        assert!(outcome(|guest| guest.user_identity_id = None).starts_with("no: there is no user"));
        for (code, wanted) in [
            ("being_deleted", "no: being deleted"),
            ("deleted_externally", "no: deleted in Visionline"),
            ("failed_to_create_on_acs_system", "no: not accepted"),
            ("failed_to_delete_on_acs_system", "no: to be deleted"),
            ("failed_to_update_on_acs_system", "Jane Doe: the message"),
            ("acs_user_inactive", "Jane Doe: the message"),
            ("a_code_of_tomorrow", "Jane Doe: the message"),
        ] {
            let found = remark(code);
            assert!(found.starts_with(wanted), "{code}: {found}");
        }
    }
}
