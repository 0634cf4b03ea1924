//! The API's ids, each with a type of its own, so that they cannot be mixed up. roomkey does not check their form: the
//! schema says UUID, but not every server uses UUIDs.

macro_rules! ids {
    ($($(#[$doc:meta])* $name:ident),* $(,)?) => {$(
        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, serde::Serialize, serde::Deserialize)]
        #[serde(transparent)]
        pub struct $name(String);

        impl $name {
            /// Returns the id as the API writes it.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl From<String> for $name {
            fn from(id: String) -> Self {
                Self(id)
            }
        }

        impl From<$name> for String {
            fn from(id: $name) -> Self {
                id.0
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(&self.0)
            }
        }
    )*};
}

ids! {
    /// The id of an access system or a credential manager (`acs_system_id`).
    AcsSystemId,
    /// The id of a door (`acs_entrance_id`).
    AcsEntranceId,
    /// The id of a guest in one access system (`acs_user_id`).
    AcsUserId,
    /// The id of a key (`acs_credential_id`).
    AcsCredentialId,
    /// The id of a guest in the workspace, with the guest's phones (`user_identity_id`).
    UserIdentityId,
    /// The id of a phone (`device_id`).
    DeviceId,
}
