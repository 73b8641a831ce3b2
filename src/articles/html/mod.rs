//! HTML on its way into an article: sanitised once, every address absolute. Pure.
//!
//! What comes out holds no script, no style, no address but `http`, `https` and `mailto`, and no
//! character that XML 1.0 cannot hold.

mod addresses;
mod by_pieces;

pub use addresses::absolute;

use super::formulas;
use super::headings::{self, Heading};
use super::nesting::{Excess, excess};
use super::simple;
use super::text::xml_safe;
use addresses::{absolute_srcset, settle_attribute};
use ammonia::{Builder, UrlRelative};
use by_pieces::by_pieces;
use dom_query::{Document, NodeRef};
use std::borrow::Cow;
use std::collections::HashSet;
use url::Url;

/// HTML with more bytes stands in no feed: libxml2, which many readers use, takes ten million in one
/// element and refuses the whole feed for more.
pub const LONGEST_HTML: usize = 9_500_000;

/// HTML that is safe to publish, how it reads, and its headings.
#[derive(Debug)]
pub struct Clean {
    pub html: String,
    /// As [`super::text::from_html`].
    pub text: String,
    pub headings: Vec<Heading>,
}

/// Makes HTML from anywhere safe to publish: keeps what articles are made of, drops the rest and
/// resolves every address against `base`. Embedded frames and objects become links.
///
/// HTML that no parser would take ([`excess`]) comes out as its text alone: no reader could show it.
#[must_use]
pub fn sanitize(html: &str, base: &Url) -> String {
    let html = xml_safe(html);
    let simple = || by_pieces(&simple::pieces(&html)?, html.len(), base);
    simple().unwrap_or_else(|| match excess(&html) {
        Some(_) => ammonia::clean_text(&strip_tags(&html)),
        None => by_tree(&html, base),
    })
}

/// As [`sanitize`], and how it reads.
///
/// # Errors
/// There is too much of it for any parser.
pub fn clean(html: &str, base: &Url) -> Result<Clean, Excess> {
    let html = xml_safe(html);
    let pieces = simple::pieces(&html);
    let simple = pieces.as_deref().and_then(|pieces| {
        Some((
            by_pieces(pieces, html.len(), base)?,
            headings::text_and_headings(pieces),
        ))
    });
    let (html, read) = match simple {
        Some(simple) => simple,
        None => match excess(&html) {
            Some(excess) => return Err(excess),
            None => (by_tree(&html, base), None),
        },
    };
    let (text, headings) = read.unwrap_or_else(|| headings::with_text(&html));
    Ok(Clean { html, text, headings })
}

/// As [`sanitize`], by the tree that a browser would make of it.
fn by_tree(html: &str, base: &Url) -> String {
    let prepared = prepare(html, base);
    let clean = builder(base).clean(&prepared).to_string();
    // Once more: character references such as `&#1;` have become characters.
    xml_safe(&clean).into_owned()
}

/// All outside of `<…>`: crude, for HTML that is not worth parsing.
fn strip_tags(html: &str) -> String {
    let mut text = String::new();
    let mut inside = false;
    for c in html.chars() {
        match c {
            '<' => inside = true,
            '>' if inside => {
                inside = false;
                text.push(' ');
            }
            c if !inside => text.push(c),
            _ => {}
        }
    }
    text
}

/// What the sanitiser cannot say, where it has not been said yet.
fn prepare<'a>(html: &'a str, base: &Url) -> Cow<'a, str> {
    if is_settled(html) {
        return Cow::Borrowed(html);
    }
    let document = Document::fragment(html);
    settle(&document, base);
    Cow::Owned(document.root().inner_html().to_string())
}

/// Makes frames links, lets images load from where they really are, and takes out those that have no
/// address. Films and sounds get a link for those who cannot play them, and formulas become their source.
pub fn settle(document: &Document, base: &Url) {
    if document.select_single("math").exists() {
        formulas::settle(document);
    }
    for frame in document.select("iframe, embed, object").nodes() {
        replace_frame(frame, base);
    }
    for image in document.select("img").nodes() {
        settle_image(image, base);
    }
    for player in document.select("video, audio").nodes() {
        link_media(player, base);
    }
}

/// Whether [`settle`] would find nothing to do, as far as the tags alone tell.
fn is_settled(html: &str) -> bool {
    let mut rest = html;
    while let Some(at) = rest.find('<') {
        rest = &rest[at + 1..];
        let name = rest.get(..6).unwrap_or(rest).to_ascii_lowercase();
        if ["iframe", "embed", "object", "video", "audio", "math"]
            .iter()
            .any(|tag| name.starts_with(tag))
        {
            return false;
        }
        let tag = || rest.split_once('>').map_or(rest, |(tag, _)| tag);
        if name.starts_with("img") && !tag().contains(" src=\"http") {
            return false;
        }
    }
    true
}

fn link_media(player: &NodeRef, base: &Url) {
    if player.descendants_it().any(|inner| inner.has_name("a")) {
        return;
    }
    let source = |node: NodeRef| absolute(&node.attr("src")?, base).filter(|url| url.starts_with("http"));
    let Some(url) = source(*player).or_else(|| player.descendants_it().find_map(source)) else {
        return;
    };
    let label = ["title", "aria-label"].iter().find_map(|name| player.attr(name));
    put_link(player, &url, label.as_deref(), base, |player, link| {
        player.append_child(link)
    });
}

/// A link, by a label or else by the host it leads to.
fn put_link(at: &NodeRef, url: &str, label: Option<&str>, base: &Url, put: impl Fn(&NodeRef, &NodeRef)) {
    let host = || base.join(url).ok().and_then(|u| u.host_str().map(str::to_owned));
    let label = label.map(super::text::one_line).filter(|label| !label.is_empty());
    let link = at.tree.new_element("a");
    link.set_attr("href", url);
    link.set_text(label.or_else(host).unwrap_or_else(|| url.to_owned()));
    put(at, &link);
}

fn replace_frame(frame: &NodeRef, base: &Url) {
    let address = ["src", "data-src", "data"]
        .iter()
        .find_map(|name| frame.attr(name));
    let Some(url) = address
        .and_then(|a| absolute(&a, base))
        .filter(|u| u.starts_with("http"))
    else {
        frame.remove_from_parent();
        return;
    };
    let label = frame.attr("title");
    put_link(frame, &url, label.as_deref(), base, |frame, link| {
        frame.replace_with(link)
    });
}

/// Images that load late keep their address elsewhere, with a placeholder in `src`.
fn settle_image(image: &NodeRef, base: &Url) {
    let fits = |name: &str| {
        let url = absolute(&image.attr(name)?, base)?;
        url.starts_with("http").then_some(url)
    };
    let late = [
        "data-src",
        "data-original",
        "data-lazy-src",
        "data-lazy",
        "data-url",
        "data-image",
    ];
    let stated = fits("src");
    let placeholder = image
        .attr("src")
        .is_none_or(|src| src.trim_start().starts_with("data:"));
    let found = match stated {
        Some(url) if !placeholder => Some(url),
        stated => late.iter().find_map(|name| fits(name)).or(stated),
    };
    if !image.has_attr("srcset")
        && let Some(srcset) = ["data-srcset", "data-lazy-srcset"]
            .iter()
            .find_map(|name| image.attr(name))
    {
        image.set_attr("srcset", &srcset);
    }
    match found.or_else(|| first_of_srcset(&image.attr("srcset")?, base)) {
        Some(url) => image.set_attr("src", &url),
        None => image.remove_from_parent(),
    }
}

fn first_of_srcset(srcset: &str, base: &Url) -> Option<String> {
    let srcset = absolute_srcset(srcset, base)?;
    srcset
        .split_whitespace()
        .next()
        .map(|url| url.trim_end_matches(',').to_owned())
}

fn builder(base: &Url) -> Builder<'static> {
    let mut builder = Builder::default();
    builder
        .add_tags(["picture", "source", "video", "audio", "section", "main"])
        .add_generic_attributes(["dir"])
        .add_tag_attributes("img", ["srcset", "sizes", "loading"])
        .add_tag_attributes("source", ["src", "srcset", "sizes", "type", "media"])
        .add_tag_attributes("video", ["src", "poster", "controls", "width", "height"])
        .add_tag_attributes("audio", ["src", "controls"])
        .add_tag_attributes("code", ["class"])
        .add_tag_attributes("pre", ["class"])
        .add_tag_attributes("time", ["datetime"])
        .add_tag_attributes("ol", ["reversed", "type"])
        .add_tag_attributes("li", ["value"])
        .add_tag_attributes("details", ["open"])
        .rm_tags(["map", "area", "nav"])
        .add_clean_content_tags([
            "nav", "noscript", "template", "button", "select", "textarea", "svg", "math",
        ])
        .url_schemes(HashSet::from(["http", "https", "mailto"]))
        .url_relative(UrlRelative::PassThrough)
        .link_rel(None);
    let base = base.clone();
    builder.attribute_filter(move |tag, attribute, value| settle_attribute(tag, attribute, value, &base));
    builder
}

#[cfg(test)]
mod tests {
    use super::super::simple::samples::{markdown, rendered, tangled};
    use super::*;
    use proptest::prelude::*;

    fn base() -> Url {
        Url::parse("https://example.org/posts/one").unwrap()
    }

    fn clean(html: &str) -> String {
        sanitize(html, &base())
    }

    fn simply(html: &str) -> Option<String> {
        by_pieces(&simple::pieces(html)?, html.len(), &base())
    }

    /// Whatever is taken apart by its tags alone comes out as the parser's tree would have it.
    fn same_both_ways(html: &str) -> Result<(), TestCaseError> {
        let html = xml_safe(html);
        if let Some(clean) = simply(&html) {
            let of_tree = by_tree(&html, &base());
            prop_assert_eq!(clean, xml_safe(&of_tree), "{}", html);
        }
        let clean = super::clean(&html, &base()).unwrap();
        prop_assert_eq!(&clean.html, &sanitize(&html, &base()));
        let read = headings::with_text(&clean.html);
        prop_assert_eq!((clean.text, clean.headings), read, "{}", html);
        Ok(())
    }

    #[test]
    fn what_markdown_becomes_is_simple() {
        let markdown = "# A *b*\n\nText with [a link](/x \"t\"), `code` & **more**.  \nNext\n\n\
                        - one\n- two\n\n  > quoted\n\n3. three\n\n```rust\nlet x = \"&\";\n```\n\n\
                        | a | b |\n|---|:-:|\n| 1 | 2 |\n\n![i](/i.png)\n\n---\n\nNote[^1].\n\n[^1]: The note.\n";
        let html = rendered(markdown);
        let clean = simply(&html);
        assert_eq!(clean.as_deref(), Some(&*by_tree(&html, &base())));
        assert_eq!(clean.as_deref(), Some(&*super::sanitize(&html, &base())));
    }

    #[test]
    fn ordinary_content_stays() {
        let html = "<h2 dir=\"rtl\" lang=\"he\">שלום</h2><p>a <em>b</em> <strong>c</strong><br><code>d</code></p>\
                    <ul><li>x</li></ul><blockquote>q</blockquote>\
                    <table><thead><tr><th>h</th></tr></thead><tbody><tr><td>d</td></tr></tbody></table>\
                    <figure><img src=\"https://example.org/a.png\" alt=\"A\" width=\"10\" height=\"20\" loading=\"lazy\"><figcaption>F</figcaption></figure>\
                    <pre><code class=\"language-rust\">let x;</code></pre>";
        assert_eq!(clean(html), html);
    }

    #[test]
    fn what_acts_goes() {
        for html in [
            "<script>alert(1)</script>",
            "<style>p{}</style>",
            "<p onclick=\"x()\">",
            "<p style=\"color:red\">",
            "<a href=\"javascript:alert(1)\">x</a>",
            "<a href=\" java\nscript:alert(1)\">x</a>",
            "<a href=\"data:text/html,x\">x</a>",
            "<img src=\"data:image/png;base64,AAAA\">",
            "<img src=x onerror=alert(1)>",
            "<svg><script>alert(1)</script></svg>",
            "<form action=/x><input name=a></form>",
            "<object data=\"javascript:x\"></object>",
            "<iframe src=\"javascript:x\"></iframe>",
            "<iframe srcdoc=\"<script>x</script>\"></iframe>",
            "<video poster=\"javascript:x\" src=\"data:x\"></video>",
            "<math><mtext><table><mglyph><style><img src=x onerror=alert(1)>",
            "<base href=\"//evil.example/\"><meta http-equiv=refresh content=0>",
            "<button formaction=\"javascript:x\">b</button>",
            "<noscript><p title=\"</noscript><img src=x onerror=alert(1)>\">",
        ] {
            let clean = clean(html);
            for bad in [
                "script", "onclick", "onerror=", "style", "data:", "<form", "<iframe", "<object", "<base",
                "<meta", "<svg",
            ] {
                assert!(
                    !clean.contains(bad) || clean.contains("&lt;"),
                    "{html} gave {clean}"
                );
            }
        }
    }

    #[test]
    fn addresses_are_absolute() {
        for (html, expected) in [
            (
                "<a href=\"two\">x</a>",
                "<a href=\"https://example.org/posts/two\">x</a>",
            ),
            (
                "<a href=\"/two\">x</a>",
                "<a href=\"https://example.org/two\">x</a>",
            ),
            (
                "<a href=\"#note\">x</a>",
                "<a href=\"https://example.org/posts/one#note\">x</a>",
            ),
            (
                "<a href=\"//cdn.example/x\">x</a>",
                "<a href=\"https://cdn.example/x\">x</a>",
            ),
            (
                "<a href=\"mailto:a@example.org\">x</a>",
                "<a href=\"mailto:a@example.org\">x</a>",
            ),
            ("<a href=\"ftp://x.example/\">x</a>", "<a>x</a>"),
            (
                "<img src=\"a.png\" srcset=\"a.png 1x, /b,c.png 2x, data:x 3x\">",
                "<img src=\"https://example.org/posts/a.png\" srcset=\"https://example.org/posts/a.png 1x, https://example.org/b%2Cc.png 2x\">",
            ),
            (
                "<video src=\"v.mp4\" poster=\"p.jpg\" controls></video>",
                "<video src=\"https://example.org/posts/v.mp4\" poster=\"https://example.org/posts/p.jpg\" controls=\"\"><a href=\"https://example.org/posts/v.mp4\">example.org</a></video>",
            ),
            (
                "<blockquote cite=\"/c\">q</blockquote>",
                "<blockquote cite=\"https://example.org/c\">q</blockquote>",
            ),
        ] {
            assert_eq!(clean(html), expected);
        }
    }

    #[test]
    fn frames_become_links_formulas_their_source_and_late_images_load() {
        for (html, expected) in [
            (
                "<iframe src=\"//v.example/e/1\"></iframe>",
                "<a href=\"https://v.example/e/1\">v.example</a>",
            ),
            (
                "<iframe src=\"/e\" title=\"A film\"></iframe>",
                "<a href=\"https://example.org/e\">A film</a>",
            ),
            (
                "<img src=\"data:image/gif;base64,R0\" data-src=\"/a.png\" alt=\"\">",
                "<img src=\"https://example.org/a.png\" alt=\"\">",
            ),
            ("<p>x<img alt=\"none\"></p>", "<p>x</p>"),
            (
                "<p><math><mi>x</mi><mo>=</mo><mn>2</mn></math></p>",
                "<p><code>x=2</code></p>",
            ),
            (
                "<span class=katex><math><mi>x</mi><annotation encoding=\"application/x-tex\">x^2</annotation></math>\
                 <span aria-hidden=true>x2</span></span>",
                "<code>x^2</code>",
            ),
            (
                "<img srcset=\"/a.png 2x\">",
                "<img srcset=\"https://example.org/a.png 2x\" src=\"https://example.org/a.png\">",
            ),
        ] {
            assert_eq!(clean(html), expected);
        }
    }

    #[test]
    fn classes_but_those_of_code_go() {
        assert_eq!(clean("<p class=\"x\">a</p>"), "<p>a</p>");
        assert_eq!(
            clean("<code class=\"hl language-c x\">a</code>"),
            "<code class=\"language-c\">a</code>"
        );
    }

    #[test]
    fn deep_html_is_its_text() {
        let deep = format!("{}<script>x</script>&lt;b&gt;end", "<div>".repeat(5000));
        let clean = clean(&deep);
        assert!(clean.contains("end") && !clean.contains('<'), "{clean}");
    }

    /// All that no article may hold, whatever went in.
    fn check(clean: &str) -> Result<(), TestCaseError> {
        prop_assert!(clean.chars().all(super::super::text::is_xml_char), "{clean:?}");
        let document = Document::fragment(clean);
        for node in document.select("*").nodes() {
            let name = node.node_name().unwrap();
            prop_assert!(
                !matches!(
                    &*name,
                    "script" | "style" | "iframe" | "object" | "form" | "svg" | "base"
                ),
                "{clean}"
            );
            for attribute in node.attrs() {
                let (key, value) = (attribute.name.local.to_string(), attribute.value.to_string());
                prop_assert!(
                    !key.starts_with("on") && key != "style" && key != "srcdoc",
                    "{clean}"
                );
                if matches!(key.as_str(), "href" | "src" | "poster" | "cite" | "srcset") {
                    let good = ["http://", "https://", "mailto:"]
                        .iter()
                        .any(|scheme| value.starts_with(scheme));
                    prop_assert!(good, "{clean}");
                }
            }
        }
        Ok(())
    }

    fn piece() -> impl Strategy<Value = String> {
        let tag =
            "(a|p|img|script|svg|iframe|video|math|style|table|div|object|source|code|noscript|template)";
        let attribute = "(href|src|srcset|onclick|style|poster|class|cite|data-src|srcdoc|xlink:href)";
        let value = "(javascript:alert\\(1\\)|JaVa\u{1}Script:x|data:text/html,x|vbscript:x|/a|//b.example/c|#d|mailto:a@b.example|https://e.example/f|a b, c 2x|&#1;&#106;avascript:x|\u{FFFE}\u{8})";
        let pattern = |pattern: String| proptest::string::string_regex(&pattern).unwrap();
        prop_oneof![
            pattern(format!("<{tag} {attribute}=\"{value}\">")),
            pattern(format!("<{tag} {attribute}={value} {attribute}='{value}'>")),
            pattern(format!("</{tag}>")),
            pattern(".{0,12}".to_owned()),
            pattern("[<>&\"'/=\\x00\\x01\\x0B\u{FFFF}a-z ]{0,16}".to_owned()),
            Just("&#0;&#8;&#xFFFE;&#x1F;".to_owned()),
            Just("<!--".to_owned()),
            Just("-->".to_owned()),
        ]
    }

    proptest! {
        #[test]
        fn simple_markdown_is_the_same_both_ways(markdown in markdown()) {
            same_both_ways(&rendered(&markdown))?;
        }

        #[test]
        fn tangled_elements_are_the_same_both_ways(html in tangled()) {
            same_both_ways(&html)?;
        }

        #[test]
        fn odd_addresses_are_the_same_both_ways(
            begins in "(/|//|/\\\\|http:|https:|http://|https://|https:///|mailto:|javascript:|#|\\?|[a-z.]|)",
            goes_on in "(e\\.example|日本|\\[|\\]|:80|:|a b|@|%2f|%|\\\\|/|\\?|#|\u{A0}|\u{3000}|\u{2028}|\t| |&amp;|\u{7F}){0,4}",
        ) {
            let address = format!("{begins}{goes_on}");
            same_both_ways(&format!("<p><a href=\"{address}\">a</a></p>"))?;
        }

        #[test]
        fn nothing_forbidden_gets_past(pieces in proptest::collection::vec(piece(), 0..12)) {
            check(&clean(&pieces.concat()))?;
        }

        #[test]
        fn any_text_is_made_safe(text in any::<String>()) {
            check(&clean(&text))?;
        }

        #[test]
        fn twice_is_once(pieces in proptest::collection::vec(piece(), 0..8)) {
            let once = clean(&pieces.concat());
            check(&clean(&once))?;
        }

        #[test]
        fn addresses_are_absolute_or_none(text in any::<String>()) {
            if let Some(url) = absolute(&text, &base()) {
                prop_assert!(["http://", "https://", "mailto:"].iter().any(|scheme| url.starts_with(scheme)));
            }
        }
    }
}
