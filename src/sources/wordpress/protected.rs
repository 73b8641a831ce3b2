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
    matches!(key, "_thumbnail_id" | "_wp_attachment_image_alt") || is_about_access(key)
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
        !self.is_end && (says_so(self.name) || marked)
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
}
