//! What a cluster does, with the numbers of the facts that it is held against.

mod api;
mod bench;
mod failures;
mod keeping;
mod outages;
mod rollout;
mod taints;
mod voluntary;
