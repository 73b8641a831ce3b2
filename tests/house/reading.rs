//! Reads Rust source text into the facts that the rules ask for: which paths a file names, where,
//! and what else in it a rule is about. Code under `#[cfg(test)]` is left out: tests may touch the
//! world.

use proc_macro2::{Spacing, TokenStream, TokenTree};
use std::collections::BTreeMap;
use syn::punctuated::Punctuated;
use syn::spanned::Spanned;
use syn::visit::{self, Visit};

/// One source file.
pub(crate) struct File {
    /// As `src/feeds/atom.rs`.
    pub(crate) path: String,
    /// As `["feeds", "atom"]`; `lib.rs` is the empty path, `main.rs` is `["main"]`.
    pub(crate) module: Vec<String>,
    /// Whether it begins with a `//!` comment.
    pub(crate) introduced: bool,
    /// Lines without those of tests.
    pub(crate) lines: usize,
    /// Name, first line and length of each function.
    pub(crate) functions: Vec<(String, usize, usize)>,
    /// Every path named in it, as written; a macro's ends with `!`.
    pub(crate) paths: Vec<Named>,
    /// What a local name stands for, by `use`.
    pub(crate) aliases: BTreeMap<String, Vec<String>>,
    /// The aliases that others may reach through this module.
    pub(crate) exported: BTreeMap<String, Vec<String>>,
    pub(crate) strings: Vec<Text>,
    /// First arguments of `Problem::error` and its kind.
    pub(crate) codes: Vec<(String, usize)>,
    /// Lines with the word `unsafe`.
    pub(crate) unsafe_lines: Vec<usize>,
    /// Child modules that exist for tests alone.
    pub(crate) test_modules: Vec<String>,
}

/// A path as the source text has it.
pub(crate) struct Named {
    pub(crate) segments: Vec<String>,
    pub(crate) line: usize,
    /// A `pub use`: it hands something on, and needs it for nothing itself.
    pub(crate) handed_on: bool,
}

/// A string literal.
pub(crate) struct Text {
    pub(crate) value: String,
    pub(crate) line: usize,
    /// The macro whose argument it is: `sql`.
    pub(crate) macro_name: Option<String>,
}

/// Reads one file.
pub(crate) fn read(path: &str, text: &str) -> File {
    let syntax = syn::parse_file(text).unwrap_or_else(|error| panic!("{path}: {error}"));
    let mut reader = Reader {
        file: File {
            path: path.to_owned(),
            module: module_of(path),
            introduced: text.trim_start_matches('\u{feff}').starts_with("//!"),
            lines: text.lines().count(),
            functions: Vec::new(),
            paths: Vec::new(),
            aliases: BTreeMap::new(),
            exported: BTreeMap::new(),
            strings: Vec::new(),
            codes: Vec::new(),
            unsafe_lines: Vec::new(),
            test_modules: Vec::new(),
        },
        macro_name: None,
    };
    reader.visit_file(&syntax);
    match text.parse::<TokenStream>() {
        Ok(tokens) => find_unsafe(tokens, &mut reader.file.unsafe_lines),
        Err(error) => panic!("{path}: {error}"),
    }
    reader.file
}

fn module_of(path: &str) -> Vec<String> {
    let inner = path.trim_start_matches("src/").trim_end_matches(".rs");
    let mut module: Vec<String> = inner.split('/').map(str::to_owned).collect();
    if module.last().is_some_and(|name| name == "mod" || name == "lib") {
        module.pop();
    }
    module
}

fn find_unsafe(tokens: TokenStream, lines: &mut Vec<usize>) {
    for token in tokens {
        match token {
            TokenTree::Group(group) => find_unsafe(group.stream(), lines),
            TokenTree::Ident(word) if word == "unsafe" => lines.push(word.span().start().line),
            _ => {}
        }
    }
}

struct Reader {
    file: File,
    macro_name: Option<String>,
}

impl Reader {
    fn name(&mut self, segments: Vec<String>, line: usize) {
        self.file.paths.push(Named {
            segments,
            line,
            handed_on: false,
        });
    }

    /// Walks `a::{b, c as d, e::*}` down to its leaves.
    fn use_tree(&mut self, tree: &syn::UseTree, before: &[String], public: bool) {
        let with = |name: &syn::Ident| [before, &[name.to_string()]].concat();
        let (segments, alias) = match tree {
            syn::UseTree::Path(path) => return self.use_tree(&path.tree, &with(&path.ident), public),
            syn::UseTree::Group(group) => {
                for item in &group.items {
                    self.use_tree(item, before, public);
                }
                return;
            }
            syn::UseTree::Name(name) if name.ident == "self" => (before.to_vec(), before.last().cloned()),
            syn::UseTree::Name(name) => (with(&name.ident), Some(name.ident.to_string())),
            syn::UseTree::Rename(rename) => (with(&rename.ident), Some(rename.rename.to_string())),
            syn::UseTree::Glob(_) => ([before, &["*".to_owned()]].concat(), None),
        };
        if let Some(alias) = alias {
            if public {
                self.file.exported.insert(alias.clone(), segments.clone());
            }
            self.file.aliases.insert(alias, segments.clone());
        }
        self.file.paths.push(Named {
            segments,
            line: tree.span().start().line,
            handed_on: public,
        });
    }

    /// Paths and strings in the tokens of a macro or an attribute, which have no syntax of their own.
    fn tokens(&mut self, tokens: TokenStream) {
        let tokens: Vec<TokenTree> = tokens.into_iter().collect();
        let mut at = 0;
        while at < tokens.len() {
            match &tokens[at] {
                TokenTree::Ident(first) => {
                    let line = first.span().start().line;
                    let mut segments = vec![first.to_string()];
                    while let Some(next) = after_colons(&tokens, at + 1) {
                        segments.push(next);
                        at += 3;
                    }
                    let called =
                        matches!(tokens.get(at + 1), Some(TokenTree::Punct(p)) if p.as_char() == '!');
                    if called && let Some(last) = segments.last_mut() {
                        last.push('!');
                    }
                    if segments.len() > 1 || called {
                        self.name(segments, line);
                    }
                }
                TokenTree::Group(group) => self.tokens(group.stream()),
                TokenTree::Literal(literal) => {
                    if let Ok(syn::Lit::Str(text)) = syn::parse_str::<syn::Lit>(&literal.to_string()) {
                        self.string(text.value(), literal.span().start().line);
                    }
                }
                TokenTree::Punct(_) => {}
            }
            at += 1;
        }
    }

    fn string(&mut self, value: String, line: usize) {
        let macro_name = self.macro_name.clone();
        self.file.strings.push(Text {
            value,
            line,
            macro_name,
        });
    }

    fn function(&mut self, signature: &syn::Signature, block: &syn::Block) {
        let first = signature.span().start().line;
        let length = block.span().end().line + 1 - first;
        let name = signature.ident.to_string();
        self.file.functions.push((name, first, length));
    }
}

/// `::name` at this place.
fn after_colons(tokens: &[TokenTree], at: usize) -> Option<String> {
    match (tokens.get(at)?, tokens.get(at + 1)?, tokens.get(at + 2)?) {
        (TokenTree::Punct(a), TokenTree::Punct(b), TokenTree::Ident(name))
            if a.as_char() == ':' && a.spacing() == Spacing::Joint && b.as_char() == ':' =>
        {
            Some(name.to_string())
        }
        _ => None,
    }
}

/// `#[cfg(test)]`, `#[cfg(all(test, …))]`, `#[test]`.
fn for_tests(attributes: &[syn::Attribute]) -> bool {
    attributes.iter().any(|attribute| {
        let syn::Meta::List(list) = &attribute.meta else {
            return attribute.path().is_ident("test");
        };
        let words = list.tokens.to_string();
        attribute.path().is_ident("cfg")
            && words.split(|c: char| !c.is_alphanumeric()).any(|w| w == "test")
            && !words.contains("not")
    })
}

fn attributes(item: &syn::Item) -> &[syn::Attribute] {
    use syn::Item;
    match item {
        Item::Const(item) => &item.attrs,
        Item::Enum(item) => &item.attrs,
        Item::Fn(item) => &item.attrs,
        Item::Impl(item) => &item.attrs,
        Item::Macro(item) => &item.attrs,
        Item::Mod(item) => &item.attrs,
        Item::Static(item) => &item.attrs,
        Item::Struct(item) => &item.attrs,
        Item::Trait(item) => &item.attrs,
        Item::Type(item) => &item.attrs,
        Item::Use(item) => &item.attrs,
        _ => &[],
    }
}

impl<'a> Visit<'a> for Reader {
    fn visit_item(&mut self, item: &'a syn::Item) {
        if for_tests(attributes(item)) {
            let (first, last) = (item.span().start().line, item.span().end().line);
            self.file.lines = self.file.lines.saturating_sub(last + 1 - first);
            if let syn::Item::Mod(module) = item
                && module.content.is_none()
            {
                self.file.test_modules.push(module.ident.to_string());
            }
            return;
        }
        visit::visit_item(self, item);
    }

    fn visit_item_use(&mut self, item: &'a syn::ItemUse) {
        let public = !matches!(item.vis, syn::Visibility::Inherited);
        self.use_tree(&item.tree, &[], public);
    }

    fn visit_item_fn(&mut self, item: &'a syn::ItemFn) {
        self.function(&item.sig, &item.block);
        visit::visit_item_fn(self, item);
    }

    fn visit_impl_item_fn(&mut self, item: &'a syn::ImplItemFn) {
        if for_tests(&item.attrs) {
            return;
        }
        self.function(&item.sig, &item.block);
        visit::visit_impl_item_fn(self, item);
    }

    /// `pub(super)` says who may import, and imports nothing.
    fn visit_visibility(&mut self, _: &'a syn::Visibility) {}

    fn visit_path(&mut self, path: &'a syn::Path) {
        let segments = path.segments.iter().map(|s| s.ident.to_string()).collect();
        self.name(segments, path.span().start().line);
        visit::visit_path(self, path);
    }

    fn visit_lit_str(&mut self, text: &'a syn::LitStr) {
        self.string(text.value(), text.span().start().line);
    }

    fn visit_attribute(&mut self, attribute: &'a syn::Attribute) {
        match &attribute.meta {
            // What a comment says is no code.
            syn::Meta::NameValue(_) => {}
            syn::Meta::Path(path) => self.visit_path(path),
            syn::Meta::List(list) => {
                let strings = self.file.strings.len();
                self.tokens(list.tokens.clone());
                self.file.strings.truncate(strings);
            }
        }
    }

    fn visit_macro(&mut self, call: &'a syn::Macro) {
        let mut segments: Vec<String> = call.path.segments.iter().map(|s| s.ident.to_string()).collect();
        if let Some(last) = segments.last_mut() {
            last.push('!');
        }
        self.name(segments, call.path.span().start().line);
        let name = call.path.segments.last().map(|s| s.ident.to_string());
        Codes(&mut self.file.codes).arguments(call);
        let outer = std::mem::replace(&mut self.macro_name, name);
        self.tokens(call.tokens.clone());
        self.macro_name = outer;
    }

    fn visit_expr_call(&mut self, call: &'a syn::ExprCall) {
        self.file.codes.extend(code(call));
        visit::visit_expr_call(self, call);
    }
}

/// The problem codes among the arguments of a macro, as in `vec![Problem::error("x", …)]`.
struct Codes<'f>(&'f mut Vec<(String, usize)>);

impl Codes<'_> {
    fn arguments(&mut self, call: &syn::Macro) {
        let Ok(arguments) = call.parse_body_with(Punctuated::<syn::Expr, syn::Token![,]>::parse_terminated)
        else {
            return;
        };
        for argument in &arguments {
            self.visit_expr(argument);
        }
    }
}

impl<'a> Visit<'a> for Codes<'_> {
    fn visit_expr_call(&mut self, call: &'a syn::ExprCall) {
        self.0.extend(code(call));
        visit::visit_expr_call(self, call);
    }

    fn visit_macro(&mut self, call: &'a syn::Macro) {
        self.arguments(call);
    }
}

/// The code of `Problem::error("code", …)` and its like, and its line.
fn code(call: &syn::ExprCall) -> Option<(String, usize)> {
    let (syn::Expr::Path(function), syn::Expr::Lit(first)) = (&*call.func, call.args.first()?) else {
        return None;
    };
    let syn::Lit::Str(code) = &first.lit else {
        return None;
    };
    let of = function.path.segments.iter().rev().nth(1)?;
    (of.ident == "Problem").then(|| (code.value(), code.span().start().line))
}
