//! What only members may read, by the marks of the plugins that people use for that. When in doubt
//! something is protected: a feed is for everybody.

/// In the name of a shortcode, a block or a block's attribute: what it encloses is not for everybody.
const WORDS: &[&str] = &[
    "member",
    "restrict",
    "protect",
    "private",
    "paywall",
    "premium",
    "subscriber",
    "loggedin",
    "logged_in",
    "logged-in",
    "login_only",
    "paid",
    "locker",
    "lockdown",
    "hidden",
    "hide_content",
    "hide-content",
    "s2if",
    "rcp_",
    "pmpro",
    "mepr",
    "wlm",
    "ihc-",
    "um_show",
    "user_only",
    "content_for",
    "access_level",
    "patron",
    "passster",
    "visibilitybyrole",
    "userrole",
];
/// Shortcodes whose name says it only to those who know the plugin.
const SHORTCODES: &[&str] = &[
    "private",
    "lock",
    "locked",
    "vip",
    "hide",
    "subscribe_to_unlock",
    "wp_eMember",
    "ppress",
];
/// The same, of those whose name is a word that may stand in brackets: where they are closed.
const ENCLOSING: &[&str] = &[
    "access",
    "student",
    "am4show",
    "wpf",
    "ppwp",
    "eyesonly",
    "hidepost",
    "login_required",
    "require_login",
    "registered_only",
    "mitglieder",
];
/// What the names of such of a family begin with.
const FAMILIES: &[&str] = &["accessally_", "memb_", "groups_"];
/// A word of the name, a key or a value of a closed shortcode that nobody knows begins with one of these:
/// it may be for some.
const SUSPECT: &[&str] = &[
    "member", "login", "logged", "access", "restrict", "protect", "private", "subscrib", "paid", "premium",
    "password",
];
/// Or it is one of these, which of layouts say something else.
const SUSPECT_WORDS: &[&str] = &[
    "role", "roles", "user", "users", "level", "levels", "plan", "plans", "group", "groups",
];
/// In the names of shortcodes that lay out a page.
const LAYOUT: &[&str] = &[
    "vc_",
    "et_pb_",
    "fusion_",
    "av_",
    "row",
    "column",
    "section",
    "tab",
    "accordion",
    "toggle",
    "button",
    "heading",
    "title",
    "image",
    "slide",
    "quote",
    "box",
];
/// Attributes that hold what people read, or how it looks.
const PROSE: &[&str] = &[
    "title",
    "caption",
    "alt",
    "label",
    "text",
    "heading",
    "author",
    "cite",
    "url",
    "href",
    "src",
    "link",
    "class",
    "el_class",
    "id",
    "el_id",
    "style",
    "admin_label",
    "css",
    "icon",
    "name",
    "content",
];
/// What all stands in the attributes of a block, in small letters and without spaces, that is not shown
/// to everybody.
const ATTRIBUTES: &[&[&str]] = &[
    &["\"blockvisibility\":false"],
    &["\"contentcontrols\":{", "\"enabled\":true"],
];
/// In the name of a shortcode with none of this content: a form, a link.
const HARMLESS: &[&str] = &[
    "form",
    "login",
    "register",
    "registration",
    "account",
    "profile",
    "pricing",
    "price",
    "button",
    "link",
    "count",
    "directory",
    "list",
    "url",
    "logout",
    "signup",
    "checkout",
];
/// In the key of a post's own field: the whole post is for some.
const METAS: &[&str] = &[
    "members_access",
    "members_only",
    "member_only",
    "memberful",
    "memberpress",
    "_mepr",
    "membership",
    "restrict",
    "paywall",
    "rcp_",
    "newsletter_access",
    "premium",
    "subscribers_only",
    "subscriber_only",
    "um_content_restriction",
    "ihc_mb",
    "wlm_",
    "wishlist",
    "pmpro",
    "access_role",
    "access_level",
    "protected",
    "patreon-level",
    "patreon_level",
    "content_protect",
    "logged_in_only",
    "loggedin_only",
    "private_post",
    "groups-read",
    "groups_read_post",
    "_wpmem_block",
    "arm_access_plan",
    "passster_activate_protection",
    "_um_custom_access_settings",
];
/// Values of such a field that restrict nothing.
const OPEN: &[&str] = &[
    "",
    "0",
    "no",
    "none",
    "false",
    "off",
    "everybody",
    "everyone",
    "public",
    "all",
    "default",
    "a:0:{}",
    "[]",
    "{}",
    "null",
    "s:0:\"\";",
    "b:0;",
    "i:0;",
];

/// Whether a field of a post is of use.
pub(super) fn is_read(key: &str) -> bool {
    let of_recordings = ["enclosure", "audio_file", "duration", "filesize_raw"];
    matches!(key, "_thumbnail_id" | "_wp_attachment_image_alt")
        || of_recordings.contains(&key)
        || is_about_access(key)
}

fn is_about_access(key: &str) -> bool {
    let key = key.to_ascii_lowercase();
    // The text that others are shown, the plugin's statistics and what opens a post to all.
    let other = ["error", "message", "force_public", "count"];
    METAS.iter().any(|word| key.contains(word)) && !other.iter().any(|word| key.contains(word))
}

/// The field that keeps a post from the public, if one does.
pub(super) fn by_meta(metas: &[(String, String)]) -> Option<&str> {
    let found = metas.iter().find(|(key, value)| {
        let value = value.trim().to_ascii_lowercase();
        let unset = [
            "_um_custom_access_settings\";b:0",
            "_um_custom_access_settings\";s:1:\"0\"",
        ];
        is_about_access(key)
            && !OPEN.contains(&value.as_str())
            && !unset.iter().any(|setting| value.contains(setting))
    });
    found.map(|(key, _)| key.as_str())
}

/// Whether a shortcode encloses what is not for everybody.
pub(super) fn is_shortcode(name: &str) -> bool {
    says_so(name) || SHORTCODES.iter().any(|known| known.eq_ignore_ascii_case(name))
}

/// Whether a shortcode that is closed, and that nobody knows, may enclose what is not for everybody.
pub(super) fn is_suspect(name: &str, attributes: &str) -> bool {
    let name = name.to_ascii_lowercase();
    if ENCLOSING.contains(&name.as_str()) || FAMILIES.iter().any(|family| name.starts_with(family)) {
        return true;
    }
    let is_layout = LAYOUT.iter().any(|word| name.contains(word));
    let tells = |text: &str| {
        let mut words = text.split(|c: char| !c.is_alphanumeric());
        words.any(|word| {
            SUSPECT.iter().any(|stem| word.starts_with(stem)) || !is_layout && SUSPECT_WORDS.contains(&word)
        })
    };
    let attributes = attributes.to_ascii_lowercase();
    tells(&name)
        || pairs(&attributes).any(|(key, value)| !PROSE.contains(&key) && (tells(key) || tells(value)))
}

/// The attributes of a shortcode; a value without a key has an empty one.
fn pairs(mut rest: &str) -> impl Iterator<Item = (&str, &str)> {
    std::iter::from_fn(move || {
        rest = rest.trim_start();
        if rest.is_empty() {
            return None;
        }
        let end = rest.find(|c: char| c.is_whitespace() || c == '=');
        let end = end.unwrap_or(rest.len());
        let (key, after) = match rest[end..].strip_prefix('=') {
            Some(after) => (&rest[..end], after),
            None => ("", rest),
        };
        let quote = after.chars().next().filter(|c| matches!(c, '"' | '\''));
        let inner = &after[quote.map_or(0, char::len_utf8)..];
        let (value, next) = match quote {
            Some(quote) => inner.split_once(quote).unwrap_or((inner, "")),
            None => inner.split_once(char::is_whitespace).unwrap_or((inner, "")),
        };
        rest = next;
        Some((key, value))
    })
}

/// Whether a shortcode without an end has nothing below it that is protected.
pub(super) fn is_harmless_alone(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    HARMLESS.iter().any(|word| name.contains(word))
}

fn says_so(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    WORDS.iter().any(|word| name.contains(word))
}

/// The content without the blocks that are not for everybody, and their names.
pub(super) fn without_blocks(content: &str) -> (String, Vec<String>) {
    let (mut kept, mut names) = (String::with_capacity(content.len()), Vec::new());
    let mut rest = content;
    while let Some((at, end)) = comment(rest) {
        let block = Block::of(&rest[at..end]).filter(Block::is_protected);
        kept.push_str(&rest[..if block.is_some() { at } else { end }]);
        let inside = &rest[end..];
        let Some(block) = block else {
            rest = inside;
            continue;
        };
        names.push(block.name.to_owned());
        rest = match block.is_alone {
            // All below the line is for subscribers.
            true if block.name.contains("paywall") => "",
            true => inside,
            false => after(inside, block.name),
        };
    }
    kept.push_str(rest);
    (kept, names)
}

/// What stands after the end of a block; nothing, where it has none.
fn after<'a>(mut rest: &'a str, name: &str) -> &'a str {
    let mut depth = 1;
    while let Some((at, end)) = comment(rest) {
        let found = Block::of(&rest[at..end]);
        rest = &rest[end..];
        let Some(block) = found else {
            continue;
        };
        if block.name == name && !block.is_alone {
            depth = if block.is_end { depth - 1 } else { depth + 1 };
        }
        if depth == 0 {
            return rest;
        }
    }
    ""
}

/// Where the first comment begins and ends.
fn comment(text: &str) -> Option<(usize, usize)> {
    let at = text.find("<!--")?;
    Some((at, at + text[at..].find("-->")? + 3))
}

/// The comment that a block begins or ends with.
struct Block<'a> {
    name: &'a str,
    attributes: &'a str,
    is_end: bool,
    is_alone: bool,
}

impl<'a> Block<'a> {
    /// `text`: the whole comment.
    fn of(text: &'a str) -> Option<Block<'a>> {
        let inner = text.get(4..text.len() - 3)?.trim();
        let (is_end, inner) = match inner.strip_prefix('/') {
            Some(inner) => (true, inner),
            None => (false, inner),
        };
        let inner = inner.strip_prefix("wp:")?;
        let (is_alone, inner) = match inner.strip_suffix('/') {
            Some(inner) => (true, inner),
            None => (false, inner),
        };
        let (name, attributes) = inner.split_once(char::is_whitespace).unwrap_or((inner, ""));
        Some(Block {
            name: name.trim(),
            attributes,
            is_end,
            is_alone,
        })
    }

    fn is_protected(&self) -> bool {
        // Keys, not values: a class may be called anything.
        let mut keys = self.attributes.split('"').collect::<Vec<_>>();
        keys.retain(|key| !key.is_empty());
        let marked = keys
            .windows(2)
            .any(|pair| pair[1].trim_start().starts_with(':') && says_so(pair[0]));
        let mut squeezed = self.attributes.to_ascii_lowercase();
        squeezed.retain(|c| !c.is_whitespace());
        let hidden = ATTRIBUTES
            .iter()
            .any(|marks| marks.iter().all(|mark| squeezed.contains(mark)));
        !self.is_end && (says_so(self.name) || marked || hidden)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn protected_blocks_go_with_all_that_is_in_them() {
        for (content, kept) in [
            ("a<!-- wp:paragraph --><p>b</p><!-- /wp:paragraph -->", None),
            (
                "a<!-- wp:jetpack/premium-content {\"id\":1} -->SECRET<!-- wp:premium-content/subscriber-view -->SECRET<!-- /wp:premium-content/subscriber-view --><!-- /wp:jetpack/premium-content -->z",
                Some("az"),
            ),
            ("a<!-- wp:jetpack/paywall /-->SECRET", Some("a")),
            (
                "a<!-- wp:x/members -->S<!-- wp:x/members -->S<!-- /wp:x/members -->S<!-- /wp:x/members -->z",
                Some("az"),
            ),
            ("a<!-- wp:x/restrict -->SECRET", Some("a")),
            (
                "a<!-- wp:group {\"className\":\"members\"} -->b<!-- /wp:group -->",
                None,
            ),
            (
                "a<!-- wp:group {\"blockVisibility\":{\"visibilityByRole\":\"logged-in\"}} -->S<!-- /wp:group -->z",
                Some("az"),
            ),
            (
                "a<!-- wp:paragraph {\"metadata\":{\"blockVisibility\":false}} --><p>S</p><!-- /wp:paragraph -->z",
                Some("az"),
            ),
            (
                "a<!-- wp:group {\"contentControls\":{\"enabled\":true,\"rules\":{}}} -->S<!-- /wp:group -->z",
                Some("az"),
            ),
            (
                "a<!-- wp:group {\"metadata\":{\"name\":\"x\"},\"contentControls\":{\"enabled\":false}} -->b<!-- /wp:group -->",
                None,
            ),
        ] {
            let (cut, names) = without_blocks(content);
            assert_eq!(cut, kept.unwrap_or(content));
            assert_eq!(names.is_empty(), kept.is_none(), "{content}");
        }
    }

    #[test]
    fn fields_that_restrict_a_post() {
        let is_kept = |key: &str, value: &str| by_meta(&[(key.to_owned(), value.to_owned())]).is_some();
        for (key, value) in [
            ("_members_access_role", "subscriber"),
            ("_jetpack_newsletter_access", "paid_subscribers"),
            ("groups-read", "4"),
            ("groups-groups_read_post", "groups_read_post"),
            ("_wpmem_block", "1"),
            ("arm_access_plan", "2"),
            ("passster_activate_protection", "1"),
            ("_um_custom_access_settings", "1"),
            ("rcp_subscription_level", "a:1:{i:0;s:1:\"2\";}"),
            (
                "um_content_restriction",
                "a:1:{s:26:\"_um_custom_access_settings\";b:1;}",
            ),
        ] {
            assert!(is_read(key) && is_kept(key, value), "{key}");
        }
        for (key, value) in [
            ("_members_access_error", "Please log in"),
            ("_jetpack_newsletter_access", "everybody"),
            (
                "um_content_restriction",
                "a:1:{s:26:\"_um_custom_access_settings\";b:0;}",
            ),
            ("_edit_last", "1"),
        ] {
            assert!(!is_kept(key, value), "{key}");
        }
    }

    #[test]
    fn closed_shortcodes_that_may_be_for_some() {
        for (name, attributes) in [
            ("access", ""),
            ("accessally_has_any_tag", ""),
            ("memb_has_any_tag", "tagid=1"),
            ("groups_can", ""),
            ("am4show", "have='p1'"),
            ("mitglieder", ""),
            ("show_if", "role=\"editor\""),
            ("show_if", "is = 'x' to=subscribers"),
            ("only", "premium"),
            ("plan", ""),
            ("vc_row", "access=\"x\""),
        ] {
            assert!(is_suspect(name, attributes), "{name} {attributes}");
        }
        for (name, attributes) in [
            ("vc_row", "el_class=\"private\" group=\"a\""),
            ("accordion_group", ""),
            ("planet", "title=\"My private planet\" colour='red'"),
            ("note", "="),
        ] {
            assert!(!is_suspect(name, attributes), "{name} {attributes}");
        }
    }
}
