//! Lines out, replies in: the piece of SMTP that lettre keeps to itself.
//!
//! lettre's session cannot write without reading, takes a reply with a Latin-1 letter, without text
//! or with a bare LF for a broken connection (after the final dot that is a mail in doubt), and keeps
//! bytes it has read before a STARTTLS handshake as if they had come after it. Knows no command.

use std::io;
use std::sync::Arc;
use tokio::io::{AsyncBufReadExt, AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt, BufReader};
use tokio_rustls::TlsConnector;
use tokio_rustls::rustls::ClientConfig;
use tokio_rustls::rustls::pki_types::ServerName;

/// RFC 5321 allows 512 bytes a line. This is only a bound on what a stranger makes us hold.
const LONGEST_LINE: u64 = 4096;
const MOST_LINES: usize = 256;

/// A socket, with or without TLS.
pub trait Socket: AsyncRead + AsyncWrite + Send + Unpin {}
impl<T: AsyncRead + AsyncWrite + Send + Unpin> Socket for T {}

/// One stream to a server.
pub struct Wire {
    stream: BufReader<Box<dyn Socket>>,
}

/// A whole reply, whatever its code.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    pub code: u16,
    /// The text of each line, without the code. Bytes that are no UTF-8 are replaced.
    pub lines: Vec<String>,
}

impl Answer {
    /// `550 5.1.1 no such user`, all lines in one.
    #[must_use]
    pub fn text(&self) -> String {
        self.lines.join(" ")
    }
}

impl Wire {
    pub fn new(socket: impl Socket + 'static) -> Wire {
        Wire {
            stream: BufReader::with_capacity(1024, Box::new(socket)),
        }
    }

    /// Goes on in TLS, with the certificate checked against `host`.
    ///
    /// # Errors
    /// A failed handshake; or bytes from before it, which are under nobody's certificate.
    pub async fn into_tls(self, host: &str, config: Arc<ClientConfig>) -> io::Result<Wire> {
        if self.has_unread() {
            return Err(io::Error::new(
                io::ErrorKind::InvalidData,
                "the server spoke before the TLS handshake",
            ));
        }
        let name = ServerName::try_from(host.to_owned()).map_err(io::Error::other)?;
        let stream = TlsConnector::from(config)
            .connect(name, self.stream.into_inner())
            .await?;
        Ok(Wire::new(stream))
    }

    /// Whether something has come that nobody has asked for yet.
    #[must_use]
    pub fn has_unread(&self) -> bool {
        !self.stream.buffer().is_empty()
    }

    /// # Errors
    /// When the stream is broken.
    pub async fn write(&mut self, lines: &str) -> io::Result<()> {
        self.stream.write_all(lines.as_bytes()).await?;
        self.stream.flush().await
    }

    /// Reads one reply. Not cancel-safe: after a time-out the wire must be dropped.
    ///
    /// # Errors
    /// The end of the stream, or bytes that are no SMTP reply.
    pub async fn answer(&mut self) -> io::Result<Answer> {
        let mut lines = Vec::new();
        let mut line = Vec::with_capacity(128);
        while lines.len() < MOST_LINES {
            line.clear();
            (&mut self.stream)
                .take(LONGEST_LINE)
                .read_until(b'\n', &mut line)
                .await?;
            if line.is_empty() {
                return Err(io::Error::new(
                    io::ErrorKind::UnexpectedEof,
                    "the server closed the connection",
                ));
            }
            let Some((code, more, text)) = parse(&line) else {
                return Err(no_reply(&line));
            };
            lines.push(text);
            if !more {
                return Ok(Answer { code, lines });
            }
        }
        Err(io::Error::new(io::ErrorKind::InvalidData, "an endless reply"))
    }

    /// Writes, then reads one reply.
    ///
    /// # Errors
    /// As [`Wire::write`] and [`Wire::answer`].
    pub async fn ask(&mut self, lines: &str) -> io::Result<Answer> {
        self.write(lines).await?;
        self.answer().await
    }
}

fn no_reply(line: &[u8]) -> io::Error {
    let text = String::from_utf8_lossy(line);
    let shown: String = text.trim_end().chars().take(80).collect();
    io::Error::new(io::ErrorKind::InvalidData, format!("no SMTP reply: {shown:?}"))
}

/// RFC 5321 §4.2: three digits, then a space, a hyphen or nothing. The text may be anything.
fn parse(line: &[u8]) -> Option<(u16, bool, String)> {
    let line = line.strip_suffix(b"\n")?;
    let line = line.strip_suffix(b"\r").unwrap_or(line);
    let (digits, rest) = line.split_at_checked(3)?;
    if !matches!(digits, [b'2'..=b'5', b'0'..=b'9', b'0'..=b'9']) {
        return None;
    }
    let code = digits
        .iter()
        .fold(0, |number, digit| number * 10 + u16::from(digit - b'0'));
    let more = match rest.first() {
        None | Some(b' ') => false,
        Some(b'-') => true,
        Some(_) => return None,
    };
    let text = String::from_utf8_lossy(rest.get(1..).unwrap_or_default());
    let text = text.chars().filter(|c| !c.is_control()).collect();
    Some((code, more, text))
}

#[cfg(test)]
mod tests {
    use super::parse;

    #[test]
    fn takes_what_servers_say() {
        let text = |t: &str| t.to_owned();
        assert_eq!(parse(b"250 ok\r\n"), Some((250, false, text("ok"))));
        assert_eq!(parse(b"250-more\n"), Some((250, true, text("more"))));
        assert_eq!(parse(b"250\r\n"), Some((250, false, text(""))));
        assert_eq!(parse(b"250 gr\xfcn\r\n"), Some((250, false, text("gr\u{fffd}n"))));
        assert_eq!(
            parse(b"550 \x1b[31mred\0\r\n"),
            Some((550, false, text("[31mred")))
        );
    }

    #[test]
    fn takes_nothing_else() {
        for line in [
            &b"250 cut off"[..],
            b"25\r\n",
            b"2500 x\r\n",
            b"650 x\r\n",
            b"ok\r\n",
            b"\r\n",
        ] {
            assert_eq!(parse(line), None);
        }
    }
}
