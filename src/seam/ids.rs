//! The API's ids, so that none is taken for another. Opaque: the schema says UUID, not every server does.

macro_rules! ids {
    ($($(#[$doc:meta])* $name:ident),* $(,)?) => {$(
        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, serde::Serialize, serde::Deserialize)]
        #[serde(transparent)]
        pub struct $name(String);

        impl $name {
            /// As the API writes it.
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
    /// `acs_system_id`: an access system, or a credential manager.
    AcsSystemId,
    /// `acs_entrance_id`: a door.
    AcsEntranceId,
    /// `acs_user_id`: a guest in one access system.
    AcsUserId,
    /// `acs_credential_id`: a key.
    AcsCredentialId,
    /// `user_identity_id`: a guest in the workspace, with phones.
    UserIdentityId,
    /// `device_id`: a phone.
    DeviceId,
}
