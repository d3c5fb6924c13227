//! A platform that is as it should be is not written to (I8): once a run has converged and the next look found nothing to do, nothing is
//! written before something happens: a fault begins or ends, or somebody asks for another spec.

use super::{Breach, Moment, Promise};
use crate::operator::Fact;
use model::operation::Receipt;
use model::value::Text;

#[derive(Clone, Debug, Default)]
pub(super) struct Quiet {
    /// A look found nothing to do, and nothing has happened since.
    is_quiet: bool,
    wanted: Option<Text>,
}

impl Quiet {
    pub(super) fn see(&mut self, moment: &Moment<'_>, breaches: &mut Vec<Breach>) {
        let wanted = moment.wanted.last().map(|wanted| Text::from(wanted.spec.digest.as_str()));
        if moment.is_a_fault() || wanted != self.wanted {
            (self.is_quiet, self.wanted) = (false, wanted);
        }
        for fact in moment.facts {
            match fact {
                Fact::Planned { plan, .. } => self.is_quiet = plan.is_empty() && plan.report.is_empty(),
                Fact::Carried { operation, result: Ok(Receipt { changed: true, .. }), .. } if self.is_quiet => {
                    let message = "written to, though nothing has happened since all was as it should be";
                    breaches.push(moment.breach(Promise::Quiet, operation.address().as_str(), message));
                }
                _ => {}
            }
        }
    }
}
