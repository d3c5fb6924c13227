//! Reads a tree and keeps every complaint: nothing that is wrong stops the reading of what stands beside it.

use super::code;
use super::node::{Key, Node, Tree};
use super::suggest::Suggestions;
use model::Diagnostic;
use model::source::{Located, Place};
use model::value::Text;

/// A value that a person may have given.
#[derive(Clone, Debug, Default)]
pub enum Given<T> {
    /// Not given.
    #[default]
    No,
    /// Given, but not usable; the complaint has been made.
    Bad,
    /// Given.
    Yes(Located<T>),
}

impl<T> Given<T> {
    /// Whether nobody gave it.
    pub fn is_no(&self) -> bool {
        matches!(self, Given::No)
    }

    /// The value, if there is one.
    pub fn yes(&self) -> Option<&Located<T>> {
        match self {
            Given::Yes(value) => Some(value),
            Given::No | Given::Bad => None,
        }
    }

    /// The value, or the default. A bad value counts as the default too: the spec is refused anyway.
    pub fn or(&self, default: T) -> Located<T>
    where
        T: Clone,
    {
        self.yes().cloned().unwrap_or_else(|| Located::default_value(default))
    }
}

/// The complaints so far, and where in the tree we are.
pub struct Reader {
    /// What is read, with an article: what stands at its top level is its own.
    whole: &'static str,
    complaints: Vec<Diagnostic>,
    path: Vec<(Text, Place)>,
    suggestions: Suggestions,
}

impl Reader {
    /// For a file that is `whole`: "the spec".
    pub fn new(whole: &'static str) -> Self {
        Reader { whole, complaints: Vec::new(), path: Vec::new(), suggestions: Suggestions::new() }
    }

    /// The complaints, in the order of the file. What an alias repeats is said once.
    pub fn into_complaints(mut self) -> Vec<Diagnostic> {
        self.complaints
            .sort_by(|left, right| (left.place, left.code, &left.message).cmp(&(right.place, right.code, &right.message)));
        self.complaints.dedup();
        self.complaints
    }

    /// Note a complaint.
    pub fn complain(&mut self, complaint: Diagnostic) {
        self.complaints.push(complaint);
    }

    /// Note an error.
    pub fn error(&mut self, code: &'static str, place: Place, message: impl Into<String>, help: impl Into<String>) {
        self.complain(Diagnostic::error(code, place, message).help(help));
    }

    /// What is read, with an article.
    pub fn root(&self) -> &'static str {
        self.whole
    }

    /// Reads the value under `key`.
    pub fn under<T>(&mut self, key: &Key, node: &Node, read: impl FnOnce(&Node, &mut Reader) -> Option<T>) -> Given<T> {
        self.path.push((key.text.clone(), key.place));
        let value = read(node, self);
        self.path.pop();
        value.map_or(Given::Bad, |value| Given::Yes(Located::at(value, node.place_under(key.place))))
    }

    /// The key under which we are: where a complaint about something missing points.
    pub fn key_place(&self) -> Place {
        self.path.last().map_or(Place { line: 1, column: 1, length: 1 }, |(_, place)| *place)
    }

    /// The path to where we are, as it is shown: `clusters.eu-1`.
    pub fn owner(&self) -> String {
        let keys: Vec<&str> = self.path.iter().map(|(key, _)| key.as_str()).collect();
        if keys.is_empty() { self.whole.to_owned() } else { quote_up_to(200, &keys.join(".")) }
    }

    /// The known word that `word` was probably meant to be.
    pub fn nearest<'k>(&mut self, word: &str, known: impl Iterator<Item = &'k str>) -> Option<&'k str> {
        self.suggestions.nearest(word, known)
    }

    /// The nearest known word, as a remedy: "did you mean `x`?"; or else every word that may stand there.
    pub fn did_you_mean<'k>(&mut self, word: &str, known: impl Iterator<Item = &'k str> + Clone) -> Option<String> {
        remedy(self.nearest(word, known.clone()), known)
    }

    /// Text without control characters. Every other kind of value is complained about.
    pub fn text<'n>(&mut self, node: &'n Node, expected: &str) -> Option<&'n str> {
        let Tree::Text(text) = &node.tree else {
            self.wrong_kind(node, expected);
            return None;
        };
        if let Some(control) = text.chars().find(|character| character.is_control() || is_bidirectional(*character)) {
            let message = format!("the text holds the control character U+{:04X}", u32::from(control));
            self.error(code::CONTROL_CHARACTER, node.place, message, "remove it; no value of a spec needs one");
            return None;
        }
        Some(text)
    }

    /// Complain that something else than `expected` stands here.
    pub fn wrong_kind(&mut self, node: &Node, expected: &str) {
        let (place, owner) = (node.place_under(self.key_place()), self.owner());
        let (message, help) = match &node.tree {
            Tree::Null => {
                (format!("nothing stands in {owner}; {expected} is expected"), "write a value, or remove the key".to_owned())
            }
            Tree::Integer(_) | Tree::Float(_) | Tree::Bool(_) if expected.contains("text") => {
                (format!("{owner} must be {expected}, not {}", node.kind()), "put it in quotes".to_owned())
            }
            _ => (format!("{owner} must be {expected}, not {}", node.kind()), format!("write {expected} here")),
        };
        self.error(code::WRONG_KIND, place, message, help);
    }

    /// Complain about a key that stands twice.
    pub fn duplicate_key(&mut self, key: &Key, first: Place) {
        let message = format!("{} stands twice in {}", quote(&key.text), self.owner());
        self.complain(
            Diagnostic::error(code::DUPLICATE_KEY, key.place, message)
                .help("remove one of the two")
                .related(first, "it stands here first"),
        );
    }
}

/// "Did you mean `x`?", or every word that may stand there.
pub(super) fn remedy<'k>(near: Option<&str>, known: impl Iterator<Item = &'k str>) -> Option<String> {
    near.map(|near| format!("did you mean `{near}`?")).or_else(|| choices(known))
}

/// `a, b and c` of a handful of choices; nothing if there are none or too many to be of help.
fn choices<'k>(known: impl Iterator<Item = &'k str>) -> Option<String> {
    let words: Vec<&str> = known.take(17).collect();
    match words.split_last() {
        Some((only, [])) => Some(format!("the only choice is `{only}`")),
        Some((last, rest)) if words.len() < 17 => Some(format!("the choices are `{}` and `{last}`", rest.join("`, `"))),
        _ => None,
    }
}

/// The text as it stands in a message: short, in backquotes, and without anything that a terminal would obey.
pub fn quote(text: &str) -> String {
    quote_up_to(80, text)
}

fn quote_up_to(length: usize, text: &str) -> String {
    let mut shown: String = text.chars().take(length).flat_map(char::escape_debug).collect();
    if text.chars().nth(length).is_some() {
        shown.push('…');
    }
    format!("`{shown}`")
}

/// Characters that reorder what a person sees (Unicode Bidirectional Algorithm, UAX 9, explicit formatting characters).
fn is_bidirectional(character: char) -> bool {
    matches!(character, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}
