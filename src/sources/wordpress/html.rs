//! The content of a post as HTML: the classic editor leaves out the paragraphs, which WordPress puts in
//! when a page is shown.

use super::markup::escape;
use super::paragraphs::paragraphs;
use super::protected;
use super::shortcodes::{self, Met, Pictures};
use crate::problem::Problem;
use std::path::Path;

/// A post's content as a page would show it to everybody.
#[derive(Debug, Default)]
pub(super) struct Shown {
    pub(super) html: String,
    /// What stands before a `<!--more-->`.
    pub(super) before_more: Option<String>,
    /// Shortcodes and blocks that only the site could show.
    pub(super) unknown: Vec<String>,
    /// What enclosed something that is not for everybody.
    pub(super) protected: Vec<String>,
}

/// Makes the HTML. What is protected goes first, before anything is looked at.
pub(super) fn shown(content: &str, pictures: &dyn Pictures) -> Shown {
    let content = content.replace("\r\n", "\n");
    let (public, mut protected) = public(&content);
    let mut met = Met::default();
    let expanded = shortcodes::expand(&public, pictures, &mut met);
    let has_blocks = public.contains("<!-- wp:");
    let lines = with_links(&expanded);
    let make = |text: &str| match has_blocks {
        true => without_comments(text),
        false => paragraphs(&without_comments(text)),
    };
    protected.extend(met.protected);
    Shown {
        before_more: lines.find("<!--more").map(|at| make(&lines[..at])),
        html: make(&lines),
        unknown: met.unknown.into_iter().collect(),
        protected,
    }
}

/// What everybody may read of a text, and what enclosed the rest.
fn public(content: &str) -> (String, Vec<String>) {
    let (public, mut protected) = protected::without_blocks(content);
    let mut met = Met::default();
    let public = shortcodes::without_protected(&public, &mut met);
    protected.extend(met.protected);
    (public, protected)
}

impl Shown {
    /// A text that stands beside the content, if all of it is for everybody; if not, that is said with the
    /// content.
    pub(super) fn beside<'a>(&mut self, text: &'a str) -> Option<&'a str> {
        let (_, protected) = public(text);
        let is_public = protected.is_empty();
        self.protected.extend(protected);
        is_public.then_some(text)
    }

    /// A title without what is not for everybody: there, a word in brackets that nothing closes is a word.
    pub(super) fn title(&mut self, title: &str) -> String {
        if !title.contains("[/") {
            return title.to_owned();
        }
        let (title, protected) = public(title);
        self.protected.extend(protected);
        title
    }
}

/// HTML of the server's own, in which shortcodes may be left whose plugin is gone.
pub(super) fn rendered(html: &str, pictures: &dyn Pictures) -> Shown {
    let mut met = Met::default();
    let public = shortcodes::without_protected(html, &mut met);
    Shown {
        html: shortcodes::expand(&public, pictures, &mut met),
        before_more: None,
        unknown: met.unknown.into_iter().collect(),
        protected: met.protected.into_iter().collect(),
    }
}

/// What is to be said of a post's content.
pub(super) fn said(shown: &Shown, from: &Path, line: Option<u64>) -> Vec<Problem> {
    let at = |problem: Problem| {
        let problem = problem.file(from);
        match line {
            Some(line) => problem.line(line),
            None => problem,
        }
    };
    let unknown = (!shown.unknown.is_empty()).then(|| {
        let message = format!("only the site can show: {}", brackets(&shown.unknown));
        at(Problem::warning("not-run", message))
            .hint("they were left out, and their inner text kept; replace them in the post by what they show")
    });
    let protected = (!shown.protected.is_empty()).then(|| {
        let message = format!("for members alone, and left out: {}", brackets(&shown.protected));
        at(Problem::warning("members-only", message))
            .hint("nothing to be done, unless it is for everybody: then take the restriction out of the post")
    });
    unknown.into_iter().chain(protected).collect()
}

fn brackets(names: &[String]) -> String {
    let some: Vec<String> = names
        .iter()
        .take(10)
        .map(|name| format!("[{:.60}]", name))
        .collect();
    some.join(", ")
}

/// An address alone on its line is something embedded: it becomes a link.
fn with_links(content: &str) -> String {
    let mut made = String::with_capacity(content.len());
    let mut in_code = false;
    for line in content.split_inclusive('\n') {
        let lower = line.to_ascii_lowercase();
        in_code |= lower.contains("<pre") || lower.contains("<code") || lower.contains("<script");
        let bare = line.trim();
        let bare = bare
            .strip_prefix("<p>")
            .and_then(|bare| bare.strip_suffix("</p>"))
            .unwrap_or(bare);
        let is_address = (bare.starts_with("https://") || bare.starts_with("http://"))
            && !bare.contains(|c: char| c.is_whitespace() || matches!(c, '<' | '>' | '"' | '[' | ']'));
        match is_address && !in_code {
            true => {
                let url = escape(bare);
                made.push_str(&format!("\n\n<p><a href=\"{url}\">{url}</a></p>\n\n"));
            }
            false => made.push_str(line),
        }
        in_code &= !(lower.contains("</pre") || lower.contains("</code") || lower.contains("</script"));
    }
    made
}

fn without_comments(html: &str) -> String {
    let mut made = String::with_capacity(html.len());
    let mut rest = html;
    while let Some(at) = rest.find("<!--") {
        made.push_str(&rest[..at]);
        match rest[at..].find("-->") {
            Some(end) => rest = &rest[at + end + 3..],
            None => rest = &rest[at + 4..],
        }
        if !rest.contains("-->") {
            break;
        }
    }
    made.push_str(rest);
    made
}

#[cfg(test)]
mod tests {
    use super::*;

    struct None2;

    impl Pictures for None2 {
        fn picture(&self, _: &str) -> Option<String> {
            None
        }

        fn of_post(&self) -> Vec<String> {
            Vec::new()
        }
    }

    fn made(content: &str) -> String {
        shown(content, &None2).html.replace('\n', "")
    }

    #[test]
    fn the_classic_editors_lines_become_paragraphs() {
        for (content, html) in [
            ("One\n\nTwo", "<p>One</p><p>Two</p>"),
            ("One\r\n\r\nTwo\nmore", "<p>One</p><p>Two<br>more</p>"),
            ("One <em>a\n\nb</em>", "<p>One <em>a</p><p>b</em></p>"),
            ("A\n<h2>B</h2>\nC", "<p>A</p><h2>B</h2><p>C</p>"),
            (
                "<ul>\n<li>a</li>\n<li>b\nc</li>\n</ul>\nD",
                "<ul><li>a</li><li>b<br>c</li></ul><p>D</p>",
            ),
            (
                "<blockquote>Q\n\nR</blockquote>",
                "<blockquote><p>Q</p><p>R</p></blockquote>",
            ),
            ("<p>a</p>\n\nb", "<p>a</p><p>b</p>"),
            ("<pre>a\n\nb</pre>\nc", "<pre>ab</pre><p>c</p>"),
            ("a<br />\nb", "<p>a<br />b</p>"),
            ("a < b and c", "<p>a < b and c</p>"),
            ("<em>ä</em>ö\n\nü<", "<p><em>ä</em>ö</p><p>ü<</p>"),
            (
                "<img\nsrc=\"/a.png\" alt=\"x > y\">",
                "<p><img src=\"/a.png\" alt=\"x > y\"></p>"
                    .replace("img ", "img")
                    .as_str(),
            ),
            (
                "a\n\nhttps://v.example/1\n\nb",
                "<p>a</p><p><a href=\"https://v.example/1\">https://v.example/1</a></p><p>b</p>",
            ),
            ("", ""),
        ] {
            assert_eq!(made(content), html, "{content}");
        }
        assert!(shown("<pre>a\n\nb</pre>", &None2).html.contains("a\n\nb"));
    }

    #[test]
    fn blocks_are_html_already_and_lose_their_comments() {
        let content = "<!-- wp:paragraph -->\n<p>A\nb</p>\n<!-- /wp:paragraph -->\n\n<!-- wp:more -->\n<!--more-->\n<!-- /wp:more -->\n\n<!-- wp:embed {\"url\":\"https://v.example/1\"} -->\n<figure><div>\nhttps://v.example/1\n</div></figure>\n<!-- /wp:embed -->\n<!--nextpage-->";
        let shown = shown(content, &None2);
        assert!(
            !shown.html.contains("<!--") && !shown.html.contains("<br>"),
            "{}",
            shown.html
        );
        assert!(shown.html.contains("<a href=\"https://v.example/1\">"));
        assert_eq!(shown.before_more.unwrap().trim(), "<p>A\nb</p>");
    }

    #[test]
    fn endless_input_comes_to_an_end() {
        let began = std::time::Instant::now();
        for piece in [
            "<",
            "<a ",
            "<!--",
            "-->",
            "\n\n",
            "<pre>",
            "<p>",
            "<a b=\"",
            "<div>\n",
            "https://e.example\n",
        ] {
            shown(&piece.repeat(20_000), &None2);
        }
        assert!(began.elapsed().as_secs() < 60, "{:?}", began.elapsed());
    }

    #[test]
    fn excerpts_and_titles_are_looked_through_too() {
        let mut shown = Shown::default();
        assert_eq!(shown.beside("Short [sic]"), Some("Short [sic]"));
        assert_eq!(shown.title("Why [private] matters"), "Why [private] matters");
        assert!(shown.protected.is_empty());
        assert_eq!(shown.beside("Short [members_only]SECRET[/members_only]"), None);
        assert_eq!(
            shown.title("A [members_only]SECRET[/members_only] title"),
            "A  title"
        );
        assert_eq!(shown.protected, ["members_only", "members_only"]);
    }
}
