//! An expression that passed the check, and its evaluation within a budget.

use super::check::{Mistake, Names, check};
use super::seen::Seen;
use super::shape::Shape;
use cel::common::ast::{CallExpr, Expr, operators};
use cel::objects::Key;
use cel::{Context, Env, ExecutionError, IdedExpr, Value};
use model::Place;
use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

/// Longest expression, in bytes. A rule that is longer is several rules.
pub const LONGEST: usize = 10_000;

/// Most operators, dots and brackets of an expression: each may lie inside the one before, and what reads them goes as deep.
pub(super) const MOST_OPERATORS: usize = 300;

/// Stack in bytes for reading and evaluating an expression with [`MOST_OPERATORS`] inside each other, without optimisation.
const STACK: usize = 64 << 20;

/// Stack in bytes that has to be left; where less is, one of [`STACK`] bytes is taken. The main thread has it, so that a large run does not
/// pay for it each time.
const STACK_LEFT: usize = 4 << 20;

/// How deep brackets may lie in each other.
pub(super) const DEEPEST: usize = 32;

/// Items that one evaluation may go through, in all its `all`, `exists`, `map` and `filter` together. CEL always ends; this says when.
pub const BUDGET: u64 = 1_000_000;

/// The function that stands before every list that is gone through. Its name cannot be written in a rule.
const COUNTED: &str = "@counted";

/// What a rule can look at: names with their types.
#[derive(Clone, Debug, Default)]
pub struct Scope {
    names: Names,
}

impl Scope {
    /// These names.
    pub fn new(names: impl IntoIterator<Item = (&'static str, Shape)>) -> Self {
        Scope { names: names.into_iter().map(|(name, shape)| (name.to_owned(), shape)).collect() }
    }

    /// The names, in order.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.names.iter().map(|(name, _)| name.as_str())
    }
}

/// An expression that can be evaluated: what it names is there, and it says true or false.
#[derive(Debug)]
pub struct Program {
    expression: IdedExpr,
    /// The values that it looks at by name, outside of any list: what a complaint shows.
    looks_at: Vec<Vec<String>>,
}

/// What an evaluation said.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// The assertion holds.
    Holds,
    /// It does not.
    Broken(Broken),
    /// It could not be said.
    Failed(String),
}

/// Why an assertion does not hold.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Broken {
    /// The place of the first value that it looked at and that the spec writes.
    pub place: Place,
    /// The values that it looked at.
    pub evidence: Vec<Evidence>,
}

/// A value that an assertion looked at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Evidence {
    /// Its name in the rule: `environment.gatewayAgents.replicas`.
    pub name: String,
    /// The value.
    pub value: String,
}

impl Program {
    /// Reads `text` and holds it against what the rule can look at.
    ///
    /// # Errors
    /// Everything that is wrong with it.
    pub fn compile(text: &str, scope: &Scope) -> Result<Self, Vec<Mistake>> {
        if let Some(message) = too_much(text) {
            return Err(vec![Mistake { range: 0..text.len(), message, help: Some("make several rules of it".to_owned()) }]);
        }
        let parser = Env::stdlib().with_optional_support(false).parser();
        let parsed = stacker::grow(STACK, || parser.parse_with_source_info(text));
        let (expression, source) = parsed.map_err(|errors| syntax(text, &errors))?;
        let (shape, mut mistakes) = stacker::grow(STACK, || check(&expression, &scope.names, &source));
        if mistakes.is_empty() && !matches!(shape, Shape::Bool | Shape::Any) {
            let message = format!("a rule says true or false, and this is {shape}");
            mistakes.push(Mistake { range: 0..text.len(), message, help: Some("compare it with something".to_owned()) });
        }
        if !mistakes.is_empty() {
            return Err(mistakes);
        }
        let mut looks_at = Vec::new();
        collect_paths(&expression, scope, &mut looks_at);
        Ok(Program { expression: counted(expression), looks_at })
    }

    /// Whether it looks at this, or at anything inside of it.
    pub fn looks_at(&self, path: &[&str]) -> bool {
        self.looks_at.iter().any(|looked| looked.len() >= path.len() && looked.iter().zip(path).all(|(one, other)| one == other))
    }

    /// Evaluates the assertion on `given`.
    pub fn evaluate(&self, given: &Given<'_>) -> Verdict {
        given.budget.store(BUDGET, Ordering::Relaxed);
        match stacker::maybe_grow(STACK_LEFT, STACK, || given.context.resolve(&self.expression)) {
            Ok(Value::Bool(true)) => Verdict::Holds,
            Ok(Value::Bool(false)) => Verdict::Broken(self.broken(given)),
            Ok(other) => Verdict::Failed(format!("it says neither true nor false, but {}", other.type_of())),
            Err(error) => Verdict::Failed(reason(&error)),
        }
    }

    fn broken(&self, given: &Given<'_>) -> Broken {
        let mut evidence = Vec::new();
        let mut place = Place::NOWHERE;
        for path in &self.looks_at {
            let Some((seen, found)) = given.at(path) else { continue };
            if !place.is_written() {
                place = found;
            }
            if let Some(value) = seen.shown() {
                evidence.push(Evidence { name: path.join("."), value });
            }
        }
        Broken { place, evidence }
    }
}

/// The values that rules look at, by name.
pub struct Given<'g> {
    seen: BTreeMap<&'static str, &'g Seen>,
    context: Context<'g, 'static>,
    budget: Arc<AtomicU64>,
}

/// What all evaluations share: the functions of the language, and what every rule can look at.
pub struct Ground<'g> {
    seen: BTreeMap<&'static str, &'g Seen>,
    context: Context<'static, 'static>,
    budget: Arc<AtomicU64>,
}

impl<'g> Ground<'g> {
    /// With these values for every rule.
    pub fn new(values: impl IntoIterator<Item = (&'static str, &'g Seen)>) -> Self {
        let budget = Arc::new(AtomicU64::new(BUDGET));
        let mut context = Context::with_env(Arc::new(Env::stdlib()));
        let left = Arc::clone(&budget);
        // The name is taken by nobody: the environment is the standard one.
        let _ = context.add_function(COUNTED, move |range: Value| count(&left, range));
        let seen: BTreeMap<_, _> = values.into_iter().collect();
        for (name, value) in &seen {
            context.add_variable_from_value(*name, value.value());
        }
        Ground { seen, context, budget }
    }

    /// The same, with the values of one subject.
    pub fn with<'s>(&'s self, values: impl IntoIterator<Item = (&'static str, &'s Seen)>) -> Given<'s> {
        let mut seen = self.seen.clone();
        let mut context = self.context.new_inner_scope();
        for (name, value) in values {
            context.add_variable_from_value(name, value.value());
            seen.insert(name, value);
        }
        Given { seen, context, budget: Arc::clone(&self.budget) }
    }
}

impl Given<'_> {
    /// Items that the last evaluation went through.
    pub fn spent(&self) -> u64 {
        BUDGET - self.budget.load(Ordering::Relaxed)
    }

    fn at(&self, path: &[String]) -> Option<(&Seen, Place)> {
        let (name, rest) = path.split_first()?;
        self.seen.get(name.as_str())?.at(rest)
    }
}

/// What an expression has too much of to be read safely, if anything. Counted on the text alone, so a few characters inside quotes
/// count as well.
fn too_much(text: &str) -> Option<String> {
    if text.len() > LONGEST {
        return Some(format!("the expression is {} bytes long, and {LONGEST} are the most", text.len()));
    }
    let operators = text.matches(|letter: char| letter.is_ascii_punctuation() && !"_'\"`,".contains(letter)).count();
    if operators > MOST_OPERATORS {
        return Some(format!("the expression has {operators} operators, dots and brackets, and {MOST_OPERATORS} are the most"));
    }
    let (mut depth, mut deepest) = (0_usize, 0);
    for letter in text.chars() {
        match letter {
            '(' | '[' | '{' => depth += 1,
            ')' | ']' | '}' => depth = depth.saturating_sub(1),
            _ => {}
        }
        deepest = deepest.max(depth);
    }
    (deepest > DEEPEST).then(|| format!("brackets lie {deepest} deep in each other, and {DEEPEST} is the most"))
}

/// A list that is gone through is paid for before, and a map goes by its keys in order, so that every run says the same.
fn count(left: &AtomicU64, range: Value) -> Result<Value, ExecutionError> {
    let range = match range {
        Value::Map(map) => {
            let mut keys: Vec<&Key> = map.map.keys().collect();
            keys.sort();
            Value::List(Arc::new(keys.into_iter().map(Value::from).collect()))
        }
        other => other,
    };
    let length = if let Value::List(items) = &range { items.len() as u64 } else { 0 };
    let paid = left.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |left| left.checked_sub(length + 1));
    match paid {
        Ok(_) => Ok(range),
        Err(_) => Err(ExecutionError::function_error("list", format!("it goes through more than {BUDGET} items"))),
    }
}

/// The expression with every list that it goes through counted.
fn counted(mut expression: IdedExpr) -> IdedExpr {
    let inside = |part: &mut IdedExpr| *part = counted(std::mem::take(part));
    match &mut expression.expr {
        Expr::Call(call) => {
            call.target.iter_mut().for_each(|target| inside(target));
            call.args.iter_mut().for_each(inside);
        }
        Expr::Select(select) => inside(&mut select.operand),
        Expr::List(list) => list.elements.iter_mut().for_each(inside),
        Expr::Map(map) => {
            for entry in &mut map.entries {
                if let cel::common::ast::EntryExpr::MapEntry(entry) = &mut entry.expr {
                    inside(&mut entry.key);
                    inside(&mut entry.value);
                }
            }
        }
        Expr::Comprehension(comprehension) => {
            inside(&mut comprehension.iter_range);
            inside(&mut comprehension.loop_step);
            inside(&mut comprehension.result);
            let id = comprehension.iter_range.id;
            let range = std::mem::take(&mut comprehension.iter_range);
            let call = CallExpr { func_name: COUNTED.to_owned(), target: None, args: vec![range] };
            comprehension.iter_range = IdedExpr { id, expr: Expr::Call(call) };
        }
        Expr::Ident(_) | Expr::Literal(_) | Expr::Struct(_) | Expr::Unspecified => {}
    }
    expression
}

/// Every chain of fields that begins at a name of the scope, the longest of each, in the order of the text.
fn collect_paths(expression: &IdedExpr, scope: &Scope, paths: &mut Vec<Vec<String>>) {
    if let Some(path) = path_of(expression) {
        if scope.names().any(|name| name == path[0]) && !paths.contains(&path) {
            paths.push(path);
        }
        return;
    }
    let mut inside = |part: &IdedExpr| collect_paths(part, scope, paths);
    match &expression.expr {
        Expr::Call(call) => {
            call.target.iter().for_each(|target| inside(target));
            call.args.iter().for_each(inside);
        }
        Expr::Select(select) => inside(&select.operand),
        Expr::List(list) => list.elements.iter().for_each(inside),
        Expr::Map(map) => {
            for entry in &map.entries {
                if let cel::common::ast::EntryExpr::MapEntry(entry) = &entry.expr {
                    inside(&entry.key);
                    inside(&entry.value);
                }
            }
        }
        Expr::Comprehension(comprehension) => {
            inside(&comprehension.iter_range);
            inside(&comprehension.loop_step);
        }
        _ => {}
    }
}

fn path_of(expression: &IdedExpr) -> Option<Vec<String>> {
    match &expression.expr {
        Expr::Ident(name) => Some(vec![name.clone()]),
        Expr::Select(select) if !select.test => {
            let mut path = path_of(&select.operand)?;
            path.push(select.field.clone());
            Some(path)
        }
        _ => None,
    }
}

fn syntax(text: &str, errors: &cel::ParseErrors) -> Vec<Mistake> {
    let mistake = |error: &cel::ParseError| {
        let range = offset(text, error.pos);
        let message = format!("this is not an expression: {}", unread(&error.msg));
        Mistake { range, message, help: Some("CEL has &&, ||, !, ==, <, in, +, ? : and functions such as size(list)".to_owned()) }
    };
    errors.errors.iter().map(mistake).collect()
}

/// What the parser could not read, without the grammar that it read it by.
fn unread(message: &str) -> &str {
    let short = message.strip_prefix("Syntax error: ").unwrap_or(message);
    let short = short.split(" expecting ").next().unwrap_or(short);
    if short.contains("<EOF>") { "it ends too early" } else { short }
}

/// The byte at a line and column, both counted from one.
fn offset(text: &str, (line, column): (isize, isize)) -> Range {
    let (line, column) = (usize::try_from(line).unwrap_or(1).max(1), usize::try_from(column).unwrap_or(1).max(1));
    let before: usize = text.split_inclusive('\n').take(line - 1).map(str::len).sum();
    let at = (before + column - 1).min(text.len());
    at..at
}

type Range = std::ops::Range<usize>;

/// Why an evaluation failed, in words that name no type of the library.
fn reason(error: &ExecutionError) -> String {
    match error {
        ExecutionError::DivisionByZero(_) | ExecutionError::RemainderByZero(_) => "it divides by zero".to_owned(),
        ExecutionError::Overflow(..) => "a number in it grows beyond 64 bits".to_owned(),
        ExecutionError::NoSuchKey(key) => format!("there is no `{key}` here; `has(…)` asks first"),
        ExecutionError::IndexOutOfBounds(_) => "it asks for an item that the list does not have".to_owned(),
        ExecutionError::FunctionError { message, .. } => message.clone(),
        ExecutionError::NoSuchOverload(overload) => {
            let operator = overload.function().trim_matches('_').replace(operators::IN, "in");
            format!("`{operator}` does not go with {}", overload.argument_types().join(" and "))
        }
        ExecutionError::UnsupportedBinaryOperator(name, one, other) => {
            format!("it cannot {name} {} and {}", one.type_of(), other.type_of())
        }
        other => other.to_string(),
    }
}
