//! What a text is made of, for those who look for what would be run in it.

use std::borrow::Cow;

/// The languages in which generators are told to do something.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Form {
    /// Hugo: `{{< name … >}}` and `{{% name … %}}`.
    Shortcode,
    /// Liquid, Nunjucks, Zola: `{% name … %}`.
    Block,
    /// `{{ … }}`: a value, for Zola a shortcode.
    Expression,
    /// Nunjucks: `{# … #}`.
    Comment,
    /// kramdown: `{: .class}`, `{::options … /}`, `{:toc}`, and `{.class}` on a line of its own.
    Attributes,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Tag<'a> {
    pub(super) form: Form,
    /// As it is written, with its braces.
    pub(super) whole: &'a str,
    /// Where it begins.
    pub(super) at: usize,
    pub(super) name: &'a str,
    pub(super) rest: &'a str,
    /// `{{< /name >}}`, `{% endname %}`, `{% end %}`.
    pub(super) closes: bool,
    /// Nothing else stands on its line.
    pub(super) alone: bool,
}

#[derive(Debug, PartialEq, Eq)]
pub(super) enum Token<'a> {
    Text(Cow<'a, str>),
    Tag(Tag<'a>),
    /// A tag whose content is not looked into.
    Verbatim(Tag<'a>, &'a str),
}
