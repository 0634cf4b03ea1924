//! The address of Seam's server.

use anyhow::{Result, anyhow, bail};
use reqwest::Url;

use super::environment::Environment;
use super::settings::{Origin, Setting};
use crate::seam::is_loopback;

const VARIABLE: &str = "SEAM_ENDPOINT";
const DEFAULT: &str = "https://connect.getseam.com";

/// Returns the server's address: `SEAM_ENDPOINT` if it is set, or Seam's own address.
///
/// # Errors
///
/// The text is not an https address. A plain http address is allowed only for this machine.
pub(super) fn endpoint(environment: &Environment) -> Result<Setting<Url>> {
    let (text, origin) = match environment.get(VARIABLE)? {
        Some(text) => (text, Origin::Environment(VARIABLE)),
        None => (DEFAULT.to_owned(), Origin::Default),
    };
    let value = parse(&text)?;
    Ok(Setting { value, origin })
}

/// Returns an address for people to read, without a slash at the end.
pub(super) fn shown(url: &Url) -> String {
    url.as_str().trim_end_matches('/').to_owned()
}

/// Parses and checks an address. The error does not repeat an address that may contain a password or a key.
fn parse(text: &str) -> Result<Url> {
    let example = format!("unset it, or set it to an address such as `{DEFAULT}`");
    let url = Url::parse(text).map_err(|error| {
        let named = if text.contains(['@', '?', '#']) || looks_like_a_key(text) {
            "its value"
        } else {
            text
        };
        anyhow!("`{VARIABLE}` is not an address of a server (`{named}`: {error}); {example}")
    })?;
    if looks_like_a_key(text) {
        bail!("`{VARIABLE}` contains an API key; put the key in `SEAM_API_KEY`; {example}");
    }
    if !url.username().is_empty() || url.password().is_some() {
        bail!(
            "`{VARIABLE}` contains a user name or a password; Seam takes an API key in `SEAM_API_KEY` instead; {example}"
        );
    }
    if url.query().is_some() || url.fragment().is_some() {
        bail!(
            "`{VARIABLE}` contains `?` or `#`, which a server's address cannot contain; {example}"
        );
    }
    match url.scheme() {
        "https" => Ok(url),
        "http" if is_loopback(&url) => Ok(url),
        "http" => bail!(
            "`{VARIABLE}` is `{url}`, which is not encrypted: others on the network could read the API key; use https"
        ),
        _ => bail!("`{VARIABLE}` is `{url}`, which is not an https address; {example}"),
    }
}

/// Returns true if a text contains the beginning of Seam's API keys.
fn looks_like_a_key(text: &str) -> bool {
    text.to_ascii_lowercase().contains("seam_")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_https_and_this_machine_are_servers() {
        for good in [
            DEFAULT,
            "https://connect.getseam.com/",
            " https://proxy.example.com/seam ",
            "HTTPS://CONNECT.GETSEAM.COM",
            "http://127.0.0.1:8080",
            "http://localhost:1",
            "http://[::1]:1/",
        ] {
            assert!(parse(good).is_ok(), "{good}");
        }
        for bad in [
            "not a url",
            "connect.getseam.com",
            "http://connect.getseam.com",
            "HTTP://connect.getseam.com",
            " http://10.0.0.1",
            "http://127.0.0.1.example.com",
            "http://localhost@example.com",
            "https://user@connect.getseam.com",
            "https://connect.getseam.com?key=1",
            "https://",
            "ftp://localhost",
            "file:///etc/passwd",
        ] {
            let error = parse(bad).unwrap_err().to_string();
            assert!(error.contains(VARIABLE), "{bad}: {error}");
        }
    }

    #[test]
    fn a_password_is_not_repeated() {
        for text in [
            "https://u:hunter2@example.com",
            "https://example.com?key=hunter2",
            "http//u:hunter2@example.com",
            "seam_hunter2",
            "https://seam_hunter2",
            "https://example.com/SEAM_hunter2",
        ] {
            let error = format!("{:#}", parse(text).unwrap_err());
            assert!(!error.contains("hunter2"), "{error}");
        }
    }
}
