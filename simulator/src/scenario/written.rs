//! A scenario as it is written: one record per map, each key given or not. What the JSON Schema shows is this file.

use super::forms::{
    AnyCell, AnyText, BoundForm, BrokenWord, EditForm, ExcuseWord, GuardWord, KindWord, Length, MeasureName, ObjectForm,
    ParameterName, RuleWord, StartWord, TargetForm, Whole,
};
use planner::spec::reading::{Flag, Items, List, Names, Version, record};

record! {
    /// What goes wrong with a platform, and what is expected of it.
    pub Document {
        /// Version of this format: 1.
        version: Version = required "version",
        /// What happens, in a few words.
        title: AnyText = required "title",
        /// What is expected and why, for people.
        says: AnyText = required "says",
        /// Path of the platform's spec, from the folder that this file is in.
        spec: AnyText = required "spec",
        /// Seed of all that is left to chance; 1 if not given.
        seed: Whole = optional "seed",
        /// What the world is at the beginning: `converged` (the default) or `empty`.
        start: StartWord = optional "start",
        /// How long faults come and go: `1h`.
        duration: Length = required "duration",
        /// What is asked for later.
        change: Change = optional "change",
        /// What goes wrong, and when.
        faults: Items<Injection> = optional "faults",
        /// What somebody changes by hand, and when.
        hands: Items<Hand> = optional "hands",
        /// What is expected.
        expect: Expect = required "expect",
        /// Guards that the scenario is about: which promise breaks without them.
        guards: Items<Guarded> = optional "guards",
    }
}

record! {
    /// What is asked for later.
    pub Change {
        /// When, from the beginning.
        at: Length = required "at",
        /// `roll`, for another image of the gateway agents; or the path of another spec.
        to: AnyText = required "to",
    }
}

record! {
    /// A fault with its time.
    pub Injection {
        /// When it begins, from the beginning.
        at: Length = required "at",
        /// What happens: `vamp simulate --list-faults` lists it.
        kind: KindWord = required "kind",
        /// What it happens to.
        target: TargetForm = required "target",
        /// How long it lasts; for good if neither this nor `until` is given.
        lasts: Length = optional "lasts",
        /// When it ends, from the beginning.
        until: Length = optional "until",
        /// How bad it is: numbers by name.
        with: Names<ParameterName, Whole, 1> = optional "with",
    }
}

record! {
    /// A change by hand, past the engine.
    pub Hand {
        /// When, from the beginning.
        at: Length = required "at",
        /// Address of the object: `vault/kv/acme/shop/configuration`.
        object: ObjectForm = required "object",
        /// What is done to it: `make`, `delete`, `set PATH=VALUE` or `remove PATH`.
        does: EditForm = required "does",
        /// Whether its system refuses that; false if not given.
        refused: Flag = optional "refused",
    }
}

record! {
    /// What is expected of the run.
    pub Expect {
        /// Promises that break; all others are kept.
        broken: List<BrokenWord, 0> = optional "broken",
        /// Why the platform does not become what its spec says; it does if there is none.
        excuses: List<ExcuseWord, 0> = optional "excuses",
        /// Rules by which plans leave something out; no others do.
        refused: List<RuleWord, 0> = optional "refused",
        /// What is measured of the platform as a whole.
        platform: Names<MeasureName, BoundForm, 1> = optional "platform",
        /// What is measured of single cells: CLUSTER/NAMESPACE.
        cells: Names<AnyCell, Names<MeasureName, BoundForm, 1>, 1> = optional "cells",
        /// What is measured at some instants.
        moments: Items<Moment> = optional "moments",
    }
}

record! {
    /// What is measured at an instant.
    pub Moment {
        /// When, from the beginning.
        at: Length = required "at",
        /// What is measured of the platform as a whole.
        platform: Names<MeasureName, BoundForm, 1> = optional "platform",
        /// What is measured of single cells: CLUSTER/NAMESPACE.
        cells: Names<AnyCell, Names<MeasureName, BoundForm, 1>, 1> = optional "cells",
    }
}

record! {
    /// Guards that the scenario is about.
    pub Guarded {
        /// Without these.
        without: List<GuardWord, 1> = required "without",
        /// This promise breaks.
        breaks: BrokenWord = required "breaks",
    }
}
