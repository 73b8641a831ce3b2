//! From a host name to a connection that takes mail: TCP, TLS, EHLO, login. Every wait has its own
//! time-out.

use super::health::Cause;
use super::relay::{Relay, Security};
use super::wire::{Answer, Wire};
use crate::config::values::Protocol;
use base64::{Engine, engine::general_purpose::STANDARD as BASE64};
use lettre::transport::smtp::authentication::{Credentials, Mechanism};
use std::io;
use std::time::Duration;
use tokio::net::TcpStream;
use tokio::time::timeout;

/// What the server offered in its last EHLO reply.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Offers {
    pub pipelining: bool,
    /// In bytes; 0 is "no limit", `None` where SIZE was not announced.
    pub size: Option<usize>,
    pub utf8_addresses: bool,
    pub start_tls: bool,
    pub login: Vec<Mechanism>,
}

/// Why there is no connection. Each names the step it happened at.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    #[error("{0}: no answer in time")]
    Late(&'static str),
    #[error("{0}: {1}")]
    Io(&'static str, io::Error),
    #[error("{0}: the server said {code} {text}", code = .1.code, text = .1.text())]
    Refused(&'static str, Answer),
    #[error("the server offers no {0}")]
    Missing(&'static str),
    #[error("AUTH: {0}")]
    Login(#[from] lettre::transport::smtp::Error),
}

impl OpenError {
    /// Whether another try would end the same way: a refusal for good, a certificate that does not
    /// fit, something the server does not offer.
    #[must_use]
    pub fn is_permanent(&self) -> bool {
        match self {
            OpenError::Late(_) => false,
            OpenError::Io(step, error) => *step == TLS && error.kind() == io::ErrorKind::InvalidData,
            OpenError::Refused(_, answer) => answer.code >= 500,
            OpenError::Missing(_) | OpenError::Login(_) => true,
        }
    }

    /// What of us the server does not want.
    #[must_use]
    pub fn cause(&self) -> Cause {
        match self {
            OpenError::Late(step) | OpenError::Io(step, _) | OpenError::Refused(step, _) => match *step {
                TLS | START_TLS => Cause::Tls,
                AUTH => Cause::Login,
                _ => Cause::Sender,
            },
            OpenError::Missing(START_TLS) => Cause::Tls,
            OpenError::Missing(_) | OpenError::Login(_) => Cause::Login,
        }
    }
}

const TLS: &str = "TLS";
const START_TLS: &str = "STARTTLS";
const AUTH: &str = "AUTH";

/// Opens a connection as the relay asks for it.
///
/// # Errors
/// Whatever keeps mail from being sent, plain text where TLS was asked for too.
pub(super) async fn open(relay: &Relay) -> Result<(Wire, Offers), OpenError> {
    let wait = relay.timeout;
    let socket = in_time(
        "connect",
        wait,
        TcpStream::connect((relay.host.as_str(), relay.port)),
    )
    .await?;
    // Without it each body waits up to 40 ms for an ACK of what went before.
    socket
        .set_nodelay(true)
        .map_err(|error| OpenError::Io("connect", error))?;
    let mut wire = Wire::new(socket);
    if let Security::Implicit(config) = &relay.security {
        wire = in_time(TLS, wait, wire.into_tls(&relay.host, config.clone())).await?;
    }
    positive("greeting", in_time("greeting", wait, wire.answer()).await?)?;
    let mut offers = hello(&mut wire, relay).await?;
    if let Security::StartTls(config) = &relay.security {
        if !offers.start_tls {
            return Err(OpenError::Missing(START_TLS));
        }
        positive(
            START_TLS,
            in_time(START_TLS, wait, wire.ask("STARTTLS\r\n")).await?,
        )?;
        wire = in_time(TLS, wait, wire.into_tls(&relay.host, config.clone())).await?;
        offers = hello(&mut wire, relay).await?;
    }
    if let Some(login) = &relay.login {
        let mechanism = *offers
            .login
            .first()
            .ok_or(OpenError::Missing("AUTH PLAIN or LOGIN"))?;
        log_in(&mut wire, mechanism, login, wait).await?;
    }
    offers.pipelining &= relay.pipelining;
    Ok((wire, offers))
}

/// EHLO (LHLO, RFC 2033); HELO for a server that knows neither, which then offers nothing.
async fn hello(wire: &mut Wire, relay: &Relay) -> Result<Offers, OpenError> {
    let verb = match relay.protocol {
        Protocol::Smtp => "EHLO",
        Protocol::Lmtp => "LHLO",
    };
    let command = format!("{verb} {}\r\n", relay.hello);
    let answer = in_time(verb, relay.timeout, wire.ask(&command)).await?;
    if matches!(answer.code, 500 | 502) && relay.protocol == Protocol::Smtp {
        let command = format!("HELO {}\r\n", relay.hello);
        positive("HELO", in_time("HELO", relay.timeout, wire.ask(&command)).await?)?;
        return Ok(Offers::default());
    }
    Ok(Offers::read(&positive(verb, answer)?))
}

/// lettre's mechanisms, our wire: at most three steps, for LOGIN.
async fn log_in(
    wire: &mut Wire,
    mechanism: Mechanism,
    login: &Credentials,
    wait: Duration,
) -> Result<(), OpenError> {
    let first = match mechanism.supports_initial_response() {
        true => format!(
            "AUTH {mechanism} {}\r\n",
            BASE64.encode(mechanism.response(login, None)?)
        ),
        false => format!("AUTH {mechanism}\r\n"),
    };
    let mut answer = in_time(AUTH, wait, wire.ask(&first)).await?;
    for _ in 0..2 {
        if answer.code != 334 {
            break;
        }
        let challenge = answer.lines.first().map_or("", |line| line.trim());
        let challenge = BASE64.decode(challenge).unwrap_or_default();
        let response = mechanism.response(login, Some(&String::from_utf8_lossy(&challenge)))?;
        let line = format!("{}\r\n", BASE64.encode(response));
        answer = in_time(AUTH, wait, wire.ask(&line)).await?;
    }
    positive(AUTH, answer).map(|_| ())
}

fn positive(step: &'static str, answer: Answer) -> Result<Answer, OpenError> {
    match answer.code / 100 {
        2 => Ok(answer),
        _ => Err(OpenError::Refused(step, answer)),
    }
}

impl Offers {
    fn read(hello: &Answer) -> Offers {
        let mut offers = Offers::default();
        for line in hello.lines.iter().skip(1) {
            let line = line.to_ascii_uppercase();
            let mut words = line.split_ascii_whitespace();
            match words.next() {
                Some("PIPELINING") => offers.pipelining = true,
                Some("SIZE") => offers.size = Some(words.next().and_then(|n| n.parse().ok()).unwrap_or(0)),
                Some("SMTPUTF8") => offers.utf8_addresses = true,
                Some("STARTTLS") => offers.start_tls = true,
                Some("AUTH") => offers.login = mechanisms(&words.collect::<Vec<_>>()),
                _ => {}
            }
        }
        offers
    }
}

/// Those we speak, the better one first.
fn mechanisms(names: &[&str]) -> Vec<Mechanism> {
    [("PLAIN", Mechanism::Plain), ("LOGIN", Mechanism::Login)]
        .into_iter()
        .filter(|(name, _)| names.contains(name))
        .map(|(_, mechanism)| mechanism)
        .collect()
}

async fn in_time<T>(
    step: &'static str,
    wait: Duration,
    work: impl Future<Output = io::Result<T>>,
) -> Result<T, OpenError> {
    timeout(wait, work)
        .await
        .map_err(|_| OpenError::Late(step))?
        .map_err(|error| OpenError::Io(step, error))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_what_is_offered() {
        let lines = [
            "mx.example.org",
            "pipelining",
            "SIZE 1000",
            "AUTH CRAM-MD5 LOGIN PLAIN",
            "SMTPUTF8",
        ];
        let offers = Offers::read(&Answer {
            code: 250,
            lines: lines.map(str::to_owned).to_vec(),
        });
        assert_eq!(
            offers,
            Offers {
                pipelining: true,
                size: Some(1000),
                utf8_addresses: true,
                start_tls: false,
                login: vec![Mechanism::Plain, Mechanism::Login],
            }
        );
    }
}
