//! Specs to start from: one commented file for each deployment model.

use std::fmt;
use std::str::FromStr;

/// A deployment model: which parts of a platform share a cluster (TOP-1 to TOP-4).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Model {
    /// Everything in one cluster: short-lived development.
    M0,
    /// Management apart from service clusters; all dependencies in the management cluster.
    M1,
    /// MySQL outside, Vault stores in it: the least for production.
    M2,
    /// MySQL and Vault outside.
    M3,
    /// As M3, with an Elasticsearch in a remote region.
    M4,
    /// All dependencies outside.
    M5,
}

impl Model {
    /// Every model, in order.
    pub const ALL: [Model; 6] = [Model::M0, Model::M1, Model::M2, Model::M3, Model::M4, Model::M5];
}

/// A commented spec of the model, which parses without complaint.
pub fn init(model: Model) -> &'static str {
    match model {
        Model::M0 => include_str!("../../../../specs/valid/m0.yaml"),
        Model::M1 => include_str!("../../../../specs/valid/m1.yaml"),
        Model::M2 => include_str!("../../../../specs/valid/m2.yaml"),
        Model::M3 => include_str!("../../../../specs/valid/m3.yaml"),
        Model::M4 => include_str!("../../../../specs/valid/m4.yaml"),
        Model::M5 => include_str!("../../../../specs/valid/m5.yaml"),
    }
}

impl fmt::Display for Model {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(self, f)
    }
}

/// A text that names no deployment model.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} names no deployment model; there are M0 to M5")]
pub struct NotAModel(pub String);

impl FromStr for Model {
    type Err = NotAModel;

    fn from_str(text: &str) -> Result<Self, NotAModel> {
        let same = |model: &Model| model.to_string().eq_ignore_ascii_case(text);
        Model::ALL.into_iter().find(same).ok_or_else(|| NotAModel(text.to_owned()))
    }
}
