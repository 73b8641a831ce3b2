//! A scripted SMTP server on loopback: says what it is told to, and logs what it took.

use crate::trap::Trap;
use base64::{Engine, engine::general_purpose::STANDARD as BASE64};
use rcgen::{CertifiedKey, generate_simple_self_signed};
use std::collections::BTreeMap;
use std::io;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::io::{AsyncBufReadExt, AsyncRead, AsyncWrite, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivatePkcs8KeyDer};
use tokio_rustls::rustls::{ServerConfig, crypto};

/// What the server does at a step of every `every`-th mail.
#[derive(Debug, Clone)]
pub(crate) struct Fault {
    /// `greeting`, `ehlo`, `starttls`, `auth`, `mail`, `rcpt`, `data`, `body`, `dot`, `rset` or `quit`.
    pub(crate) step: &'static str,
    pub(crate) what: What,
}

/// A way to misbehave.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum What {
    /// A reply line of its own.
    Say(&'static str),
    /// The usual reply, then more that nobody asked for.
    SayMore(&'static str),
    Drop,
    Hang,
    Garbage,
    /// No text at all.
    Binary,
    /// A line that never ends, as far as anybody listens.
    EndlessLine,
    /// Line after line, as far as anybody listens.
    EndlessReply,
    /// The usual reply with Latin-1 letters in its text.
    Latin1,
    /// The usual code without text.
    Bare,
    /// The usual reply with a bare LF.
    Lf,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Security {
    Plain,
    StartTls,
    Implicit,
    /// Speaks in the clear after "220 go ahead", in the same packet.
    StartTlsWithInjection,
}

#[derive(Debug, Clone)]
pub(crate) struct Script {
    pub(crate) security: Security,
    pub(crate) pipelining: bool,
    pub(crate) size: Option<usize>,
    pub utf8: bool,
    pub(crate) lmtp: bool,
    /// Takes RCPT and DATA although it has refused MAIL.
    pub(crate) heedless: bool,
    /// The mechanisms, and whom it lets in.
    pub(crate) login: Option<(&'static str, &'static str, &'static str)>,
    pub(crate) fault: Option<Fault>,
    /// Another fault, each time its step comes.
    pub(crate) also: Option<Fault>,
    /// Whoever comes to a point of it.
    pub(crate) trap: Option<Trap>,
    /// While it is shut no reply leaves on the connections there are.
    pub(crate) gate: Option<watch::Receiver<bool>>,
    /// Which mails the fault hits: each so-many-th. A fault of connections hits all of them.
    pub(crate) every: u64,
    /// Only mails to addresses that begin so are hit, if set.
    pub(crate) only: Option<&'static str>,
    /// Before each reply.
    pub(crate) delay: Duration,
}

impl Default for Script {
    fn default() -> Script {
        Script {
            security: Security::Plain,
            pipelining: true,
            size: Some(10_000_000),
            utf8: false,
            lmtp: false,
            heedless: false,
            login: None,
            fault: None,
            also: None,
            trap: None,
            gate: None,
            every: 7,
            only: None,
            delay: Duration::ZERO,
        }
    }
}

/// A mail as the server took it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Taken {
    pub(crate) from: String,
    pub(crate) to: String,
    pub(crate) message_id: String,
    pub(crate) message: String,
    /// On which connection, counted from 1.
    pub(crate) connection: u64,
}

/// A running server. It ends when this is dropped.
pub(crate) struct SmtpServer {
    pub(crate) port: u16,
    /// Its certificate, PEM; for `localhost`.
    pub(crate) certificate: String,
    log: Arc<Log>,
    task: tokio::task::JoinHandle<()>,
}

#[derive(Default)]
struct Log {
    taken: Mutex<Vec<Taken>>,
    lines: Mutex<Vec<String>>,
    mails: AtomicU64,
    connections: AtomicU64,
}

impl SmtpServer {
    pub(crate) async fn start(script: Script) -> SmtpServer {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let log = Arc::new(Log::default());
        let CertifiedKey { cert, signing_key } =
            generate_simple_self_signed(vec!["localhost".to_owned()]).unwrap();
        let key = PrivatePkcs8KeyDer::from(signing_key.serialize_der());
        let tls = ServerConfig::builder_with_provider(Arc::new(crypto::aws_lc_rs::default_provider()))
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_no_client_auth()
            .with_single_cert(vec![CertificateDer::from(cert.der().to_vec())], key.into())
            .unwrap();
        let (script, tls, to) = (Arc::new(script), TlsAcceptor::from(Arc::new(tls)), log.clone());
        let task = tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let (script, tls, log) = (script.clone(), tls.clone(), to.clone());
                tokio::spawn(async move {
                    let _ = serve(stream, &script, &tls, &log).await;
                });
            }
        });
        SmtpServer {
            port,
            certificate: cert.pem(),
            log,
            task,
        }
    }

    pub(crate) fn taken(&self) -> Vec<Taken> {
        self.log.taken.lock().unwrap().clone()
    }

    pub(crate) fn count(&self) -> usize {
        self.log.taken.lock().unwrap().len()
    }

    /// Every command line, passwords too.
    pub(crate) fn lines(&self) -> Vec<String> {
        self.log.lines.lock().unwrap().clone()
    }

    pub(crate) fn connections(&self) -> u64 {
        self.log.connections.load(Ordering::SeqCst)
    }
}

impl Drop for SmtpServer {
    fn drop(&mut self) {
        self.task.abort();
    }
}

trait Stream: AsyncRead + AsyncWrite + Send + Unpin {}
impl<T: AsyncRead + AsyncWrite + Send + Unpin> Stream for T {}

struct Session<'a> {
    stream: BufReader<Box<dyn Stream>>,
    script: &'a Script,
    log: &'a Log,
    connection: u64,
    from: String,
    to: Option<String>,
    /// Whether this mail is one that the fault hits.
    hit: bool,
    logged_in: bool,
}

async fn serve(stream: TcpStream, script: &Script, tls: &TlsAcceptor, log: &Log) -> io::Result<()> {
    stream.set_nodelay(true)?;
    let connection = log.connections.fetch_add(1, Ordering::SeqCst) + 1;
    let stream: Box<dyn Stream> = match script.security {
        Security::Implicit => Box::new(tls.accept(stream).await?),
        _ => Box::new(stream),
    };
    let mut session = Session {
        stream: BufReader::with_capacity(65536, stream),
        script,
        log,
        connection,
        from: String::new(),
        to: None,
        hit: true,
        logged_in: false,
    };
    session.at("greeting").await;
    session.say("greeting", "220 server.example ESMTP").await?;
    session.hit = false;
    loop {
        let line = session.line().await?;
        let verb = line
            .split([' ', ':'])
            .next()
            .unwrap_or_default()
            .to_ascii_uppercase();
        if verb == "STARTTLS" {
            if !session.start_tls().await? {
                continue;
            }
            if script.security == Security::StartTlsWithInjection {
                continue;
            }
            let plain = session.stream.into_inner();
            session.stream = BufReader::with_capacity(65536, Box::new(tls.accept(plain).await?));
        } else if !session.command(&verb, &line).await? {
            return Ok(());
        }
    }
}

impl Session<'_> {
    async fn line(&mut self) -> io::Result<String> {
        let mut line = Vec::new();
        if self.stream.read_until(b'\n', &mut line).await? == 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        let line = String::from_utf8_lossy(&line).trim_end().to_owned();
        self.log.lines.lock().unwrap().push(line.clone());
        Ok(line)
    }

    async fn write(&mut self, bytes: &[u8]) -> io::Result<()> {
        if let Some(mut gate) = self.script.gate.clone() {
            let _ = gate.wait_for(|open| *open).await;
        }
        // Replies to a group of commands leave together.
        if !self.script.delay.is_zero() && self.stream.buffer().is_empty() {
            tokio::time::sleep(self.script.delay).await;
        }
        self.stream.get_mut().write_all(bytes).await?;
        self.stream.get_mut().flush().await
    }

    /// The usual reply, or the fault in its place. Gives whether the answer was a yes.
    async fn say(&mut self, step: &str, usual: &str) -> io::Result<bool> {
        let fault = self.fault(step);
        let usual_line = format!("{usual}\r\n").into_bytes();
        let reply = match fault {
            None => usual_line,
            Some(What::Drop) => return Err(io::ErrorKind::ConnectionAborted.into()),
            Some(What::Hang) => std::future::pending().await,
            Some(What::Say(line)) => format!("{line}\r\n").into_bytes(),
            Some(What::SayMore(line)) => format!("{usual}\r\n{line}\r\n").into_bytes(),
            Some(What::Binary) => vec![0, 0xff, 0x16, 0x03, 0x01, b'\r', 0xfe, b'\n', 0],
            Some(What::EndlessLine) => return self.endless(b"250 ", &[b'x'; 4096]).await,
            Some(What::EndlessReply) => return self.endless(b"", &b"250-more\r\n".repeat(400)).await,
            Some(What::Garbage) => b"!! what is this\r\n".to_vec(),
            Some(What::Latin1) => [usual.as_bytes(), b" gr\xfc\xdfe\r\n"].concat(),
            Some(What::Bare) => [&usual.as_bytes()[..3], b"\r\n"].concat(),
            Some(What::Lf) => format!("{usual}\n").into_bytes(),
        };
        self.write(&reply).await?;
        if reply.starts_with(b"421") {
            return Err(io::ErrorKind::ConnectionAborted.into());
        }
        Ok(reply.starts_with(b"2") || reply.starts_with(b"3"))
    }

    /// The fault of a step, for this mail or connection.
    fn fault(&self, step: &str) -> Option<What> {
        let once = self.script.fault.iter().filter(|_| self.hit);
        let mut faults = once.chain(&self.script.also);
        faults.find(|fault| fault.step == step).map(|fault| fault.what)
    }

    /// Until nobody listens.
    async fn endless(&mut self, start: &[u8], more: &[u8]) -> io::Result<bool> {
        self.write(start).await?;
        loop {
            self.write(more).await?;
        }
    }

    /// Here the client may be killed; what it said before is not answered then.
    async fn at(&mut self, point: &'static str) {
        if self.script.trap.as_ref().is_some_and(|trap| trap.at(point)) {
            std::future::pending().await
        }
    }

    /// `false`: there will be no TLS.
    async fn start_tls(&mut self) -> io::Result<bool> {
        match self.script.security {
            Security::StartTlsWithInjection => {
                self.write(b"220 go ahead\r\n250 injected\r\n").await?;
                Ok(true)
            }
            _ => self.say("starttls", "220 go ahead").await,
        }
    }

    /// `false`: the session has ended.
    async fn command(&mut self, verb: &str, line: &str) -> io::Result<bool> {
        match verb {
            "EHLO" | "LHLO" if (verb == "LHLO") == self.script.lmtp => self.hello().await?,
            "AUTH" => self.log_in(line).await?,
            "MAIL" if self.script.login.is_some() && !self.logged_in => {
                self.write(b"530 5.7.0 Authentication required\r\n").await?;
            }
            "MAIL" => self.mail(line).await?,
            "RCPT" if self.from.is_empty() => self.write(b"503 5.5.1 MAIL first\r\n").await?,
            "RCPT" => self.rcpt(line).await?,
            "DATA" => self.data().await?,
            "RSET" => {
                (self.from, self.to) = (String::new(), None);
                self.say("rset", "250 2.0.0 ok").await?;
            }
            "QUIT" => {
                self.say("quit", "221 2.0.0 bye").await?;
                return Ok(false);
            }
            _ => self.write(b"502 5.5.2 what?\r\n").await?,
        }
        Ok(true)
    }

    async fn hello(&mut self) -> io::Result<()> {
        self.at("ehlo").await;
        if self.fault("ehlo").is_some() {
            self.say("ehlo", "250 server.example").await?;
            return Ok(());
        }
        let script = self.script;
        let mut lines = vec!["server.example".to_owned()];
        if script.pipelining {
            lines.push("PIPELINING".to_owned());
        }
        if let Some(size) = script.size {
            lines.push(format!("SIZE {size}"));
        }
        if script.utf8 {
            lines.push("SMTPUTF8".to_owned());
        }
        if let Some((mechanisms, ..)) = script.login {
            lines.push(format!("AUTH {mechanisms}"));
        }
        if matches!(
            script.security,
            Security::StartTls | Security::StartTlsWithInjection
        ) {
            lines.push("STARTTLS".to_owned());
        }
        let last = lines.len() - 1;
        let reply: String = lines
            .iter()
            .enumerate()
            .map(|(number, line)| format!("250{}{line}\r\n", if number == last { ' ' } else { '-' }))
            .collect();
        self.write(reply.as_bytes()).await
    }

    async fn log_in(&mut self, line: &str) -> io::Result<()> {
        let decoded =
            |text: &str| String::from_utf8(BASE64.decode(text).unwrap_or_default()).unwrap_or_default();
        let (_, user, password) = self.script.login.unwrap_or_default();
        let given = match line.split(' ').collect::<Vec<_>>()[..] {
            [_, "PLAIN", response] => decoded(response),
            [_, "LOGIN"] => {
                self.write(b"334 VXNlcm5hbWU6\r\n").await?;
                let user = decoded(&self.line().await?);
                self.write(b"334 UGFzc3dvcmQ6\r\n").await?;
                format!("\0{user}\0{}", decoded(&self.line().await?))
            }
            _ => String::new(),
        };
        self.logged_in = given == format!("\0{user}\0{password}");
        if self.fault("auth").is_some() {
            self.say("auth", "235 2.7.0 welcome").await?;
            return Ok(());
        }
        match self.logged_in {
            true => self.write(b"235 2.7.0 welcome\r\n").await,
            false => self.write(b"535 5.7.8 wrong password\r\n").await,
        }
    }

    async fn mail(&mut self, line: &str) -> io::Result<()> {
        let number = self.log.mails.fetch_add(1, Ordering::SeqCst) + 1;
        self.hit = number.is_multiple_of(self.script.every) && self.script.only.is_none();
        (self.from, self.to) = (String::new(), None);
        self.at("mail").await;
        if self.say("mail", "250 2.1.0 ok").await? || self.script.heedless {
            self.from = between(line);
        }
        Ok(())
    }

    async fn rcpt(&mut self, line: &str) -> io::Result<()> {
        let to = between(line);
        if let Some(only) = self.script.only {
            self.hit = to.starts_with(only);
        }
        self.at("rcpt").await;
        if self.say("rcpt", "250 2.1.5 ok").await? {
            self.to = Some(to);
        }
        Ok(())
    }

    async fn data(&mut self) -> io::Result<()> {
        // A server may take DATA although there is nobody to send to: this one does.
        let usual = if self.from.is_empty() {
            "503 5.5.1 MAIL first"
        } else {
            "354 go ahead"
        };
        self.at("data").await;
        if !self.say("data", usual).await? || self.from.is_empty() {
            return Ok(());
        }
        let message = self.body().await?;
        let Some(to) = self.to.clone() else {
            assert!(message.is_empty(), "a body without a recipient");
            return self.write(b"554 5.5.1 no valid recipients\r\n").await;
        };
        self.at("dot").await;
        let says_no = |what| matches!(what, What::Say(line) if !line.starts_with('2'));
        let refused = self.hit
            && matches!(&self.script.fault, Some(fault) if fault.step == "dot" && says_no(fault.what));
        if !refused {
            // Taken before the answer is given: what is lost after this makes a second copy.
            self.take(&to, &message);
        }
        self.at("taken").await;
        self.say("dot", "250 2.0.0 taken").await?;
        self.at("answered").await;
        (self.from, self.to) = (String::new(), None);
        Ok(())
    }

    /// All lines up to the final dot.
    async fn body(&mut self) -> io::Result<Vec<u8>> {
        let mut message = Vec::new();
        let mut is_first = true;
        loop {
            let start = message.len();
            if self.stream.read_until(b'\n', &mut message).await? == 0 {
                return Err(io::ErrorKind::UnexpectedEof.into());
            }
            if &message[start..] == b".\r\n" {
                message.truncate(start);
                return Ok(message);
            }
            if std::mem::take(&mut is_first) {
                self.at("body").await;
                if self.fault("body").is_some() {
                    self.say("body", "").await?;
                }
            }
        }
    }

    fn take(&self, to: &str, message: &[u8]) {
        let message = String::from_utf8_lossy(message).into_owned();
        let id = message.lines().find_map(|line| line.strip_prefix("Message-ID: "));
        self.log.taken.lock().unwrap().push(Taken {
            from: self.from.clone(),
            to: to.to_owned(),
            message_id: id.unwrap_or_default().to_owned(),
            message,
            connection: self.connection,
        });
    }
}

/// What stands between `<` and `>`.
fn between(line: &str) -> String {
    let inner = line.split_once('<').and_then(|(_, rest)| rest.split_once('>'));
    inner.map_or(String::new(), |(inner, _)| inner.to_owned())
}

/// How many copies each reader has, all of one reader's with one Message-ID.
pub(crate) fn copies(server: &SmtpServer) -> BTreeMap<String, usize> {
    let mut ids: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for taken in server.taken() {
        ids.entry(taken.to).or_default().push(taken.message_id);
    }
    for (reader, ids) in &ids {
        assert!(
            !ids[0].is_empty() && ids.iter().all(|id| *id == ids[0]),
            "{reader} {ids:?}"
        );
    }
    ids.into_iter().map(|(reader, ids)| (reader, ids.len())).collect()
}
