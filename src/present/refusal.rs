//! Messages for commands that stopped before their first write: what happened, what it means, and what to do next.

use crate::failure::{Failure, Kind};
use crate::hotel::refusal::Sharing;
use crate::hotel::refusal::{Brief, Found, Refusal};
use crate::hotel::{DoorError, GuestQuery};
use crate::operation::recover::RecoverError;
use crate::snapshot::error::Error;

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        match error {
            Error::Seam(error) => error.into(),
            Error::Refused(refusal) => (*refusal).into(),
        }
    }
}

impl From<RecoverError> for Failure {
    fn from(error: RecoverError) -> Self {
        match error {
            RecoverError::Journal(error) => error.into(),
            RecoverError::Workflow(error) => error.into(),
            RecoverError::Plan(id, why) => Failure::new(
                Kind::Failed,
                format!("the plan of operation {} cannot be used: {why}", id.short()),
            )
            .impact("Nothing was changed.")
            .hint(format!(
                "`roomkey recover {} --close` closes it without changing anything",
                id.short()
            )),
        }
    }
}

impl From<Refusal> for Failure {
    fn from(refusal: Refusal) -> Self {
        describe(refusal).impact("Nothing was changed.")
    }
}

fn describe(refusal: Refusal) -> Failure {
    match refusal {
        Refusal::Occupied { rooms, keys, same_stay, replaceable, sharing } => {
            let over = over(&keys, replaceable);
            occupied(&rooms, &keys, same_stay, over, sharing)
        }
        Refusal::UseUpdate { guest, key } => {
            Failure::new(Kind::UseUpdate, format!("{guest} already has another key to this room"))
                .details([&key])
                .hint(format!("to change that key: `roomkey update --key {}` with `--until`, `--rooms` or `--also`", key.id))
                .hint("to replace that key: add `--replace`")
        }
        Refusal::UseJoin { guest, key } => {
            Failure::new(Kind::UseJoin, format!("{guest} has a plastic card to this room, which a new first key would end"))
                .details([&key])
                .hint(format!("to add a mobile key beside the card: `roomkey join --to {}` with the guest", key.id))
                .hint("to end the card: add `--replace`")
        }
        Refusal::KeyElsewhere { guest, key } => {
            Failure::new(Kind::GuestHasKeyElsewhere, format!("{guest} has a live key elsewhere, which a new one would replace"))
                .details([&key])
                .hint(format!("to widen that key: `roomkey update --key {} --rooms …` with all the rooms", key.id))
                .hint("to remove all earlier access first: `roomkey return-guest`; to replace that key: add `--replace`")
        }
        Refusal::Gap { guest, key, start } => Failure::new(
            Kind::LosesAccess,
            format!("{guest} has a key that works now, and the new one would start {start}"),
        )
        .details([&key])
        .hint("a new mobile key may replace the earlier one at once, and the guest would have no access until then")
        .hint(format!("to change the key that works: `roomkey update --key {}` with `--until`, `--rooms` or `--also`", key.id))
        .hint("or make the new key when it starts"),
        Refusal::SeveralStays { command, rooms, stays } => several_stays(command, &rooms, &stays),
        Refusal::NotACopy { asked, copies } => {
            let failure = Failure::new(Kind::NotACopy, format!("key {asked} is the key of all the guest's phones, not the copy on one phone"));
            let failure = failure.details(copies.iter().map(|copy| format!("copy {copy}")));
            failure.hint("name a copy with `--key`, or remove the key from all phones: leave `--this-phone-only` out")
        }
        Refusal::ChangedSince { what, keys } => Failure::new(Kind::Changed, what)
            .details(keys.iter().map(|key| format!("{key}  {}", key.id)))
            .hint("`roomkey recover` shows what is open and who can open what now")
            .hint("to go on anyway: add `--replace`; to close the operation without changing anything: `--close`"),
        Refusal::TakenAway { keys, deleted, operation } => taken_away(&keys, &deleted, &operation),
        Refusal::HarmedFirst { keys, operation } => {
            let names: Vec<&str> = keys.iter().map(|key| key.holder.as_str()).collect();
            Failure::new(Kind::NoAccess, format!("{} has NO access, because this operation ended the key", names.join(", ")))
                .details(keys.iter())
                .hint("after that, the new key can be removed with `roomkey revoke`")
                .hint(format!("first give the access back: `roomkey recover {operation}`"))
        }
        Refusal::CannotRestore { key, other } => {
            let failure = Failure::new(Kind::NoAccess, format!("roomkey cannot give {} the access back", key.holder))
                .details([&key]);
            match other {
                Some(other) => failure
                    .details([format!("the guest has now: {other}")])
                    .hint("a new mobile key could replace the key that the guest has now")
                    .hint(format!("to extend that key: `roomkey update --key {}` with `--rooms` or `--until`", other.id)),
                None => failure.hint("make a new card at the encoder"),
            }
        }
        Refusal::PhoneNotReady { guest, loses } => {
            let failure = Failure::new(Kind::PhoneNotReady, format!("no phone of {guest} is ready to receive a mobile key"));
            let failure = failure.details(loses.iter().map(|key| format!("still works: {key}")));
            let failure = failure.hint("ask the guest to sign in to the hotel's app, then type the same command again");
            match loses {
                Some(_) => failure.hint("until then the guest keeps the key that works; or make a plastic card at the encoder"),
                None => failure.hint("without `--require-phone` the key is made now and arrives when the guest signs in"),
            }
        }
        Refusal::NameDiffers { typed, on_record, same } => name_differs(&typed, &on_record, &same),
        Refusal::GuestNotReady { guest, why, remedy } => {
            Failure::new(Kind::GuestNotReady, format!("{guest} cannot get a mobile key: {why}")).hint(remedy)
        }
        Refusal::Guest { asked, found: Found::None } => {
            Failure::new(Kind::GuestNotFound, format!("no guest is on record as `{asked}`"))
                .hint("`roomkey guests TEXT` searches by part of a name, e-mail or phone number")
                .hint("a new guest is typed with a contact: \"Jane Doe <jane@example.com>\", \"Jane Doe <+491701234567>\" or \"Jane Doe <res:4711>\"")
        }
        Refusal::Guest { asked, found: Found::Many(guests) } => {
            Failure::new(Kind::GuestAmbiguous, format!("`{asked}` is the name of {} guests", guests.len()))
                .details(listed(&guests))
                .hint("ask the guest for the e-mail address, and type the address or the id in place of the name")
        }
        Refusal::Key { asked, found: Found::None } => {
            Failure::new(Kind::KeyNotFound, format!("there is no key {asked}")).hint("`roomkey keys --room R` or `--guest G` shows the live keys")
        }
        Refusal::Key { asked, found: Found::Many(keys) } => {
            Failure::new(Kind::KeyAmbiguous, format!("there are {} keys {asked}", keys.len()))
                .details(listed(&keys))
                .hint("name one with `--room`, or by its id with `--key`")
        }
        Refusal::System { asked, found, all } => system(asked.as_deref(), &found, &all),
        Refusal::Manager { found: Found::None } => {
            Failure::new(Kind::CredentialManagerAmbiguous, "the access system has no credential manager, which mobile keys need")
                .hint("connect the ASSA ABLOY Credential Service in the Seam Console, or name one with `--credential-manager`")
        }
        Refusal::Manager { found: Found::Many(managers) } => {
            Failure::new(Kind::CredentialManagerAmbiguous, "there are several credential managers")
                .details(listed(&managers))
                .hint("name one with `--credential-manager ID`, or in the profile as `credential_manager`")
        }
        Refusal::Workspace { wanted, is } => {
            Failure::new(Kind::WrongWorkspace, format!("the API key belongs to workspace {is}, and the profile is for {wanted}"))
                .hint("use the API key of that workspace, or another `--profile`")
        }
        Refusal::ZoneUnknown => Failure::new(Kind::TimeZoneUnknown, "the hotel's time zone is not known: the access system has none set")
            .hint("set it in the profile as `time_zone`, or with `--time-zone Europe/Berlin`"),
        Refusal::ZoneConflict { ours, origin, theirs } => {
            Failure::new(Kind::TimeZoneConflict, format!("two time zones: {ours} ({origin}) and {theirs} (the access system)"))
                .hint("correct the one that is wrong; a key's end depends on it")
        }
        Refusal::Door(error) => {
            let kind = match &error {
                DoorError::Ambiguous { .. } => Kind::RoomAmbiguous,
                _ => Kind::RoomNotFound,
            };
            Failure::new(kind, error.to_string()).hint("`roomkey rooms` lists the doors")
        }
        Refusal::Time(error) => Failure::new(Kind::Usage, error.to_string()).hint("`roomkey help times` shows every form"),
        Refusal::Label(error) => Failure::new(Kind::Usage, error.to_string()),
        Refusal::Capacity(error) => Failure::new(Kind::Capacity, error.to_string()),
        Refusal::BeyondJoined(text) | Refusal::CannotJoin(text) => Failure::new(Kind::CannotJoin, text)
            .hint("`roomkey keys --room R` shows what is there to join; a first key is made with `roomkey issue`"),
        Refusal::CannotUpdate(text) => Failure::new(Kind::CannotUpdate, text),
        Refusal::Twice(text) => Failure::new(Kind::Usage, text),
        Refusal::SystemDown { system, code, message } => {
            Failure::new(Kind::SystemDown, format!("Seam does not reach {system}: {message} ({code})"))
                .hint("check the Seam Bridge and the Visionline server; plastic cards can still be made at the encoder")
        }
        Refusal::TooLate(end) => Failure::new(Kind::Usage, format!("the end of the key, {end}, has passed"))
            .hint("`--close` closes the operation, `--undo` removes the keys that it made"),
        Refusal::Operation { asked, found: Found::None } => {
            Failure::new(Kind::OperationNotFound, format!("no unfinished operation `{asked}`"))
                .hint("`roomkey recover` lists the unfinished operations, `roomkey history` all operations")
        }
        Refusal::Operation { asked, found: Found::Many(rows) } => {
            Failure::new(Kind::OperationNotFound, format!("the ids of {} operations begin with `{asked}`", rows.len()))
                .details(listed(&rows))
                .hint("type more characters of the id")
        }
    }
}

fn taken_away(keys: &[Brief], deleted: &[(String, String)], operation: &str) -> Failure {
    let names: Vec<&str> = keys.iter().map(|key| key.holder.as_str()).collect();
    let names = names.join(", ");
    let message = if deleted.is_empty() {
        format!("somebody has taken away the key of {names} since this operation stopped")
    } else {
        format!(
            "a key was deleted since this operation stopped, and it may be the one that the operation made for {names}"
        )
    };
    let deleted = deleted
        .iter()
        .map(|(id, when)| format!("deleted {when}: key {id}"));
    let keys = keys.iter().map(ToString::to_string);
    Failure::new(Kind::Changed, message)
        .details(keys.chain(deleted))
        .hint("ask the colleagues whether the guest has checked out")
        .hint(format!(
            "if so, close the operation without changing anything: `roomkey recover {operation} --close`"
        ))
        .hint(format!(
            "if the guest is to have the key, go on: `roomkey recover {operation} --replace`"
        ))
}

fn several_stays(command: &str, rooms: &str, stays: &[Vec<Brief>]) -> Failure {
    let mut failure = Failure::new(
        Kind::SeveralStays,
        format!("room {rooms} has keys of {} stays", stays.len()),
    );
    for keys in stays {
        failure = failure.details(keys.iter().map(|key| format!("{key}  {}", key.id)));
    }
    for keys in stays {
        let names: Vec<&str> = keys.iter().map(|key| key.holder.as_str()).collect();
        let ids: Vec<&str> = keys.iter().map(|key| key.id.as_str()).collect();
        let option = if command == "join" { "--to" } else { "--key" };
        let ids = ids.join(&format!(" {option} "));
        failure = failure.hint(format!(
            "for {}: `roomkey {command} {option} {ids}`",
            names.join(", ")
        ));
    }
    if command == "revoke" {
        failure = failure.hint("for all of these stays: add `--all`");
    }
    failure
}

fn listed(items: &[(String, String)]) -> Vec<String> {
    items
        .iter()
        .map(|(label, id)| format!("{label}  {id}"))
        .collect()
}

fn name_differs(typed: &GuestQuery, on_record: &str, same: &GuestQuery) -> Failure {
    let (name, contact) = match typed {
        GuestQuery::New { name, contact } => (name.clone(), contact.to_string()),
        other => (other.to_string(), other.to_string()),
    };
    Failure::new(
        Kind::NameDiffers,
        format!("{contact} belongs to {on_record}, not to {name}"),
    )
    .hint(format!(
        "if {name} and {on_record} are the same person: `--guest \"{same}\"`"
    ))
    .hint(format!(
        "if {name} is a second person with the same contact: `--guest \"{name} <shares:{contact}>\"`, or a contact \
         of their own such as `--guest \"{name} <+491701234567>\"`"
    ))
}

/// Says what to do if the stay that these keys belong to is over.
fn over(keys: &[Brief], replaceable: bool) -> String {
    if replaceable {
        return "if that stay is over: add `--replace`".to_owned();
    }
    let ids: Vec<String> = keys.iter().map(|key| format!("--key {}", key.id)).collect();
    format!(
        "if that stay is over: `roomkey revoke {}` first",
        ids.join(" ")
    )
}

fn occupied(
    rooms: &str,
    keys: &[Brief],
    same_stay: bool,
    over: String,
    sharing: Sharing,
) -> Failure {
    let details: Vec<String> = keys
        .iter()
        .map(|key| format!("{key}  {}", key.id))
        .collect();
    let replace = if sharing == Sharing::Replace {
        " --replace"
    } else {
        ""
    };
    let join = format!(
        "`roomkey join --room {}{replace}` with `--guest`",
        rooms.replace(", ", ",")
    );
    if same_stay {
        return Failure::new(
            Kind::UseJoin,
            format!("room {rooms} has live keys of the same stay, which a new first key would end"),
        )
        .details(details)
        .hint(format!("to add a guest: {join}"))
        .hint(over);
    }
    let failure = Failure::new(
        Kind::RoomOccupied,
        format!("room {rooms} has a live key of somebody else"),
    )
    .details(details)
    .hint(
        "check the room number; ask the guest in the room, or the colleague who made that key, whether the room is free",
    );
    let failure = match sharing {
        Sharing::None => failure,
        Sharing::Join | Sharing::Replace => failure.hint(format!("if they share the room: {join}")),
    };
    failure.hint(over)
}

fn system(asked: Option<&str>, found: &Found, all: &[(String, String)]) -> Failure {
    let failure = match (asked, found) {
        (Some(asked), Found::None) => Failure::new(
            Kind::SystemNotFound,
            format!("no Visionline system `{asked}`"),
        ),
        (None, Found::None) => Failure::new(
            Kind::SystemNotFound,
            "this workspace has no Visionline system",
        )
        .hint("connect it in the Seam Console, or check whether the API key is this hotel's"),
        (_, Found::Many(systems)) => Failure::new(
            Kind::SystemAmbiguous,
            format!("there are {} Visionline systems", systems.len()),
        ),
    };
    let failure = failure.details(listed(all));
    if all.is_empty() {
        failure
    } else {
        failure.hint("name one with `--system`, or in the profile as `system`")
    }
}
