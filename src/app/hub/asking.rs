//! Asking a callback whether it was itself that wants to be told, or no more.

use crate::clock::Instant;
use crate::hash::hex;
use crate::http::{Answer, Ask, Client, Limits, NoAnswer, Whose};
use crate::hub::{self, Mode, Protocol, Wanted};
use crate::store::hub_requests::HubRequest;
use url::Url;

/// So often is a callback asked that does not answer.
const TRIES: i64 = 3;
/// More of an answer than so many bytes is not read: a challenge is far shorter.
const LIMITS: Limits = Limits {
    body: 1024,
    redirects: 0,
};

/// What came of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Said {
    Yes,
    No(String),
    /// It did not answer, and is asked again.
    Nothing(Instant, String),
}

/// Asks once.
pub(super) async fn ask(client: &Client, request: &HubRequest, now: Instant) -> Said {
    let Some(wanted) = wanted(request) else {
        return Said::No("the request cannot be read".to_owned());
    };
    if wanted.mode == Mode::Denied || request.version.is_none() {
        return deny(client, &wanted).await;
    }
    if wanted.mode == Mode::Trial {
        let notice = hub::notification(&wanted.topic);
        let ask = Ask::Post {
            media_type: &notice.media_type,
            body: &notice.body,
        };
        let answer = client.ask(&wanted.callback, Whose::Stranger, ask, LIMITS).await;
        return judged(request, now, answer, |answer| (200..300).contains(&answer.status));
    }
    let Some(challenge) = challenge() else {
        return Said::No("the system gives no random bytes".to_owned());
    };
    let url = hub::verification(&wanted, &challenge);
    let answer = client.ask(&url, Whose::Stranger, Ask::Get, LIMITS).await;
    judged(request, now, answer, |answer| {
        hub::is_agreed(answer.status, &answer.body, &challenge)
    })
}

fn judged(
    request: &HubRequest,
    now: Instant,
    answer: Result<Answer, NoAnswer>,
    agrees: impl FnOnce(&Answer) -> bool,
) -> Said {
    let why = match answer {
        Ok(answer) if agrees(&answer) => return Said::Yes,
        Ok(answer) if matches!(answer.status, 429 | 500..=599) => answer.status.to_string(),
        Ok(answer) => return Said::No(format!("it answered {} and no challenge", answer.status)),
        Err(error @ NoAnswer::Private(_)) => return Said::No(error.to_string()),
        Err(error) => error.to_string(),
    };
    // Who asks by rssCloud waits for what comes of it.
    if request.attempts >= TRIES || request.protocol == Protocol::Rsscloud.name() {
        return Said::No(why);
    }
    Said::Nothing(hub::next_try(request.attempts, None, &request.callback, now), why)
}

/// Tells that there is no subscription. What is answered does not matter.
async fn deny(client: &Client, wanted: &Wanted) -> Said {
    if wanted.protocol == Protocol::Websub {
        let url = hub::denial(wanted, "this document is not published any more");
        let _ = client.ask(&url, Whose::Stranger, Ask::Get, LIMITS).await;
    }
    Said::No("the document is not published any more".to_owned())
}

fn wanted(request: &HubRequest) -> Option<Wanted> {
    Some(Wanted {
        protocol: Protocol::named(&request.protocol)?,
        mode: Mode::named(&request.mode)?,
        path: request.path.clone(),
        topic: request.topic.clone(),
        callback: Url::parse(&request.callback).ok()?,
        secret: request.secret.clone(),
        lease: request.lease,
    })
}

/// What nobody can guess.
fn challenge() -> Option<String> {
    let mut bytes = [0; 32];
    getrandom::fill(&mut bytes).ok()?;
    Some(hex(&bytes))
}
