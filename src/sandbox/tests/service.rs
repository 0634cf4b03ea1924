//! The properties of every answer: authentication, refusals and headers.

use super::*;

#[tokio::test]
async fn who_asks_must_say_who_they_are() {
    let house = House::open().await;
    let url = format!("{}/workspaces/get", house.running.url);
    let status = |request: reqwest::RequestBuilder| async {
        request.send().await.unwrap().status().as_u16()
    };
    let token = &house.running.personal_access_token;
    assert!(house.running.api_key.starts_with("seam_test"));
    assert_eq!(status(house.client.get(&url)).await, 401);
    assert_eq!(
        status(house.client.get(&url).bearer_auth("seam_test_wrong")).await,
        401
    );
    assert_eq!(status(house.client.get(&url).bearer_auth(token)).await, 401);
    assert_eq!(
        status(
            house
                .client
                .get(&url)
                .bearer_auth(token)
                .header("seam-workspace", &house.running.workspace_id)
        )
        .await,
        200
    );
    assert_eq!(
        status(house.client.get(&url).bearer_auth(&house.running.api_key)).await,
        200
    );
}

#[tokio::test]
async fn a_web_page_cannot_reach_a_served_hotel() {
    let house = House::open().await;
    let (url, key) = (&house.running.url, &house.running.api_key);
    let status = |request: reqwest::RequestBuilder| async {
        request.send().await.unwrap().status().as_u16()
    };
    let json = |path: &str| {
        let post = house.client.post(format!("{url}{path}"));
        post.header("content-type", "application/json").body("{}")
    };
    for path in ["/_sandbox/reset", "/_sandbox/state", "/acs/systems/list"] {
        let host = json(path).bearer_auth(key).header("host", "evil.example");
        assert_eq!(status(host).await, 421, "{path}");
        let page = json(path)
            .bearer_auth(key)
            .header("origin", "https://evil.example");
        assert_eq!(status(page).await, 403, "{path}");
        assert_eq!(status(json(path)).await, 401, "{path}");
        assert_eq!(
            status(json(path).bearer_auth("seam_test_wrong")).await,
            401,
            "{path}"
        );
    }
    for kind in [
        "text/plain",
        "application/x-www-form-urlencoded",
        "application/jsonx",
    ] {
        for path in ["/_sandbox/reset", "/acs/systems/list"] {
            let post = house.client.post(format!("{url}{path}")).bearer_auth(key);
            let form = post.header("content-type", kind).body("{}");
            assert_eq!(status(form).await, 400, "{path} {kind}");
        }
    }
    let unnamed = house.request(Method::POST, "/_sandbox/reset");
    assert_eq!(status(unnamed).await, 400);
    assert_eq!(status(json("/_sandbox/reset").bearer_auth(key)).await, 200);
    for path in ["/_sandbox/reset", "/_sandbox/requests/clear"] {
        let request = json(path).bearer_auth(key).body("{\"clock\":");
        assert_eq!(status(request).await, 400, "{path}");
    }
    for broken in ["[]", "7", "{\"clock\":\"rael\"}", "{\"clcok\":\"real\"}"] {
        let request = json("/_sandbox/reset").bearer_auth(key).body(broken);
        assert_eq!(status(request).await, 400, "{broken}");
    }
}

#[tokio::test]
async fn refusals_look_like_the_vendors() {
    let house = House::open().await;
    let response = house
        .request(Method::POST, "/acs/nothing")
        .send()
        .await
        .unwrap();
    assert_eq!(response.status().as_u16(), 404);
    assert!(response.headers().get("seam-request-id").is_none());
    assert_eq!(response.text().await.unwrap(), "404");

    let response = house
        .request(Method::DELETE, "/acs/users/create")
        .send()
        .await
        .unwrap();
    assert_eq!(response.status().as_u16(), 405);
    assert_eq!(
        response.json::<Value>().await.unwrap()["error"]["type"],
        "method_not_allowed"
    );

    let broken = house
        .request(Method::POST, "/acs/users/list")
        .header("content-type", "application/json")
        .body("{");
    let response = broken.send().await.unwrap();
    assert_eq!(response.status().as_u16(), 400);
    assert_eq!(response.text().await.unwrap(), "Invalid JSON");

    let (status, answer) = house
        .ask(
            "/acs/users/get",
            json!({ "acs_user_id": house.running.workspace_id }),
        )
        .await;
    assert_eq!(
        (status, &answer["error"]["type"], &answer["ok"]),
        (404, &json!("acs_user_not_found"), &json!(false))
    );
}

#[tokio::test]
async fn the_date_follows_the_hotels_clock() {
    let house = House::open().await;
    house
        .control("/_sandbox/clock", json!({ "now": "2031-05-01T08:00:00Z" }))
        .await;
    house
        .control("/_sandbox/clock", json!({ "advance_seconds": 3600 }))
        .await;
    let response = house
        .request(Method::POST, "/workspaces/get")
        .send()
        .await
        .unwrap();
    let date = response.headers()["date"].to_str().unwrap().to_owned();
    assert!(date.starts_with("Thu, 01 May 2031 09:00:"), "{date}");
    assert_eq!(response.headers()["seam-request-id"].len(), 36);
}

#[tokio::test]
async fn requests_wait_side_by_side_under_latency() {
    let house = House::open().await;
    house
        .control("/_sandbox/latency", json!({ "ms": 200 }))
        .await;
    let begun = std::time::Instant::now();
    let ask = || house.get("/acs/systems/list", json!({}));
    tokio::join!(ask(), ask(), ask(), ask());
    let took = begun.elapsed();
    assert!(
        took >= Duration::from_millis(200) && took < Duration::from_millis(600),
        "{took:?}"
    );
}

#[tokio::test]
async fn readings_can_be_changed_and_requests_forgotten() {
    let house = House::open().await;
    house
        .control(
            "/_sandbox/readings",
            json!({ "delete": "sync", "label": "rejected" }),
        )
        .await;
    assert_eq!(
        house
            .ask("/_sandbox/readings", json!({ "delete": "never" }))
            .await
            .0,
        400
    );
    house.get("/workspaces/get", json!({})).await;
    assert_eq!(
        house.requests().await,
        [json!({ "method": "POST", "path": "/workspaces/get", "status": 200, "body": {} })]
    );
    let arrivals = house.request(Method::GET, "/_sandbox/arrivals");
    let arrivals: Value = arrivals.send().await.unwrap().json().await.unwrap();
    assert_eq!(arrivals[0]["path"], "/workspaces/get");
    assert!(arrivals[0]["ms"].as_f64().is_some_and(|ms| ms > 0.0));
    house.control("/_sandbox/requests/clear", json!({})).await;
    assert!(house.requests().await.is_empty());
}

#[tokio::test]
async fn a_server_that_was_stopped_is_gone() {
    let house = House::open().await;
    house.get("/workspaces/get", json!({})).await;
    let url = house.running.url.clone();
    house.running.stop().await;
    assert!(house.client.get(url).send().await.is_err());
}

#[tokio::test]
async fn an_unknown_time_zone_is_refused() {
    let options = Options {
        time_zone: "Mars/Olympus".into(),
        ..Options::default()
    };
    assert!(
        start(options)
            .await
            .unwrap_err()
            .to_string()
            .contains("Mars/Olympus")
    );
}
