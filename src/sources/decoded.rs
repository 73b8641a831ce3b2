//! A long document as UTF-8, a piece at a time: an export may be larger than what memory should hold.

use encoding_rs::{Decoder, Encoding, UTF_8, WINDOWS_1252};
use std::io::{self, BufRead, Read, Seek, SeekFrom};

/// How much is read and decoded at once, in bytes.
const PIECE: usize = 64 * 1024;
/// How far into a document its declaration is looked for, in bytes.
const PRESCAN: usize = 1024;

/// Counts lines, and refuses to go on where too much came without a mark of the reader's.
pub(crate) struct Decoded<R> {
    input: R,
    decoder: Decoder,
    raw: Vec<u8>,
    /// Of `raw`: what is not decoded yet begins here.
    start: usize,
    ready: String,
    /// Of `ready`: what is not taken yet begins here.
    at: usize,
    ended: bool,
    line: u64,
    since: usize,
    most: usize,
}

impl<R: Read + Seek> Decoded<R> {
    /// By its byte order mark, else UTF-8 if it is, else what it says, else windows-1252. `most` is the
    /// most bytes between two marks.
    ///
    /// # Errors
    /// As the input says.
    pub(crate) fn new(mut input: R, most: usize) -> io::Result<Decoded<R>> {
        let encoding = encoding(&mut input)?;
        input.seek(SeekFrom::Start(0))?;
        Ok(Decoded {
            input,
            decoder: encoding.new_decoder(),
            raw: Vec::new(),
            start: 0,
            ready: String::new(),
            at: 0,
            ended: false,
            line: 1,
            since: 0,
            most,
        })
    }
}

impl<R> Decoded<R> {
    /// The line that was read up to, counted from 1.
    pub(crate) fn line(&self) -> u64 {
        self.line
    }

    /// Something came to its end, and need not be kept any more.
    pub(crate) fn mark(&mut self) {
        self.since = 0;
    }
}

impl<R: Read> Decoded<R> {
    fn refill(&mut self) -> io::Result<()> {
        self.ready.clear();
        self.at = 0;
        while self.ready.is_empty() && !self.ended {
            if self.start == self.raw.len() {
                self.raw.resize(PIECE, 0);
                let read = self.input.read(&mut self.raw)?;
                self.raw.truncate(read);
                self.start = 0;
            }
            let last = self.raw.is_empty();
            self.ready.reserve(PIECE);
            let (result, read, _) =
                self.decoder
                    .decode_to_string(&self.raw[self.start..], &mut self.ready, last);
            self.start += read;
            self.ended = last && result == encoding_rs::CoderResult::InputEmpty;
        }
        Ok(())
    }
}

impl<R: Read> BufRead for Decoded<R> {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        if self.since > self.most {
            return Err(io::Error::other(format!(
                "more than {} MiB in one piece",
                self.most >> 20
            )));
        }
        if self.at == self.ready.len() {
            self.refill()?;
        }
        Ok(&self.ready.as_bytes()[self.at..])
    }

    fn consume(&mut self, amount: usize) {
        let end = (self.at + amount).min(self.ready.len());
        let taken = &self.ready.as_bytes()[self.at..end];
        self.line += taken.iter().filter(|byte| **byte == b'\n').count() as u64;
        self.since += taken.len();
        self.at = end;
    }
}

impl<R: Read> Read for Decoded<R> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let ready = self.fill_buf()?;
        let length = ready.len().min(into.len());
        into[..length].copy_from_slice(&ready[..length]);
        self.consume(length);
        Ok(length)
    }
}

fn encoding(input: &mut (impl Read + Seek)) -> io::Result<&'static Encoding> {
    let mut head = Vec::new();
    input.by_ref().take(PRESCAN as u64).read_to_end(&mut head)?;
    if let Some((encoding, _)) = Encoding::for_bom(&head) {
        return Ok(encoding);
    }
    let declared = declared(&head).filter(|encoding| *encoding != UTF_8);
    input.seek(SeekFrom::Start(0))?;
    let (good, bad) = count(input)?;
    Ok(match declared {
        _ if bad == 0 || good > bad * 4 => UTF_8,
        Some(encoding) => encoding,
        None => WINDOWS_1252,
    })
}

/// How many characters beyond ASCII are UTF-8, and how many bytes are none.
fn count(input: &mut impl Read) -> io::Result<(u64, u64)> {
    let (mut good, mut bad) = (0, 0);
    let mut rest = Vec::new();
    loop {
        let before = rest.len();
        rest.resize(before + PIECE, 0);
        let read = input.read(&mut rest[before..])?;
        rest.truncate(before + read);
        let mut kept = Vec::new();
        let mut chunks = rest.utf8_chunks().peekable();
        while let Some(chunk) = chunks.next() {
            good += chunk.valid().chars().filter(|c| !c.is_ascii()).count() as u64;
            match chunks.peek() {
                // A character that is cut by the end of the piece.
                None if read > 0 && chunk.invalid().len() < 4 => kept = chunk.invalid().to_vec(),
                _ => bad += chunk.invalid().len() as u64,
            }
        }
        rest = kept;
        if read == 0 {
            return Ok((good, bad));
        }
    }
}

/// What `<?xml … encoding="…"?>` says, as far as it can be true: it was read as ASCII.
fn declared(head: &[u8]) -> Option<&'static Encoding> {
    let head = String::from_utf8_lossy(head).to_ascii_lowercase();
    let declaration = head.split_once("<?xml")?.1.split_once("?>")?.0;
    let value = declaration.split_once("encoding")?.1;
    let label = value.trim_start_matches([' ', '\t', '\r', '\n', '=', '"', '\'']);
    let end = label.find(['"', '\'', ' ']).unwrap_or(label.len());
    Encoding::for_label(&label.as_bytes()[..end]).filter(|encoding| encoding.is_ascii_compatible())
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Cursor;

    fn read(bytes: &[u8]) -> String {
        let mut text = String::new();
        Decoded::new(Cursor::new(bytes), usize::MAX)
            .unwrap()
            .read_to_string(&mut text)
            .unwrap();
        text
    }

    #[test]
    fn each_encoding_is_read_whatever_is_said() {
        assert_eq!(read(b"\xEF\xBB\xBFabc"), "abc");
        assert_eq!(
            read("<?xml encoding='latin1'?>Größe".as_bytes()),
            "<?xml encoding='latin1'?>Größe"
        );
        assert!(read(b"<?xml version='1.0' encoding='utf-8'?>Gr\xF6\xDFe").ends_with("Größe"));
        assert!(read(b"<?xml encoding=\"windows-1251\"?>\xCF\xF0\xE8").ends_with("При"));
        let wide: Vec<u8> = "\u{FEFF}Größe"
            .encode_utf16()
            .flat_map(u16::to_le_bytes)
            .collect();
        assert_eq!(read(&wide), "Größe");
        // A character that lies on the border of two pieces.
        let long = format!("{}ä", "x".repeat(PIECE - 1)).repeat(3);
        assert_eq!(read(long.as_bytes()), long);
        assert_eq!(
            read("äöüß ä".as_bytes().repeat(9).as_slice())
                .matches('ä')
                .count(),
            18
        );
    }

    #[test]
    fn lines_are_counted_and_no_piece_is_endless() {
        let mut decoded = Decoded::new(Cursor::new("a\nb\nc".repeat(PIECE)), 2 * PIECE).unwrap();
        let error = io::copy(&mut decoded, &mut io::sink()).unwrap_err();
        assert!(error.to_string().contains("MiB"), "{error}");
        decoded.mark();
        assert!(decoded.fill_buf().is_ok());
        assert!(decoded.line() > 50_000);
    }
}
