//! The cards of Ghost's editor in HTML: what only members or only mails have goes, controls of players
//! and pictures of icons go, and the words stay.

use crate::articles::nesting;
use dom_query::Document;

/// What everybody may read of a post.
#[derive(Debug, Default)]
pub(super) struct Public {
    pub(super) html: String,
    /// Whether something was for members alone.
    pub(super) is_cut: bool,
}

/// Pairs of comments around what stands in mails alone.
const MAIL: &[&str] = &["email", "email-cta"];
/// What has no place in an article, and what is for members alone wherever it stands.
const OUT: &str = ".kg-email-card, .kg-email-cta-card, .kg-signup-card, .kg-audio-player, \
    .kg-video-player-container, .kg-video-overlay, .kg-video-hide, .kg-audio-thumbnail, .kg-bookmark-icon, \
    .kg-bookmark-thumbnail, .kg-bookmark-metadata, .kg-file-card-icon, .kg-toggle-card-icon, \
    .kg-product-card-rating, .gh-post-upgrade-cta, [data-kg-visibility-members-only]";

pub(super) fn public(html: &str) -> Public {
    let (html, is_cut) = before_paywall(html);
    let (html, is_gated) = without_gated(html);
    let html = MAIL.iter().fold(html, |html, name| {
        without(
            &html,
            &format!("kg-card-begin: {name}"),
            &format!("kg-card-end: {name}"),
        )
    });
    let is_cut = is_cut || is_gated;
    if !html.contains("kg-") && !html.contains("gh-post-upgrade-cta") || nesting::excess(&html).is_some() {
        return Public { html, is_cut };
    }
    let document = Document::fragment(html.as_str());
    document.select(OUT).remove();
    document.select("audio, video").set_attr("controls", "");
    Public {
        html: document.select("html").inner_html().to_string(),
        is_cut,
    }
}

/// Where each comment begins and ends, and what it says.
fn comments(html: &str) -> impl Iterator<Item = (usize, usize, &str)> {
    let mut at = 0;
    std::iter::from_fn(move || {
        let start = at + html.get(at..)?.find("<!--")?;
        let end = start + 4 + html[start + 4..].find("-->")?;
        at = end + 3;
        Some((start, at, html[start + 4..end].trim()))
    })
}

fn before_paywall(html: &str) -> (&str, bool) {
    let wall = comments(html).find(|(_, _, text)| {
        let text = text.to_ascii_lowercase();
        text == "members-only" || text == "kg-card-begin: paywall"
    });
    match wall {
        // A comment within it is no wall to any browser, and one to us.
        Some((start, ..)) => (&html[..start], true),
        None => (html, false),
    }
}

/// Blocks that say who sees them: those that a visitor does not see go, with all that is in them. One
/// without an end goes to the end.
fn without_gated(html: &str) -> (String, bool) {
    let (mut made, mut at, mut is_cut) = (String::new(), 0, false);
    // Of each block that is open whether it hides, and how many do.
    let (mut open, mut hiding) = (Vec::new(), 0_usize);
    for (start, end, text) in comments(html) {
        let Some(rest) = text.strip_prefix("kg-gated-block:") else {
            continue;
        };
        if hiding == 0 {
            made.push_str(&html[at..start]);
        }
        at = end;
        if rest.starts_with("begin") {
            let squeezed: String = rest.chars().filter(|c| !c.is_whitespace()).collect();
            let hides = !squeezed.contains("nonMember:true");
            open.push(hides);
            hiding += usize::from(hides);
            is_cut |= hides;
        } else {
            hiding -= usize::from(open.pop().unwrap_or(false));
        }
    }
    if hiding == 0 {
        made.push_str(&html[at..]);
    }
    (made, is_cut)
}

fn without(html: &str, begin: &str, end: &str) -> String {
    let (mut made, mut at, mut depth) = (String::new(), 0, 0_u32);
    for (start, after, text) in comments(html) {
        if text == begin {
            if depth == 0 {
                made.push_str(&html[at..start]);
            }
            depth += 1;
        } else if text == end && depth > 0 {
            depth -= 1;
        } else {
            continue;
        }
        at = after;
    }
    if depth == 0 {
        made.push_str(&html[at..]);
    }
    made
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_for_everybody_goes() {
        for (html, kept, is_cut) in [
            ("<p>a</p><!--members-only--><p>SECRET</p>", "<p>a</p>", true),
            ("<p>a</p><!-- Members-only --><p>SECRET</p>", "<p>a</p>", true),
            (
                "a<!--kg-card-begin: email-->SECRET<!--kg-card-end: email-->z",
                "az",
                false,
            ),
            (
                "a<!--kg-card-begin: email-cta-->SECRET<!--kg-card-end: email-cta-->z",
                "az",
                false,
            ),
            ("a<!--kg-card-begin: email-->SECRET", "a", false),
            (
                "a<!--kg-gated-block:begin nonMember:false memberSegment:\"status:free\" -->SECRET<!--kg-gated-block:end-->z",
                "az",
                true,
            ),
            (
                "a<!--kg-gated-block:begin nonMember:true memberSegment:\"\" -->b<!--kg-gated-block:end-->z",
                "abz",
                false,
            ),
            ("a<!--kg-gated-block:begin nonMember:false-->SECRET", "a", true),
            (
                "a<!--kg-gated-block:begin nonMember:false-->S<!--kg-gated-block:begin nonMember:true-->S<!--kg-gated-block:end-->S<!--kg-gated-block:end-->z",
                "az",
                true,
            ),
            (
                "<p>a</p><div class=\"kg-card kg-email-card\">SECRET</div>",
                "<p>a</p>",
                false,
            ),
            ("<p>plain</p>", "<p>plain</p>", false),
        ] {
            let public = public(html);
            assert_eq!((public.html.as_str(), public.is_cut), (kept, is_cut), "{html}");
        }
    }

    #[test]
    fn cards_keep_their_words_and_lose_their_controls() {
        let public = public(
            "<figure class=\"kg-card kg-bookmark-card\"><a class=\"kg-bookmark-container\" href=\"https://e.example/\"><div class=\"kg-bookmark-content\"><div class=\"kg-bookmark-title\">T</div><div class=\"kg-bookmark-metadata\"><img class=\"kg-bookmark-icon\" src=\"/i.png\"></div></div></a></figure><div class=\"kg-card kg-audio-card\"><div class=\"kg-audio-player-container\"><audio src=\"/a.mp3\"></audio><div class=\"kg-audio-title\">Song</div><div class=\"kg-audio-player\"><span>0:00</span></div></div></div>",
        );
        assert!(
            public.html.contains("Song") && !public.html.contains("0:00"),
            "{}",
            public.html
        );
        assert!(
            public.html.contains(">T<") && !public.html.contains("i.png"),
            "{}",
            public.html
        );
    }
}
