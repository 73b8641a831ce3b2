//! Shortcodes and tags whose meaning is plain enough to be written down without running them: what
//! they become as HTML.

use super::arguments::Arguments;
use crate::articles::text::one_line;

/// What a tag becomes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Meaning {
    /// A picture with its caption.
    Figure,
    /// A link to what it would embed, at that address.
    Embed(&'static str),
    /// Its content as code.
    Code,
    /// Its content as a quotation.
    Quote,
    /// Its content, under a line that opens it.
    Details,
    /// Its content as it is.
    Raw,
    /// Nothing, and nothing is missing.
    Nothing,
    /// The address of another article.
    Reference,
    /// A value of the front matter.
    Parameter,
}

/// By name, in any generator.
const MEANINGS: &[(&str, Meaning)] = &[
    ("figure", Meaning::Figure),
    ("fig", Meaning::Figure),
    ("img", Meaning::Figure),
    ("image", Meaning::Figure),
    ("picture", Meaning::Figure),
    ("youtube", Meaning::Embed("https://www.youtube.com/watch?v=")),
    ("vimeo", Meaning::Embed("https://vimeo.com/")),
    ("gist", Meaning::Embed("https://gist.github.com/")),
    ("tweet", Meaning::Embed("https://x.com/")),
    ("twitter", Meaning::Embed("https://x.com/")),
    ("x", Meaning::Embed("https://x.com/")),
    ("instagram", Meaning::Embed("https://www.instagram.com/p/")),
    (
        "dailymotion",
        Meaning::Embed("https://www.dailymotion.com/video/"),
    ),
    ("highlight", Meaning::Code),
    ("katex", Meaning::Code),
    ("latex", Meaning::Code),
    ("math", Meaning::Code),
    ("mermaid", Meaning::Code),
    ("quote", Meaning::Quote),
    ("blockquote", Meaning::Quote),
    ("details", Meaning::Details),
    ("raw", Meaning::Raw),
    ("rawhtml", Meaning::Raw),
    ("verbatim", Meaning::Raw),
    ("comment", Meaning::Nothing),
    ("ref", Meaning::Reference),
    ("relref", Meaning::Reference),
    ("post_url", Meaning::Reference),
    ("link", Meaning::Reference),
    ("param", Meaning::Parameter),
];

pub(super) fn meaning(name: &str) -> Option<Meaning> {
    let found = MEANINGS
        .iter()
        .find(|(known, _)| known.eq_ignore_ascii_case(name));
    found.map(|(_, meaning)| *meaning)
}

/// A picture; `None`: it does not say where it is.
pub(super) fn figure(arguments: &Arguments) -> Option<String> {
    let src = arguments.get(&["src", "path", "url", "image", "image_path", "file"], 0)?;
    let title = arguments.named(&["title"]);
    let caption = arguments.named(&["caption", "description"]);
    let alt = arguments
        .get(&["alt"], 1)
        .or(caption)
        .or(title)
        .unwrap_or_default();
    let mut image = format!("<img src=\"{}\" alt=\"{}\"", escape(src), escape(alt));
    for size in ["width", "height"] {
        if let Some(pixels) = arguments.named(&[size]).and_then(|text| text.parse::<u32>().ok()) {
            image.push_str(&format!(" {size}=\"{pixels}\""));
        }
    }
    image.push('>');
    if let Some(link) = arguments.named(&["link", "href"]) {
        image = format!("<a href=\"{}\">{image}</a>", escape(link));
    }
    let credit = arguments
        .named(&["attr"])
        .map(|credit| match arguments.named(&["attrlink"]) {
            Some(link) => format!("<a href=\"{}\">{}</a>", escape(link), escape(credit)),
            None => escape(credit),
        });
    let heading = title.map(|title| format!("<h4>{}</h4>", escape(title)));
    let caption = match (caption, credit) {
        (None, None) => None,
        (caption, credit) => Some(format!(
            "<p>{}</p>",
            one_line(
                &[caption.map(escape), credit]
                    .into_iter()
                    .flatten()
                    .collect::<Vec<_>>()
                    .join(" ")
            )
        )),
    };
    let under: String = heading.into_iter().chain(caption).collect();
    Some(match under.is_empty() {
        true => format!("<figure>{image}</figure>"),
        false => format!("<figure>{image}<figcaption>{under}</figcaption></figure>"),
    })
}

/// A link to what would be embedded; `None`: it does not say what.
pub(super) fn embed(host: &str, arguments: &Arguments) -> Option<String> {
    let first = arguments.get(&["id", "url", "src"], 0)?;
    let second = arguments
        .plain(1)
        .filter(|_| arguments.named(&["id", "url", "src"]).is_none());
    let address = if first.starts_with("https://") || first.starts_with("http://") {
        first.to_owned()
    } else if host == "https://x.com/" {
        format!(
            "{host}{}/status/{first}",
            arguments.named(&["user"]).unwrap_or("i")
        )
    } else if host == "https://gist.github.com/" {
        match (arguments.named(&["user"]), second) {
            (Some(user), _) => format!("{host}{user}/{first}"),
            (None, Some(id)) => format!("{host}{first}/{id}"),
            (None, None) => format!("{host}{first}"),
        }
    } else {
        format!("{host}{first}")
    };
    let safe = |c: char| c.is_ascii_alphanumeric() || "-._~:/?#[]@!$&()*+,;=%".contains(c);
    if !address.chars().all(safe) {
        return None;
    }
    let bare = address
        .split_once("://")
        .map_or(address.as_str(), |(_, rest)| rest);
    let label = arguments.named(&["title", "label", "playlabel"]).unwrap_or(bare);
    Some(format!("<a href=\"{}\">{}</a>", escape(&address), escape(label)))
}

/// Code that is shown as it is written.
pub(super) fn code(name: &str, arguments: &Arguments, inner: &str) -> String {
    let language = match name {
        "highlight" => arguments.get(&["lang", "language"], 0).unwrap_or_default(),
        name => name,
    };
    let inner = inner.trim_start_matches([' ', '\t', '\r']);
    let inner = inner.strip_prefix('\n').unwrap_or(inner).trim_end();
    let known = !language.is_empty()
        && language
            .chars()
            .all(|c| c.is_alphanumeric() || "+#-_.".contains(c));
    let class = match known {
        true => format!(" class=\"language-{language}\""),
        false => String::new(),
    };
    format!("<pre><code{class}>{}\n</code></pre>", escape(inner))
}

/// What stands before and after a quotation.
pub(super) fn quote(arguments: &Arguments) -> (String, String) {
    let author = arguments
        .named(&["author", "cite", "by", "source"])
        .or(arguments.plain(0));
    let credit = author
        .map(|author| format!("<p>— {}</p>\n\n", escape(author)))
        .unwrap_or_default();
    (
        "<blockquote>\n\n".to_owned(),
        format!("\n\n{credit}</blockquote>\n"),
    )
}

/// What stands before and after something that can be opened.
pub(super) fn details(arguments: &Arguments) -> (String, String) {
    let summary = arguments.get(&["summary", "title"], 0).unwrap_or("…");
    let open = format!("<details><summary>{}</summary>\n\n", escape(summary));
    (open, "\n\n</details>\n".to_owned())
}

/// A text as it may stand in HTML, in quotes too.
pub(in crate::sources::markdown) fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            c => escaped.push(c),
        }
    }
    escaped
}
