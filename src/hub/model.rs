//! What the hub's protocols share. Knows none of them.

use url::Url;

/// How a subscriber speaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Protocol {
    Websub,
    Rsscloud,
}

impl Protocol {
    const ALL: [Protocol; 2] = [Protocol::Websub, Protocol::Rsscloud];

    /// As the store has it.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Protocol::Websub => "websub",
            Protocol::Rsscloud => "rsscloud",
        }
    }

    #[must_use]
    pub fn named(name: &str) -> Option<Protocol> {
        Protocol::ALL.into_iter().find(|protocol| protocol.name() == name)
    }
}

/// What a callback is asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mode {
    /// Whether it wants a subscription.
    Subscribe,
    /// Whether it wants it no more.
    Unsubscribe,
    /// Nothing: that it takes a first notice says that it wants more. Of rssCloud, where a subscriber
    /// speaks for its own address.
    Trial,
    /// Nothing: it is told that it has none.
    Denied,
}

impl Mode {
    const ALL: [Mode; 4] = [Mode::Subscribe, Mode::Unsubscribe, Mode::Trial, Mode::Denied];

    /// As WebSub and the store have it.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Mode::Subscribe => "subscribe",
            Mode::Unsubscribe => "unsubscribe",
            Mode::Trial => "trial",
            Mode::Denied => "denied",
        }
    }

    #[must_use]
    pub fn named(name: &str) -> Option<Mode> {
        Mode::ALL.into_iter().find(|mode| mode.name() == name)
    }
}

/// What somebody wants of the hub.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wanted {
    pub protocol: Protocol,
    pub mode: Mode,
    /// The document, relative to `feeds.dir`.
    pub path: String,
    /// Its URL, as it was given.
    pub topic: String,
    pub callback: Url,
    pub secret: Option<String>,
    /// In seconds.
    pub lease: i64,
}

/// Why a request is refused, in words for whoever made it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refused {
    pub status: u16,
    pub text: String,
}

impl Refused {
    #[must_use]
    pub fn new(status: u16, text: impl Into<String>) -> Refused {
        Refused {
            status,
            text: text.into(),
        }
    }
}
