//! The head of a Markdown file and where it ends: YAML between `---`, TOML between `+++`, JSON between
//! `;;;` or as an object that begins the file, each of them also between `---` with its name, as in
//! `---json`. What its values mean is known by [`head`], what a generator calls them by
//! [`markdown`](super::markdown).

mod audio;
mod formats;
mod head;
pub(crate) mod keys;
mod shown;

pub(crate) use head::{Head, flag, scalar};
pub(crate) use shown::{is_built_nowhere, is_collection, is_unlisted};

use crate::problem::Problem;
use formats::{Format, count_lines};
use serde_json::{Map, Value};

/// The longest head that is read, in bytes. It is written by hand and seldom has more than a hundredth
/// of that; what is longer is a file whose second fence is missing, or is there to keep us busy.
const MAX_BYTES: usize = 1024 * 1024;

/// A Markdown file in its two parts.
#[derive(Debug)]
pub(crate) struct Split<'a> {
    pub(crate) head: Head,
    pub(crate) body: &'a str,
    /// The line of the file that the first line of the body is.
    pub(crate) body_line: u64,
}

/// The values of a document that is a head alone, by the extension of its file.
///
/// # Errors
/// It cannot be read: `front-matter`, with the line.
pub(crate) fn document(text: &str, extension: &str) -> Result<Map<String, Value>, Problem> {
    let format = match extension {
        "toml" => Format::Toml,
        "json" => Format::Json,
        _ => Format::Yaml,
    };
    format.values(text.trim_start_matches('\u{FEFF}'), 1)
}

/// What stands around a head.
struct Fence {
    begin: &'static str,
    end: &'static str,
    format: Format,
}

/// How a file with a head begins.
enum Opening {
    None,
    Fence(Fence),
    /// An object without any fence, as Hugo takes it.
    Object,
}

/// Parts a file into head and body. A file that begins with none of the fences has no head.
///
/// # Errors
/// A head that does not end, is too long, or cannot be read: `front-matter`, with the line.
pub(crate) fn split(file: &str) -> Result<Split<'_>, Problem> {
    let file = file.strip_prefix('\u{FEFF}').unwrap_or(file);
    // Blank lines before it are common, and no Markdown would begin with one on purpose.
    let start = file.trim_start_matches(['\n', '\r', ' ', '\t']);
    let skipped = count_lines(&file[..file.len() - start.len()]);
    match opening(start, skipped + 1)? {
        Opening::None => Ok(no_head(file)),
        Opening::Object => object(file, start, skipped),
        Opening::Fence(fence) => fenced(file, start, skipped, &fence),
    }
}

fn no_head(file: &str) -> Split<'_> {
    Split {
        head: Head::default(),
        body: file,
        body_line: 1,
    }
}

/// Tells the opening from the first line.
///
/// # Errors
/// A language that is none of those that can be read: `front-matter`.
fn opening(start: &str, line: u64) -> Result<Opening, Problem> {
    let first = start.lines().next().unwrap_or_default().trim_end();
    let fence = |begin, end, format| Ok(Opening::Fence(Fence { begin, end, format }));
    match first {
        "---" => fence("---", "---", Format::Yaml),
        "+++" => fence("+++", "+++", Format::Toml),
        ";;;" => fence(";;;", ";;;", Format::Json),
        _ if start.starts_with('{') && start[1..].trim_start().starts_with(['"', '}']) => Ok(Opening::Object),
        _ => match first.strip_prefix("---").map(str::trim_start) {
            Some("yaml" | "yml") => fence("---", "---", Format::Yaml),
            Some("json" | "json5") => fence("---", "---", Format::Json),
            Some("toml") => fence("---", "---", Format::Toml),
            Some(program @ ("js" | "javascript" | "coffee" | "coffeescript" | "ts")) => {
                let message = format!("the front matter is a program ({program}), which is not run");
                let hint = "write it as YAML, TOML or JSON";
                Err(Problem::error("front-matter", message).line(line).hint(hint))
            }
            _ => Ok(Opening::None),
        },
    }
}

fn fenced<'a>(file: &'a str, start: &'a str, skipped: u64, fence: &Fence) -> Result<Split<'a>, Problem> {
    let inner = start.find('\n').map_or("", |end| &start[end + 1..]);
    let Some((text, body)) = until_fence(inner, fence.end) else {
        // A rule as the very first line of a text that goes on is no head.
        if fence.format == Format::Yaml && !looks_like_yaml(inner) {
            return Ok(no_head(file));
        }
        return Err(Problem::error(
            "front-matter",
            format!("the front matter has no second {}", fence.end),
        )
        .line(skipped + 1)
        .hint(format!(
            "put a line {} after it; {} on the first line begins it",
            fence.end, fence.begin
        )));
    };
    head_and_body(file, text, body, skipped + 2, fence.format)
}

fn object<'a>(file: &'a str, start: &'a str, skipped: u64) -> Result<Split<'a>, Problem> {
    let Some((text, rest)) = formats::first_object(start, skipped + 1)? else {
        return Ok(no_head(file));
    };
    // With text on the line of its end it is a sentence about an object.
    let (line, body) = rest.split_once('\n').unwrap_or((rest, ""));
    if !line.trim().is_empty() {
        return Ok(no_head(file));
    }
    head_and_body(file, text, body, skipped + 1, Format::Json)
}

fn head_and_body<'a>(
    file: &'a str,
    text: &str,
    body: &'a str,
    first_line: u64,
    format: Format,
) -> Result<Split<'a>, Problem> {
    if text.len() > MAX_BYTES {
        let message = format!(
            "the front matter has {} KiB; at most {} are read",
            text.len() / 1024,
            MAX_BYTES / 1024
        );
        let hint = "shorten it; it goes on to the second fence, which may be missing";
        return Err(Problem::error("front-matter", message)
            .line(first_line)
            .hint(hint));
    }
    let head = Head::new(format.values(text, first_line)?, text, first_line);
    let before = &file[..file.len() - body.len()];
    Ok(Split {
        head,
        body,
        body_line: count_lines(before) + 1,
    })
}

/// Whether the first line that says something is a key with its value.
fn looks_like_yaml(text: &str) -> bool {
    let says = |line: &&str| !line.trim().is_empty() && !line.starts_with('#');
    let first = text.lines().take(20).find(says).unwrap_or_default();
    let key = first.split(':').next().unwrap_or_default();
    first.contains(':') && !key.is_empty() && key.chars().all(|c| c.is_alphanumeric() || "_-".contains(c))
}

fn until_fence<'a>(inner: &'a str, fence: &str) -> Option<(&'a str, &'a str)> {
    let mut at = 0;
    for line in inner.split_inclusive('\n') {
        let bare = line.trim_end();
        if bare == fence || (fence == "---" && bare == "...") {
            return Some((&inner[..at], &inner[at + line.len()..]));
        }
        at += line.len();
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_head_in_every_fence() {
        for file in [
            "---\ntitle: \"A: b\"\n---\nBody\n",
            "--- yaml\ntitle: 'A: b'\n...\nBody\n",
            "+++\ntitle = \"A: b\"\n+++\nBody\n",
            "---toml\ntitle = \"A: b\"\n---\nBody\n",
            "---json\n{\"title\": \"A: b\"}\n---\nBody\n",
            ";;;\n{\"title\": \"A: b\"}\n;;;\nBody\n",
            ";;;\n\"title\": \"A: b\"\n;;;\nBody\n",
            "{\n  \"title\": \"A: b\"\n}\nBody\n",
            "{\"title\": \"A: b\"}\nBody\n",
            "\u{FEFF}\n\n{ \"title\": \"A: b\" }  \r\nBody\n",
            "\u{FEFF}---\r\ntitle: 'A: b'\r\n---\r\nBody\n",
        ] {
            let split = split(file).unwrap();
            assert!(split.head.present, "{file:?}");
            assert_eq!(split.body, "Body\n", "{file:?}");
            assert_eq!(split.head.text(&["title"]).unwrap(), "A: b", "{file:?}");
            let before = &file[..file.len() - split.body.len()];
            assert_eq!(split.body_line, count_lines(before) + 1, "{file:?}");
        }
    }

    #[test]
    fn a_broken_head_is_named_with_its_line() {
        for (file, line) in [
            ("---\ntitle: a\nbad: [1, 2\n---\nBody\n", 3),
            ("---\ntitle: a: b\n---\n", 2),
            ("---\ntitle: a\nauthor:\n\tname: b\n---\n", 4),
            ("---\ntitle: a\ntitle: b\n---\n", 3),
            ("+++\ntitle = \"a\"\nbad = \n+++\n", 3),
            ("+++\ntitle = 'a'\ntitle = 'b'\n+++\n", 3),
            ("---\ntitle: a\n", 1),
            ("---\n# a comment\n\ntitle: a\n", 1),
            ("\n\n+++\ntitle = 'a'\n", 3),
            ("---\n- a\n- b\n---\n", 2),
            ("{\n  \"title\": \"a\",\n  \"b\": }\n", 3),
            ("\n{\n  \"title\": \"a\"\n", 2),
            (";;;\n{\n\"title\": a}\n;;;\n", 3),
            (";;;\n[1]\n;;;\n", 2),
            ("---js\n{title: 'a'}\n---\n", 1),
        ] {
            let problem = split(file).unwrap_err();
            assert_eq!(problem.code, "front-matter");
            assert_eq!(problem.line, Some(line), "{file:?}: {problem}");
            assert!(problem.hint.is_some(), "{file:?}: {problem}");
        }
    }

    #[test]
    fn a_file_without_a_head_is_all_body() {
        for file in [
            "Just text\n",
            "---\n\nA rule first.\n",
            "",
            "# Heading\n---\n",
            "{{< figure src=\"a.png\" >}}\n",
            "{% include a.html %}\n",
            "{: .no_toc}\n",
            "{\"a\": 1} is an object.\n",
            "--- a dash\n",
        ] {
            let split = split(file).unwrap();
            assert!(!split.head.present);
            assert_eq!(split.body, file);
        }
        assert!(split("---\n---\nBody").unwrap().head.present);
        assert_eq!(
            split("---\r\ntitle: a\r\n---\r\nBody\r\n").unwrap().body,
            "Body\r\n"
        );
    }

    #[test]
    fn a_head_that_would_exhaust_its_parser_is_refused_soon() {
        let mut bomb = "---\na0: &a0 [x, x, x, x, x, x, x, x, x]\n".to_owned();
        for n in 1..12 {
            let nine = vec![format!("*a{}", n - 1); 9].join(", ");
            bomb.push_str(&format!("a{n}: &a{n} [{nine}]\n"));
        }
        let deep = "[".repeat(100_000);
        for file in [
            format!("{bomb}---\nBody\n"),
            format!("---\na: {deep}\n---\n"),
            format!("+++\na = {deep}\n+++\n"),
            format!("{{\"a\": {deep}"),
            format!(";;;\n{deep}\n;;;\n"),
            format!("---\n{}: x\n---\n", "k".repeat(3_000_000)),
            format!("---\n{}---\n", "k: 1\n".repeat(500_000)),
            format!(
                "+++\n{}+++\n",
                (0..300_000).map(|n| format!("k{n} = 1\n")).collect::<String>()
            ),
            format!("---\n{}---\n", "- &a\n".repeat(20_000)),
            format!("---\na: {}\n---\n", "!".repeat(100_000)),
        ] {
            let began = std::time::Instant::now();
            let problem = split(&file).unwrap_err();
            assert_eq!(problem.code, "front-matter", "{}", &file[..20]);
            assert!(problem.to_string().len() < 500, "{problem}");
            assert!(began.elapsed().as_secs() < 5, "{}", &file[..20]);
        }
    }
}
