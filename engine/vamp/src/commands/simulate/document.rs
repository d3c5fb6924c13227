//! What came of a campaign, as JSON: every run, and what they say together. Everything in it follows from the seeds, except how fast it
//! was.

use serde::Serialize;
use simulator::campaign::part::Part;
use simulator::campaign::summary::{Summary, summary};

/// A campaign and its end.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Document {
    #[serde(flatten)]
    pub(super) part: Part,
    pub(super) summary: Summary,
    /// A measurement of this machine: it is not part of what parts of a campaign make together.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) simulated_hours_per_hour: Option<f64>,
}

impl Document {
    /// The document about a campaign that took so long, if that is known.
    pub(super) fn of(part: Part, milliseconds: Option<u64>) -> Self {
        let summary = summary(&part.seeds);
        let simulated_hours_per_hour =
            milliseconds.map(|milliseconds| (summary.simulated.0 as f64 / milliseconds.max(1) as f64).round());
        Document { part, summary, simulated_hours_per_hour }
    }

    /// How many seeds the whole campaign has, if these are not all of them: a part of it, or it was stopped.
    pub(super) fn of_more(&self) -> Option<u64> {
        let (first, last) = self.part.range;
        let all = last.saturating_sub(first).saturating_add(1);
        (self.summary.runs < all).then_some(all)
    }
}
