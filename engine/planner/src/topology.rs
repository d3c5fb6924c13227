//! Where the parts of a platform stand, and who talks to whom across clusters, regions and countries.
//!
//! * `model`: which deployment model the spec amounts to, and which fields decide it;
//! * `site`: where a part stands;
//! * `conversation`: every connection that one part opens to another, and what it carries.

mod conversation;
mod model;
mod site;

pub use conversation::{Carries, Conversation, Part, conversations};
pub use model::{DeploymentModel, Verdict, classify};
pub use site::{Site, is_in_european_union};

#[cfg(test)]
mod tests;
