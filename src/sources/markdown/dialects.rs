//! What the dialects of the generators have beyond the Markdown that is parsed here, written in that:
//! containers and callouts, formulas, wiki links, places for tables of contents, abbreviations, attribute
//! lists. Code and HTML stay as they are.

use super::code::{self, Indented, Spans};
use super::context::Context;
use super::directives::{self, Container};
use super::{formulas, html, wiki};
use memchr::{memchr2_iter, memchr3_iter};
use std::borrow::Cow;

/// Elements whose content is no Markdown.
const VERBATIM: &[(&str, &str)] = &[
    ("pre", "</pre"),
    ("code", "</code"),
    ("script", "</script"),
    ("style", "</style"),
    ("textarea", "</textarea"),
    ("math", "</math"),
    ("svg", "</svg"),
];
/// What generators put a table of contents in the place of.
const CONTENTS: &[&str] = &["[toc]", "[[toc]]", "[[_toc_]]", "${toc}", "{toc}"];
/// How long a tag may be, and the address of a link.
const TAG_BYTES: usize = 2 * 1024;
/// So much may be looked through for ends that are not there.
const WASTED_BYTES: usize = 64 * 1024 * 1024;

/// The text in Markdown that is parsed here, and the lines that were left out of it because a program
/// would have to be run.
pub(super) fn written<'a>(
    text: Cow<'a, str>,
    context: &Context,
    is_mdx: bool,
) -> (Cow<'a, str>, Vec<String>) {
    if !may_hold(text.as_bytes()) {
        return (text, Vec::new());
    }
    let mut reader = Reader {
        text: &text,
        context,
        is_mdx,
        at: 0,
        out: String::with_capacity(text.len() + text.len() / 16),
        spans: Spans::default(),
        indented: Indented::default(),
        open: Vec::new(),
        quoted: 0,
        left_out: Vec::new(),
        wasted: 0,
        in_html: false,
        unclosed: Vec::new(),
    };
    reader.run();
    let (out, left_out) = (reader.out, reader.left_out);
    (Cow::Owned(out), left_out)
}

/// Whether there is a sign of any of this. All text is looked through, so it is to be quick.
fn may_hold(text: &[u8]) -> bool {
    let after = |at: usize| text.get(at + 1).copied().unwrap_or_default();
    let begins_line = |at: usize| {
        let mut before = text[..at].iter().rev();
        let before = before.find(|byte| !matches!(byte, b' ' | b'\t' | b'>'));
        before.is_none_or(|byte| *byte == b'\n')
    };
    let is_abbreviation = |at: usize| at > 0 && text[at - 1] == b'*' && begins_line(at - 1);
    let in_words = memchr3_iter(b'$', b':', b'[', text).any(|at| match (text[at], after(at)) {
        (b'$', _) | (b'[', b'[') => true,
        (b':', b':') | (b'[', b'!' | b't' | b'T') => begins_line(at),
        (b'[', _) => is_abbreviation(at),
        _ => false,
    });
    in_words
        || memchr2_iter(b'{', b'\\', text).any(|at| match text[at] {
            b'{' => begins_line(at),
            _ => matches!(after(at), b'[' | b'(' | b'b' | b'\\'),
        })
}

struct Reader<'a, 'c> {
    text: &'a str,
    context: &'c Context<'c>,
    /// Where what is indented is no code.
    is_mdx: bool,
    at: usize,
    out: String,
    spans: Spans,
    indented: Indented,
    /// The containers that are open.
    open: Vec<Container>,
    /// In how many quotations the line before stood, if it said something.
    quoted: usize,
    left_out: Vec<String>,
    wasted: usize,
    /// In a block of HTML all is HTML, up to the next blank line.
    in_html: bool,
    /// For what was looked in vain.
    unclosed: Vec<&'static str>,
}

impl<'a> Reader<'a, '_> {
    fn run(&mut self) {
        self.line();
        let stops = |byte: &u8| matches!(byte, b'\n' | b'`' | b'<' | b'\\' | b'$' | b'[' | b'!' | b']');
        while let Some(found) = self.text.as_bytes()[self.at..].iter().position(stops) {
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
                b'<' => self.element(),
                b'\\' => self.escape(),
                b'$' => self.formula(),
                b']' => self.target(),
                _ => self.wiki_link(),
            }
        }
        self.copy(self.text.len());
        while let Some(container) = self.open.pop() {
            self.out.push_str(&container.end(""));
        }
    }

    /// What was passed over stays.
    fn copy(&mut self, end: usize) {
        self.out.push_str(&self.text[self.at..end]);
        self.at = end;
    }

    /// Leaves something out, and writes another thing in its place.
    fn put(&mut self, written: &str, end: usize) {
        self.out.push_str(written);
        self.at = end;
    }

    /// At the start of a line: takes the lines that are something as a whole.
    fn line(&mut self) {
        while self.at < self.text.len() {
            let line = self.text[self.at..].split('\n').next().unwrap_or_default();
            let bare = line.trim_start_matches([' ', '\t', '>']);
            let (prefix, bare) = (&line[..line.len() - bare.len()], bare.trim_end());
            let end = self.at + line.len();
            self.in_html = !bare.is_empty() && (self.in_html || html::begins_block(bare));
            if !self.in_html && self.code() {
                return;
            }
            let depth = prefix.matches('>').count();
            let was_quoted = self.quoted;
            self.quoted = if bare.is_empty() { 0 } else { depth };
            if !self.in_html && self.block_formula(prefix) {
                return;
            }
            let Some(written) = self.whole(prefix, bare, was_quoted == depth) else {
                if self.in_html {
                    self.copy(end);
                }
                return;
            };
            // A line that leaves nothing takes its end with it.
            let skipped = usize::from(written.is_empty() && end < self.text.len());
            self.put(&written, end + skipped);
            if skipped == 0 {
                return;
            }
        }
    }

    /// Passes over fenced or indented code.
    fn code(&mut self) -> bool {
        let indented = self.indented.at(self.text, self.at).filter(|_| !self.is_mdx);
        let Some(code) = code::fenced(self.text, self.at).or(indented) else {
            return false;
        };
        self.copy(code.after);
        self.quoted = 0;
        true
    }

    /// What stands for a line in another dialect; `None`: it is nothing special.
    fn whole(&mut self, prefix: &str, bare: &str, goes_on: bool) -> Option<String> {
        if bare.starts_with("::") {
            let written = self.directive(prefix, bare);
            self.in_html &= written.is_none();
            return written;
        }
        if self.in_html {
            return None;
        }
        if bare.starts_with("[!") && prefix.contains('>') && !goes_on {
            return directives::callout(prefix, bare);
        }
        let is_short = bare.len() <= 12;
        if is_short && CONTENTS.iter().any(|name| bare.eq_ignore_ascii_case(name)) {
            return Some(String::new());
        }
        let is_abbreviation = bare.strip_prefix("*[").is_some_and(|rest| rest.contains("]:"));
        (is_abbreviation || (bare.starts_with('{') && directives::is_attributes(bare))).then(String::new)
    }

    fn directive(&mut self, prefix: &str, bare: &str) -> Option<String> {
        let colons = bare.len() - bare.trim_start_matches(':').len();
        let rest = bare[colons..].trim();
        match colons {
            2 => {
                let name = directives::leaf(&bare[2..])?;
                self.left_out.push(format!("::{name}"));
                Some(String::new())
            }
            _ if rest.is_empty() => self.open.pop().map(|container| container.end(prefix)),
            _ => {
                let container = Container::read(rest)?;
                let begin = container.begin(prefix);
                self.open.push(container);
                Some(begin)
            }
        }
    }

    /// Passes over a tag, and over the content of an element that holds no Markdown.
    fn element(&mut self) {
        let rest = &self.text[self.at..];
        let name: &str = rest[1..]
            .split(|c: char| !c.is_ascii_alphanumeric())
            .next()
            .unwrap_or_default();
        let verbatim = VERBATIM
            .iter()
            .find(|(verbatim, _)| verbatim.eq_ignore_ascii_case(name));
        let closing = match verbatim {
            _ if rest.starts_with("<!--") => self.next("-->", self.at),
            Some((_, end)) => self.next(end, self.at),
            None => None,
        };
        let tag = |from: usize| {
            let most = self.text.floor_char_boundary(from + TAG_BYTES);
            let inside = self.text.get(from..most).and_then(|rest| rest.find('>'));
            inside.map_or(from + 1, |length| from + length + 1)
        };
        let begins = rest[1..].starts_with(|c: char| c.is_ascii_alphabetic() || c == '/' || c == '!');
        let end = match closing {
            Some(at) => tag(at),
            None if begins => tag(self.at),
            None => self.at + 1,
        };
        self.copy(end.min(self.text.len()));
    }

    /// Takes a formula in lines of its own.
    fn block_formula(&mut self, prefix: &str) -> bool {
        let at = self.at + prefix.len();
        if !self.text[at..].starts_with(['$', '\\']) || self.wasted > WASTED_BYTES {
            return false;
        }
        let Some((written, end)) = formulas::block(self.text, at, prefix) else {
            self.wasted += formulas::BLOCK_BYTES;
            return false;
        };
        self.copy(at);
        self.put(&written, end);
        true
    }

    /// Takes a formula in a line.
    fn inline_formula(&mut self) -> bool {
        if self.wasted > WASTED_BYTES {
            return false;
        }
        let Some((written, end)) = formulas::inline(self.text, self.at) else {
            self.wasted += formulas::INLINE_BYTES;
            return false;
        };
        self.put(&written, end);
        true
    }

    /// At a backslash: a formula in brackets, or a character that means nothing here.
    fn escape(&mut self) {
        let rest = &self.text[self.at..];
        let is_bracket = rest.starts_with("\\(") || rest.starts_with("\\\\(");
        if is_bracket && self.inline_formula() {
            return;
        }
        self.copy(code::escaped_end(self.text, self.at));
    }

    fn formula(&mut self) {
        if !self.inline_formula() {
            let rest = self.text[self.at..].bytes();
            let dollars = rest.take_while(|byte| *byte == b'$').count();
            self.copy(self.at + dollars);
        }
    }

    /// Passes over the address of a link.
    fn target(&mut self) {
        let rest = &self.text[self.at..];
        let rest = &rest[..rest.floor_char_boundary(TAG_BYTES)];
        let line = rest.split('\n').next().unwrap_or_default();
        let end = line.find(')').filter(|_| rest.starts_with("]("));
        self.copy(self.at + end.map_or(1, |end| end + 1));
    }

    fn wiki_link(&mut self) {
        match wiki::link(self.text, self.at, self.context) {
            Some((written, end)) => self.put(&written, end),
            None => self.copy(self.at + 1),
        }
    }

    /// Where something stands next; looked for in vain once, it is not looked for again.
    fn next(&mut self, what: &'static str, from: usize) -> Option<usize> {
        if self.unclosed.contains(&what) {
            return None;
        }
        let found = self.text[from..].find(what).map(|at| from + at);
        if found.is_none() {
            self.unclosed.push(what);
        }
        found
    }
}

#[cfg(test)]
mod tests {
    use crate::sources::dates::Reading;
    use crate::sources::extract::Extract;
    use crate::sources::ground::Ground;
    use crate::sources::markdown::read;

    fn extract(name: &str, body: &str) -> Extract {
        let ground = Ground::new(name, None);
        std::fs::write(ground.dir.path().join("other-page.md"), "---\ntitle: O\n---\n").unwrap();
        let file = format!("---\ntitle: A\n---\n{body}");
        read(&ground.place(), &file, Reading::new(chrono_tz::Tz::UTC, "en")).unwrap()
    }

    fn html(body: &str) -> String {
        extract("a.md", body).html.trim().to_owned()
    }

    fn all(cases: &[(&str, &str)]) {
        for (body, expected) in cases {
            assert_eq!(html(body), *expected, "{body}");
        }
    }

    #[test]
    fn containers_are_set_apart() {
        let note = "<blockquote>\n<p><strong>Note</strong></p>\n<p>In <em>it</em>.</p>\n</blockquote>";
        let named = "<blockquote>\n<p><strong>Mind <em>this</em></strong></p>\n<p>x</p>\n</blockquote>";
        all(&[
            (":::note\nIn *it*.\n:::", note),
            ("::: note\n\nIn *it*.\n\n:::\n", note),
            ("::: {.note #a}\nIn *it*.\n:::", note),
            (":::NOTE\r\nIn *it*.\r\n:::\r\n", note),
            (":::tip Mind *this*\nx\n:::", named),
            (":::tip[Mind *this*]{icon=\"heart\"}\nx\n:::", named),
            ("::: warning {title=\"Mind *this*\"}\nx\n:::", named),
            (
                "a\n:::danger\nb\n:::\nc",
                "<p>a</p>\n<blockquote>\n<p><strong>Danger</strong></p>\n<p>b</p>\n</blockquote>\n<p>c</p>",
            ),
            (
                "::::info\nout\n\n:::tip\nin\n:::\n\n::::",
                "<blockquote>\n<p><strong>Info</strong></p>\n<p>out</p>\n<blockquote>\n<p><strong>Tip</strong></p>\n<p>in</p>\n</blockquote>\n</blockquote>",
            ),
            (
                "::: details More <of> it {open}\nx\n:::",
                "<details><summary>More &lt;of&gt; it</summary>\n<p>x</p>\n</details>",
            ),
            (
                "::: code-group\n```sh [npm]\nnpm i\n```\n:::",
                "<pre><code class=\"language-sh\">npm i\n</code></pre>",
            ),
            ("::: v-pre\nx\n:::", "<p>x</p>"),
            (
                ":::note\nleft open",
                "<blockquote>\n<p><strong>Note</strong></p>\n<p>left open</p>\n</blockquote>",
            ),
            (
                "- a\n\n  :::note\n  b\n  :::\n- c",
                "<ul>\n<li>\n<p>a</p>\n<blockquote>\n<p><strong>Note</strong></p>\n<p>b</p>\n</blockquote>\n</li>\n<li>\n<p>c</p>\n</li>\n</ul>",
            ),
            (":::", "<p>:::</p>"),
            ("Term\n: Meaning", "<dl>\n<dt>Term</dt>\n<dd>Meaning</dd>\n</dl>"),
            ("```\n:::note\n:::\n```", "<pre><code>:::note\n:::\n</code></pre>"),
            ("    :::note\n    x\n", "<pre><code>:::note\nx\n</code></pre>"),
            ("a::b and ::c", "<p>a::b and ::c</p>"),
        ]);
    }

    #[test]
    fn directives_that_are_programs_are_named() {
        let extract = extract("a.md", "a\n\n::youtube[A film]{id=\"x\"}\n\nb");
        assert_eq!(extract.html, "<p>a</p>\n<p>b</p>\n");
        let told: Vec<_> = extract.warnings.iter().map(|w| (w.code, w.line)).collect();
        assert_eq!(told, [("not-run", Some(6))]);
        assert!(extract.warnings[0].message.starts_with("::youtube is"));
    }

    #[test]
    fn callouts_in_quotations() {
        let made =
            |title: &str| format!("<blockquote>\n<p><strong>{title}</strong></p>\n<p>x</p>\n</blockquote>");
        for (line, title) in [
            ("[!NOTE]", "Note"),
            ("[!tip]", "Tip"),
            ("[!info] Good to *know*", "Good to <em>know</em>"),
            ("[!faq]- Is it so?", "Is it so?"),
            ("[!WARNING]+ Mind", "Mind"),
            ("[!quote|left]", "Quote"),
            ("[!my-own]", "My-own"),
        ] {
            assert_eq!(html(&format!("> {line}\n> x")), made(title), "{line}");
        }
        all(&[
            ("> a\n> [!NOTE]", "<blockquote>\n<p>a\n[!NOTE]</p>\n</blockquote>"),
            (
                "> [!x](y)",
                "<blockquote>\n<p><a href=\"y\">!x</a></p>\n</blockquote>",
            ),
            ("[!NOTE]", "<p>[!NOTE]</p>"),
            (
                "> [!NOTE]\n> > [!TIP]\n> > x",
                "<blockquote>\n<p><strong>Note</strong></p>\n<blockquote>\n<p><strong>Tip</strong></p>\n<p>x</p>\n</blockquote>\n</blockquote>",
            ),
        ]);
    }

    #[test]
    fn formulas_stay_as_they_are_written() {
        all(&[
            ("$a_b$ and $c_d$, $x*y*z$", "<p>$a_b$ and $c_d$, $x*y*z$</p>"),
            (
                "$$ a_b + c_d \\\\ e $$ in it",
                "<p>$$ a_b + c_d \\\\ e $$ in it</p>",
            ),
            ("$\\frac{a}{b} < \\{c\\}$", "<p>$\\frac{a}{b} &lt; \\{c\\}$</p>"),
            (
                "\\\\(a_b * c_d\\\\) \\(x_i\\)",
                "<p>\\\\(a_b * c_d\\\\) \\(x_i\\)</p>",
            ),
            (
                "| a |\n|---|\n| $x_1$ |",
                "<table><thead><tr><th>a</th></tr></thead><tbody>\n<tr><td>$x_1$</td></tr>\n</tbody></table>",
            ),
            (
                "x\n$$\na_1\n- b_2\n\n= c\n$$\ny",
                "<p>x</p>\n<pre><code class=\"language-math\">a_1\n- b_2\n\n= c\n</code></pre>\n<p>y</p>",
            ),
            ("$$a_b$$", "<pre><code class=\"language-math\">a_b\n</code></pre>"),
            (
                "\\[\nx_1 * y\n\\]",
                "<pre><code class=\"language-math\">x_1 * y\n</code></pre>",
            ),
            (
                "\\begin{align}\na &= b_1 \\\\\nc &= d\n\\end{align}",
                "<pre><code class=\"language-math\">\\begin{align}\na &amp;= b_1 \\\\\nc &amp;= d\n\\end{align}\n</code></pre>",
            ),
            (
                "> $$\n> a_1\n> $$",
                "<blockquote>\n<pre><code class=\"language-math\">a_1\n</code></pre>\n</blockquote>",
            ),
            (
                "It costs $5 and *not* $6_000 or US$7.",
                "<p>It costs $5 and <em>not</em> $6_000 or US$7.</p>",
            ),
            ("$5 [a_b](x) A$", "<p>$5 <a href=\"x\">a_b</a> A$</p>"),
            (
                "`$a_b$` \\$a *b* c$",
                "<p><code>$a_b$</code> $a <em>b</em> c$</p>",
            ),
            ("a \\(b\\) *c*", "<p>a (b) <em>c</em></p>"),
            (
                "<div>\n$a_b$ [[x]]\n</div>\n\n$a_b$",
                "<div>\n$a_b$ [[x]]\n</div>\n<p>$a_b$</p>",
            ),
            ("<p>$a_b$</p>", "<p>$a_b$</p>"),
            ("<a href=\"/$a_b$\">x</a>", "<p><a href=\"/$a_b$\">x</a></p>"),
            (
                "<pre>$a_b$\n:::note\n[[x]]</pre>",
                "<pre>$a_b$\n:::note\n[[x]]</pre>",
            ),
        ]);
        let mdx = extract("a.mdx", "$x^{2}_{a}$ and $$\\frac{a_1}{b_1}$$ too");
        assert_eq!(mdx.html.trim(), "<p>$x^{2}_{a}$ and $$\\frac{a_1}{b_1}$$ too</p>");
        assert_eq!(mdx.warnings, []);
    }

    #[test]
    fn links_of_wikis() {
        all(&[
            (
                "[[No Such|a *text*]], [[No Such]]",
                "<p>a <em>text</em>, No Such</p>",
            ),
            (
                "[[Other Page]] [[other-page#A Part|t]]",
                "<p><a href=\"https://example.org/other-page\">Other Page</a> <a href=\"https://example.org/other-page#a-part\">t</a></p>",
            ),
            (
                "![[a pic.png|300]]",
                "<p><img src=\"a%20pic.png\" alt=\"\" /></p>",
            ),
            ("[[#Part]]", "<p>Part</p>"),
            (
                "| a |\n|---|\n| [[X\\|y]] |",
                "<table><thead><tr><th>a</th></tr></thead><tbody>\n<tr><td>y</td></tr>\n</tbody></table>",
            ),
            (
                "[[1]](https://b.example/)",
                "<p><a href=\"https://b.example/\">[1]</a></p>",
            ),
            (
                "`[[a]]` [[ -f x ]] [[2]]",
                "<p><code>[[a]]</code> [[ -f x ]] [[2]]</p>",
            ),
        ]);
    }

    #[test]
    fn machinery_is_left_out() {
        all(&[
            ("a\n\n[TOC]\n\nb", "<p>a</p>\n<p>b</p>"),
            ("[[toc]]\n\nb", "<p>b</p>"),
            ("[[_TOC_]]\nb", "<p>b</p>"),
            ("1. TOC\n{:toc}\n\nb", "<p>b</p>"),
            (
                "HTML is it.\n\n*[HTML]: Hypertext\n*[W3C]: Web",
                "<p>HTML is it.</p>",
            ),
            (
                "a\n{: .b}\n\nc\n{.d}\n\ne\n{class=\"f g\" .h}\n",
                "<p>a</p>\n<p>c</p>\n<p>e</p>",
            ),
            ("## A {#b}\n\nc", "<h2 id=\"b\">A</h2>\n<p>c</p>"),
            ("{ a, b } and {x}", "<p>{ a, b } and {x}</p>"),
            ("{x}", "<p>{x}</p>"),
            ("{% raw %}{{ a }}{% endraw %}", "<p>{{ a }}</p>"),
        ]);
        let mdx = extract("a.mdx", "## A {#b-c}\n\nx");
        assert_eq!(
            (mdx.html.trim(), mdx.warnings.len()),
            ("<h2 id=\"b-c\">A</h2>\n<p>x</p>", 0)
        );
    }

    #[test]
    fn footnotes_stand_behind_the_text() {
        let html = html("a[^b] c[^1]\n\n[^1]: One *x*.\n\n[^b]: Two.\n\n    More.\n\nlast");
        let order = [
            "a<sup",
            "c<sup",
            "<p>last</p>",
            "Two.",
            "More.",
            "One <em>x</em>.",
        ];
        let places: Vec<usize> = order.iter().map(|part| html.find(part).unwrap()).collect();
        assert!(places.is_sorted() && !html.contains("[^"), "{html}");
    }

    #[test]
    fn endless_openings_come_to_an_end() {
        for piece in [
            ":::note\n",
            ":::\n",
            "$",
            "$$",
            "$a_",
            "$$\n",
            "\\[\n",
            "\\begin{a}\n",
            "[[",
            "[[a",
            "![[a.png",
            "<pre>",
            "<!--",
            "<a ",
            "> [!a]\n",
            "](",
            "*[a]:\n",
            "{.a ",
            "\\(",
            "[^a]",
            "[^a]: b\n\n",
            "{a=\"",
        ] {
            let body = piece.repeat(100_000 / piece.len());
            let began = std::time::Instant::now();
            extract("a.md", &body);
            assert!(began.elapsed().as_secs() < 10, "{piece}: {:?}", began.elapsed());
        }
    }

    proptest::proptest! {
        #[test]
        fn nothing_panics(pieces in proptest::collection::vec("(:{2,4}|note|\\[|\\]|\\[!|!|\\{|\\}|\\.|#|=|\"|\\$|\\\\|\\(|\\)|>|- |<pre|<|`{1,3}|\n|\n\n|ö|\\||_|begin|end| |\\^|\\*)", 0..60)) {
            let body = pieces.concat();
            extract("a.md", &body);
            extract("a.mdx", &body);
        }
    }
}
