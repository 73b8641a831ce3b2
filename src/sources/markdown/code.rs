//! Where code stands in a Markdown text: for those who must not look into it.

/// How far apart the backticks of a code span may stand.
const SPAN_BYTES: usize = 16 * 1024;

/// A piece of code: its content, and where what follows it begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Code {
    pub(super) start: usize,
    pub(super) end: usize,
    pub(super) after: usize,
}

/// The fenced code that begins at the start of a line; its last line break belongs to what follows.
/// One that is left open goes to the end.
pub(super) fn fenced(text: &str, at: usize) -> Option<Code> {
    let rest = &text[at..];
    let (line, below) = rest.split_once('\n').unwrap_or((rest, ""));
    let inner = line.trim_start_matches(|c: char| c.is_ascii_digit() || " \t>-*+.)".contains(c));
    let mark = inner.chars().next().filter(|c| matches!(c, '`' | '~'))?;
    let length = inner.len() - inner.trim_start_matches(mark).len();
    if length < 3 || (mark == '`' && inner[length..].contains('`')) {
        return None;
    }
    let start = text.len() - below.len();
    let mut end = start;
    for line in below.split_inclusive('\n') {
        let bare = line.trim_matches([' ', '\t', '>', '\r', '\n']);
        if bare.len() >= length && bare.chars().all(|c| c == mark) {
            let after = end + line.len() - usize::from(line.ends_with('\n'));
            return Some(Code { start, end, after });
        }
        end += line.len();
    }
    let after = end;
    Some(Code { start, end, after })
}

/// Finds indented code, asked line by line. Where a list, a tag or the like is open, what is indented
/// may belong to that, and is taken for no code.
#[derive(Debug, Default)]
pub(super) struct Indented {
    in_paragraph: bool,
    in_other: bool,
}

impl Indented {
    /// The line that begins here, if it is indented code.
    pub(super) fn at(&mut self, text: &str, at: usize) -> Option<Code> {
        let line = text[at..].split('\n').next().unwrap_or_default();
        let bare = line.trim_start_matches(' ');
        let indent = line.len() - bare.len();
        if bare.trim().is_empty() {
            self.in_paragraph = false;
            return None;
        }
        if indent >= 4 || bare.starts_with('\t') {
            let end = at + line.len();
            let (start, after) = (at, end);
            return (!self.in_paragraph && !self.in_other).then_some(Code { start, end, after });
        }
        if is_opening(bare) {
            self.in_other = true;
        } else if !self.in_paragraph && indent == 0 {
            self.in_other = false;
        }
        self.in_paragraph = true;
        None
    }
}

/// Where a backslash ends with the character that it takes its meaning from.
pub(super) fn escaped_end(text: &str, at: usize) -> usize {
    let next = text[at + 1..].chars().next().filter(|c| *c != '\n');
    at + 1 + next.map_or(0, char::len_utf8)
}

/// Whether a line begins an item of a list, a note, a definition, a tag or an element.
fn is_opening(line: &str) -> bool {
    let number = line.trim_start_matches(|c: char| c.is_ascii_digit());
    let item = |rest: &str, marks: &str| {
        let mut chars = rest.chars();
        chars.next().is_some_and(|c| marks.contains(c)) && chars.next().is_none_or(char::is_whitespace)
    };
    item(line, "-*+:~")
        || (number.len() < line.len() && item(number, ".)"))
        || line.starts_with("[^")
        || line.starts_with(['{', '<', '!', '?', '='])
}

/// Finds code spans; knows for what it has looked in vain.
#[derive(Debug, Default)]
pub(super) struct Spans {
    /// For a number of backticks, up to where no such run follows.
    unmatched: Vec<(usize, usize)>,
}

impl Spans {
    /// The code span that begins at a backtick, or where what is none ends.
    pub(super) fn at(&mut self, text: &str, at: usize) -> Result<Code, usize> {
        let bytes = text.as_bytes();
        let run = |at: usize| bytes[at..].iter().take_while(|byte| **byte == b'`').count();
        let length = run(at);
        let start = at + length;
        let mut known = self.unmatched.iter();
        if known.any(|(n, until)| *n == length && start < *until) {
            return Err(start);
        }
        let limit = (start + SPAN_BYTES).min(bytes.len());
        let mut end = start;
        while end < limit {
            match bytes[end] {
                b'`' if run(end) == length => {
                    let after = end + length;
                    return Ok(Code { start, end, after });
                }
                b'`' => end += run(end),
                b'\n' if bytes[end + 1..].first().is_none_or(|byte| *byte == b'\n') => break,
                _ => end += 1,
            }
        }
        self.unmatched.retain(|(n, _)| *n != length);
        self.unmatched.push((length, end));
        Err(start)
    }

    /// Where the code span that begins at a backtick ends, or what is none.
    pub(super) fn end(&mut self, text: &str, at: usize) -> usize {
        self.at(text, at).map_or_else(|end| end, |code| code.after)
    }
}
