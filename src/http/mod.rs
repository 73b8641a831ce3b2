//! The one HTTP client: timeouts, size limits, addresses allowed. Knows nothing of what is sent.
//!
//! A URL of the operator's own may lead anywhere. A URL of a stranger's (from content, or the target
//! of a redirect) leads to the public internet or to networks the operator allows, and the check is
//! on the address that is connected to. Redirects are followed here, one by one, never by `reqwest`.

mod address;
mod turns;

use crate::config::HttpClient;
use crate::config::values::Network;
use address::may_reach;
use bytes::Bytes;
use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use reqwest::header::{ACCEPT, CONTENT_TYPE, HeaderMap, IF_MODIFIED_SINCE, IF_NONE_MATCH};
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;
use turns::{Turn, Turns};
use url::{Host, Url};

/// The longest that opening a connection may take.
const CONNECT: Duration = Duration::from_secs(10);

/// Who chose a URL.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Whose {
    Operator,
    Stranger,
}

/// What is asked of a server.
#[derive(Debug, Clone, Copy)]
pub enum Ask<'a> {
    Get,
    /// A document, where it is not the one that we have already (RFC 9110, 13.1).
    Fetch {
        accept: &'a str,
        etag: Option<&'a str>,
        last_modified: Option<&'a str>,
    },
    Post {
        media_type: &'a str,
        body: &'a str,
    },
    /// A body that goes to many, with header fields of its own.
    Deliver {
        media_type: &'a str,
        fields: &'a [(&'static str, String)],
        body: &'a Bytes,
    },
}

/// How much of one exchange is accepted.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    /// More of a body than so many bytes is not read.
    pub body: usize,
    /// So many redirects are followed; 0: a redirect is an answer like any other.
    pub redirects: u8,
}

/// How a body ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum End {
    Whole,
    /// It was longer than the limit.
    Cut,
    /// The connection broke, or the time was over.
    Broken,
}

/// What a server said. A status that reports an error is an answer too.
#[derive(Debug, Clone)]
pub struct Answer {
    /// Where it came from, after redirects.
    pub url: Url,
    pub status: u16,
    /// Where it has moved to for good: as far as all redirects up to there were permanent ones.
    pub moved: Option<Url>,
    headers: HeaderMap,
    pub body: Vec<u8>,
    pub end: End,
}

impl Answer {
    /// A header field as it was sent, by its name in lower case; what is no text is not there.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }
}

/// Why there is no answer.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NoAnswer {
    #[error("{0} is an address that URLs from outside may not reach")]
    Private(String),
    #[error("no answer within {} seconds", .0.as_secs_f32())]
    Timeout(Duration),
    /// The request was not sent.
    #[error("its host was busy with other requests of ours for {} seconds", .0.as_secs_f32())]
    Busy(Duration),
    /// The request was not sent.
    #[error("cannot be reached: {0}")]
    Unreachable(String),
    /// The request may have been received.
    #[error("the connection broke: {0}")]
    Broken(String),
    #[error("more redirects than are followed")]
    Redirects,
}

/// Cheap to clone.
#[derive(Debug, Clone)]
pub struct Client {
    operator: reqwest::Client,
    stranger: reqwest::Client,
    allow: Arc<[Network]>,
    timeout: Duration,
    turns: Turns,
}

/// What servers see as our name: `Tidings/0.1.0 (+https://example.org/)`.
#[must_use]
pub fn user_agent(site: &Url) -> String {
    format!("Tidings/{} (+{site})", env!("CARGO_PKG_VERSION"))
}

/// Whether the host of a stranger's URL is an address that it may not reach. A name says nothing yet.
#[must_use]
pub fn is_forbidden(url: &Url, allow: &[Network]) -> bool {
    let address: IpAddr = match url.host() {
        Some(Host::Ipv4(address)) => address.into(),
        Some(Host::Ipv6(address)) => address.into(),
        _ => return false,
    };
    !may_reach(address, allow)
}

impl Client {
    /// A client for a site.
    ///
    /// # Errors
    /// Where the system has no usable TLS set-up.
    pub fn new(config: &HttpClient, site: &Url) -> Result<Client, reqwest::Error> {
        let allow: Arc<[Network]> = config.allow.clone().into();
        let guard = Guard { allow: allow.clone() };
        Ok(Client {
            operator: builder(config.timeout, site).build()?,
            stranger: builder(config.timeout, site).dns_resolver(guard).build()?,
            allow,
            timeout: config.timeout,
            turns: Turns::default(),
        })
    }

    /// The longest that one exchange takes, redirects included.
    #[must_use]
    pub fn timeout(&self) -> Duration {
        self.timeout
    }

    /// Asks, follows redirects, and reads what comes back as far as the limits go. A host is asked for
    /// one document at a time; who waits for its turn as long as an exchange may take gets none.
    ///
    /// # Errors
    /// Where there is no answer.
    pub async fn ask(
        &self,
        url: &Url,
        whose: Whose,
        ask: Ask<'_>,
        limits: Limits,
    ) -> Result<Answer, NoAnswer> {
        let _turn = match ask {
            Ask::Fetch { .. } => Some(self.turn(url).await?),
            Ask::Get | Ask::Post { .. } | Ask::Deliver { .. } => None,
        };
        let exchange = self.follow(url.clone(), whose, ask, limits);
        match tokio::time::timeout(self.timeout, exchange).await {
            Ok(result) => result,
            Err(_) => Err(NoAnswer::Timeout(self.timeout)),
        }
    }

    async fn turn(&self, url: &Url) -> Result<Turn, NoAnswer> {
        let turn = tokio::time::timeout(self.timeout, self.turns.take(url)).await;
        turn.map_err(|_| NoAnswer::Busy(self.timeout))
    }

    async fn follow(
        &self,
        mut url: Url,
        mut whose: Whose,
        mut ask: Ask<'_>,
        limits: Limits,
    ) -> Result<Answer, NoAnswer> {
        let mut left = limits.redirects;
        let mut moved = None;
        let mut for_good = true;
        loop {
            let mut answer = self.once(&url, whose, ask, limits.body).await?;
            answer.moved.clone_from(&moved);
            let Some(target) = redirect(&answer).filter(|_| limits.redirects > 0) else {
                return Ok(answer);
            };
            left = left.checked_sub(1).ok_or(NoAnswer::Redirects)?;
            if matches!(ask, Ask::Post { .. } | Ask::Deliver { .. }) && !matches!(answer.status, 307 | 308) {
                ask = Ask::Get;
            }
            for_good &= matches!(answer.status, 301 | 308);
            if for_good {
                moved = Some(target.clone());
            }
            // Back to the same server is where the operator sent us; elsewhere is not.
            if target.origin() != url.origin() {
                whose = Whose::Stranger;
            }
            url = target;
        }
    }

    async fn once(&self, url: &Url, whose: Whose, ask: Ask<'_>, limit: usize) -> Result<Answer, NoAnswer> {
        let client = match whose {
            Whose::Operator => &self.operator,
            Whose::Stranger => {
                self.check_literal(url)?;
                &self.stranger
            }
        };
        let request = request(client, url, ask);
        let mut response = request.send().await.map_err(|error| self.no_answer(&error))?;
        let mut answer = Answer {
            url: url.clone(),
            status: response.status().as_u16(),
            moved: None,
            headers: response.headers().clone(),
            body: Vec::new(),
            end: End::Whole,
        };
        // The status is an answer, whatever becomes of the body: a body that never ends is cut by
        // the client's own timeout, which covers reading too.
        while answer.end == End::Whole {
            match response.chunk().await {
                Ok(Some(chunk)) => take(&mut answer, &chunk, limit),
                Ok(None) => break,
                Err(_) => answer.end = End::Broken,
            }
        }
        Ok(answer)
    }

    /// The resolver never sees a host that is an address already.
    fn check_literal(&self, url: &Url) -> Result<(), NoAnswer> {
        match is_forbidden(url, &self.allow) {
            false => Ok(()),
            true => Err(NoAnswer::Private(url.host_str().unwrap_or_default().to_owned())),
        }
    }

    fn no_answer(&self, error: &reqwest::Error) -> NoAnswer {
        let mut deepest: &dyn std::error::Error = error;
        while let Some(source) = deepest.source() {
            deepest = source;
            if let Some(Refused(host)) = source.downcast_ref() {
                return NoAnswer::Private(host.clone());
            }
        }
        let why = deepest.to_string();
        match () {
            () if error.is_timeout() => NoAnswer::Timeout(self.timeout),
            () if error.is_connect() || error.is_builder() => NoAnswer::Unreachable(why),
            () => NoAnswer::Broken(why),
        }
    }
}

fn request(client: &reqwest::Client, url: &Url, ask: Ask<'_>) -> reqwest::RequestBuilder {
    match ask {
        Ask::Get => client.get(url.clone()),
        Ask::Fetch {
            accept,
            etag,
            last_modified,
        } => {
            let fields = [
                (ACCEPT, Some(accept)),
                (IF_NONE_MATCH, etag),
                (IF_MODIFIED_SINCE, last_modified),
            ];
            let given = fields
                .into_iter()
                .filter_map(|(name, value)| Some((name, value?)));
            given.fold(client.get(url.clone()), |request, (name, value)| {
                request.header(name, value)
            })
        }
        Ask::Post { media_type, body } => client
            .post(url.clone())
            .header(CONTENT_TYPE, media_type)
            .body(body.to_owned()),
        Ask::Deliver {
            media_type,
            fields,
            body,
        } => {
            let post = client.post(url.clone()).header(CONTENT_TYPE, media_type);
            let with = |request: reqwest::RequestBuilder, (name, value): &(&'static str, String)| {
                request.header(*name, value)
            };
            fields.iter().fold(post, with).body(body.clone())
        }
    }
}

/// Each request has a connection of its own, so that none is sent a second time because an idle one
/// had been closed. Proxies of the environment are not used: they would connect in our place.
fn builder(timeout: Duration, site: &Url) -> reqwest::ClientBuilder {
    reqwest::Client::builder()
        .user_agent(user_agent(site))
        // A little less than the timeout around the whole exchange, so that a body that hangs
        // still leaves the status that came before it.
        .timeout(timeout.mul_f32(0.95))
        .connect_timeout(CONNECT.min(timeout))
        .redirect(reqwest::redirect::Policy::none())
        .retry(reqwest::retry::never())
        .pool_max_idle_per_host(0)
        .referer(false)
        .no_proxy()
}

fn take(answer: &mut Answer, chunk: &[u8], limit: usize) {
    let room = limit - answer.body.len();
    answer.body.extend_from_slice(&chunk[..chunk.len().min(room)]);
    if chunk.len() > room {
        answer.end = End::Cut;
    }
}

fn redirect(answer: &Answer) -> Option<Url> {
    if !matches!(answer.status, 301 | 302 | 303 | 307 | 308) {
        return None;
    }
    let target = answer.url.join(answer.header("location")?).ok()?;
    matches!(target.scheme(), "http" | "https").then_some(target)
}

/// Resolves names for strangers' URLs: gives only addresses they may reach.
struct Guard {
    allow: Arc<[Network]>,
}

#[derive(Debug, thiserror::Error)]
#[error("{0} has no address that may be reached")]
struct Refused(String);

impl Resolve for Guard {
    fn resolve(&self, name: Name) -> Resolving {
        let allow = self.allow.clone();
        Box::pin(async move {
            let found: Vec<SocketAddr> = tokio::net::lookup_host((name.as_str(), 0)).await?.collect();
            let allowed: Vec<SocketAddr> = found
                .into_iter()
                .filter(|address| may_reach(address.ip(), &allow))
                .collect();
            match allowed.is_empty() {
                true => Err(Refused(name.as_str().to_owned()).into()),
                false => Ok(Box::new(allowed.into_iter()) as Addrs),
            }
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn who_waits_too_long_for_a_host_gets_no_turn() {
        let url = Url::parse("http://127.0.0.1:9/").unwrap();
        let config = HttpClient {
            allow: Vec::new(),
            timeout: Duration::from_millis(50),
        };
        let client = Client::new(&config, &url).unwrap();
        let _hangs = client.turns.take(&url).await;
        let ask = Ask::Fetch {
            accept: "*/*",
            etag: None,
            last_modified: None,
        };
        let limits = Limits {
            body: 1,
            redirects: 0,
        };
        let asked = client.ask(&url, Whose::Operator, ask, limits);
        let answer = tokio::time::timeout(Duration::from_secs(10), asked).await;
        let error = answer.expect("it waits on and on").unwrap_err();
        assert_eq!(error, NoAnswer::Busy(config.timeout));
        assert!(error.to_string().contains("busy"), "{error}");
    }
}
