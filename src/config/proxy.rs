//! The proxy between this machine and Seam.

use anyhow::{Result, bail};
use hyper_util::client::proxy::matcher::Matcher;
use reqwest::Url;

use super::environment::Environment;
use super::settings::{Origin, Setting};

/// The variables that curl reads too, in this order. The first one that is set applies.
const VARIABLES: [&str; 4] = ["HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"];

/// Returns the proxy that the environment names for the server at `endpoint`. Returns `None` if there is none, or if
/// `NO_PROXY` names the server.
///
/// # Errors
///
/// The value is not the address of an HTTP proxy. A mistyped address must not lead to a connection without the proxy.
pub(super) fn proxy(environment: &Environment, endpoint: &Url) -> Result<Option<Setting<Url>>> {
    for name in VARIABLES {
        if let Some(text) = environment.get(name)? {
            let value = parse(name, &text)?;
            if is_excluded(environment, endpoint)? {
                return Ok(None);
            }
            let origin = Origin::Environment(name);
            return Ok(Some(Setting { value, origin }));
        }
    }
    Ok(None)
}

/// Returns true if `NO_PROXY` says that the server is reached without a proxy.
fn is_excluded(environment: &Environment, endpoint: &Url) -> Result<bool> {
    let list = match environment.get("NO_PROXY")? {
        Some(list) => Some(list),
        None => environment.get("no_proxy")?,
    };
    let Some(list) = list else {
        return Ok(false);
    };
    let proxies = Matcher::builder().all("http://proxy").no(list).build();
    let server = endpoint.as_str().parse();
    Ok(server.is_ok_and(|server| proxies.intercept(&server).is_none()))
}

/// Returns a proxy's address without the user name and the password.
pub(super) fn shown(proxy: &Url) -> String {
    let host = proxy.host_str().unwrap_or_default();
    let port = proxy.port().map(|port| format!(":{port}"));
    format!("{}://{host}{}", proxy.scheme(), port.unwrap_or_default())
}

/// Parses the address of a proxy. `proxy.example.com:3128` means `http://proxy.example.com:3128`. The error does not
/// repeat the value, because it may contain a password.
fn parse(name: &str, text: &str) -> Result<Url> {
    let text = text.trim();
    let whole = if text.contains("://") {
        text.to_owned()
    } else {
        format!("http://{text}")
    };
    match Url::parse(&whole) {
        Ok(url) if !matches!(url.scheme(), "http" | "https") => bail!(
            "`{name}` names a proxy of the kind `{}`, which is not supported; use an `http` or `https` proxy",
            url.scheme()
        ),
        Ok(url) if url.query().is_none() && url.fragment().is_none() && url.path() == "/" => {
            Ok(url)
        }
        Ok(_) => bail!("`{name}` has something after the proxy's host and port; {EXAMPLE}"),
        Err(error) => bail!("`{name}` is not the address of a proxy ({error}); {EXAMPLE}"),
    }
}

const EXAMPLE: &str = "unset it, or set it to an address such as `http://proxy.example.com:3128`";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_proxy_is_an_address_with_or_without_its_scheme() {
        for (text, wanted) in [
            (
                "http://proxy.example.com:3128",
                "http://proxy.example.com:3128",
            ),
            ("proxy.example.com:3128", "http://proxy.example.com:3128"),
            (" https://proxy.example.com/ ", "https://proxy.example.com"),
            ("http://user:hunter2@10.0.0.1:8080", "http://10.0.0.1:8080"),
            ("[::1]:3128", "http://[::1]:3128"),
        ] {
            assert_eq!(shown(&parse("HTTPS_PROXY", text).unwrap()), wanted);
        }
        for text in [
            "http://",
            "http://proxy example",
            "http://proxy:99999",
            "http:/\u{0}/x",
            "socks5://localhost:1080",
            "http://u:hunter2@proxy/path",
            "u:hunter2@ho st",
            "://x",
        ] {
            let error = format!("{:#}", parse("HTTPS_PROXY", text).unwrap_err());
            assert!(
                error.contains("HTTPS_PROXY") && !error.contains("hunter2"),
                "{error}"
            );
        }
    }

    #[test]
    fn the_first_variable_that_is_set_counts() {
        let seam = Url::parse("https://connect.getseam.com").unwrap();
        let of = |pairs: [(&str, &str); 2]| proxy(&Environment::from(pairs), &seam);
        let found = of([("ALL_PROXY", "http://b"), ("https_proxy", "http://a")]).unwrap();
        assert_eq!(found.unwrap().origin, Origin::Environment("https_proxy"));
        assert!(
            of([("HTTP_PROXY", "http://a"), ("HTTPS_PROXY", "")])
                .unwrap()
                .is_none()
        );
        assert!(of([("HTTPS_PROXY", "::"), ("ALL_PROXY", "http://b")]).is_err());
        for (list, is_used) in [
            ("connect.getseam.com", false),
            ("a.example, .getseam.com", false),
            ("getseam.com", false),
            ("*", false),
            ("seam.com", true),
            ("10.0.0.0/8", true),
            (" ", true),
        ] {
            for name in ["NO_PROXY", "no_proxy"] {
                let found = of([("HTTPS_PROXY", "http://a"), (name, list)]).unwrap();
                assert_eq!(found.is_some(), is_used, "{name} {list}");
            }
            let wrong = of([("HTTPS_PROXY", "::"), ("NO_PROXY", list)]);
            assert!(wrong.is_err(), "{list}");
        }
    }
}
