//! Markdown with JSX in it, as Astro has it: imports, exports, components and expressions are a
//! program. They are named and left out; the text between a component's tags stays.

use super::code::{self, Spans};
use super::context::Context;
use super::jsx::{self, Element};
use super::left_out::LeftOut;
use super::templates;
use crate::problem::Problem;
use std::borrow::Cow;

/// The text as Markdown, and what was left out of it. `first_line` is the line of the file it begins on.
pub(super) fn run<'a>(text: &'a str, first_line: u64, context: &Context) -> (Cow<'a, str>, Vec<Problem>) {
    let mut reader = Reader {
        text,
        context,
        at: 0,
        out: String::with_capacity(text.len()),
        left_out: LeftOut::new(text, first_line),
        spans: Spans::default(),
        open: Vec::new(),
        wasted: 0,
    };
    reader.run();
    (Cow::Owned(reader.out), reader.left_out.warnings())
}

/// So much may be looked through for ends that are not there.
const WASTED_BYTES: usize = 16 * 1024 * 1024;

struct Reader<'a, 'c> {
    text: &'a str,
    context: &'c Context<'c>,
    at: usize,
    out: String,
    left_out: LeftOut<'a>,
    spans: Spans,
    /// The components that are open: how far their content is indented, once that is known. Indented
    /// text is no code in this dialect.
    open: Vec<Option<usize>>,
    wasted: usize,
}

impl Reader<'_, '_> {
    fn run(&mut self) {
        self.line();
        while let Some(found) = self.text.as_bytes()[self.at..]
            .iter()
            .position(|byte| matches!(byte, b'\n' | b'`' | b'{' | b'<' | b'\\'))
        {
            self.copy(self.at + found);
            match self.text.as_bytes()[self.at] {
                b'\n' => {
                    self.copy(self.at + 1);
                    self.line();
                }
                b'`' => {
                    let end = self.spans.end(self.text, self.at);
                    self.copy(end);
                }
                b'\\' => self.copy(code::escaped_end(self.text, self.at)),
                b'{' => self.expression(),
                _ => self.element(),
            }
        }
        self.copy(self.text.len());
    }

    /// What was passed over stays.
    fn copy(&mut self, end: usize) {
        self.out.push_str(&self.text[self.at..end]);
        self.at = end;
    }

    /// At the start of a line: takes the indentation off, and passes over what fills whole lines.
    fn line(&mut self) {
        loop {
            self.indentation();
            if let Some(code) = code::fenced(self.text, self.at) {
                while let Some(end) = self.text[self.at..code.after].find('\n') {
                    self.copy(self.at + end + 1);
                    self.indentation();
                }
                self.copy(code.after.max(self.at));
                return;
            }
            let Some(word) = ["import ", "export "]
                .into_iter()
                .find(|word| self.text[self.at..].starts_with(word))
            else {
                return;
            };
            let end = statement_end(self.text, self.at);
            self.left_out.name(&format!("the {word}of a program"), self.at);
            self.at = end;
            if end == self.text.len() {
                return;
            }
        }
    }

    fn indentation(&mut self) {
        let Some(indent) = self.open.last_mut() else {
            return;
        };
        let rest = &self.text[self.at..];
        let blank = rest.len() - rest.trim_start_matches([' ', '\t']).len();
        if rest[blank..].starts_with(['\n', '\r']) {
            return;
        }
        self.at += blank.min(*indent.get_or_insert(blank));
    }

    fn expression(&mut self) {
        let glued = self.out.ends_with(['^', '_', '}', '\\']) || ends_with_command(&self.out);
        let Some(end) = self.bounded(jsx::expression_end) else {
            return self.copy(self.at + 1);
        };
        let inner = self.text[self.at + 1..end - 1].trim();
        if let Some(comment) = inner.strip_prefix("/*").and_then(|rest| rest.strip_suffix("*/")) {
            if matches!(comment.trim().to_ascii_lowercase().as_str(), "more" | "excerpt") {
                self.out.push_str("<!--more-->");
            }
        } else if let Some(text) = jsx::literal(inner) {
            self.out.push_str(&templates::escape(text));
        } else if let Some(text) = self.of_head(inner) {
            self.out.push_str(&templates::escape(&text));
        } else if glued || is_heading_id(inner) {
            // A formula, or what a heading is called by.
            return self.copy(end);
        } else {
            let shown = crate::articles::text::first_words(inner, 60);
            self.left_out.name(&format!("{{{shown}}}"), self.at);
        }
        self.at = end;
    }

    /// `frontmatter.title`.
    fn of_head(&self, expression: &str) -> Option<String> {
        let key = expression
            .strip_prefix("frontmatter.")
            .or_else(|| expression.strip_prefix("props."))?;
        self.context.head.own_text(&[key])
    }

    fn element(&mut self) {
        let Some(end) = self.bounded(jsx::tag_end) else {
            return self.copy(self.at + 1);
        };
        let element = Element::read(&self.text[self.at..end]);
        if !element.is_component() {
            for attribute in element.computed_addresses() {
                self.left_out
                    .name(&format!("<{} {attribute}={{…}}>", element.name), self.at);
            }
            self.out.push_str(&element.as_html());
        } else if element.closes {
            self.open.pop();
        } else if let Some(html) = templates::component(element.name, &element.arguments()) {
            let alone = self.out.is_empty() || self.out.ends_with('\n');
            self.out.push_str(&html);
            if alone && self.text[end..].trim_start_matches([' ', '\r']).starts_with('\n') {
                self.out.push('\n');
            }
            if !element.is_whole {
                self.open.push(None);
            }
        } else {
            if !element.name.is_empty() {
                self.left_out.name(&format!("<{}>", element.name), self.at);
            }
            if !element.is_whole {
                self.open.push(None);
            }
        }
        self.at = end;
    }

    /// Where something ends, unless too much was looked through in vain before.
    fn bounded(&mut self, find: fn(&str) -> Result<usize, usize>) -> Option<usize> {
        if self.wasted > WASTED_BYTES {
            return None;
        }
        match find(&self.text[self.at..]) {
            Ok(length) => Some(self.at + length),
            Err(looked) => {
                self.wasted += looked;
                None
            }
        }
    }
}

/// `## Heading {#id}`
fn is_heading_id(inner: &str) -> bool {
    let id = inner.strip_prefix('#').unwrap_or_default();
    !id.is_empty() && id.chars().all(|c| c.is_alphanumeric() || "-_".contains(c))
}

/// `\frac{`: what is before the brace of a formula.
fn ends_with_command(text: &str) -> bool {
    let word = text.trim_end_matches(|c: char| c.is_ascii_alphabetic());
    word.len() < text.len() && word.ends_with('\\')
}

/// An import or export goes to the first blank line after its braces are closed.
fn statement_end(text: &str, at: usize) -> usize {
    let mut depth = 0_i64;
    let mut end = at;
    for line in text[at..].split_inclusive('\n') {
        if depth <= 0 && line.trim().is_empty() {
            break;
        }
        for byte in line.bytes() {
            match byte {
                b'{' | b'(' | b'[' => depth += 1,
                b'}' | b')' | b']' => depth -= 1,
                _ => {}
            }
        }
        end += line.len();
    }
    end
}

#[cfg(test)]
mod tests {
    use crate::sources::dates::Reading;
    use crate::sources::extract::Extract;
    use crate::sources::ground::Ground;
    use crate::sources::markdown::read;

    fn extract(body: &str) -> Extract {
        let ground = Ground::new("a.mdx", None);
        let file = format!("---\ntitle: A\n---\n{body}");
        read(&ground.place(), &file, Reading::new(chrono_tz::Tz::UTC, "en")).unwrap()
    }

    #[test]
    fn programs_are_left_out_and_their_text_stays() {
        for (body, expected, told) in [
            ("import A from 'a'\nimport B from 'b'\n\nx", "<p>x</p>", 1),
            ("export const a = {\n  b: 1,\n\n  c: 2\n}\n\nx", "<p>x</p>", 1),
            ("<A b={{c: '>'}}>in *it*</A> x", "<p>in <em>it</em> x</p>", 1),
            ("<A />\n<B.C d=\"e\" />\n\nx", "<p>x</p>", 2),
            ("<>a</> b", "<p>a b</p>", 0),
            (
                "<Tabs>\n    <Tab>\n        In.\n\n        More.\n    </Tab>\n</Tabs>",
                "<p>In.</p>\n<p>More.</p>",
                2,
            ),
            (
                "<A>\n  ```js\n  <B/>\n  ```\n</A>",
                "<pre><code class=\"language-js\">&lt;B/&gt;\n</code></pre>",
                1,
            ),
            (
                "<Image src=\"/a.png\" alt=\"A\" width={30} />",
                "<figure><img src=\"/a.png\" alt=\"A\" width=\"30\"></figure>",
                0,
            ),
            ("<img src={a.src} alt=\"A\" />x", "<p><img alt=\"A\" />x</p>", 1),
            (
                "<a href={\"/x\"} onClick={() => { b() }}>x</a>",
                "<p><a href=\"/x\">x</a></p>",
                0,
            ),
            ("{/* no */}a{' '}b{\"<c>\"}{d}", "<p>a b&lt;c&gt;</p>", 1),
            (
                "{frontmatter.title} `{x}` \\{y} x^{2}",
                "<p>A <code>{x}</code> {y} x^{2}</p>",
                0,
            ),
            (
                "1 < 2 and <https://b.example/>",
                "<p>1 &lt; 2 and <a href=\"https://b.example/\">https://b.example/</a></p>",
                0,
            ),
        ] {
            let extract = extract(body);
            assert_eq!(extract.html.trim(), expected, "{body}");
            assert_eq!(extract.warnings.len(), told, "{body}: {:?}", extract.warnings);
        }
    }

    #[test]
    fn endless_openings_come_to_an_end() {
        for piece in [
            "{",
            "<A",
            "<A>",
            "<A>\n  x\n",
            "<a b={",
            "{/*",
            "{'",
            "`{",
            "import {\n",
            "export \n\n",
            "<A b=\"",
            "</",
            "{\"}",
            "<a {...",
            "<>",
        ] {
            let began = std::time::Instant::now();
            extract(&piece.repeat(50_000 / piece.len()));
            assert!(began.elapsed().as_secs() < 10, "{piece}: {:?}", began.elapsed());
        }
    }

    proptest::proptest! {
        #[test]
        fn nothing_panics(pieces in proptest::collection::vec("(\\{|\\}|<|>|</|/>|A|a|=|\"|'|`|/\\*|\\*/|\n|import |ö|\\\\|```| )", 0..50)) {
            extract(&pieces.concat());
        }
    }
}
