//! One SMTP session, owned by one lane. Every wait has its own time-out, and a time-out ends the
//! session: a reply that comes late must never be taken for the answer to another mail.

use super::blame;
use super::letter::Letter;
use super::opening::{self, Offers, OpenError};
use super::relay::Relay;
use super::reply::{Refusal, Reply, Step, Stop, Verdict};
use super::wire::Wire;
use lettre::Address;
use lettre::transport::smtp::commands::{Mail, Rcpt};
use lettre::transport::smtp::extension::MailParameter;
use std::time::Duration;
use tokio::time::timeout;

/// Whom a mail is from and for, and how long it is in bytes.
#[derive(Debug, Clone, Copy)]
pub struct Envelope<'a> {
    pub from: &'a Address,
    pub to: &'a Address,
    pub size: usize,
}

/// An open session.
pub struct Connection {
    wire: Wire,
    offers: Offers,
    timeout: Duration,
    /// A reply is missing or was nonsense: nothing may be read from this stream any more.
    broken: bool,
}

impl Connection {
    /// # Errors
    /// As the server or the network has it.
    pub async fn open(relay: &Relay) -> Result<Connection, OpenError> {
        let (wire, offers) = opening::open(relay).await?;
        Ok(Connection {
            wire,
            offers,
            timeout: relay.timeout,
            broken: false,
        })
    }

    /// What the server said it can do.
    #[must_use]
    pub fn offers(&self) -> &Offers {
        &self.offers
    }

    /// Whether another mail can be tried here.
    #[must_use]
    pub fn is_usable(&self) -> bool {
        !self.broken
    }

    /// MAIL, RCPT and DATA. `Ok`: the server waits for [`Connection::body`].
    ///
    /// # Errors
    /// In both kinds of stop nothing was delivered.
    pub async fn envelope(&mut self, envelope: Envelope<'_>) -> Result<(), Stop> {
        if let Some(refusal) = self.cannot_take(envelope) {
            return Err(Stop::Refused(refusal));
        }
        let [mail, rcpt, data] = self.commands(envelope);
        if self.offers.pipelining {
            self.nothing_unread();
            self.write(&[mail, rcpt, data].concat()).await;
            return self.envelope_replies().await;
        }
        for (step, line, go_on) in [
            (Step::Mail, mail, 200),
            (Step::Rcpt, rcpt, 200),
            (Step::Data, data, 354),
        ] {
            let reply = self.ask(&line).await;
            if let Some(stop) = stop(step, reply, go_on) {
                return Err(self.after(stop).await);
            }
        }
        Ok(())
    }

    /// The answers to MAIL, RCPT and DATA that went out together.
    ///
    /// # Errors
    /// As [`Connection::envelope`].
    pub async fn envelope_replies(&mut self) -> Result<(), Stop> {
        // All three come, whatever the first one is: they must be read before anything else.
        let mail = self.reply(self.timeout).await;
        let rcpt = self.reply(self.timeout).await;
        let data = self.reply(self.timeout).await;
        let data_goes_on = matches!(data, Reply::Yes(354, _));
        let has_reader = matches!(rcpt, Reply::Yes(..));
        let first = stop(Step::Mail, mail, 200)
            .or_else(|| stop(Step::Rcpt, rcpt, 200))
            .or_else(|| stop(Step::Data, data, 354));
        let Some(stop) = first else { return Ok(()) };
        if data_goes_on && has_reader {
            // MAIL was refused, and yet the rest was taken: any dot would send that reader an empty mail.
            self.broken = true;
        } else if data_goes_on {
            // DATA was taken although there is no recipient: an empty message ends it, to nobody.
            self.nothing_unread();
            self.write(".\r\n").await;
            self.reply(self.timeout * 2).await;
        }
        Err(self.after(stop).await)
    }

    /// The message without its final dot: it can be on its way while an earlier outcome is committed.
    pub async fn body(&mut self, letter: &Letter) {
        self.write(letter.text()).await;
    }

    /// The final dot, and what the server says to the mail. With PIPELINING the next envelope goes in
    /// the same write (RFC 2920 §3.1 allows it), so that a mail costs one round trip. `true`: it was
    /// sent, and [`Connection::envelope_replies`] has to be asked; the outcome need not wait for that.
    pub async fn dot(&mut self, next: Option<Envelope<'_>>) -> (Verdict, bool) {
        self.nothing_unread();
        if self.broken {
            let why = "the connection broke in the message".to_owned();
            return (Verdict::Gone(why), false);
        }
        let next = next.filter(|next| self.offers.pipelining && self.cannot_take(*next).is_none());
        let mut lines = ".\r\n".to_owned();
        lines.extend(next.iter().flat_map(|next| self.commands(*next)));
        self.write(&lines).await;
        let verdict = match self.reply(self.timeout * 2).await {
            Reply::Yes(code, text) if code < 300 => Verdict::Accepted(code, text),
            Reply::Yes(code, text) => {
                self.broken = true;
                Verdict::InDoubt(format!("{code} {text} (to the message)"))
            }
            Reply::No(code, text) => {
                self.broken |= code == 421;
                let step = Step::Dot;
                Verdict::Refused(Refusal { step, code, text })
            }
            Reply::Lost(why) => Verdict::InDoubt(why),
        };
        (verdict, next.is_some())
    }

    /// A reply that is on its way will not be read: nothing more can be asked here.
    pub fn give_up(&mut self) {
        self.broken = true;
    }

    /// A polite end. Nothing depends on it.
    pub async fn quit(mut self) {
        if !self.broken {
            let _ = timeout(Duration::from_secs(2), self.wire.ask("QUIT\r\n")).await;
        }
    }

    fn commands(&self, envelope: Envelope) -> [String; 3] {
        let mut parameters = Vec::new();
        if self.offers.size.is_some() {
            parameters.push(MailParameter::Size(envelope.size));
        }
        if !is_ascii(envelope.from) || !is_ascii(envelope.to) {
            parameters.push(MailParameter::SmtpUtfEight);
        }
        let mail = Mail::new(Some(envelope.from.clone()), parameters);
        let rcpt = Rcpt::new(envelope.to.clone(), Vec::new());
        [mail.to_string(), rcpt.to_string(), "DATA\r\n".to_owned()]
    }

    /// What need not be asked: the server has said it already.
    fn cannot_take(&self, envelope: Envelope) -> Option<Refusal> {
        let most = self.offers.size.unwrap_or(0);
        let (code, text) = if most > 0 && envelope.size > most {
            let size = envelope.size;
            (
                552,
                format!("5.3.4 {size} bytes are more than the server's SIZE of {most}"),
            )
        } else if !(self.offers.utf8_addresses || is_ascii(envelope.to) && is_ascii(envelope.from)) {
            let text = "5.6.7 the server takes no address with other than ASCII letters (SMTPUTF8)";
            (553, text.to_owned())
        } else {
            return None;
        };
        let step = Step::Offer;
        Some(Refusal { step, code, text })
    }

    /// Clears the transaction, so that the next mail starts from nothing.
    async fn after(&mut self, stop: Stop) -> Stop {
        match &stop {
            // 421 with a reason about us: an answer, and the last one.
            Stop::Refused(refusal) if refusal.code == 421 => self.broken = true,
            Stop::Refused(_) => {
                // Whatever comes of it, the refusal itself stands.
                let cleared = self.ask("RSET\r\n").await;
                self.broken |= !matches!(cleared, Reply::Yes(..));
            }
            Stop::Gone(_) => self.broken = true,
        }
        stop
    }

    /// A reply that nobody asked for would be taken for the answer to what is written next.
    fn nothing_unread(&mut self) {
        self.broken |= self.wire.has_unread();
    }

    async fn ask(&mut self, lines: &str) -> Reply {
        self.nothing_unread();
        self.write(lines).await;
        self.reply(self.timeout).await
    }

    /// A failure is not told here: the reply that does not come tells it.
    async fn write(&mut self, lines: &str) {
        if !self.broken {
            let done = timeout(self.timeout, self.wire.write(lines)).await;
            self.broken = !matches!(done, Ok(Ok(())));
        }
    }

    async fn reply(&mut self, wait: Duration) -> Reply {
        if self.broken {
            return Reply::Lost("the connection is broken".to_owned());
        }
        let lost = match timeout(wait, self.wire.answer()).await {
            Ok(Ok(answer)) if answer.code < 400 => return Reply::Yes(answer.code, answer.text()),
            Ok(Ok(answer)) => return Reply::No(answer.code, answer.text()),
            Ok(Err(error)) => error.to_string(),
            Err(_) => "no answer in time".to_owned(),
        };
        self.broken = true;
        Reply::Lost(lost)
    }
}

/// `None` when the reply is the one that lets the transaction go on: `go_on` up to its hundred's end.
fn stop(step: Step, reply: Reply, go_on: u16) -> Option<Stop> {
    match reply {
        Reply::Yes(code, _) if code >= go_on && code / 100 == go_on / 100 => None,
        Reply::Yes(code, text) => Some(Stop::Gone(format!("{code} {text} (to {step})"))),
        // 421 is about the connection, and says nothing about this mail, unless it gives a reason.
        Reply::No(421, text) if !blame::names_the_sender(&text) => Some(Stop::Gone(format!("421 {text}"))),
        Reply::No(code, text) => Some(Stop::Refused(Refusal { step, code, text })),
        Reply::Lost(why) => Some(Stop::Gone(why)),
    }
}

fn is_ascii(address: &Address) -> bool {
    AsRef::<str>::as_ref(address).is_ascii()
}
