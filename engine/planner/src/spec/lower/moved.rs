//! What was renamed: from a name that is gone to one that is there.

use super::{Lower, entries};
use crate::spec::code;
use crate::spec::reader::quote;
use crate::spec::types::{Moved, MovedName};
use crate::spec::written;
use model::Diagnostic;
use model::source::{Located, Place};
use std::collections::BTreeMap;

impl Lower<'_> {
    pub(super) fn moved(&mut self) -> Option<Vec<Moved>> {
        let Some(written) = self.document.moved.yes() else { return Some(Vec::new()) };
        let mut names: BTreeMap<(bool, &MovedName), Place> = BTreeMap::new();
        for moved in &written.value {
            self.no_second_move(&mut names, true, moved.from.yes());
            self.no_second_move(&mut names, false, moved.to.yes());
        }
        let moved: Vec<Option<Moved>> = written.value.iter().map(|moved| self.one_move(moved)).collect();
        moved.into_iter().collect()
    }

    fn one_move(&mut self, moved: &Located<written::Moved>) -> Option<Moved> {
        let (from, to) = (moved.from.yes()?, moved.to.yes()?);
        if matches!(from.value, MovedName::Tenant(_)) != matches!(to.value, MovedName::Tenant(_)) {
            let help = "move a tenant to a tenant (`shop`), an environment to an environment (`shop/production`)";
            self.error(code::MOVED, to.place, "a tenant cannot become an environment, nor the reverse", help);
        }
        if let Some(place) = self.place_of(&from.value) {
            let message = format!("{} was renamed, and is still there", shown(&from.value));
            let complaint =
                Diagnostic::error(code::MOVED, from.place, message).help("rename it in `tenants`, or remove this move");
            self.reader.complain(complaint.related(place, "it is declared here"));
        }
        if self.place_of(&to.value).is_none() {
            let message = format!("{} is not there, so nothing can have become it", shown(&to.value));
            self.error(code::MOVED, to.place, message, "declare it in `tenants` under its new name");
        }
        Some(Moved { from: from.clone(), to: to.clone(), place: moved.place })
    }

    fn no_second_move<'m>(
        &mut self,
        names: &mut BTreeMap<(bool, &'m MovedName), Place>,
        from: bool,
        name: Option<&'m Located<MovedName>>,
    ) {
        let Some(name) = name else { return };
        if let Some(first) = names.get(&(from, &name.value)) {
            let message = format!("{} is renamed twice", shown(&name.value));
            let complaint = Diagnostic::error(code::MOVED, name.place, message).help("keep one of the two");
            self.reader.complain(complaint.related(*first, "the first one"));
            return;
        }
        names.insert((from, &name.value), name.place);
    }

    fn place_of(&self, name: &MovedName) -> Option<Place> {
        let tenants = entries(&self.document.tenants)?;
        match name {
            MovedName::Tenant(tenant) => tenants.get(tenant.as_str()).map(|tenant| tenant.place),
            MovedName::Environment { tenant, environment } => {
                let environments = entries(&tenants.get(tenant.as_str())?.environments)?;
                environments.get(environment.as_str()).map(|environment| environment.place)
            }
        }
    }
}

fn shown(name: &MovedName) -> String {
    match name {
        MovedName::Tenant(tenant) => format!("the tenant {}", quote(tenant)),
        MovedName::Environment { tenant, environment } => {
            format!("the environment {}", quote(&format!("{tenant}/{environment}")))
        }
    }
}
