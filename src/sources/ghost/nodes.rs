//! Posts that carry no HTML but what their editor kept: Lexical, Mobiledoc or Markdown. What is simple
//! becomes HTML; what is not is named.

use super::rows::Post;
use crate::articles::nesting::MAX_DEPTH;
use quick_xml::escape::escape;
use serde_json::Value;
use std::collections::BTreeSet;

/// The HTML of a post, and the kinds of its nodes that are none.
#[derive(Debug, Default)]
pub(super) struct Rendered {
    pub(super) html: String,
    pub(super) unknown: Vec<String>,
}

/// From the newest form that the post has.
pub(super) fn render(post: &Post) -> Rendered {
    let parsed = |text: &str| serde_json::from_str::<Value>(text).ok();
    let mut unknown = BTreeSet::new();
    let lexical = post.lexical.some().and_then(parsed);
    let mobiledoc = post.mobiledoc.some().and_then(parsed);
    let html = match (&lexical, &mobiledoc) {
        (Some(tree), _) => children(&tree["root"], &mut unknown, 0),
        (None, Some(document)) => sections(document, &mut unknown),
        (None, None) => markdown(post.markdown.get()),
    };
    Rendered {
        html,
        unknown: unknown.into_iter().collect(),
    }
}

fn text<'a>(node: &'a Value, key: &str) -> &'a str {
    node[key].as_str().unwrap_or_default()
}

fn markdown(text: &str) -> String {
    let mut html = String::new();
    pulldown_cmark::html::push_html(
        &mut html,
        pulldown_cmark::Parser::new_ext(text, pulldown_cmark::Options::all()),
    );
    html
}

fn children(node: &Value, unknown: &mut BTreeSet<String>, depth: usize) -> String {
    let nodes = node["children"].as_array().map(Vec::as_slice).unwrap_or_default();
    if depth > MAX_DEPTH {
        return String::new();
    }
    nodes
        .iter()
        .map(|node| lexical(node, unknown, depth + 1))
        .collect()
}

/// One node of Lexical.
fn lexical(node: &Value, unknown: &mut BTreeSet<String>, depth: usize) -> String {
    if node["visibility"]["web"]["nonMember"] == Value::Bool(false) {
        return "<!--kg-gated-block:begin nonMember:false--><!--kg-gated-block:end-->".to_owned();
    }
    // For mail alone, as older versions say it.
    if node["visibility"]["showOnWeb"] == Value::Bool(false) {
        return String::new();
    }
    let kind = text(node, "type");
    let mut around = |tag: &str| format!("<{tag}>{}</{tag}>", children(node, unknown, depth));
    match kind {
        "paragraph" => around("p"),
        "heading" | "extended-heading" => match text(node, "tag") {
            tag @ ("h1" | "h2" | "h3" | "h4" | "h5" | "h6") => around(tag),
            _ => around("h2"),
        },
        "quote" | "extended-quote" | "aside" => around("blockquote"),
        "list" if text(node, "listType") == "number" => around("ol"),
        "list" => around("ul"),
        "listitem" => around("li"),
        "linebreak" => "<br>".to_owned(),
        "tab" => "\t".to_owned(),
        "text" | "extended-text" | "code-highlight" | "tk" => formatted(node),
        "link" | "autolink" => {
            let words = children(node, unknown, depth);
            format!("<a href=\"{}\">{words}</a>", escape(text(node, "url")))
        }
        _ => match card(kind, node) {
            Some(html) => html,
            None => {
                unknown.insert(format!("{kind:.60}"));
                children(node, unknown, depth)
            }
        },
    }
}

fn formatted(node: &Value) -> String {
    const TAGS: &[(u64, &str)] = &[
        (1, "strong"),
        (2, "em"),
        (4, "s"),
        (8, "u"),
        (16, "code"),
        (32, "sub"),
        (64, "sup"),
        (128, "mark"),
    ];
    let format = node["format"].as_u64().unwrap_or(0);
    let set = TAGS.iter().filter(|(bit, _)| format & bit != 0);
    set.fold(escape(text(node, "text")).into_owned(), |html, (_, tag)| {
        format!("<{tag}>{html}</{tag}>")
    })
}

/// A card, of either editor: the same fields under the same names.
fn card(name: &str, payload: &Value) -> Option<String> {
    let get = |key: &str| text(payload, key);
    let attribute = |key: &str| escape(get(key)).into_owned();
    Some(match name {
        "html" => get("html").to_owned(),
        "markdown" | "card-markdown" => markdown(get("markdown")),
        "hr" | "horizontalrule" => "<hr>".to_owned(),
        "paywall" => "<!--members-only-->".to_owned(),
        "code" | "codeblock" | "code-block" => format!(
            "<pre><code class=\"language-{}\">{}</code></pre>",
            attribute("language"),
            attribute("code")
        ),
        "embed" | "bookmark" => {
            let title = text(&payload["metadata"], "title");
            let title = if title.is_empty() { get("url") } else { title };
            format!(
                "<p><a href=\"{}\">{}</a></p>{}",
                attribute("url"),
                escape(title),
                get("caption")
            )
        }
        "callout" => format!(
            "<blockquote>{} {}</blockquote>",
            get("calloutEmoji"),
            get("calloutText")
        ),
        "toggle" => format!("<h4>{}</h4>{}", get("heading"), get("content")),
        "button" => format!(
            "<p><a href=\"{}\">{}</a></p>",
            attribute("buttonUrl"),
            attribute("buttonText")
        ),
        "header" => format!("<h2>{}</h2><p>{}</p>", get("header"), get("subheader")),
        "product" => format!("<h4>{}</h4>{}", get("productTitle"), get("productDescription")),
        "email" | "email-cta" | "signup" => String::new(),
        _ => return medium(name, payload),
    })
}

/// A card with a file in it.
fn medium(name: &str, payload: &Value) -> Option<String> {
    let get = |key: &str| text(payload, key);
    let attribute = |key: &str| escape(get(key)).into_owned();
    let caption = match get("caption") {
        "" => String::new(),
        caption => format!("<figcaption>{caption}</figcaption>"),
    };
    Some(match name {
        "image" => format!(
            "<figure><img src=\"{}\" alt=\"{}\">{caption}</figure>",
            attribute("src"),
            attribute("alt")
        ),
        "gallery" => {
            let images = payload["images"].as_array().into_iter().flatten();
            let images: String = images
                .map(|image| {
                    format!(
                        "<img src=\"{}\" alt=\"{}\">",
                        escape(text(image, "src")),
                        escape(text(image, "alt"))
                    )
                })
                .collect();
            format!("<figure>{images}{caption}</figure>")
        }
        "file" => format!(
            "<p><a href=\"{}\">{}</a></p>",
            attribute("src"),
            escape(
                [get("fileTitle"), get("fileName"), "file"]
                    .into_iter()
                    .find(|name| !name.is_empty())?
            )
        ),
        "audio" => format!(
            "<figure><audio src=\"{}\" controls></audio><figcaption>{}</figcaption></figure>",
            attribute("src"),
            attribute("title")
        ),
        "video" => format!(
            "<figure><video src=\"{}\" controls></video>{caption}</figure>",
            attribute("src")
        ),
        _ => return None,
    })
}

/// The sections of a Mobiledoc.
fn sections(document: &Value, unknown: &mut BTreeSet<String>) -> String {
    let list = |value: &'static str| document[value].as_array().map(Vec::as_slice).unwrap_or_default();
    let mut html = String::new();
    for section in list("sections") {
        match section[0].as_u64() {
            Some(1) => {
                let tag = match section[1].as_str().unwrap_or("p") {
                    tag @ ("p" | "h1" | "h2" | "h3" | "h4" | "h5" | "h6" | "blockquote") => tag,
                    "aside" | "pull-quote" => "blockquote",
                    _ => "p",
                };
                html.push_str(&format!("<{tag}>{}</{tag}>", markers(&section[2], document)));
            }
            Some(2) => html.push_str(&format!(
                "<img src=\"{}\">",
                escape(section[1].as_str().unwrap_or_default())
            )),
            Some(3) => {
                let tag = if section[1] == "ol" { "ol" } else { "ul" };
                let items = section[2].as_array().into_iter().flatten();
                let items: String = items
                    .map(|item| format!("<li>{}</li>", markers(item, document)))
                    .collect();
                html.push_str(&format!("<{tag}>{items}</{tag}>"));
            }
            Some(10) => {
                let index = section[1].as_u64().and_then(|index| usize::try_from(index).ok());
                let found = index.and_then(|index| list("cards").get(index));
                let name = found.and_then(|card| card[0].as_str()).unwrap_or_default();
                match found.and_then(|found| card(name, &found[1])) {
                    Some(card) => html.push_str(&card),
                    None => drop(unknown.insert(format!("{name:.60}"))),
                }
            }
            _ => {}
        }
    }
    html
}

/// Text with the tags that open before it and close after it.
fn markers(markers: &Value, document: &Value) -> String {
    const TAGS: &[&str] = &[
        "a", "strong", "b", "em", "i", "u", "s", "code", "sub", "sup", "mark",
    ];
    let mut html = String::new();
    let mut open: Vec<&str> = Vec::new();
    for marker in markers.as_array().into_iter().flatten() {
        for markup in marker[1].as_array().into_iter().flatten().take(100) {
            let index = markup
                .as_u64()
                .and_then(|index| usize::try_from(index).ok())
                .unwrap_or(usize::MAX);
            let markup = &document["markups"][index];
            let tag = TAGS
                .iter()
                .find(|tag| markup[0] == **tag)
                .copied()
                .unwrap_or("span");
            let href = markup[1].as_array().and_then(|pairs| {
                pairs
                    .get(pairs.iter().position(|name| name == "href")? + 1)?
                    .as_str()
            });
            match href {
                Some(href) => html.push_str(&format!("<{tag} href=\"{}\">", escape(href))),
                None => html.push_str(&format!("<{tag}>")),
            }
            open.push(tag);
        }
        match marker[0].as_u64() {
            Some(0) => html.push_str(&escape(marker[3].as_str().unwrap_or_default())),
            // The one atom that Ghost has is a soft return.
            _ => html.push_str("<br>"),
        }
        for _ in 0..marker[2].as_u64().unwrap_or(0).min(open.len() as u64) {
            let tag = open.pop().unwrap_or("span");
            html.push_str(&format!("</{tag}>"));
        }
    }
    html
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(lexical: &str, mobiledoc: &str) -> Rendered {
        let post = serde_json::json!({ "lexical": lexical, "mobiledoc": mobiledoc });
        render(&serde_json::from_value(post).unwrap())
    }

    #[test]
    fn lexical_becomes_html() {
        let made = of(
            r#"{"root":{"children":[{"type":"heading","tag":"h2","children":[{"type":"text","text":"A & B","format":3}]},
            {"type":"paragraph","children":[{"type":"link","url":"https://e.example/","children":[{"type":"text","text":"l"}]},{"type":"linebreak"}]},
            {"type":"list","listType":"number","children":[{"type":"listitem","children":[{"type":"text","text":"x"}]}]},
            {"type":"image","src":"/a.png","alt":"A","caption":"C"},
            {"type":"callout","calloutText":"SECRET","visibility":{"web":{"nonMember":false}}},
            {"type":"html","html":"SECRET","visibility":{"showOnWeb":false,"showOnEmail":true}},
            {"type":"email","html":"SECRET"},{"type":"transistor"},{"type":"paywall"}]}}"#,
            "",
        );
        assert!(made.html.starts_with("<h2><em><strong>A &amp; B</strong></em></h2><p><a href=\"https://e.example/\">l</a><br></p><ol><li>x</li></ol><figure>"), "{}", made.html);
        assert!(made.html.ends_with("<!--members-only-->") && !made.html.contains("SECRET"));
        assert_eq!(made.unknown, ["transistor"]);
    }

    #[test]
    fn mobiledoc_becomes_html() {
        let made = of(
            "",
            r#"{"version":"0.3.1","markups":[["strong"],["a",["href","https://e.example/"]]],"atoms":[["soft-return","",{}]],"cards":[["code",{"code":"a<b","language":"c"}],["odd",{}]],
            "sections":[[1,"p",[[0,[0],1,"bold"],[0,[],0," and "],[0,[1],1,"link"],[1,[],0,0]]],[3,"ul",[[[0,[],0,"x"]]]],[10,0],[10,1],[10,9]]}"#,
        );
        assert_eq!(
            made.html,
            "<p><strong>bold</strong> and <a href=\"https://e.example/\">link</a><br></p><ul><li>x</li></ul><pre><code class=\"language-c\">a&lt;b</code></pre>"
        );
        assert_eq!(made.unknown, ["", "odd"]);
    }
}
