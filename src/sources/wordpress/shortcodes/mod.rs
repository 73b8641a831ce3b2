//! Shortcodes, `[gallery ids="1,2"]`: those whose HTML is obvious become it, those of other plugins
//! leave their inner text and are named, and what those of membership plugins enclose goes.

mod known;
mod tag;

pub(super) use known::{NoPictures, Pictures, figure};

use super::protected;
use known::known;
use std::collections::{BTreeSet, HashMap};
use tag::{Tag, first_within, is_of_name};

/// So deep may they stand in one another.
const DEPTH: usize = 20;
/// Elements in which a shortcode is no shortcode, and how they end.
const CODE: [(&str, &str); 2] = [("pre", "</pre"), ("code", "</code")];

/// What a walk met.
#[derive(Debug, Default)]
pub(super) struct Met {
    /// Of other plugins.
    pub(super) unknown: BTreeSet<String>,
    /// Of membership plugins.
    pub(super) protected: BTreeSet<String>,
    /// Of an unclosed one of these all that follows goes.
    cut: bool,
}

/// The content without what is not for everybody.
pub(super) fn without_protected(content: &str, met: &mut Met) -> String {
    walk(content, None, met, 0)
}

/// The content with HTML in place of shortcodes.
pub(super) fn expand(content: &str, pictures: &dyn Pictures, met: &mut Met) -> String {
    walk(content, Some(pictures), met, 0)
}

/// `pictures`: `None` where only what is protected is looked for, in code too.
fn walk(content: &str, pictures: Option<&dyn Pictures>, met: &mut Met, depth: usize) -> String {
    let mut made = String::with_capacity(content.len());
    let ends = ends(content);
    let last_code = CODE.map(|(_, end)| content.rfind(end).unwrap_or(0));
    let mut at = 0;
    while let Some(step) = content[at..].find(['[', '<']) {
        made.push_str(&content[at..at + step]);
        at += step;
        let skipped = match pictures {
            Some(_) if content[at..].starts_with('<') => verbatim(content, at, last_code),
            _ => 0,
        };
        if skipped > 0 || content[at..].starts_with('<') {
            let next = at + skipped.max(1);
            made.push_str(&content[at..next]);
            at = next;
            continue;
        }
        // `[[name]]` is how one writes about a shortcode.
        if content[at..].starts_with("[[") && (pictures.is_some() || is_escaped(content, at, &ends)) {
            made.push_str("[[");
            at += 2;
            continue;
        }
        let Some(tag) = tag_at(content, at, pictures.is_none()) else {
            made.push('[');
            at += 1;
            continue;
        };
        let after = at + tag.length;
        let end = match tag.is_alone || tag.is_end {
            true => None,
            false => end_of(content, &ends, tag.name, after),
        };
        let (inner, next) = end.map_or(("", after), |end| (&content[after..end.0], end.1));
        let Some(html) = one(&tag, inner, end.is_some(), pictures, met, depth) else {
            made.push('[');
            at += 1;
            continue;
        };
        made.push_str(&html);
        at = next;
        if met.cut {
            return made;
        }
    }
    made.push_str(&content[at..]);
    made
}

fn tag_at(content: &str, at: usize, hides: bool) -> Option<Tag<'_>> {
    let protected = || hides.then(|| Tag::protected(&content[at..])).flatten();
    Tag::of(&content[at..]).or_else(protected)
}

/// Whether what begins with `[[` ends with `]]`: else it is a shortcode, after a bracket.
fn is_escaped(content: &str, at: usize, ends: &HashMap<&str, Vec<usize>>) -> bool {
    let Some(tag) = tag_at(content, at + 1, true).filter(|tag| protected::is_shortcode(tag.name)) else {
        return false;
    };
    let after = at + 1 + tag.length;
    let end = match tag.is_alone {
        true => None,
        false => end_of(content, ends, tag.name, after),
    };
    content[end.map_or(after, |(_, end)| end)..].starts_with(']')
}

/// The HTML of one shortcode; `None`: it is none, or not what is looked for.
fn one(
    tag: &Tag,
    inner: &str,
    closed: bool,
    pictures: Option<&dyn Pictures>,
    met: &mut Met,
    depth: usize,
) -> Option<String> {
    let hides = protected::is_shortcode(tag.name) && !tag.is_end;
    if hides && (closed || !protected::is_harmless_alone(tag.name)) {
        met.protected.insert(tag.name.to_owned());
        met.cut |= !closed && !tag.is_alone;
        return Some(String::new());
    }
    let is_suspect = || !known::is_known(tag.name) && protected::is_suspect(tag.name, tag.attributes);
    if closed && is_suspect() {
        met.protected.insert(tag.name.to_owned());
        return Some(String::new());
    }
    let pictures = pictures?;
    if let Some(html) = known(tag, inner, pictures) {
        return Some(html);
    }
    if !(closed || tag.is_surely_one()) {
        return None;
    }
    met.unknown.insert(tag.name.to_owned());
    match depth < DEPTH {
        true => Some(walk(inner, Some(pictures), met, depth + 1)),
        false => Some(String::new()),
    }
}

/// Where each name's closing tags stand.
fn ends(content: &str) -> HashMap<&str, Vec<usize>> {
    let mut ends: HashMap<&str, Vec<usize>> = HashMap::new();
    for (at, _) in content.match_indices("[/") {
        let name = &content[at + 2..];
        let length = name.find(|c| !is_of_name(c)).unwrap_or(name.len());
        ends.entry(&name[..length]).or_default().push(at);
    }
    ends
}

/// The first end of that name after a place: where it begins and ends.
fn end_of(
    content: &str,
    ends: &HashMap<&str, Vec<usize>>,
    name: &str,
    from: usize,
) -> Option<(usize, usize)> {
    let places = ends.get(name)?;
    let &at = places.get(places.partition_point(|&place| place < from))?;
    let close = first_within(&content[at..], ']')?;
    Some((at, at + close + 1))
}

/// Code, where a shortcode is no shortcode: how long it is.
fn verbatim(content: &str, at: usize, last: [usize; 2]) -> usize {
    let text = &content[at..];
    let found = CODE.iter().zip(last).find_map(|((name, end), last)| {
        let tag = text.get(1..1 + name.len())?;
        let fits = tag.eq_ignore_ascii_case(name)
            && text[1 + name.len()..].starts_with(|c: char| c == '>' || c.is_whitespace());
        // Without an end below nothing is looked through for one.
        (fits && at < last).then(|| text.find(end))?
    });
    found.unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Some2;

    impl Pictures for Some2 {
        fn picture(&self, id: &str) -> Option<String> {
            (id.len() == 1).then(|| format!("<img src=\"/{id}.png\">"))
        }

        fn of_post(&self) -> Vec<String> {
            vec!["<img src=\"/own.png\">".to_owned()]
        }
    }

    fn made(content: &str) -> (String, Vec<String>, Vec<String>) {
        let mut met = Met::default();
        let public = without_protected(content, &mut met);
        let html = expand(&public, &Some2, &mut met).replace('\n', "");
        (
            html,
            met.unknown.into_iter().collect(),
            met.protected.into_iter().collect(),
        )
    }

    #[test]
    fn the_obvious_ones_become_html() {
        for (content, html) in [
            (
                "[caption id=\"a\" width=\"9\"]<a href=\"/x\"><img src=\"/a.png\"></a> A <em>boat</em>[/caption]",
                "<figure><a href=\"/x\"><img src=\"/a.png\"></a><figcaption>A <em>boat</em></figcaption></figure>",
            ),
            (
                "[caption width=\"9\" caption=\"Words\"]<img src=\"/a.png\">[/caption]",
                "<figure><img src=\"/a.png\"><figcaption>Words</figcaption></figure>",
            ),
            (
                "[gallery ids=\"1,2,none\"]",
                "<img src=\"/1.png\"><img src=\"/2.png\">",
            ),
            ("[gallery]", "<img src=\"/own.png\">"),
            (
                "[embed]https://v.example/a?b=1&c=2[/embed]",
                "<p><a href=\"https://v.example/a?b=1&amp;c=2\">https://v.example/a?b=1&amp;c=2</a></p>",
            ),
            (
                "[audio mp3=\"https://e.example/a.mp3\"][/audio]",
                "<figure><audio src=\"https://e.example/a.mp3\" controls></audio></figure>",
            ),
            (
                "[video src='https://e.example/a.mp4' /]",
                "<figure><video src=\"https://e.example/a.mp4\" controls></video></figure>",
            ),
            (
                "[youtube https://youtu.be/x]",
                "<p><a href=\"https://youtu.be/x\">https://youtu.be/x</a></p>",
            ),
            (
                "[youtube id=\"abc\"]",
                "<p><a href=\"https://www.youtube.com/watch?v=abc\">https://www.youtube.com/watch?v=abc</a></p>",
            ),
            (
                "[youtube=https://youtu.be/x&w=1]",
                "<p><a href=\"https://youtu.be/x&amp;w=1\">https://youtu.be/x&amp;w=1</a></p>",
            ),
            (
                "[code language=\"c\"]a < b[/code]",
                "<pre><code class=\"language-c\">a &lt; b</code></pre>",
            ),
        ] {
            let (made, unknown, protected) = made(content);
            assert_eq!(made, html, "{content}");
            assert!(unknown.is_empty() && protected.is_empty());
        }
    }

    #[test]
    fn others_are_named_and_words_stay_words() {
        let (html, unknown, _) = made(
            "[vc_row][vc_column width=\"1/2\"]Text [sic] [1] [see below][/vc_column][/vc_row] [wpforms id=\"3\"] [toc]",
        );
        assert_eq!(html.trim(), "Text [sic] [1] [see below]");
        assert_eq!(unknown, ["toc", "vc_column", "vc_row", "wpforms"]);
        assert_eq!(
            made("<pre>[gallery]</pre> a[0] [ x ] [[gallery]]").0,
            "<pre>[gallery]</pre> a[0] [ x ] [[gallery]]"
        );
    }

    #[test]
    fn what_is_for_members_goes() {
        for content in [
            "a[members_only]SECRET[/members_only]z",
            "a[restrict paid=\"true\"]SECRET [vc_row]SECRET[/vc_row][/restrict]z",
            "a<pre>[s2If current_user_can(access)]SECRET[/s2If]</pre>z",
            "a[vc_row][private]SECRET[/private][/vc_row]z",
            "a[paywall]SECRET to the end",
            "a[wlm_private \"Gold\"]SECRET[/wlm_private]z",
            "a[restrict message=”You don't have access”]<p>It's SECRET</p>[/restrict]z",
            "a[[members_only]SECRET[/members_only]z",
            "a[[members_only]]SECRET[/members_only]z",
            "a[[private level=“1 <b>'2”]SECRET",
            "a[student]SECRET[/student]z",
            "a[show_if role=\"editor\"]SECRET[/show_if]z",
        ] {
            let (html, _, protected) = made(content);
            assert!(!html.contains("SECRET") && html.starts_with('a'), "{html}");
            assert_eq!(protected.len(), 1, "{content}");
        }
        for written in ["a[[private]]z", "a[[gallery]]z"] {
            assert_eq!(made(written).0, written);
        }
        assert!(made("a[login_form]b[member_count]c").0.contains('c'));
    }

    #[test]
    fn a_great_many_are_read_in_one_go() {
        let began = std::time::Instant::now();
        for piece in [
            "[a_b]", "[a b=\"", "[[", "[/a_b]", "[members", "<!--", "<code>", "<",
        ] {
            made(&piece.repeat(50_000));
        }
        made(&format!("{}</code", "<pre>".repeat(400_000)));
        made(&format!("{}]", "[[members".repeat(50_000)));
        assert!(began.elapsed().as_secs() < 60, "{:?}", began.elapsed());
    }
}
