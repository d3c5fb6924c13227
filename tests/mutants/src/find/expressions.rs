//! Changes of operators, conditions, arms, numbers and constants.

use super::{Finder, Way, short};
use std::ops::Range;
use syn::spanned::Spanned;
use syn::visit::{self, Visit};
use syn::{BinOp, Expr, ExprBinary, ExprIf, ExprMatch, ExprPath, Lit, Pat, UnOp};

/// Literals of a constant, with another value for each.
#[derive(Default)]
pub(super) struct Literals {
    pub(super) found: Vec<(Range<usize>, String)>,
}

impl<'ast> Visit<'ast> for Literals {
    fn visit_lit(&mut self, literal: &'ast Lit) {
        let others = match literal {
            Lit::Str(_) => vec!["\"another word\"".to_owned()],
            _ => other_values(literal),
        };
        self.found.extend(others.into_iter().map(|other| (literal.span().byte_range(), other)));
    }
}

/// Other values for a number or a truth. Texts are told apart by where they stand: see `calls`.
pub(super) fn other_values(literal: &Lit) -> Vec<String> {
    match literal {
        Lit::Bool(truth) => vec![(!truth.value).to_string()],
        Lit::Int(number) => {
            let Ok(value) = number.base10_parse::<u64>() else { return Vec::new() };
            let around = [value.checked_sub(1), value.checked_add(1)];
            around.into_iter().flatten().map(|other| format!("{other}{}", number.suffix())).collect()
        }
        _ => Vec::new(),
    }
}

/// What takes the place of an operator.
fn other_operators(operator: &BinOp) -> &'static [&'static str] {
    match operator {
        BinOp::Lt(_) => &["<=", ">="],
        BinOp::Le(_) => &["<", ">"],
        BinOp::Gt(_) => &[">=", "<="],
        BinOp::Ge(_) => &[">", "<"],
        BinOp::Eq(_) => &["!="],
        BinOp::Ne(_) => &["=="],
        BinOp::And(_) => &["||"],
        BinOp::Or(_) => &["&&"],
        BinOp::Add(_) => &["-"],
        BinOp::Sub(_) => &["+"],
        BinOp::Mul(_) => &["/"],
        BinOp::Div(_) => &["*"],
        _ => &[],
    }
}

fn has_let(expression: &Expr) -> bool {
    match expression {
        Expr::Let(_) => true,
        Expr::Binary(both) => has_let(&both.left) || has_let(&both.right),
        _ => false,
    }
}

impl Finder<'_> {
    pub(super) fn expression(&mut self, expression: &Expr) {
        match expression {
            Expr::Binary(binary) => self.binary(binary),
            Expr::Unary(unary) if matches!(unary.op, UnOp::Not(_)) => {
                let inner = self.of(&*unary.expr).to_owned();
                self.instead(unary.span(), inner);
            }
            Expr::If(condition) => self.condition(condition),
            Expr::Match(matched) => self.arms(matched),
            Expr::Path(path) => self.constant(path),
            Expr::MethodCall(call) => return self.method(call),
            Expr::Call(call) if self.of(&*call.func) == "Breach::at" => return,
            _ => {}
        }
        visit::visit_expr(self, expression);
    }

    fn binary(&mut self, binary: &ExprBinary) {
        if has_let(&binary.left) || has_let(&binary.right) {
            return;
        }
        let (left, right) = (self.of(&*binary.left).to_owned(), self.of(&*binary.right).to_owned());
        let (whole, operator) = (short(self.of(binary)), self.of(&binary.op).to_owned());
        for other in other_operators(&binary.op) {
            let what = format!("`{operator}` becomes `{other}` in `{whole}`");
            self.add(binary.span(), Way::Instead(format!("{left} {other} {right}")), what);
        }
        if matches!(binary.op, BinOp::And(_) | BinOp::Or(_)) {
            for (gone, rest) in [(&right, &left), (&left, &right)] {
                let what = format!("without `{}` in `{whole}`", short(gone));
                self.add(binary.span(), Way::Instead(rest.clone()), what);
            }
        }
    }

    /// A condition that never holds, and one that holds when it should not.
    fn condition(&mut self, condition: &ExprIf) {
        if has_let(&condition.cond) {
            return;
        }
        self.instead(condition.cond.span(), "false");
        if !matches!(&*condition.cond, Expr::Binary(_) | Expr::Unary(_)) {
            let text = self.of(&*condition.cond).to_owned();
            self.instead(condition.cond.span(), format!("!({text})"));
        }
    }

    /// Arms before a last one that takes everything: each is passed by once.
    fn arms(&mut self, matched: &ExprMatch) {
        let is_name = |name: &syn::PatIdent| name.subpat.is_none() && !name.ident.to_string().starts_with(char::is_uppercase);
        let takes_all = |pattern: &Pat| matches!(pattern, Pat::Wild(_)) || matches!(pattern, Pat::Ident(name) if is_name(name));
        let Some((last, arms)) = matched.arms.split_last() else { return };
        if !takes_all(&last.pat) || last.guard.is_some() {
            return;
        }
        for arm in arms {
            let what = format!("the arm `{}` is passed by", short(self.of(&arm.pat)));
            match &arm.guard {
                Some((_, guard)) => self.add(guard.span(), Way::Instead("false".to_owned()), what),
                None => self.add(arm.pat.span(), Way::Guard, what),
            }
        }
    }

    /// A constant of this file, or of one that it imports it from, has another value where it is used.
    fn constant(&mut self, path: &ExprPath) {
        let Some(name) = path.path.get_ident().map(ToString::to_string) else { return };
        let from = self.imported.get(&name).cloned().unwrap_or_else(|| self.file.to_owned());
        let Some(constant) = self.constants.get(&(from, name.clone())).cloned() else { return };
        for (value, what) in constant.others {
            let other = format!("{{ const {name}: {} = {value}; {name} }}", constant.kind);
            self.add(path.span(), Way::Instead(other), what);
        }
    }
}
