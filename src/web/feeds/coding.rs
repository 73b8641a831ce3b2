//! Content codings: which one a client takes, and how each is made. Knows nothing of documents.

use axum::http::{HeaderMap, HeaderValue, header};
use flate2::write::GzEncoder;
use std::io::{self, Read, Write};

/// A content coding, the one that is smallest for feeds first.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Coding {
    Brotli,
    Zstd,
    Gzip,
}

/// How an answer is coded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Choice {
    /// As it is.
    Identity,
    Coded(Coding),
    /// The client takes nothing that there is, not even the document as it is.
    Nothing,
}

/// A quality value in thousandths.
type Quality = u16;

const GZIP_LEVEL: u32 = 6;
const BROTLI_LEVEL: u32 = 5;
const ZSTD_LEVEL: i32 = 3;
/// Brotli looks back so far: 2^22 bytes, the largest window that every client must have.
const BROTLI_WINDOW: u32 = 22;
const BUFFER: usize = 32 * 1024;

impl Coding {
    pub(super) const ALL: [Coding; 3] = [Coding::Brotli, Coding::Zstd, Coding::Gzip];

    /// As headers call it.
    pub(super) fn name(self) -> &'static str {
        match self {
            Coding::Brotli => "br",
            Coding::Zstd => "zstd",
            Coding::Gzip => "gzip",
        }
    }

    pub(super) fn header(self) -> HeaderValue {
        HeaderValue::from_static(self.name())
    }

    /// Compresses all that is read. Takes a while: not for a thread that others wait for.
    ///
    /// # Errors
    /// Where it cannot be read.
    pub(super) fn compress(self, mut plain: impl Read) -> io::Result<Vec<u8>> {
        let mut coded = Vec::new();
        match self {
            Coding::Brotli => {
                let mut writer =
                    brotli::CompressorWriter::new(&mut coded, BUFFER, BROTLI_LEVEL, BROTLI_WINDOW);
                io::copy(&mut plain, &mut writer)?;
                writer.flush()?;
                drop(writer);
            }
            Coding::Zstd => {
                let mut writer = zstd::Encoder::new(&mut coded, ZSTD_LEVEL)?;
                io::copy(&mut plain, &mut writer)?;
                writer.finish()?;
            }
            Coding::Gzip => {
                let mut writer = GzEncoder::new(&mut coded, flate2::Compression::new(GZIP_LEVEL));
                io::copy(&mut plain, &mut writer)?;
                writer.finish()?;
            }
        }
        coded.shrink_to_fit();
        Ok(coded)
    }
}

/// What a client takes, by its `Accept-Encoding` (RFC 9110 §12.5.3). Parts that cannot be read are as
/// if they were not there.
pub(super) fn choose(asked: &HeaderMap) -> Choice {
    let mut named: [Option<Quality>; 3] = [None; 3];
    let (mut identity, mut any) = (None, None);
    for field in asked.get_all(header::ACCEPT_ENCODING) {
        let parts = field.to_str().unwrap_or_default().split(',');
        for (name, quality) in parts.filter_map(weighted) {
            match Coding::ALL.iter().position(|coding| is_called(*coding, name)) {
                Some(n) => named[n] = Some(quality),
                None if name.eq_ignore_ascii_case("identity") => identity = Some(quality),
                None if name == "*" => any = Some(quality),
                None => {}
            }
        }
    }
    let quality = |n: usize| named[n].or(any).unwrap_or(0);
    // Of those that are as good the first; `max_by_key` would give the last.
    let best = (0..Coding::ALL.len()).rev().max_by_key(|n| quality(*n));
    let best = best.filter(|n| quality(*n) > 0);
    match best {
        Some(n) if quality(n) >= identity.unwrap_or(0) => Choice::Coded(Coding::ALL[n]),
        _ if identity.or(any) == Some(0) => Choice::Nothing,
        _ => Choice::Identity,
    }
}

fn is_called(coding: Coding, name: &str) -> bool {
    let name = name.strip_prefix("x-").unwrap_or(name);
    name.eq_ignore_ascii_case(coding.name())
}

/// `gzip;q=0.5` as the name and 500.
fn weighted(part: &str) -> Option<(&str, Quality)> {
    let mut parameters = part.split(';').map(str::trim);
    let name = parameters.next().filter(|name| !name.is_empty())?;
    let quality = parameters.find_map(|parameter| {
        let (key, value) = parameter.split_once('=')?;
        key.trim().eq_ignore_ascii_case("q").then(|| value.trim())
    });
    match quality {
        None => Some((name, 1000)),
        Some(text) => {
            let quality: f32 = text.parse().ok()?;
            (0.0..=1.0)
                .contains(&quality)
                .then_some((name, (quality * 1000.0).round() as Quality))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn chosen(fields: &[&str]) -> String {
        let mut asked = HeaderMap::new();
        for field in fields {
            let value = HeaderValue::from_bytes(field.as_bytes()).unwrap();
            asked.append(header::ACCEPT_ENCODING, value);
        }
        match choose(&asked) {
            Choice::Identity => "identity".to_owned(),
            Choice::Coded(coding) => coding.name().to_owned(),
            Choice::Nothing => "nothing".to_owned(),
        }
    }

    #[test]
    fn what_a_client_takes() {
        assert_eq!(chosen(&[]), "identity");
        for (field, expected) in [
            ("", "identity"),
            ("gzip", "gzip"),
            ("x-gzip", "gzip"),
            ("GZIP", "gzip"),
            ("gzip, deflate, br, zstd", "br"),
            ("gzip, zstd", "zstd"),
            ("gzip;q=1.0, br;q=0.5", "gzip"),
            ("br;q=0.001, gzip;q=0", "br"),
            ("br;q=0, zstd; Q=0, *", "gzip"),
            ("*", "br"),
            ("*;q=0", "nothing"),
            ("identity;q=0", "nothing"),
            ("identity;q=0, gzip", "gzip"),
            ("identity;q=1, gzip;q=0.5", "identity"),
            ("identity;q=0.5, gzip;q=0.5", "gzip"),
            ("identity, *;q=0", "identity"),
            ("*;q=0, gzip;q=0.1", "gzip"),
            ("deflate, sdch", "identity"),
            ("gzip;q=2, br;q=-1, zstd;q=nan", "identity"),
            ("gzip;q=x", "identity"),
            (",;,q=1;gzip,,", "identity"),
            ("gz\u{e9}ip", "identity"),
        ] {
            assert_eq!(chosen(&[field]), expected, "{field:?}");
        }
        assert_eq!(
            chosen(&["gzip;q=0.5", "zstd;q=0.9"]),
            "zstd",
            "two fields are one list"
        );
    }

    proptest::proptest! {
        #[test]
        fn nothing_makes_it_panic(field in "[ -~]{0,60}") {
            chosen(&[&field]);
        }
    }

    #[test]
    fn others_can_read_what_is_made() {
        let plain = "one feed, and again one feed. ".repeat(5_000);
        let read = |coding: Coding| {
            let coded = coding.compress(plain.as_bytes()).unwrap();
            assert!(coded.len() < plain.len() / 20, "{coding:?}");
            let mut back = String::new();
            let coded = coded.as_slice();
            match coding {
                Coding::Brotli => brotli::Decompressor::new(coded, 4096).read_to_string(&mut back),
                Coding::Zstd => zstd::Decoder::new(coded).unwrap().read_to_string(&mut back),
                Coding::Gzip => flate2::read::GzDecoder::new(coded).read_to_string(&mut back),
            }
            .unwrap();
            back
        };
        for coding in Coding::ALL {
            assert_eq!(read(coding), plain, "{coding:?}");
        }
    }
}
