//! Clients that are slow, greedy or many; health; how the service ends and changes.

use super::{House, PUBLIC, parse};
use std::time::{Duration, Instant};
use tidings::subscribers::tokens::Purpose;
use tidings::web::Limits;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

/// Short ones, so that tests are quick.
fn short() -> Limits {
    Limits {
        header_time: Duration::from_millis(400),
        request_time: Duration::from_millis(600),
        drain: Duration::from_millis(500),
        ..Limits::default()
    }
}

async fn house(limits: Limits) -> House {
    House::open_on(None, PUBLIC, limits).await
}

#[tokio::test(flavor = "multi_thread")]
async fn more_than_a_request_needs_is_refused() {
    let house = house(short()).await;
    house.pass().await;
    let big = format!("X-Big: {}\r\n", "x".repeat(17 * 1024));
    assert_eq!(house.ask("GET", "/rss.xml", &big, "").await.status, 431);
    let many = (0..101).map(|n| format!("X-{n}: x\r\n")).collect::<String>();
    assert_eq!(house.ask("GET", "/rss.xml", &many, "").await.status, 431);
    let some = (0..90).map(|n| format!("X-{n}: x\r\n")).collect::<String>();
    assert_eq!(house.ask("GET", "/rss.xml", &some, "").await.status, 200);
    let path = "/unsubscribe/x";
    let announced =
        format!("POST {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: 99999999\r\n\r\n");
    let answer = house.say(&announced).await.unwrap();
    assert_eq!(answer.status, 413, "{answer:?}");
    assert!(answer.body.contains("That was too much"), "{answer:?}");
    let link = house.link(Purpose::Unsubscribe).await;
    let chunk = format!("4000\r\n{}\r\n", "x".repeat(0x4000));
    let chunked = format!(
        "POST {link} HTTP/1.1\r\nHost: x\r\nConnection: close\r\nTransfer-Encoding: chunked\r\n\r\n{chunk}{chunk}0\r\n\r\n"
    );
    assert_eq!(house.say(&chunked).await.unwrap().status, 413);
    assert_eq!(house.standing().await, "active");
    assert_eq!(house.say("nonsense\r\n\r\n").await.unwrap().status, 400);
    assert_eq!(house.get("/health/live").await.status, 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_client_that_trickles_is_cut_off() {
    let house = house(short()).await;
    house.pass().await;
    // One byte of a header now and then keeps no connection.
    let mut slow = TcpStream::connect(house.address).await.unwrap();
    let began = Instant::now();
    slow.write_all(b"GET /rss.xml HTTP/1.1\r\n").await.unwrap();
    let cut = loop {
        if slow.write_all(b"X").await.is_err() {
            break true;
        }
        let mut byte = [0; 256];
        match tokio::time::timeout(Duration::from_millis(50), slow.read(&mut byte)).await {
            Ok(Ok(0) | Err(_)) => break true,
            Ok(Ok(_)) | Err(_) if began.elapsed() > Duration::from_secs(5) => break false,
            Ok(Ok(_)) | Err(_) => {}
        }
    };
    assert!(cut, "after {:?}", began.elapsed());
    // A body that does not come.
    let link = house.link(Purpose::Unsubscribe).await;
    let half = format!("POST {link} HTTP/1.1\r\nHost: x\r\nContent-Length: 20\r\n\r\naction");
    let answer = house.say(&half).await.unwrap();
    assert_eq!(answer.status, 408, "{answer:?}");
    assert_eq!(house.standing().await, "active");
    // A connection that is kept and not used.
    let mut kept = TcpStream::connect(house.address).await.unwrap();
    kept.write_all(b"GET /health/live HTTP/1.1\r\nHost: x\r\n\r\n")
        .await
        .unwrap();
    let mut all = Vec::new();
    let read = tokio::time::timeout(Duration::from_secs(5), kept.read_to_end(&mut all)).await;
    assert!(read.is_ok(), "it is closed by us");
    assert_eq!(parse(&all).unwrap().status, 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_connection_serves_several_requests_and_ends_with_age() {
    let limits = Limits {
        connection_age: Duration::from_millis(500),
        ..Limits::default()
    };
    let house = house(limits).await;
    let mut kept = TcpStream::connect(house.address).await.unwrap();
    let began = Instant::now();
    let mut answers = 0;
    while began.elapsed() < Duration::from_secs(5) {
        let sent = kept
            .write_all(b"GET /health/live HTTP/1.1\r\nHost: x\r\n\r\n")
            .await;
        let mut bytes = [0; 2048];
        match kept.read(&mut bytes).await {
            Ok(count) if sent.is_ok() && count > 0 => answers += 1,
            _ => break,
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    assert!(answers > 3, "{answers}");
    assert!(began.elapsed() < Duration::from_secs(4), "{:?}", began.elapsed());
}

/// They take the places of one another, not those of who asks something.
#[tokio::test(flavor = "multi_thread")]
async fn thousands_of_idle_connections_starve_nobody() {
    let limits = Limits {
        connections: 64,
        ..Limits::default()
    };
    let house = house(limits).await;
    house.pass().await;
    let mut idle = Vec::new();
    for round in 0..20 {
        for _ in 0..100 {
            idle.push(TcpStream::connect(house.address).await.unwrap());
            if idle.len() > 300 {
                idle.remove(0);
            }
        }
        let began = Instant::now();
        assert_eq!(house.get("/rss.xml").await.status, 200);
        let took = began.elapsed();
        assert!(took < Duration::from_secs(3), "round {round}: {took:?}");
    }
}

/// More than fits into the buffers between the two.
#[tokio::test(flavor = "multi_thread")]
async fn who_does_not_take_an_answer_gives_up_the_place() {
    let limits = Limits {
        connections: 4,
        ..short()
    };
    let house = house(limits).await;
    let text = format!("{}\n\n", "word ".repeat(20)).repeat(9_000);
    for n in 1..=8 {
        let date = format!("2025-01-0{n}");
        house.folder.article(&format!("long{n}.md"), "Long", &date, &text);
    }
    house.pass().await;
    let length: usize = house
        .get("/rss.xml")
        .await
        .header("content-length")
        .parse()
        .unwrap();
    assert!(length > 6_000_000, "{length} bytes");
    let mut slow = Vec::new();
    for _ in 0..4 {
        let mut one = TcpStream::connect(house.address).await.unwrap();
        one.write_all(b"GET /rss.xml HTTP/1.1\r\nHost: x\r\n\r\n")
            .await
            .unwrap();
        let mut byte = [0];
        one.read_exact(&mut byte).await.unwrap();
        slow.push(one);
    }
    let began = Instant::now();
    let ask = "GET /health/live HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n";
    assert!(house.say(ask).await.is_none(), "all are busy");
    while house.say(ask).await.is_none() {
        assert!(began.elapsed() < Duration::from_secs(10));
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_end_waits_for_answers_and_for_nothing_else() {
    let mut house = house(short()).await;
    house.pass().await;
    let mut idle = TcpStream::connect(house.address).await.unwrap();
    idle.write_all(b"GET /health/live HTTP/1.1\r\nHost: x\r\n\r\n")
        .await
        .unwrap();
    let mut bytes = [0; 2048];
    assert!(idle.read(&mut bytes).await.unwrap() > 0);
    let began = Instant::now();
    house.stop().await;
    assert!(began.elapsed() < Duration::from_secs(3), "{:?}", began.elapsed());
    assert!(
        TcpStream::connect(house.address).await.is_err(),
        "it no longer listens"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn health_tells_alive_ready_and_behind_apart() {
    let house = house(Limits::default()).await;
    let statuses = async || {
        let mut all = Vec::new();
        for path in ["/health/live", "/health/ready", "/health"] {
            all.push(house.get(path).await.status);
        }
        all
    };
    assert_eq!(statuses().await, [200, 503, 503]);
    house.health.send_modify(|health| {
        health.ready = true;
        health.store = true;
        health.last_pass = Some("2026-11-23T06:00:00Z".parse().unwrap());
    });
    assert_eq!(statuses().await, [200, 200, 200]);
    house
        .health
        .send_modify(|health| health.behind.push("the relay refuses us".to_owned()));
    assert_eq!(statuses().await, [200, 200, 503]);
    let report = house.get("/health").await;
    let document: serde_json::Value = serde_json::from_str(&report.body).unwrap();
    assert_eq!(document["behind"][0], "the relay refuses us");
    assert_eq!(document["last_pass"], "2026-11-23T06:00:00Z");
    assert_eq!(report.header("cache-control"), "no-store");
    house.health.send_modify(|health| health.store = false);
    assert_eq!(statuses().await, [200, 503, 503]);
    assert_eq!(house.ask("POST", "/health", "", "").await.status, 405);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_new_configuration_counts_from_the_next_request_on() {
    let mut house = house(Limits::default()).await;
    house.pass().await;
    assert_eq!(house.get("/elsewhere/rss.xml").await.status, 404);
    let text = std::fs::read_to_string(house.folder.path("config.toml")).unwrap();
    house.folder.write(
        "config.toml",
        format!("{text}\n[feeds]\nurl = \"https://mail.tides.example/elsewhere/\"\n"),
    );
    house.reload().unwrap();
    // The change is taken by the listener's own task.
    for _ in 0..100 {
        if house.get("/elsewhere/rss.xml").await.status == 200 {
            return;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    panic!("it was never taken");
}
