//! What can be changed in a source: every comparison, every `&&`, every number that a condition looks at, as texts that take the place
//! of a part of it.
//!
//! Only what decides is changed. Words for people (what a breach says, its evidence and its remedy) are left as they are.

mod calls;
mod expressions;

use proc_macro2::Span;
use std::collections::BTreeMap;
use std::ops::Range;
use syn::spanned::Spanned;
use syn::visit::{self, Visit};
use syn::{Arm, Attribute, Expr, ItemConst, ItemFn, Lit, Macro, Pat, ReturnType, Signature, Type};

/// One change of one part of a source.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mutation {
    /// The bytes that it changes.
    pub at: Range<usize>,
    /// How it is brought in.
    pub way: Way,
    /// What it is, for people: one line.
    pub what: String,
    /// The line that it stands in, from one.
    pub line: usize,
}

/// How a change is brought into a source that is compiled once for all changes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Way {
    /// This text in the place of the part.
    Instead(String),
    /// A predicate that is always true in the place of this one.
    AlwaysTrue,
    /// This statement before all others.
    First(String),
    /// An arm of a match with this guard, if it has none.
    Guard,
}

/// A constant whose value can be changed where it is used.
#[derive(Clone, Debug)]
pub struct Constant {
    /// Its type, as it is written.
    kind: String,
    /// Its value as it is written, and each other value with a word for it.
    others: Vec<(String, String)>,
}

/// Constants by the file (without its ending) and the name.
pub type Constants = BTreeMap<(String, String), Constant>;

/// The constants of a file.
pub fn constants(file: &str, text: &str) -> syn::Result<Constants> {
    let mut found = Constants::new();
    for item in syn::parse_file(text)?.items {
        let syn::Item::Const(constant) = item else { continue };
        let value = constant.expr.span().byte_range();
        let mut literals = expressions::Literals::default();
        literals.visit_expr(&constant.expr);
        let others = literals.found.into_iter().map(|(at, other)| {
            let before = &text[at.clone()];
            let whole = format!("{}{other}{}", &text[value.start..at.start], &text[at.end..value.end]);
            (whole, format!("{} has {other} instead of {before}", constant.ident))
        });
        let kind = text[constant.ty.span().byte_range()].to_owned();
        let constant_of = Constant { kind, others: others.collect() };
        if constant.ident != "RULE" {
            found.insert((file.to_owned(), constant.ident.to_string()), constant_of);
        }
    }
    Ok(found)
}

/// Everything that can be changed in a file, in the order of the text.
pub fn mutations(file: &str, text: &str, constants: &Constants) -> syn::Result<Vec<Mutation>> {
    let parsed = syn::parse_file(text)?;
    let mut finder = Finder { text, file, constants, imported: imports(&parsed), found: Vec::new() };
    finder.visit_file(&parsed);
    let mut found = finder.found;
    found.sort_by_key(|mutation| (mutation.at.start, mutation.at.end));
    found.dedup();
    tell_apart(&mut found);
    Ok(found)
}

/// Gives changes that read alike a number each, so that every change of a source has words of its own.
fn tell_apart(found: &mut [Mutation]) {
    let mut seen: BTreeMap<String, usize> = BTreeMap::new();
    for mutation in found {
        let times = seen.entry(mutation.what.clone()).or_default();
        *times += 1;
        if *times > 1 {
            mutation.what = format!("{} (place {times})", mutation.what);
        }
    }
}

/// From which file a name comes, for names that are imported from a file beside this one.
fn imports(file: &syn::File) -> BTreeMap<String, String> {
    fn leaves(tree: &syn::UseTree, from: &str, found: &mut BTreeMap<String, String>) {
        match tree {
            syn::UseTree::Path(path) => leaves(&path.tree, &path.ident.to_string(), found),
            syn::UseTree::Group(group) => group.items.iter().for_each(|item| leaves(item, from, found)),
            syn::UseTree::Name(name) => drop(found.insert(name.ident.to_string(), from.to_owned())),
            _ => {}
        }
    }
    let mut found = BTreeMap::new();
    for item in &file.items {
        if let syn::Item::Use(item) = item {
            leaves(&item.tree, "", &mut found);
        }
    }
    found
}

struct Finder<'t> {
    text: &'t str,
    file: &'t str,
    constants: &'t Constants,
    imported: BTreeMap<String, String>,
    found: Vec<Mutation>,
}

impl Finder<'_> {
    fn of(&self, part: &impl Spanned) -> &str {
        &self.text[part.span().byte_range()]
    }

    /// A change of the part `span` to `other`.
    fn instead(&mut self, span: Span, other: impl Into<String>) {
        let other = other.into();
        let what = format!("`{}` becomes `{}`", short(&self.text[span.byte_range()]), short(&other));
        self.add(span, Way::Instead(other), what);
    }

    fn add(&mut self, span: Span, way: Way, what: String) {
        self.found.push(Mutation { at: span.byte_range(), way, what, line: span.start().line });
    }

    /// A rule that never speaks.
    fn silent(&mut self, signature: &Signature, block: &syn::Block) {
        let ReturnType::Type(_, kind) = &signature.output else { return };
        let nothing = match self.of(kind).to_owned() {
            kind if kind.starts_with("Option<") => "None",
            kind if kind.starts_with("Vec<") => "Vec::new()",
            _ => return,
        };
        let Some(first) = block.stmts.first() else { return };
        let what = format!("`{}` answers nothing", signature.ident);
        self.add(first.span(), Way::First(format!("return {nothing};")), what);
    }
}

/// A text on one line, without its middle if it is long.
fn short(text: &str) -> String {
    let words: Vec<&str> = text.split_whitespace().collect();
    let line: Vec<char> = words.join(" ").chars().collect();
    let part = |part: &[char]| part.iter().collect::<String>();
    if line.len() <= 70 { part(&line) } else { format!("{} … {}", part(&line[..34]), part(&line[line.len() - 32..])) }
}

impl<'ast> Visit<'ast> for Finder<'_> {
    fn visit_item_fn(&mut self, function: &'ast ItemFn) {
        self.silent(&function.sig, &function.block);
        visit::visit_block(self, &function.block);
    }

    fn visit_impl_item_fn(&mut self, function: &'ast syn::ImplItemFn) {
        self.silent(&function.sig, &function.block);
        visit::visit_block(self, &function.block);
    }

    fn visit_item_mod(&mut self, module: &'ast syn::ItemMod) {
        let is_test = module.attrs.iter().any(|attribute| self.of(attribute).contains("test"));
        if !is_test {
            visit::visit_item_mod(self, module);
        }
    }

    fn visit_item_const(&mut self, _: &'ast ItemConst) {}
    fn visit_type(&mut self, _: &'ast Type) {}
    fn visit_pat(&mut self, _: &'ast Pat) {}
    fn visit_attribute(&mut self, _: &'ast Attribute) {}

    fn visit_macro(&mut self, called: &'ast Macro) {
        self.matches(called);
    }

    fn visit_expr(&mut self, expression: &'ast Expr) {
        self.expression(expression);
    }

    fn visit_arm(&mut self, arm: &'ast Arm) {
        if let Some((_, guard)) = &arm.guard {
            self.visit_expr(guard);
        }
        self.visit_expr(&arm.body);
    }

    fn visit_lit(&mut self, literal: &'ast Lit) {
        for other in expressions::other_values(literal) {
            self.instead(literal.span(), other);
        }
    }
}
