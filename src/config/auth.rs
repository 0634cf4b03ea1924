//! Credentials for Seam from the environment: an API key, or a personal access token with its workspace. No other
//! source is read.

use anyhow::Result;

use super::environment::Environment;
use super::settings::{Origin, Setting};
use crate::seam::{Auth, Secret};

type Found = (Option<Setting<Auth>>, Option<String>);

/// Reads the API key, or the personal access token with its workspace, under the names that the vendor's SDKs use.
/// Having both is a problem. A problem is returned as text and is not an error, because many commands need no key.
pub(super) fn auth(environment: &Environment) -> Result<Found> {
    let key = environment.get("SEAM_API_KEY")?.map(Secret::new);
    let token = environment
        .get("SEAM_PERSONAL_ACCESS_TOKEN")?
        .map(Secret::new);
    let workspace = environment.get("SEAM_WORKSPACE_ID")?;
    let problem = |text: &str| Ok((None, Some(text.to_owned())));
    if [&key, &token]
        .into_iter()
        .flatten()
        .any(|secret| !secret.is_sendable())
    {
        return problem(
            "the key in the environment contains spaces or other characters that a key cannot contain",
        );
    }
    let is_id = |id: &String| id.bytes().all(|byte| byte.is_ascii_graphic());
    if !workspace.as_ref().is_none_or(is_id) {
        return problem(
            "`SEAM_WORKSPACE_ID` contains spaces or other characters that an id cannot contain",
        );
    }
    match (key, token, workspace) {
        (Some(_), Some(_), _) => {
            problem("`SEAM_API_KEY` and `SEAM_PERSONAL_ACCESS_TOKEN` are both set; unset one")
        }
        (Some(key), None, workspace) if key.starts_with("seam_at") => match workspace {
            // The vendor's pages say to put a token in this variable, but its SDKs refuse it. Seam accepts the token
            // together with the workspace.
            Some(workspace_id) => {
                let value = Auth::PersonalAccessToken {
                    token: key,
                    workspace_id,
                };
                Ok((
                    Some(Setting {
                        value,
                        origin: Origin::Environment("SEAM_API_KEY"),
                    }),
                    None,
                ))
            }
            None => {
                problem("`SEAM_API_KEY` is a personal access token; set `SEAM_WORKSPACE_ID` too")
            }
        },
        (Some(key), None, _) => Ok((
            Some(Setting {
                value: Auth::ApiKey(key),
                origin: Origin::Environment("SEAM_API_KEY"),
            }),
            None,
        )),
        (None, Some(token), Some(workspace_id)) => {
            let value = Auth::PersonalAccessToken {
                token,
                workspace_id,
            };
            Ok((
                Some(Setting {
                    value,
                    origin: Origin::Environment("SEAM_PERSONAL_ACCESS_TOKEN"),
                }),
                None,
            ))
        }
        (None, Some(_), None) => {
            problem("`SEAM_PERSONAL_ACCESS_TOKEN` needs `SEAM_WORKSPACE_ID` too")
        }
        (None, None, _) => Ok((None, None)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::{Flags, Settings};

    fn resolve<const N: usize>(pairs: [(&str, &str); N]) -> Settings {
        Settings::resolve(&Flags::default(), &Environment::from(pairs)).unwrap()
    }

    #[test]
    fn a_key_or_a_token_with_its_workspace_and_never_both() {
        let home = ("ROOMKEY_HOME", "/nonexistent");
        assert!(matches!(
            resolve([home, ("SEAM_API_KEY", "seam_x")])
                .auth
                .unwrap()
                .value,
            Auth::ApiKey(_)
        ));
        let token = resolve([
            home,
            ("SEAM_API_KEY", "seam_at1x"),
            ("SEAM_WORKSPACE_ID", "w"),
        ]);
        assert!(matches!(
            token.auth.unwrap().value,
            Auth::PersonalAccessToken { .. }
        ));
        for bad in [
            resolve([
                home,
                ("SEAM_API_KEY", "seam_x"),
                ("SEAM_PERSONAL_ACCESS_TOKEN", "seam_at1x"),
            ]),
            resolve([
                home,
                ("SEAM_API_KEY", "seam_at1x"),
                ("SEAM_ENDPOINT", "https://x"),
            ]),
            resolve([
                home,
                ("SEAM_PERSONAL_ACCESS_TOKEN", "seam_at1x"),
                ("SEAM_ENDPOINT", "https://x"),
            ]),
            resolve([
                home,
                ("SEAM_API_KEY", "seam_at1x"),
                ("SEAM_WORKSPACE_ID", "w\nx"),
            ]),
            resolve([
                home,
                ("SEAM_API_KEY", "seam x"),
                ("SEAM_ENDPOINT", "https://x"),
            ]),
        ] {
            assert!(bad.auth.is_none() && bad.auth_problem.is_some());
        }
        assert!(resolve([home]).auth_problem.is_none());
    }
}
