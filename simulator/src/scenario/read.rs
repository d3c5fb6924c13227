//! From the file as it is written to a scenario: references are followed, and what cannot happen is complained about at its place.

use super::measure::{Of, When};
use super::written::{self, Document};
use super::{Expected, Hand, Measure, Scenario, Statement, code, forms};
use crate::fault::{Fault, Field, Injection, Known, Mistake, Schedule};
use crate::operator::{Desired, Settings};
use crate::run::setup::known;
use crate::run::{Change, Conditions, Start, To};
use model::index::IndexMap;
use model::source::Located;
use model::value::Text;
use model::{Diagnostic, Duration, Kind, Place, System};
use planner::spec::reading::{self, Given, Reader, Shape, quote};
use std::collections::BTreeSet;
use std::sync::Arc;

/// A spec that a scenario names and that cannot be used.
#[derive(Clone, Debug)]
pub enum NoSpec {
    /// It cannot be read, and why.
    Unreadable(String),
    /// It is no spec, and its first complaint.
    Wrong(String),
}

/// Where specs come from: a path as it is written in, a compiled spec out.
pub type Specs<'a> = dyn FnMut(&str) -> Result<Arc<Desired>, NoSpec> + 'a;

/// The JSON Schema of a scenario.
pub fn json_schema() -> String {
    reading::schema_of::<Document>("a scenario of vamp simulate")
}

/// Read the scenario in `text`.
///
/// # Errors
/// Every complaint, in the order of the file.
pub fn read(text: &[u8], specs: &mut Specs<'_>) -> Result<Scenario, Vec<Diagnostic>> {
    let tree = reading::read(text).map_err(|complaint| vec![complaint])?;
    let mut reader = Reader::new("the scenario");
    let document = Document::read(&tree, &mut reader).unwrap_or_default();
    let scenario = Lowering { document: &document, reader: &mut reader }.scenario(specs);
    let complaints = reader.into_complaints();
    scenario.filter(|_| complaints.is_empty()).ok_or(complaints)
}

struct Lowering<'a> {
    document: &'a Document,
    reader: &'a mut Reader,
}

impl Lowering<'_> {
    fn scenario(&mut self, specs: &mut Specs<'_>) -> Option<Scenario> {
        let document = self.document;
        let duration = document.duration.or(Duration::minutes(60)).value;
        let first = document.spec.yes().and_then(|path| self.spec(path, specs));
        let (change, second) = self.change(first.as_ref(), specs);
        let injections = self.injections(duration);
        let schedule: Schedule = injections.iter().map(|(injection, _)| injection.clone()).collect();
        if let Some(first) = &first {
            self.hold_against(&schedule, &injections, &known(first, 1));
        }
        let cells: BTreeSet<(Text, Text)> = first.iter().chain(second.iter()).flat_map(cells).collect();
        let expected = self.expected(&cells, duration);
        let guards = document.guards.or(Vec::new()).value;
        let guarded = |guarded: &Located<written::Guarded>| {
            Some((words(&guarded.value.without).into_iter().collect(), guarded.value.breaks.yes()?.value))
        };
        let guards = guards.iter().filter_map(guarded).collect();
        let hands = self.hands(duration);
        let conditions = Conditions {
            seed: u64::try_from(document.seed.or(1).value).unwrap_or(1),
            start: document.start.or(Start::Converged).value,
            safety: duration,
            change,
            operators: vec![Settings::default()],
            schedule,
        };
        Some(Scenario {
            title: document.title.yes()?.value.clone(),
            says: document.says.yes()?.value.clone(),
            spec: document.spec.yes()?.value.clone(),
            conditions,
            hands,
            first: first?,
            second,
            expected,
            guards,
        })
    }

    fn spec(&mut self, path: &Located<String>, specs: &mut Specs<'_>) -> Option<Arc<Desired>> {
        let (message, help) = match specs(&path.value) {
            Ok(desired) => return Some(desired),
            Err(NoSpec::Unreadable(why)) => {
                (format!("the spec {} cannot be read: {why}", quote(&path.value)), "write its path from the folder of this file")
            }
            Err(NoSpec::Wrong(first)) => (
                format!("{} is no spec that can be used: {first}", quote(&path.value)),
                "`vamp check` says all that is wrong with it",
            ),
        };
        self.reader.error(code::NO_SPEC, path.place, message, help);
        None
    }

    fn change(&mut self, first: Option<&Arc<Desired>>, specs: &mut Specs<'_>) -> (Option<Change>, Option<Arc<Desired>>) {
        let Some(change) = self.document.change.yes() else { return (None, None) };
        let (Some(at), Some(to)) = (change.value.at.yes(), change.value.to.yes()) else { return (None, None) };
        if to.value != "roll" {
            return (Some(Change { at: at.value, to: To::Second }), self.spec(to, specs));
        }
        let rolled = first.and_then(|first| first.rolled().ok()).map(Arc::new);
        (Some(Change { at: at.value, to: To::Roll }), rolled)
    }

    /// Each with what is written of it.
    fn injections(&mut self, duration: Duration) -> Vec<(Injection, Located<written::Injection>)> {
        let faults = self.document.faults.or(Vec::new()).value;
        let mut injections = Vec::new();
        for (id, written) in faults.into_iter().enumerate() {
            if let Some(injection) = self.injection(id as u32 + 1, &written.value, duration) {
                injections.push((injection, written));
            }
        }
        injections
    }

    fn hands(&mut self, duration: Duration) -> Vec<Hand> {
        let mut hands = Vec::new();
        for Located { value: written, .. } in self.document.hands.or(Vec::new()).value {
            let (Some(at), Some(object), Some(does)) = (written.at.yes(), written.object.yes(), written.does.yes()) else {
                continue;
            };
            self.is_before_the_end(at, duration);
            let (at, object, edit) = (at.value, object.value.clone(), does.value.clone());
            hands.push(Hand { at, object, edit, refused: written.refused.or(false).value });
        }
        hands
    }

    fn is_before_the_end(&mut self, at: &Located<Duration>, duration: Duration) {
        if at.value >= duration {
            let message = format!("the run has come to its second phase by then: faults come and go for {duration}");
            self.reader.error(code::AFTER_THE_END, at.place, message, "let it begin earlier, or write a longer `duration`");
        }
    }

    fn injection(&mut self, id: u32, written: &written::Injection, duration: Duration) -> Option<Injection> {
        let at = written.at.yes()?;
        self.is_before_the_end(at, duration);
        let lasts = match (written.lasts.yes(), written.until.yes()) {
            (Some(_), Some(until)) => {
                let message = "it is said twice when the fault ends";
                self.reader.error(code::ENDS_BEFORE, until.place, message, "write `lasts` or `until`");
                return None;
            }
            (None, Some(until)) if until.value <= at.value => {
                let message = format!("the fault ends at {}, and begins at {}", until.value, at.value);
                self.reader.error(code::ENDS_BEFORE, until.place, message, "let it end after it began");
                return None;
            }
            (None, Some(until)) => Some(Duration(until.value.0 - at.value.0)),
            (lasts, None) => lasts.map(|lasts| lasts.value),
        };
        let parameters = written.with.or(IndexMap::default()).value;
        let parameters = parameters.iter().map(|(name, value)| (name.as_str().into(), value.value)).collect();
        let fault = Fault { kind: written.kind.yes()?.value, target: written.target.yes()?.value.clone(), parameters };
        Some(Injection { id, at: at.value, fault, lasts })
    }

    fn hold_against(&mut self, schedule: &Schedule, injections: &[(Injection, Located<written::Injection>)], known: &Known) {
        for mistake in schedule.mistakes(known) {
            let Some((_, written)) = injections.iter().find(|(injection, _)| injection.id == mistake.injection) else { continue };
            let place = place_of(&mistake, written);
            self.reader.error(code::CANNOT_HAPPEN, place, mistake.message, mistake.help);
        }
    }

    fn expected(&mut self, cells: &BTreeSet<(Text, Text)>, duration: Duration) -> Expected {
        let Some(expect) = self.document.expect.yes() else { return Expected::default() };
        let place = expect.place;
        let expect = &expect.value;
        let mut expected = Expected {
            broken: words(&expect.broken).into_iter().collect(),
            excuses: words(&expect.excuses).into_iter().collect(),
            refused: words(&expect.refused).into_iter().map(Text::from).collect(),
            ..Expected::default()
        };
        expected.whole = self.statements(&expect.platform, &expect.cells, cells, false);
        for moment in expect.moments.or(Vec::new()).value {
            let statements = self.statements(&moment.value.platform, &moment.value.cells, cells, true);
            let Some(at) = moment.value.at.yes() else { continue };
            if at.value > duration {
                let message = format!("faults come and go for {duration}; what comes after has no fixed length");
                self.reader.error(code::AFTER_THE_END, at.place, message, "look earlier, or write a longer `duration`");
            }
            expected.moments.entry(at.value).or_default().extend(statements);
        }
        if expect.platform.is_no() && expect.cells.is_no() && expect.moments.is_no() {
            let message = "nothing is measured, so that any run would be as expected";
            self.reader.error(code::NOTHING_EXPECTED, place, message, "say what `platform`, `cells` or `moments` show");
        }
        expected
    }

    fn statements(
        &mut self,
        platform: &Given<Bounds>,
        cells: &Given<IndexMap<String, Located<Bounds>>>,
        known: &BTreeSet<(Text, Text)>,
        instant: bool,
    ) -> Vec<Statement> {
        let mut statements = Vec::new();
        if let Some(bounds) = platform.yes() {
            self.bounds(None, &bounds.value, instant, &mut statements);
        }
        for (name, bounds) in cells.yes().map(|cells| &cells.value).into_iter().flatten() {
            let Some(cell) = forms::cell(name) else { continue };
            if !known.is_empty() && !known.contains(&cell) {
                let names: Vec<String> = known.iter().map(|(cluster, namespace)| format!("{cluster}/{namespace}")).collect();
                let message = format!("the spec has no cell {}", quote(name));
                self.reader.error(code::UNKNOWN_CELL, bounds.place, message, format!("it has {}", names.join(", ")));
            }
            self.bounds(Some(&cell), &bounds.value, instant, &mut statements);
        }
        statements
    }

    fn bounds(&mut self, cell: Option<&(Text, Text)>, bounds: &Bounds, instant: bool, statements: &mut Vec<Statement>) {
        for (name, written) in bounds {
            let Some(measure) = Measure::named(name) else {
                let near = self.reader.nearest(name, Measure::ALL.iter().map(|measure| measure.word()));
                let help = near.map_or("`vamp explain SCENARIO-301` lists what can be measured".to_owned(), |near| {
                    format!("did you mean `{near}`?")
                });
                self.reader.error(code::UNKNOWN_MEASURE, written.place, format!("{} is no measure", quote(name)), help);
                continue;
            };
            let Some(bound) = written.value.clone() else { continue };
            let wrong = |message: String, help: String| Diagnostic::error(code::BAD_BOUND, written.place, message).help(help);
            let complaint = if bound.unit() != Some(measure.unit()) {
                Some(wrong(format!("{name} is not counted like this: {bound}"), format!("write {}", measure.unit().example())))
            } else if !fits(measure, cell.is_some()) {
                let whose = if cell.is_some() { "the platform" } else { "a single cell" };
                Some(wrong(format!("{name} is measured of {whose} only"), format!("{name}: {}", measure.line())))
            } else if instant && measure.when() == When::AtTheEnd {
                Some(wrong(format!("{name} is measured at the end only"), "move it out of `moments`".to_owned()))
            } else if !instant && measure.when() == When::AtAnInstant {
                Some(wrong(format!("{name} is how something is at an instant"), "move it into `moments`".to_owned()))
            } else {
                None
            };
            match complaint {
                Some(complaint) => self.reader.complain(complaint),
                None => statements.push(Statement { cell: cell.cloned(), measure, bound }),
            }
        }
    }
}

type Bounds = IndexMap<String, Located<Option<super::Bound>>>;

fn fits(measure: Measure, of_a_cell: bool) -> bool {
    match measure.of() {
        Of::Cells => true,
        Of::OneCell => of_a_cell,
        Of::Platform => !of_a_cell,
    }
}

fn words<T: Clone>(list: &Given<Vec<Located<T>>>) -> Vec<T> {
    list.yes().iter().flat_map(|list| &list.value).map(|word| word.value.clone()).collect()
}

fn place_of(mistake: &Mistake, written: &Located<written::Injection>) -> Place {
    let of = &written.value;
    let lasts = of.lasts.yes().or_else(|| of.until.yes()).map(|lasts| lasts.place);
    let found = match &mistake.field {
        Field::At => of.at.yes().map(|at| at.place),
        Field::Kind => of.kind.yes().map(|kind| kind.place),
        Field::Target => of.target.yes().map(|target| target.place),
        Field::Lasts => lasts,
        Field::Parameter(name) => of.with.yes().and_then(|with| Some(with.value.get(name.as_str())?.place)),
    };
    found.unwrap_or(written.place)
}

/// Cells of a spec: every Deployment of gateway agents, by cluster and namespace.
fn cells(desired: &Arc<Desired>) -> impl Iterator<Item = (Text, Text)> + use<> {
    let agents = |address: &model::Address| address.kind() == Kind::Deployment && address.name() == "gateway-agent";
    let mut cells: BTreeSet<(Text, Text)> = BTreeSet::new();
    for resource in desired.graph.resources().filter(|resource| agents(&resource.address)) {
        if let (System::Cluster(cluster), Some(namespace)) = (resource.address.system(), resource.address.namespace()) {
            cells.insert((cluster, namespace.into()));
        }
    }
    cells.into_iter()
}
