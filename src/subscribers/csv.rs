//! Lists of readers as the operator keeps them: CSV with a header. Pure.
//!
//! `email` is the only column that must be there; `name` and `digests` (with `;` between) may, and
//! any other is ignored. A line that cannot be used is a problem that names it; the others count.

use super::address::Address;
use crate::problem::Problem;
use csv::{ByteRecord, ReaderBuilder};
use std::collections::HashMap;
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

/// What a file holds.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct List {
    pub lines: Vec<Line>,
    pub problems: Vec<Problem>,
    /// Whether it is a list at all. Where not, nobody counts as taken out of it.
    pub usable: bool,
}

/// So many problems of a file are told one by one.
const TOLD: usize = 100;
/// The longest name, in characters.
const NAME: usize = 200;

/// Reads a list. `digests` are the names there are; a reader without a choice gets all.
#[must_use]
pub fn read(file: &str, bytes: &[u8], digests: &[String]) -> List {
    let mut list = List::default();
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    let mut reader = ReaderBuilder::new()
        .flexible(true)
        .trim(csv::Trim::All)
        .from_reader(bytes);
    let columns = match reader.byte_headers() {
        Ok(header) if header.is_empty() => return empty(list),
        Ok(header) => Columns::of(header),
        Err(error) => Err(error.to_string()),
    };
    let columns = match columns {
        Ok(columns) => columns,
        Err(why) => {
            list.problems.push(
                problem(
                    "subscriber-list",
                    file,
                    1,
                    format!("this is no list of readers: {why}"),
                )
                .hint("the first line names the columns, as email,name,digests; the text is UTF-8"),
            );
            return list;
        }
    };
    list.usable = true;
    let mut record = ByteRecord::new();
    let mut lines = Lines {
        bytes,
        at: 0,
        line: 1,
    };
    loop {
        match reader.read_byte_record(&mut record) {
            Ok(false) => break,
            Ok(true) => {
                let line = lines.of(&record);
                read_line(&mut list, (file, line), &columns, &record, digests);
            }
            Err(error) => {
                list.problems
                    .push(problem("subscriber-list", file, 1, error.to_string()));
                break;
            }
        }
    }
    shorten(&mut list.problems, file);
    list
}

/// A file without a line is a list of nobody.
fn empty(mut list: List) -> List {
    list.usable = true;
    list
}

struct Columns {
    email: usize,
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
        Ok(Columns {
            email: find("email").ok_or("no column is named email")?,
            name: find("name"),
            digests: find("digests"),
        })
    }
}

/// Counts lines as an editor does. The reader's own count is that of the line before, if lines end
/// with two characters or blank ones come between.
struct Lines<'a> {
    bytes: &'a [u8],
    at: usize,
    line: u64,
}

impl Lines<'_> {
    fn of(&mut self, record: &ByteRecord) -> u64 {
        let start = record
            .position()
            .and_then(|position| usize::try_from(position.byte()).ok())
            .unwrap_or(self.at);
        while let Some(&byte) = self.bytes.get(self.at) {
            if self.at >= start && byte != b'\r' && byte != b'\n' {
                break;
            }
            // The two characters of one line end count once.
            let ends = byte == b'\n' || (byte == b'\r' && self.bytes.get(self.at + 1) != Some(&b'\n'));
            self.line += u64::from(ends);
            self.at += 1;
        }
        self.line
    }
}

fn read_line(
    list: &mut List,
    (file, line): (&str, u64),
    columns: &Columns,
    record: &ByteRecord,
    digests: &[String],
) {
    if record.iter().all(<[u8]>::is_empty) {
        return;
    }
    match parse(columns, record, digests) {
        Err((code, message, hint)) => {
            list.problems.push(problem(code, file, line, message).hint(hint));
        }
        Ok((address, name, chosen)) => {
            for unknown in &chosen.unknown {
                let message = format!("there is no digest \"{unknown}\"");
                let hint = format!("there are: {}", digests.join(", "));
                list.problems
                    .push(problem("subscriber-digest", file, line, message).hint(hint));
            }
            if !chosen.known.is_empty() {
                list.lines.push(Line {
                    address,
                    name,
                    digests: chosen.known,
                    file: file.to_owned(),
                    line,
                });
            }
        }
    }
}

/// Code, message and hint of what is wrong with a line.
type Wrong = (&'static str, String, &'static str);

fn parse(
    columns: &Columns,
    record: &ByteRecord,
    digests: &[String],
) -> Result<(Address, String, Chosen), Wrong> {
    let email = field(record, Some(columns.email))?;
    let name = field(record, columns.name)?;
    let wanted = field(record, columns.digests)?;
    let address = Address::parse(email).map_err(|error| {
        (
            "subscriber-address",
            error.to_string(),
            "correct the address or take the line out",
        )
    })?;
    let name: String = name.chars().filter(|c| !c.is_control()).take(NAME).collect();
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

struct Chosen {
    known: Vec<String>,
    unknown: Vec<String>,
}

impl Chosen {
    fn of(text: &str, digests: &[String]) -> Chosen {
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
            chosen.known = digests.to_vec();
        }
        for name in wanted {
            match digests.iter().find(|digest| digest.eq_ignore_ascii_case(name)) {
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

fn shorten(problems: &mut Vec<Problem>, file: &str) {
    let more = problems.len().saturating_sub(TOLD);
    if more > 0 {
        problems.truncate(TOLD);
        problems.push(
            Problem::error("subscriber-list", format!("{more} more lines cannot be used"))
                .file(Path::new(file)),
        );
    }
}

/// One line for each reader: the first one that names them, in the order given. The others are told.
#[must_use]
pub fn merge(lines: Vec<Line>) -> (Vec<Line>, Vec<Problem>) {
    let mut first: HashMap<String, usize> = HashMap::new();
    let mut kept: Vec<Line> = Vec::with_capacity(lines.len());
    let mut repeated: HashMap<String, Vec<Problem>> = HashMap::new();
    let mut files = Vec::new();
    for line in lines {
        let key = line.address.key();
        if let Some(&place) = first.get(&key) {
            if !files.contains(&line.file) {
                files.push(line.file.clone());
            }
            let message = format!("{} is listed before, in {}", line.address, kept[place].place());
            repeated.entry(line.file.clone()).or_default().push(
                Problem::warning("subscriber-twice", message)
                    .file(Path::new(&line.file))
                    .line(line.line)
                    .hint("this line has no effect: take it out"),
            );
        } else {
            first.insert(key, kept.len());
            kept.push(line);
        }
    }
    let mut problems = Vec::new();
    for file in files {
        let mut told = repeated.remove(&file).unwrap_or_default();
        let more = told.len().saturating_sub(TOLD);
        told.truncate(TOLD);
        problems.extend(told);
        if more > 0 {
            let message = format!("{more} more lines name readers who are listed before");
            problems.push(Problem::warning("subscriber-twice", message).file(Path::new(&file)));
        }
    }
    (kept, problems)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn digests() -> Vec<String> {
        vec!["weekly".into(), "daily".into()]
    }

    fn readers(list: &List) -> Vec<(String, &str, &[String], u64)> {
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
    fn the_first_of_two_lines_counts() {
        let one = read("a.csv", b"email,name\nA@example.org,One\n", &digests());
        let two = read(
            "b.csv",
            b"email,name\na@Example.org,Two\nb@example.org,B\n",
            &digests(),
        );
        let (lines, problems) = merge([one.lines, two.lines].concat());
        let names: Vec<&str> = lines.iter().map(|line| line.name.as_str()).collect();
        assert_eq!(names, ["One", "B"]);
        assert_eq!(problems.len(), 1);
        assert_eq!(problems[0].code, "subscriber-twice");
        assert!(
            problems[0].message.ends_with("a.csv, line 2"),
            "{}",
            problems[0].message
        );
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
    }
}
