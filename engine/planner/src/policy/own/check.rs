//! An expression held against the types of what it looks at, before anything is evaluated: a misspelt field is found on every spec, not
//! only on the one that happens to reach it.

use super::shape::{Object, Shape};
use crate::spec::Suggestions;
use cel::IdedExpr;
use cel::common::ast::{CallExpr, ComprehensionExpr, Expr, LiteralValue, SelectExpr, SourceInfo, operators};
use std::ops::Range;

mod calls;

/// Something wrong with an expression.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mistake {
    /// Where in its text, in bytes.
    pub range: Range<usize>,
    /// What is wrong, as a sentence without its full stop.
    pub message: String,
    /// The remedy.
    pub help: Option<String>,
}

/// Names and their types, the innermost last.
pub(super) type Names = Vec<(String, Shape)>;

/// The type of an expression, and everything that is wrong with it.
pub(super) fn check(expression: &IdedExpr, names: &Names, source: &SourceInfo) -> (Shape, Vec<Mistake>) {
    let mut checker = Checker { names: names.clone(), source, mistakes: Vec::new(), suggestions: Suggestions::new() };
    let shape = checker.shape(expression);
    (shape, checker.mistakes)
}

struct Checker<'s> {
    names: Names,
    source: &'s SourceInfo,
    mistakes: Vec<Mistake>,
    suggestions: Suggestions,
}

impl Checker<'_> {
    /// The type of an expression; anything, once something is wrong with it, so that one mistake is told once.
    fn shape(&mut self, expression: &IdedExpr) -> Shape {
        match &expression.expr {
            Expr::Literal(literal) => literal_shape(literal),
            Expr::Ident(name) => self.name(expression, name),
            Expr::Select(select) => self.field(expression, select),
            Expr::Call(call) => self.call(expression, call),
            Expr::List(list) => {
                let items = list.elements.iter().map(|item| self.shape(item)).reduce(Shape::join);
                Shape::List(Box::new(items.unwrap_or(Shape::Any)))
            }
            Expr::Comprehension(comprehension) => self.comprehension(comprehension),
            Expr::Map(map) => {
                for entry in &map.entries {
                    if let cel::common::ast::EntryExpr::MapEntry(entry) = &entry.expr {
                        self.shape(&entry.key);
                        self.shape(&entry.value);
                    }
                }
                Shape::Any
            }
            Expr::Struct(_) | Expr::Unspecified => {
                self.complain(expression, "this cannot be used in a rule".to_owned(), None);
                Shape::Any
            }
        }
    }

    fn complain(&mut self, at: &IdedExpr, message: String, help: Option<String>) {
        let range = self.source.offset_for(at.id).map_or(0..0, |(start, stop)| start as usize..stop as usize + 1);
        self.mistakes.push(Mistake { range, message, help });
    }

    /// A complaint about the field that is selected: the parser says where the dot before it is.
    fn complain_of_field(&mut self, at: &IdedExpr, select: &SelectExpr, message: String, help: Option<String>) {
        self.complain(at, message, help);
        if let Some(mistake) = self.mistakes.last_mut().filter(|_| !select.test) {
            let start = mistake.range.start + 1;
            mistake.range = start..start + select.field.len();
        }
    }

    fn name(&mut self, at: &IdedExpr, name: &str) -> Shape {
        if let Some((_, shape)) = self.names.iter().rev().find(|(known, _)| known == name) {
            return shape.clone();
        }
        let known: Vec<&str> = self.names.iter().map(|(known, _)| known.as_str()).collect();
        let near = self.suggestions.nearest(name, known.iter().copied()).map(|near| format!("did you mean `{near}`?"));
        let help = near.unwrap_or_else(|| format!("this rule can look at {}", known.join(", ")));
        self.complain(at, format!("there is no `{name}` here"), Some(help));
        Shape::Any
    }

    fn field(&mut self, at: &IdedExpr, select: &SelectExpr) -> Shape {
        let found = match self.shape(&select.operand).present() {
            Shape::Any => Shape::Any,
            Shape::Object(object) => match object.field(&select.field) {
                Some(shape) => shape.clone(),
                None => self.no_field(at, object, select),
            },
            other => {
                let help = matches!(other, Shape::List(_))
                    .then(|| format!("`exists(item, item.{} == …)` asks whether one of them has it", select.field));
                self.complain_of_field(at, select, format!("`{}` is no field of {other}", select.field), help);
                Shape::Any
            }
        };
        if select.test { Shape::Bool } else { found }
    }

    fn no_field(&mut self, at: &IdedExpr, object: &Object, select: &SelectExpr) -> Shape {
        let name = select.field.as_str();
        let near = self.suggestions.nearest(name, object.names()).map(|near| format!("did you mean `{near}`?"));
        let help = near.unwrap_or_else(|| format!("it has {}", object.names().collect::<Vec<_>>().join(", ")));
        self.complain_of_field(at, select, format!("`{name}` is no field of the {}", object.word), Some(help));
        Shape::Any
    }

    /// `all`, `exists`, `exists_one`, `map` and `filter`, as the parser writes them out.
    fn comprehension(&mut self, comprehension: &ComprehensionExpr) -> Shape {
        let item = match self.shape(&comprehension.iter_range).present() {
            Shape::List(item) => (**item).clone(),
            Shape::Any => Shape::Any,
            other => {
                let message = format!("{other} is no list to go through");
                self.complain(&comprehension.iter_range, message, None);
                Shape::Any
            }
        };
        let start = self.shape(&comprehension.accu_init);
        let depth = self.names.len();
        self.names.push((comprehension.iter_var.clone(), item));
        if let Some(second) = &comprehension.iter_var2 {
            self.names.push((second.clone(), Shape::Any));
        }
        self.names.push((comprehension.accu_var.clone(), start.clone()));
        let step = self.shape(&comprehension.loop_step);
        self.names.push((comprehension.accu_var.clone(), start.join(step)));
        let result = self.shape(&comprehension.result);
        self.names.truncate(depth);
        result
    }

    fn call(&mut self, at: &IdedExpr, call: &CallExpr) -> Shape {
        let target = call.target.as_ref().map(|target| self.shape(target));
        let arguments: Vec<Shape> = call.args.iter().map(|argument| self.shape(argument)).collect();
        let found = match (target, arguments.as_slice()) {
            (Some(target), arguments) => calls::method(&call.func_name, &target, arguments),
            (None, arguments) => {
                calls::operator(&call.func_name, arguments).unwrap_or_else(|| calls::function(&call.func_name, arguments))
            }
        };
        found.unwrap_or_else(|message| {
            self.complain(at, message, None);
            if call.func_name == operators::ADD { Shape::Any } else { calls::answer(&call.func_name) }
        })
    }
}

fn literal_shape(literal: &LiteralValue) -> Shape {
    match literal {
        LiteralValue::Boolean(_) => Shape::Bool,
        LiteralValue::Int(_) | LiteralValue::UInt(_) => Shape::Int,
        LiteralValue::String(_) => Shape::Text,
        LiteralValue::Null => Shape::Optional(Box::new(Shape::Any)),
        LiteralValue::Double(_) | LiteralValue::Bytes(_) => Shape::Any,
    }
}
