//! Changes of method calls and of `matches!`.

use super::{Finder, Way, short};
use syn::parse::{Parse, ParseStream};
use syn::spanned::Spanned;
use syn::visit::Visit;
use syn::{Expr, ExprMethodCall, Lit, Macro, Pat, Token};

/// What a breach says: words for people.
const WORDS: &[&str] = &["saw", "measured", "remedy", "instead_of"];

/// Methods that answer yes or no.
const TRUTHS: &[&str] = &[
    "all",
    "any",
    "contains",
    "contains_key",
    "ends_with",
    "holds_data",
    "is_empty",
    "is_loopback",
    "is_none",
    "is_none_or",
    "is_some",
    "is_some_and",
    "is_ok_and",
    "is_unspecified",
    "starts_with",
];

/// Methods, and those that take their place.
const OTHERS: &[(&str, &str)] = &[
    ("all", "any"),
    ("any", "all"),
    ("min", "max"),
    ("max", "min"),
    ("is_some_and", "is_none_or"),
    ("is_none_or", "is_some_and"),
];

/// Methods that leave out what does not fit.
const SIEVES: &[&str] = &["filter", "take_while", "skip_while"];

/// Methods that a value goes through, and that can be left out.
const PASSED: &[&str] = &["or", "or_else"];

/// Methods whose texts are what stands in for nothing, or goes between others: they decide nothing.
const STAND_INS: &[&str] = &["unwrap_or", "map_or", "join", "unwrap_or_else"];

impl Finder<'_> {
    pub(super) fn method(&mut self, call: &ExprMethodCall) {
        self.visit_expr(&call.receiver);
        let name = call.method.to_string();
        if WORDS.contains(&name.as_str()) {
            return;
        }
        let (whole, receiver) = (self.of(call).to_owned(), self.of(&*call.receiver).to_owned());
        if TRUTHS.contains(&name.as_str()) {
            self.instead(call.span(), format!("!{whole}"));
        }
        for (_, other) in OTHERS.iter().filter(|(method, _)| *method == name) {
            let rest = self.text[call.method.span().byte_range().end..call.span().byte_range().end].to_owned();
            self.instead(call.span(), format!("{receiver}.{other}{rest}"));
        }
        if name == "then" && !matches!(&*call.receiver, Expr::Paren(_)) {
            self.instead(call.receiver.span(), format!("!{receiver}"));
        }
        if PASSED.contains(&name.as_str()) {
            self.instead(call.span(), receiver);
        }
        for argument in &call.args {
            self.sieve(&name, argument);
            if !STAND_INS.contains(&name.as_str()) {
                self.texts(argument);
            }
            self.visit_expr(argument);
        }
    }

    /// A filter that lets everything through.
    fn sieve(&mut self, method: &str, argument: &Expr) {
        if !SIEVES.contains(&method) {
            return;
        }
        let what = format!("`{method}({})` lets everything through", short(self.of(argument)));
        match argument {
            Expr::Closure(closure) => self.add(closure.body.span(), Way::Instead("true".to_owned()), what),
            Expr::Path(path) => self.add(path.span(), Way::AlwaysTrue, what),
            _ => {}
        }
    }

    /// Texts and characters that are looked for.
    fn texts(&mut self, argument: &Expr) {
        match argument {
            Expr::Lit(literal) => match &literal.lit {
                Lit::Str(_) => self.instead(literal.span(), "\"another word\""),
                Lit::Char(_) => self.instead(literal.span(), "'\\u{1}'"),
                _ => {}
            },
            Expr::Reference(reference) => self.texts(&reference.expr),
            Expr::Array(array) => array.elems.iter().for_each(|element| self.texts(element)),
            _ => {}
        }
    }

    /// `matches!`: the other way round, and without each of its patterns.
    pub(super) fn matches(&mut self, called: &Macro) {
        if !called.path.is_ident("matches") {
            return;
        }
        let Ok(inside) = called.parse_body::<Matches>() else { return };
        self.visit_expr(&inside.matched);
        let whole = self.of(called).to_owned();
        self.instead(called.span(), format!("!{whole}"));
        let Pat::Or(or) = &inside.pattern else { return };
        let matched = self.of(&inside.matched).to_owned();
        for left_out in 0..or.cases.len() {
            let kept = or.cases.iter().enumerate().filter(|(index, _)| *index != left_out);
            let kept: Vec<&str> = kept.map(|(_, case)| self.of(case)).collect();
            let other = format!("matches!({matched}, {})", kept.join(" | "));
            self.instead(called.span(), other);
        }
    }
}

/// What stands in `matches!(…)`.
struct Matches {
    matched: Expr,
    pattern: Pat,
}

impl Parse for Matches {
    fn parse(input: ParseStream<'_>) -> syn::Result<Self> {
        let matched = input.parse()?;
        input.parse::<Token![,]>()?;
        let pattern = Pat::parse_multi(input)?;
        input.parse::<Option<Token![,]>>()?;
        Ok(Matches { matched, pattern })
    }
}
