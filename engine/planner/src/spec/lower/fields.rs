//! Rules for fields that somebody else may own: each can be reached.

use super::Lower;
use crate::spec::code;
use crate::spec::types::FieldRule;
use crate::spec::written;
use model::Diagnostic;
use model::source::Located;

impl Lower<'_> {
    pub(super) fn fields(&mut self) -> Option<Vec<FieldRule>> {
        let Some(written) = self.document.fields.yes() else { return Some(Vec::new()) };
        let rules: Vec<Option<FieldRule>> = written.value.iter().map(field).collect();
        let whole: Vec<&FieldRule> = rules.iter().flatten().collect();
        for (index, rule) in whole.iter().enumerate() {
            if let Some(before) = whole.iter().take(index).find(|before| before.hides(rule)) {
                let message = format!("no field is left for this rule: `{}` comes before it", before.path.value);
                let complaint = Diagnostic::error(code::FIELD_HIDDEN, rule.path.place, message)
                    .help("the first rule that fits a field decides: put this one before that, or take it away");
                self.reader.complain(complaint.related(before.path.place, "this rule fits every field of it"));
            }
        }
        rules.into_iter().collect()
    }
}

fn field(written: &Located<written::FieldRule>) -> Option<FieldRule> {
    Some(FieldRule {
        kind: *written.kind.yes()?,
        path: written.path.yes()?.clone(),
        manager: written.manager.yes().cloned(),
        conflict: *written.conflict.yes()?,
        place: written.place,
    })
}
