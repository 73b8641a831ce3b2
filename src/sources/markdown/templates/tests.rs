//! What comes of the tags of each generator, through the whole reading of a file.

use super::super::read;
use crate::sources::dates::Reading;
use crate::sources::extract::Extract;
use crate::sources::ground::Ground;
use url::Url;

fn extract(body: &str) -> Extract {
    let mut ground = Ground::new("a.md", None);
    ground.site.url = Url::parse("https://example.org/blog/").unwrap();
    let posts = ground.dir.path();
    std::fs::write(posts.join("2026-01-23-eel.md"), "---\nslug: eels\n---\nx").unwrap();
    std::fs::write(posts.join("knots.md"), "---\nurl: /k/\n---\nx").unwrap();
    let file = format!("---\ntitle: A \"title\"\n---\n{body}");
    read(&ground.place(), &file, Reading::new(chrono_tz::Tz::UTC, "en")).unwrap()
}

fn html(body: &str) -> String {
    extract(body).html.trim().to_owned()
}

/// The lines and names that warnings give.
fn told(body: &str) -> Vec<(u64, String)> {
    let named = extract(body).warnings.into_iter().map(|warning| {
        let name = warning
            .message
            .split(" is for ")
            .next()
            .unwrap_or_default()
            .to_owned();
        (warning.line.unwrap(), name)
    });
    named.collect()
}

#[test]
fn plain_ones_become_what_they_mean() {
    for (body, expected) in [
        (
            "{{< figure src=\"a.png\" alt=\"A\" caption=\"C & d\" >}}\n\nx",
            "<figure><img src=\"a.png\" alt=\"A\"><figcaption><p>C &amp; d</p></figcaption></figure>\n<p>x</p>",
        ),
        (
            "{{ image(src=\"/a.png\", alt=\"A\") }}\nx",
            "<figure><img src=\"/a.png\" alt=\"A\"></figure>\n<p>x</p>",
        ),
        (
            "{% image \"./a.png\", \"A\" %}",
            "<figure><img src=\"./a.png\" alt=\"A\"></figure>",
        ),
        (
            "{% include figure image_path=\"/a.png\" alt=\"A\" %}",
            "<figure><img src=\"/a.png\" alt=\"A\"></figure>",
        ),
        (
            "{{< youtube w7Ft2ymGmfc >}}",
            "<p><a href=\"https://www.youtube.com/watch?v=w7Ft2ymGmfc\">www.youtube.com/watch?v=w7Ft2ymGmfc</a></p>",
        ),
        (
            "{{ youtube(id=\"w7Ft\", autoplay=true) }}",
            "<p><a href=\"https://www.youtube.com/watch?v=w7Ft\">www.youtube.com/watch?v=w7Ft</a></p>",
        ),
        (
            "{{< gist ann 12 >}}",
            "<p><a href=\"https://gist.github.com/ann/12\">gist.github.com/ann/12</a></p>",
        ),
        (
            "{% gist ann/12 %}",
            "<p><a href=\"https://gist.github.com/ann/12\">gist.github.com/ann/12</a></p>",
        ),
        (
            "{{< x user=\"ann\" id=\"7\" >}}",
            "<p><a href=\"https://x.com/ann/status/7\">x.com/ann/status/7</a></p>",
        ),
        (
            "{{< highlight go \"linenos=table\" >}}\na < b\n\n```\n{{< /highlight >}}\nx",
            "<pre><code class=\"language-go\">a &lt; b\n\n```\n</code></pre>\n<p>x</p>",
        ),
        (
            "{% highlight rust linenos %}\nlet {{ x }};\n{% endhighlight %}",
            "<pre><code class=\"language-rust\">let {{ x }};\n</code></pre>",
        ),
        (
            "{% quote(author=\"Ann\") %}\nSaid *so*.\n{% end %}\nx",
            "<blockquote>\n<p>Said <em>so</em>.</p>\n<p>— Ann</p>\n</blockquote>\n<p>x</p>",
        ),
        (
            "{{< details summary=\"More\" >}}\nText\n{{< /details >}}",
            "<details><summary>More</summary>\n<p>Text</p>\n</details>",
        ),
        ("{% raw %}{{ a }}{% endraw %} b", "<p>{{ a }} b</p>"),
        ("{{ \"{{ a }}\" }} b", "<p>{{ a }} b</p>"),
        ("a{% comment %} b {% endcomment %}c", "<p>ac</p>"),
        ("a{# b #}c", "<p>ac</p>"),
        ("[a]({{ site.baseurl }}/x/)", "<p><a href=\"/blog/x/\">a</a></p>"),
        (
            "[a]({{ '/x/' | relative_url }})",
            "<p><a href=\"/blog/x/\">a</a></p>",
        ),
        (
            "[a]({{ \"/x/\" | absolute_url }})",
            "<p><a href=\"https://example.org/blog/x/\">a</a></p>",
        ),
        ("{{ page.title }}", "<p>A \"title\"</p>"),
        ("{{< param title >}}", "<p>A \"title\"</p>"),
        ("{%- assign x = 1 -%}\na", "<p>a</p>"),
    ] {
        let extract = extract(body);
        assert_eq!(extract.html.trim(), expected, "{body}");
        assert_eq!(extract.warnings, [], "{body}");
    }
}

#[test]
fn what_would_have_to_be_run_is_named() {
    for (body, expected, names) in [
        (
            "a\n\n{{< map id=1 >}}\n\nb",
            "<p>a</p>\n<p>b</p>",
            vec![(6, "{{< map >}}")],
        ),
        (
            "{{% notice tip %}}\nMind *this*.\n{{% /notice %}}\nb",
            "<p>Mind <em>this</em>.</p>\n<p>b</p>",
            vec![(4, "{{% notice %}}")],
        ),
        (
            "a {{ .Site.Params.x }} b",
            "<p>a  b</p>",
            vec![(4, "{{ .Site.Params.x }}")],
        ),
        (
            "{% include nav.html %}\n{% include nav.html %}a",
            "<p>a</p>",
            vec![(4, "{% include %}")],
        ),
        (
            "{% for p in posts %}\n{{ p.title }}\n{% endfor %}\na",
            "<p>a</p>",
            vec![(4, "{% for %}")],
        ),
        (
            "{% if x %}a{% else %}b {{ c }}{% endif %} d",
            "<p>a d</p>",
            vec![(4, "{% if %}")],
        ),
        ("{{ chart(data=[1, 2]) }}", "", vec![(4, "{{ chart }}")]),
        (
            "{% box(kind=\"x\") %}\nIn.\n{% end %}",
            "<p>In.</p>",
            vec![(4, "{% box %}")],
        ),
        (
            "{{< a.inline >}}{{ .Page }}{{< /a.inline >}}b",
            "<p>b</p>",
            vec![(4, "{{< a.inline >}}")],
        ),
        (
            "{{< youtube \"javascript:x\\\"><b>\" >}}",
            "",
            vec![(4, "{{< youtube >}}")],
        ),
        ("{{< figure caption=\"x\" >}}", "", vec![(4, "{{< figure >}}")]),
    ] {
        assert_eq!(html(body), expected, "{body}");
        let found = told(body);
        let found: Vec<(u64, &str)> = found.iter().map(|(line, name)| (*line, name.as_str())).collect();
        assert_eq!(found, names, "{body}");
    }
}

#[test]
fn code_and_what_is_kept_from_being_run_are_text() {
    for (body, expected) in [
        ("`{{< a >}}` {{< b >}}", "<p><code>{{&lt; a &gt;}}</code></p>"),
        (
            "```\n{{< a >}}\n{% b %}\n```\n",
            "<pre><code>{{&lt; a &gt;}}\n{% b %}\n</code></pre>",
        ),
        (
            "- x\n\n  ~~~\n  {{ a }}\n  ~~~\n",
            "<ul>\n<li>\n<p>x</p>\n<pre><code>{{ a }}\n</code></pre>\n</li>\n</ul>",
        ),
        (
            "```\n{{</* a */>}}\n```",
            "<pre><code>{{&lt; a &gt;}}\n</code></pre>",
        ),
        ("{{</* a */>}}", "<p>{{&lt; a &gt;}}</p>"),
        (
            "{{%/* a */%}} {{/* b() */}} {%/* c() */%}",
            "<p>{{% a %}} {{ b() }} {% c() %}</p>",
        ),
        (
            "```\n{% raw %}{{ a }}{% endraw %}\n```",
            "<pre><code>{{ a }}\n</code></pre>",
        ),
        (
            "{% raw %}\n```\n{{ a }}\n```\n{% endraw %}",
            "<pre><code>{{ a }}\n</code></pre>",
        ),
        ("``a ` {{ b }}``", "<p><code>a ` {{ b }}</code></p>"),
        ("$e^{{i\\pi}}$ and x^{{2}}", "<p>$e^{{i\\pi}}$ and x^{{2}}</p>"),
        ("a { b } {c", "<p>a { b } {c</p>"),
        ("`{{öendraw{%}`", "<p><code>{{öendraw{%}</code></p>"),
        ("an unclosed {{< a", "<p>an unclosed {{&lt; a</p>"),
    ] {
        assert_eq!(html(body), expected, "{body}");
    }
}

#[test]
fn attribute_lists_are_for_the_page() {
    for (body, expected) in [
        ("a\n{: .b #c}\n\nd", "<p>a</p>\n<p>d</p>"),
        ("*a*{: .b} c", "<p><em>a</em> c</p>"),
        ("* TOC\n{:toc}\n\n## A\n{: .no_toc}\n\nx", "<h2>A</h2>\n<p>x</p>"),
        ("- a\n{: .b}\n- c", "<ul>\n<li>a</li>\n<li>c</li>\n</ul>"),
        ("{::options parse_block_html=\"true\" /}\n\na", "<p>a</p>"),
        ("a {::comment}b{:/comment} c", "<p>a  c</p>"),
        (
            "| a |\n|---|\n| b |\n{.c}\n",
            "<table><thead><tr><th>a</th></tr></thead><tbody>\n<tr><td>b</td></tr>\n</tbody></table>",
        ),
        ("## A {#b .c}\n\nx", "<h2 id=\"b\" class=\"c\">A</h2>\n<p>x</p>"),
        ("a smile {: and {.5} of it", "<p>a smile {: and {.5} of it</p>"),
    ] {
        assert_eq!(html(body), expected, "{body}");
        assert_eq!(told(body), [], "{body}");
    }
}

#[test]
fn references_lead_to_articles() {
    for (body, expected) in [
        (
            "[a]({{< ref \"knots.md\" >}})",
            "<p><a href=\"https://example.org/blog/k/\">a</a></p>",
        ),
        (
            "[a]({{< relref path=\"knots\" >}})",
            "<p><a href=\"https://example.org/blog/k/\">a</a></p>",
        ),
        (
            "[a]({% post_url 2026-01-23-eel %})",
            "<p><a href=\"https://example.org/blog/eels\">a</a></p>",
        ),
        (
            "[a](@/2026-01-23-eel.md#b)",
            "<p><a href=\"https://example.org/blog/eels#b\">a</a></p>",
        ),
        (
            "[a](./knots.md?c#d)",
            "<p><a href=\"https://example.org/blog/k/?c#d\">a</a></p>",
        ),
        ("[a](none.md)", "<p><a href=\"none.md\">a</a></p>"),
    ] {
        assert_eq!(html(body), expected, "{body}");
        assert_eq!(told(body), [], "{body}");
    }
    for body in [
        "[a](@/none.md)",
        "[a]({{< ref \"../../../etc/passwd\" >}})",
        "[a]({% post_url none %})",
    ] {
        let extract = extract(body);
        assert_eq!(extract.html.trim(), "<p><a href=\"\">a</a></p>", "{body}");
        assert_eq!(extract.warnings[0].code, "broken-reference", "{body}");
    }
}

#[test]
fn endless_openings_come_to_an_end() {
    for piece in [
        "{{",
        "{%",
        "{{<",
        "{{%",
        "{{</*",
        "{: ",
        "{#",
        "{# ",
        "`",
        "``` ",
        "{{ \"",
        "{{a",
        "{% raw %}",
        "{{< highlight x >}}",
        "{{< a >}}",
        "{% if %}",
        "{% else %}",
        "{% end %}",
        "{{\\",
        "~~~\n",
        "> ```\n",
        "{% raw %}`",
        "{:toc}\n",
        "{::comment}",
        "`{% endraw ",
        "{ {{ }",
        "`a``b```c",
    ] {
        let body = piece.repeat(100_000 / piece.len());
        let began = std::time::Instant::now();
        extract(&body);
        assert!(began.elapsed().as_secs() < 10, "{piece}: {:?}", began.elapsed());
    }
}

proptest::proptest! {
    #[test]
    fn nothing_panics(pieces in proptest::collection::vec("(\\{\\{|\\}\\}|\\{%|%\\}|<|>|/\\*|\\*/|\"|'|`{1,4}|\n|raw|endraw|end|highlight|ö|\\(|\\)|=| |\\{:|\\}|figure|~~~|#)", 0..40)) {
        extract(&pieces.concat());
    }
}

#[test]
fn in_code_all_is_text_whatever_stands_behind_it() {
    for (body, expected) in [
        (
            "Write `{{/*` and `*/}}` in code.",
            "<p>Write <code>{{/*</code> and <code>*/}}</code> in code.</p>",
        ),
        (
            "`{% raw` x `endraw %}`",
            "<p><code>{% raw</code> x <code>endraw %}</code></p>",
        ),
        (
            "A:\n\n    {{ indented }}\n\n    {{< more >}}\n\n{# gone #}B",
            "<p>A:</p>\n<pre><code>{{ indented }}\n\n{{&lt; more &gt;}}\n</code></pre>\n<p>B</p>",
        ),
        (
            "A\n    {{ continued }}\n\n- B\n\n    {{ of_the_item }}",
            "<p>A</p>\n<ul>\n<li>B</li>\n</ul>",
        ),
    ] {
        assert_eq!(html(body), expected, "{body}");
    }
}
