//! One lane: one connection at a time, one mail after another, in the order of its claims.
//!
//! The rule that bounds duplicates: a final dot is sent only after the lane's last outcome is on
//! disk. So a kill leaves at most one mail a lane in doubt.

use super::committer::Stopped;
use super::composer::Ready;
use super::connection::{Connection, Envelope};
use super::health::{Health, Pace};
use super::outcome::Tally;
use super::queue::{Desk, Queue};
use super::relay::Relay;
use super::reply::{self, Verdict};
use super::stop::Stop;
use super::takeover::Lease;
use crate::telemetry::metrics;
use std::sync::Arc;
use tokio::time::Instant;

/// A connection is given back after so many mails: many relays count.
const MAILS_A_CONNECTION: u32 = 500;

/// A mail at which so many connections broke waits for a later pass, so that the others go on.
const BREAKS_A_MAIL: u32 = 3;

/// Where a connection cannot be had so many times in a row while other lanes send, there are too many.
const FAILURES_A_LANE: u32 = 3;

/// What all lanes to a relay share.
pub struct Road {
    pub relay: Relay,
    pub health: Health,
    pub pace: Pace,
    pub lease: Lease,
    pub stop: Stop,
    pub desk: Arc<Desk>,
}

/// A connection between two mails.
struct Session {
    connection: Connection,
    used: u32,
    /// The next mail's envelope is sent, and its replies are to be read first.
    begun: bool,
}

/// One sender.
pub struct Lane {
    road: Arc<Road>,
    queue: Queue,
    session: Option<Session>,
    /// This lane is one too many.
    retired: bool,
}

impl Lane {
    #[must_use]
    pub fn new(road: Arc<Road>, queue: Queue) -> Lane {
        Lane {
            road,
            queue,
            session: None,
            retired: false,
        }
    }

    /// Runs until nothing is due, the relay cannot be reached, or the worker is asked to stop.
    ///
    /// # Errors
    /// When outcomes can be written down no more.
    pub async fn run(mut self) -> Result<Tally, Stopped> {
        let mut next = None;
        loop {
            let mail = match next.take() {
                Some(mail) => Some(mail),
                None => self.queue.next().await?,
            };
            let Some(mail) = mail else { break };
            next = self.queue.next().await?;
            if self.road.desk.is_held(&mail.row) {
                // Its envelope may be on its way: the connection's end takes it back.
                self.session = self.session.take().filter(|session| !session.begun);
                self.queue.put_back(mail.row);
                continue;
            }
            if !self.deliver(&mail, next.as_ref()).await? {
                self.queue.put_back(mail.row);
            }
            if self.is_over() {
                break;
            }
        }
        if let Some(mail) = next {
            self.queue.put_back(mail.row);
        }
        self.queue.put_back_all().await?;
        self.queue.committed().await?;
        if let Some(session) = self.session.take() {
            session.connection.quit().await;
        }
        Ok(self.queue.tally)
    }

    fn is_over(&self) -> bool {
        self.retired || self.road.health.is_over()
    }

    /// Sends one mail and settles it. `false`: it was not begun, since all is over.
    async fn deliver(&mut self, mail: &Ready, next: Option<&Ready>) -> Result<bool, Stopped> {
        let mut verdict = Verdict::Gone(String::new());
        for broken in 0..BREAKS_A_MAIL {
            self.road.health.pause(broken).await;
            let Some(mut session) = self.session().await else {
                return Ok(false);
            };
            let began = Instant::now();
            let Some(answer) = self.transact(&mut session, mail, next).await? else {
                return Ok(false);
            };
            verdict = answer;
            match &verdict {
                Verdict::Gone(why) | Verdict::Breaks(why) => {
                    self.road.health.trouble(began, why);
                    continue;
                }
                Verdict::InDoubt(why) => self.road.health.trouble(began, why),
                Verdict::Accepted(..) | Verdict::Refused(_) => {
                    metrics::transaction(began.elapsed(), &self.road.desk.rules.relay);
                    self.road.health.answered();
                }
            }
            if session.connection.is_usable() && session.used < MAILS_A_CONNECTION {
                self.session = Some(session);
            } else {
                tokio::spawn(session.connection.quit());
            }
            break;
        }
        if let Verdict::Gone(why) = &verdict {
            tracing::warn!(delivery = mail.row.id, why, "connections broke, the mail waits");
            if self.road.health.blames(mail.row.was_answered()) {
                verdict = Verdict::Breaks(why.clone());
            }
        }
        self.queue.settle_tried(&mail.row, &verdict);
        Ok(true)
    }

    /// The open connection, or a new one. `None`: there is none to be had.
    async fn session(&mut self) -> Option<Session> {
        if let Some(session) = self.session.take() {
            return Some(session);
        }
        let first = Instant::now();
        let mut failures = 0;
        while !self.is_over() {
            self.road.health.pause(failures).await;
            let began = Instant::now();
            let opened = tokio::select! {
                opened = Connection::open(&self.road.relay) => opened,
                () = self.road.stop.before_the_dot() => break,
            };
            let error = match opened {
                Ok(connection) => {
                    self.queue.tally.connections += 1;
                    metrics::connection(true, &self.road.desk.rules.relay);
                    let duration_ms = began.elapsed().as_millis() as u64;
                    tracing::info!(duration_ms, "connection opened");
                    return Some(Session {
                        connection,
                        used: 0,
                        begun: false,
                    });
                }
                Err(error) => error,
            };
            let why = error.to_string();
            metrics::connection(false, &self.road.desk.rules.relay);
            tracing::warn!(why, "no connection");
            if error.is_permanent() {
                self.road.health.refused(error.cause(), &why);
            }
            self.road.health.trouble(began, &why);
            failures += 1;
            self.retired = failures >= FAILURES_A_LANE && self.road.health.answered_since(first);
        }
        None
    }

    /// One mail over one connection. `None`: it was left before its final dot, since all is over; the
    /// connection is of no use then.
    async fn transact(
        &mut self,
        session: &mut Session,
        mail: &Ready,
        next: Option<&Ready>,
    ) -> Result<Option<Verdict>, Stopped> {
        let begun = tokio::select! {
            begun = begin(&self.road.pace, session, mail) => begun,
            () = self.road.stop.before_the_dot() => return Ok(None),
        };
        match begun {
            Ok(()) => {}
            Err(reply::Stop::Refused(refusal)) => return Ok(Some(Verdict::Refused(refusal))),
            Err(reply::Stop::Gone(why)) => return Ok(Some(Verdict::Gone(why))),
        }
        self.queue.committed().await?;
        if !self.road.lease.holds() {
            return Err(Stopped::Lease);
        }
        session.used += 1;
        let ahead = next
            .filter(|next| !self.road.pace.is_limited() && !self.road.desk.is_held(&next.row))
            .filter(|_| session.used < MAILS_A_CONNECTION && !self.road.stop.is_asked())
            .map(envelope);
        // The dot is on its way when the first of the two waits.
        let dot = async {
            tokio::select! {
                answered = session.connection.dot(ahead) => Some(answered),
                () = self.road.stop.after_the_dot() => None,
            }
        };
        let (answered, prepared) = tokio::join!(dot, self.queue.prepare());
        let verdict = match answered {
            Some((verdict, begun)) => {
                session.begun = begun;
                verdict
            }
            None => {
                session.connection.give_up();
                Verdict::InDoubt("stopped before its answer came".to_owned())
            }
        };
        if let Err(stopped) = prepared {
            // What was answered is written down, whatever else cannot be read.
            self.queue.settle_tried(&mail.row, &verdict);
            self.queue.committed().await?;
            return Err(stopped);
        }
        Ok(Some(verdict))
    }
}

/// All of a mail but its final dot.
async fn begin(pace: &Pace, session: &mut Session, mail: &Ready) -> Result<(), reply::Stop> {
    if std::mem::take(&mut session.begun) {
        session.connection.envelope_replies().await?;
    } else {
        pace.turn().await;
        session.connection.envelope(envelope(mail)).await?;
    }
    session.connection.body(&mail.letter).await;
    Ok(())
}

fn envelope(mail: &Ready) -> Envelope<'_> {
    Envelope {
        from: &mail.from,
        to: &mail.to,
        size: mail.letter.size(),
    }
}
