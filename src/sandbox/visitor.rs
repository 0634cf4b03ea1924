//! Refuses requests from web pages. Only programs may use a served hotel.
//!
//! A web page can make a browser send requests to this machine. If the page has a host name that leads to this machine,
//! `Host` is that name. If it comes from another address, `Origin` is that address. Both are refused before the request
//! is read or logged. A page can also send some requests without permission, such as a form. These are not JSON and
//! have no bearer token, so the routes refuse them.

use axum::http::{HeaderMap, StatusCode, Uri, header};

use super::refusal::Refusal;

/// Returns a refusal if the request came from a web page or is for another host.
pub(super) fn check(headers: &HeaderMap, uri: &Uri) -> Result<(), Refusal> {
    let mut hosts = headers.get_all(header::HOST).iter();
    let host = hosts.next().and_then(|host| host.to_str().ok());
    let named = uri.authority().map(axum::http::uri::Authority::as_str);
    let is_own = |host: Option<&str>| host.is_some_and(is_this_machine);
    if hosts.next().is_some() || !is_own(host) || (named.is_some() && !is_own(named)) {
        return Err(Refusal::new(
            StatusCode::MISDIRECTED_REQUEST,
            "foreign_host",
            "The Host of a simulated hotel is 127.0.0.1, localhost or [::1]",
        ));
    }
    for origin in headers.get_all(header::ORIGIN) {
        let origin = origin
            .to_str()
            .ok()
            .and_then(|origin| origin.strip_prefix("http://"));
        if origin.is_none() || origin != host {
            return Err(Refusal::new(
                StatusCode::FORBIDDEN,
                "foreign_origin",
                "A simulated hotel answers no other web page",
            ));
        }
    }
    Ok(())
}

/// Returns true if `Host` names this machine. It may have any port, because a tunnel may lead to the server.
fn is_this_machine(host: &str) -> bool {
    let name = match host.rsplit_once(':') {
        Some((name, port)) if port.bytes().all(|digit| digit.is_ascii_digit()) => name,
        _ => host,
    };
    name.eq_ignore_ascii_case("localhost") || matches!(name, "127.0.0.1" | "[::1]")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_programs_of_this_machine_are_answered() {
        for (host, origin, status) in [
            (Some("127.0.0.1:8080"), None, 200),
            (Some("127.0.0.1"), None, 200),
            (Some("LocalHost:1"), None, 200),
            (Some("[::1]:8080"), None, 200),
            (None, None, 421),
            (Some(""), None, 421),
            (Some("evil.example:8080"), None, 421),
            (Some("127.0.0.1.evil.example"), None, 421),
            (Some("localhost@evil.example"), None, 421),
            (Some("0.0.0.0:8080"), None, 421),
            (Some("127.0.0.1:8080"), Some("http://127.0.0.1:8080"), 200),
            (Some("127.0.0.1:8080"), Some("http://localhost:8080"), 403),
            (Some("127.0.0.1:8080"), Some("https://127.0.0.1:8080"), 403),
            (Some("127.0.0.1:8080"), Some("https://evil.example"), 403),
            (Some("127.0.0.1:8080"), Some("null"), 403),
            (Some("127.0.0.1:8080"), Some(""), 403),
        ] {
            let mut headers = HeaderMap::new();
            if let Some(host) = host {
                headers.insert(header::HOST, host.parse().unwrap());
            }
            if let Some(origin) = origin {
                headers.insert(header::ORIGIN, origin.parse().unwrap());
            }
            let answer = check(&headers, &"/acs/systems/list".parse().unwrap());
            let found = answer.map_or_else(|refusal| refusal.status.as_u16(), |()| 200);
            assert_eq!(found, status, "{host:?} {origin:?}");
        }
        let mut headers = HeaderMap::new();
        headers.insert(header::HOST, "localhost".parse().unwrap());
        assert!(check(&headers, &"http://evil.example/x".parse().unwrap()).is_err());
        headers.append(header::HOST, "evil.example".parse().unwrap());
        assert!(check(&headers, &"/x".parse().unwrap()).is_err());
    }
}
