//! Formulas as their author wrote them, each once: not as it is shown and as it is read out, by MathML and
//! the programs that show it. Few readers of feeds and mails show a formula; all show its source.

use dom_query::{Document, Matcher, NodeRef};

/// What is all of a formula, in the outermost of its forms.
const WHOLE: &str = ".katex, mjx-container, span.MathJax:has(math), math";

/// Puts the source of each formula in the place of all its forms.
pub(crate) fn settle(document: &Document) {
    let scripts = document.select("script[type^='math/tex']");
    for script in scripts.nodes() {
        replace(script, script.text().to_string());
    }
    // What MathJax shows of such a script stands beside it; without one it may hold the formula itself.
    if scripts.exists() {
        document
            .select("span.MathJax, .MathJax_Display, .MathJax_SVG")
            .remove();
    }
    document.select(".MathJax_Preview").remove();
    let Ok(whole) = Matcher::new(WHOLE) else { return };
    for shown in document.select_matcher(&whole).nodes() {
        let is_part = shown.ancestors_it(None).any(|around| around.is_match(&whole));
        if !is_part {
            replace(shown, source(shown));
        }
    }
}

fn source(shown: &NodeRef) -> String {
    let mut inside = shown.descendants_it();
    let tex = inside.find(|node| {
        node.has_name("annotation") && node.attr("encoding").is_some_and(|kind| kind.contains("tex"))
    });
    let math = || {
        std::iter::once(*shown)
            .chain(shown.descendants_it())
            .find(|node| node.has_name("math"))
    };
    let alternative = || math()?.attr("alttext").map(|text| text.to_string());
    let text = || math().map_or_else(|| shown.text().to_string(), |math| in_line(&math));
    tex.map(|node| node.text().to_string())
        .or_else(alternative)
        .unwrap_or_else(text)
}

/// MathML that states no source in one line: `a/b`, `x^2`, `x_n`, `√x`.
fn in_line(node: &NodeRef) -> String {
    if node.is_text() {
        return node.text().trim_ascii().to_owned();
    }
    let name = node.node_name();
    let name = name.as_deref().unwrap_or_default();
    match name {
        "annotation" | "annotation-xml" => return String::new(),
        "mspace" => return " ".to_owned(),
        "mtext" | "ms" => return node.text().to_string(),
        _ => {}
    }
    let inner = node.children_it(false).map(|child| in_line(&child));
    let inner: Vec<String> = inner.filter(|part| !part.is_empty()).collect();
    match (name, inner.as_slice()) {
        ("mfrac", [above, below]) => format!("{}/{}", one(above), one(below)),
        ("msup" | "mover", [base, above]) => format!("{}^{}", one(base), one(above)),
        ("msub" | "munder", [base, below]) => format!("{}_{}", one(base), one(below)),
        ("msubsup" | "munderover", [base, below, above]) => {
            format!("{}_{}^{}", one(base), one(below), one(above))
        }
        ("mroot", [base, degree]) => format!("{}√{}", one(degree), one(base)),
        ("msqrt", parts) => format!("√{}", one(&parts.concat())),
        ("mtr", parts) => parts.join(" "),
        ("mtable", parts) => parts.join("; "),
        (_, parts) => parts.concat(),
    }
}

/// A part that binds its sign whatever it holds.
fn one(part: &str) -> String {
    match part.chars().count() == 1 || part.chars().all(char::is_alphanumeric) {
        true => part.to_owned(),
        false => format!("({part})"),
    }
}

fn replace(node: &NodeRef, source: String) {
    let code = node.tree.new_element("code");
    code.set_text(source.split_whitespace().collect::<Vec<_>>().join(" "));
    node.replace_with(&code);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn mathml_in_one_line() {
        for (html, expected) in [
            ("<mi>x</mi> <mo>=</mo> <mn>2</mn>", "x=2"),
            (
                "<mfrac><mn>1</mn><mrow><mi>a</mi><mo>+</mo><mi>b</mi></mrow></mfrac>",
                "1/(a+b)",
            ),
            (
                "<msup><mi>e</mi><mrow><mo>-</mo><mi>t</mi></mrow></msup>",
                "e^(-t)",
            ),
            ("<msub><mi>x</mi><mi>n</mi></msub>", "x_n"),
            ("<munderover><mo>∑</mo><mi>k</mi><mi>n</mi></munderover>", "∑_k^n"),
            (
                "<msqrt><mn>2</mn></msqrt><annotation-xml><mi>no</mi></annotation-xml>",
                "√2",
            ),
            (
                "<mtable><mtr><mtd><mn>1</mn></mtd><mtd><mn>0</mn></mtd></mtr><mtr><mtd><mn>0</mn></mtd></mtr></mtable>",
                "1 0; 0",
            ),
            ("<mfrac><mn>1</mn></mfrac>", "1"),
            (
                "<mi>x</mi><mtext>&nbsp;if </mtext><mi>y</mi><mspace/><mtext>or</mtext>",
                "x if y or",
            ),
        ] {
            let document = Document::fragment(format!("<p><math>{html}</math></p>"));
            settle(&document);
            let shown = document.select("code").text().to_string();
            assert_eq!(shown, expected, "{html}");
        }
    }

    #[test]
    fn each_formula_once_and_nothing_else_of_a_text() {
        for (html, expected) in [
            (
                "We have <mjx-container class=MathJax><svg></svg><mjx-assistive-mml><math><mi>E</mi></math></mjx-assistive-mml></mjx-container>.",
                "We have E.",
            ),
            (
                "<div class=MathJax>Words and <math><mi>x</mi></math>.</div>",
                "Words and x.",
            ),
            (
                "A <span class=MathJax><span>y</span><span><math><mi>y</mi></math></span></span> there",
                "A y there",
            ),
            (
                "<span class=MathJax_Preview>z</span><span class=MathJax><math><mi>z</mi></math></span><script type=math/tex>z^1</script>",
                "z^1",
            ),
            ("<span class=MathJax>no formula</span>", "no formula"),
        ] {
            let document = Document::fragment(html);
            settle(&document);
            assert_eq!(document.root().text().trim(), expected, "{html}");
        }
    }
}
