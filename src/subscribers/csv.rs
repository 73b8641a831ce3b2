//! Lists of readers as the operator keeps them: CSV with a header. Pure.
//!
//! `email` is the only column that must be there; `name` and `digests` (with `;` between) may, and
//! any other is ignored. A line that cannot be used is a problem that names it; the others count.

use super::address::Address;
use super::counted::Counted;
use crate::problem::Problem;
use csv::{ByteRecord, ReaderBuilder};
use std::io::{self, Read};
use std::path::Path;

/// A reader as a line of a list names them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line {
    pub address: Address,
    /// One line of text; empty: none is stated.
    pub name: String,
    /// Names of digests; never empty.
    pub digests: Vec<String>,
    /// The file as messages name it.
    pub file: String,
    /// Counted from 1.
    pub line: u64,
}

impl Line {
    /// `FILE, line N`, as the consent says it.
    #[must_use]
    pub fn place(&self) -> String {
        format!("{}, line {}", self.file, self.line)
    }
}

/// The file of a place that [`Line::place`] wrote.
#[must_use]
pub fn file_of(place: &str) -> &str {
    place.rsplit_once(", line ").map_or(place, |(file, _)| file)
}

/// What a file holds beside its lines.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct List {
    pub problems: Vec<Problem>,
    /// Whether it is a list at all. Where not, nobody counts as taken out of it.
    pub usable: bool,
}

/// So many problems of a file are told one by one.
const TOLD: usize = 100;
/// The longest name, in characters.
const NAME: usize = 200;

/// Reads a list from its start to its end, giving each line on as it comes: a list may be longer than
/// memory. `digests` are the names there are; a reader without a choice gets all.
///
/// # Errors
/// Where the input can be read no further.
pub fn read(file: &str, input: impl Read, digests: &[String], each: impl FnMut(Line)) -> io::Result<List> {
    let known = Digests {
        known: digests,
        unstated: digests,
    };
    let mut told = Told::default();
    let usable = read_all(file, input, &known, each, |problem| told.tell(problem))?;
    let more = |more| Problem::error("subscriber-list", format!("{more} more lines cannot be used"));
    Ok(List {
        problems: told.all(file, more),
        usable,
    })
}

/// The names of digests.
#[derive(Debug, Clone, Copy)]
pub struct Digests<'a> {
    /// All there are.
    pub known: &'a [String],
    /// What a reader gets who has no choice stated.
    pub unstated: &'a [String],
}

/// As [`read`], giving on every problem too: each line that is not blank has a reader, a problem or
/// both. Whether it is a list at all.
///
/// # Errors
/// Where the input can be read no further.
pub fn read_all(
    file: &str,
    input: impl Read,
    digests: &Digests<'_>,
    mut each: impl FnMut(Line),
    mut tell: impl FnMut(Problem),
) -> io::Result<bool> {
    let mut reader = ReaderBuilder::new()
        .flexible(true)
        .trim(csv::Trim::All)
        .from_reader(Counted::new(input));
    let columns = match reader.byte_headers().map(Columns::of) {
        Ok(columns) => columns,
        Err(error) => Err(unreadable(error)?),
    };
    let columns = match columns {
        Ok(columns) => columns,
        Err(why) => {
            tell(no_list(file, &why));
            return Ok(false);
        }
    };
    let mut record = ByteRecord::new();
    loop {
        match reader.read_byte_record(&mut record) {
            Ok(false) => break,
            Ok(true) => {
                let start = record.position().map_or(0, csv::Position::byte);
                let line = reader.get_mut().line_at(start);
                read_line(&mut tell, (file, line), &columns, &record, digests).map(&mut each);
            }
            Err(error) => {
                tell(problem("subscriber-list", file, 1, unreadable(error)?));
                break;
            }
        }
    }
    Ok(true)
}

/// What is wrong with the text; it is an error where there is none to be had.
fn unreadable(error: csv::Error) -> io::Result<String> {
    let text = error.to_string();
    match error.into_kind() {
        csv::ErrorKind::Io(error) => Err(error),
        _ => Ok(text),
    }
}

fn no_list(file: &str, why: &str) -> Problem {
    let message = format!("this is no list of readers: {why}");
    problem("subscriber-list", file, 1, message)
        .hint("the first line names the columns, as email,name,digests; the text is UTF-8")
}

struct Columns {
    /// `None`: a file without a line, which is a list of nobody.
    email: Option<usize>,
    name: Option<usize>,
    digests: Option<usize>,
}

impl Columns {
    fn of(header: &ByteRecord) -> Result<Columns, String> {
        let find = |name: &str| {
            header
                .iter()
                .position(|column| column.eq_ignore_ascii_case(name.as_bytes()))
        };
        let email = find("email");
        if email.is_none() && !header.is_empty() {
            return Err("no column is named email".to_owned());
        }
        Ok(Columns {
            email,
            name: find("name"),
            digests: find("digests"),
        })
    }
}

fn read_line(
    tell: &mut impl FnMut(Problem),
    (file, line): (&str, u64),
    columns: &Columns,
    record: &ByteRecord,
    digests: &Digests<'_>,
) -> Option<Line> {
    if record.iter().all(<[u8]>::is_empty) {
        return None;
    }
    let (address, name, chosen) = match parse(columns, record, digests) {
        Ok(parsed) => parsed,
        Err((code, message, hint)) => {
            tell(problem(code, file, line, message).hint(hint));
            return None;
        }
    };
    for unknown in &chosen.unknown {
        let message = format!("there is no digest \"{unknown}\"");
        let hint = format!("there are: {}", digests.known.join(", "));
        tell(problem("subscriber-digest", file, line, message).hint(hint));
    }
    (!chosen.known.is_empty()).then(|| Line {
        address,
        name,
        digests: chosen.known,
        file: file.to_owned(),
        line,
    })
}

/// Code, message and hint of what is wrong with a line.
type Wrong = (&'static str, String, &'static str);

fn parse(
    columns: &Columns,
    record: &ByteRecord,
    digests: &Digests<'_>,
) -> Result<(Address, String, Chosen), Wrong> {
    let email = field(record, columns.email)?;
    let name = field(record, columns.name)?;
    let wanted = field(record, columns.digests)?;
    let address = Address::parse(unguarded(email)).map_err(|error| {
        (
            "subscriber-address",
            error.to_string(),
            "correct the address or take the line out",
        )
    })?;
    let name: String = unguarded(name)
        .chars()
        .filter(|c| !c.is_control())
        .take(NAME)
        .collect();
    Ok((address, name, Chosen::of(wanted, digests)))
}

/// One field as text; empty where the line ends before it.
fn field(record: &ByteRecord, column: Option<usize>) -> Result<&str, Wrong> {
    let bytes = column.and_then(|column| record.get(column)).unwrap_or_default();
    let text = std::str::from_utf8(bytes).map_err(|_| {
        (
            "subscriber-text",
            "this line is no UTF-8".to_owned(),
            "save the file as UTF-8",
        )
    })?;
    if text.contains(['\n', '\r']) {
        return Err((
            "subscriber-text",
            "a field goes over several lines".to_owned(),
            "a quotation mark that is opened and not closed takes in all lines after it",
        ));
    }
    Ok(text)
}

/// A field as it goes into a list. One that a spreadsheet would take for a formula begins with a `'`,
/// and so does one that is so already: [`read`] takes one away again.
#[must_use]
pub fn guarded(field: &str) -> std::borrow::Cow<'_, str> {
    match looks_like_formula(field) {
        true => format!("'{field}").into(),
        false => field.into(),
    }
}

fn unguarded(field: &str) -> &str {
    field
        .strip_prefix('\'')
        .filter(|rest| looks_like_formula(rest))
        .unwrap_or(field)
}

fn looks_like_formula(field: &str) -> bool {
    field.trim_start_matches('\'').starts_with(['=', '+', '-', '@'])
}

/// A list as [`read`] takes it: the header, or a reader's line, with its line end.
#[must_use]
pub fn line(fields: [&str; 3]) -> String {
    let mut writer = csv::WriterBuilder::new().from_writer(Vec::new());
    let fields = fields.map(guarded);
    // Writing to memory does not fail.
    let _ = writer.write_record(fields.iter().map(|field| field.as_bytes()));
    let bytes = writer.into_inner().unwrap_or_default();
    String::from_utf8(bytes).unwrap_or_default()
}

struct Chosen {
    known: Vec<String>,
    unknown: Vec<String>,
}

impl Chosen {
    fn of(text: &str, digests: &Digests<'_>) -> Chosen {
        let mut chosen = Chosen {
            known: Vec::new(),
            unknown: Vec::new(),
        };
        let wanted: Vec<&str> = text
            .split(';')
            .map(str::trim)
            .filter(|name| !name.is_empty())
            .collect();
        if wanted.is_empty() {
            chosen.known = digests.unstated.to_vec();
        }
        for name in wanted {
            match digests
                .known
                .iter()
                .find(|digest| digest.eq_ignore_ascii_case(name))
            {
                Some(digest) if !chosen.known.contains(digest) => chosen.known.push(digest.clone()),
                Some(_) => {}
                None => chosen
                    .unknown
                    .push(name.chars().filter(|c| !c.is_control()).take(80).collect()),
            }
        }
        chosen
    }
}

fn problem(code: &'static str, file: &str, line: u64, message: String) -> Problem {
    Problem::error(code, message).file(Path::new(file)).line(line)
}

/// Problems of a file: the first hundred one by one, the others as a number.
#[derive(Debug, Default)]
pub(super) struct Told {
    problems: Vec<Problem>,
    more: usize,
}

impl Told {
    pub(super) fn tell(&mut self, problem: Problem) {
        if self.problems.len() < TOLD {
            self.problems.push(problem);
        } else {
            self.more += 1;
        }
    }

    /// `more` says what is not told one by one.
    pub(super) fn all(mut self, file: &str, more: impl Fn(usize) -> Problem) -> Vec<Problem> {
        if self.more > 0 {
            self.problems.push(more(self.more).file(Path::new(file)));
        }
        self.problems
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn digests() -> Vec<String> {
        vec!["weekly".into(), "daily".into()]
    }

    /// All of a list.
    struct Whole {
        lines: Vec<Line>,
        problems: Vec<Problem>,
        usable: bool,
    }

    fn read(file: &str, bytes: &[u8], digests: &[String]) -> Whole {
        let mut lines = Vec::new();
        let List { problems, usable } = super::read(file, bytes, digests, |line| lines.push(line)).unwrap();
        Whole {
            lines,
            problems,
            usable,
        }
    }

    /// Gives a byte at a time.
    struct Slow<'a>(&'a [u8]);

    impl Read for Slow<'_> {
        fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
            let most = buffer.len().min(1);
            self.0.read(&mut buffer[..most])
        }
    }

    fn readers(list: &Whole) -> Vec<(String, &str, &[String], u64)> {
        list.lines
            .iter()
            .map(|line| {
                (
                    line.address.to_string(),
                    line.name.as_str(),
                    line.digests.as_slice(),
                    line.line,
                )
            })
            .collect()
    }

    #[test]
    fn a_list_has_names_and_digests_or_neither() {
        let text = "\u{feff}Name, EMAIL ,digests,shoe size\r\n\
                    \"Ann, B.\",ann@example.org,weekly; daily,38\r\n\
                    ,bob@example.org\r\n\
                    Zoë,zoe@example.org,Weekly,\r\n";
        let list = read("readers.csv", text.as_bytes(), &digests());
        assert_eq!(list.problems, []);
        assert_eq!(
            readers(&list),
            [
                ("ann@example.org".to_owned(), "Ann, B.", &digests()[..], 2),
                ("bob@example.org".to_owned(), "", &digests()[..], 3),
                ("zoe@example.org".to_owned(), "Zoë", &["weekly".to_owned()][..], 4),
            ]
        );
        assert_eq!(list.lines[1].place(), "readers.csv, line 3");
        assert_eq!(file_of(&list.lines[1].place()), "readers.csv");
    }

    #[test]
    fn every_line_end_counts() {
        let list = read(
            "r.csv",
            b"\r\n\r\nemail\r\na@example.org\r\n\r\n\"b@example.org\"\r\n",
            &digests(),
        );
        let lines: Vec<u64> = list.lines.iter().map(|line| line.line).collect();
        assert_eq!(lines, [4, 6]);
        let list = read("r.csv", b"email\ra@example.org\rb@example.org", &digests());
        let lines: Vec<u64> = list.lines.iter().map(|line| line.line).collect();
        assert_eq!(lines, [2, 3]);
    }

    #[test]
    fn blank_lines_count_for_numbers_alone() {
        let list = read("r.csv", b"email\n\n\na@example.org\n,\nb@example.org", &digests());
        assert_eq!(list.problems, []);
        let lines: Vec<u64> = list.lines.iter().map(|line| line.line).collect();
        assert_eq!(lines, [4, 6]);
    }

    #[test]
    fn a_bad_line_is_named_and_the_others_count() {
        let text = b"email,name,digests\n\
            not an address,X,\n\
            a@example.org,Caf\xe9,\n\
            b@example.org,B,monthly;weekly\n\
            c@example.org,C,monthly\n\
            d@example.org,D,\n";
        let list = read("r.csv", text, &digests());
        let told: Vec<(&str, Option<u64>)> = list.problems.iter().map(|p| (p.code, p.line)).collect();
        assert_eq!(
            told,
            [
                ("subscriber-address", Some(2)),
                ("subscriber-text", Some(3)),
                ("subscriber-digest", Some(4)),
                ("subscriber-digest", Some(5)),
            ]
        );
        let kept: Vec<String> = list.lines.iter().map(|line| line.address.to_string()).collect();
        assert_eq!(kept, ["b@example.org", "d@example.org"]);
    }

    #[test]
    fn a_quotation_mark_left_open_is_told() {
        let list = read(
            "r.csv",
            b"email,name\na@example.org,\"Ann\nb@example.org,Bob\n",
            &digests(),
        );
        assert_eq!(list.lines, []);
        assert_eq!(list.problems[0].code, "subscriber-text");
        assert_eq!(list.problems[0].line, Some(2));
    }

    #[test]
    fn what_has_no_email_column_is_no_list() {
        for text in [
            &b"email;name\na@example.org;A\n"[..],
            b"\xff\xfee\0m\0",
            b"a@example.org\n",
        ] {
            let list = read("r.csv", text, &digests());
            assert!(!list.usable && list.lines.is_empty(), "{text:?}");
            assert_eq!(list.problems[0].code, "subscriber-list");
        }
        assert!(read("r.csv", b"", &digests()).usable);
    }

    #[test]
    fn a_thousand_bad_lines_are_not_told_one_by_one() {
        let text = format!("email\n{}", "x\n".repeat(1000));
        let list = read("r.csv", text.as_bytes(), &digests());
        assert_eq!(list.problems.len(), TOLD + 1);
        assert_eq!(list.problems[TOLD].message, "900 more lines cannot be used");
    }

    #[test]
    fn an_input_that_breaks_off_is_an_error() {
        struct Broken;
        impl Read for Broken {
            fn read(&mut self, _: &mut [u8]) -> io::Result<usize> {
                Err(io::Error::other("gone"))
            }
        }
        let header = &b"email\na@example.org\n"[..];
        let mut lines = 0;
        let error = super::read("r.csv", header.chain(Broken), &digests(), |_| lines += 1).unwrap_err();
        assert_eq!((error.to_string().as_str(), lines), ("gone", 1));
        assert!(super::read("r.csv", Broken, &digests(), |_| {}).is_err());
    }

    proptest! {
        #[test]
        fn any_bytes_are_read_to_their_end(bytes in proptest::collection::vec(any::<u8>(), 0..400)) {
            let text = [b"email,name,digests\n".as_slice(), &bytes].concat();
            for line in read("r.csv", &text, &digests()).lines {
                prop_assert!(!line.digests.is_empty() && !line.name.chars().any(char::is_control));
            }
            let _ = read("r.csv", &bytes, &digests());
        }

        #[test]
        fn lines_are_counted_whatever_comes_at_a_time(breaks in "(a@x\\.org|,|\"|\r|\n|\r\n){0,40}") {
            let text = format!("email,name\n{breaks}");
            let (mut fast, mut slow) = (Vec::new(), Vec::new());
            let one = super::read("r.csv", text.as_bytes(), &digests(), |line| fast.push(line)).unwrap();
            let other = super::read("r.csv", Slow(text.as_bytes()), &digests(), |line| slow.push(line)).unwrap();
            prop_assert_eq!((fast, one), (slow, other));
        }
    }

    proptest! {
        #[test]
        fn what_is_written_is_read_back(
            local in "['=+a-z-][a-z'=+-]{0,8}[a-z]",
            name in "['=+@,;\"a-zé-]{0,12}",
        ) {
            let email = format!("{local}@example.org");
            prop_assume!(Address::parse(&email).is_ok());
            let text = line(["email", "name", "digests"]) + &line([&email, &name, "weekly;daily"]);
            let list = read("r.csv", text.as_bytes(), &digests());
            prop_assert_eq!(&list.problems, &[]);
            prop_assert_eq!(list.lines[0].address.to_string(), email);
            prop_assert_eq!(&list.lines[0].name, &name);
            prop_assert_eq!(&list.lines[0].digests, &digests());
            let first = text.lines().nth(1).unwrap().trim_start_matches('"');
            prop_assert!(!first.starts_with(['=', '+', '-', '@']));
        }
    }
}
