//! A Kubernetes cluster in virtual time: the API server's objects, and what controllers, scheduler and kubelets make of them.
//!
//! In the order in which a document passes through it:
//!
//! * `schema`, `fields`, `locate`, `managers`: server-side apply, as pure functions over documents;
//! * `key`, `object`, `defaulting`, `validation`, `api`: what the API server keeps, lets in and answers;
//! * `server`: the same API server as its own clients see it, over HTTP;
//! * `revision`, `deployment`, `stateful_set`, `job`: controllers, from a template to its pods;
//! * `template`, `selector`, `quantity`, `pod`, `pods`, `scheduler`, `placement`, `kubelet`, `program`, `hosting`: from a pod to a program that serves;
//! * `affliction`, `mishap`, `node`, `node_lifecycle`, `faults`, `eviction`, `garbage`: what takes pods and objects away again;
//! * `agents`: the platform's own agents, whose processes the world runs;
//! * `condition`, `observe`, `show`, `keeping`: what others see of it, and how it is kept;
//! * `cluster`, `event`, `timing`: the whole, its events, and every default with its source.
//!
//! Nothing ticks: every instant follows from what happened last, so that time in which nothing happens costs nothing.

mod affliction;
mod agents;
mod api;
mod cluster;
mod condition;
mod defaulting;
mod deployment;
mod event;
mod eviction;
mod faults;
mod fields;
mod garbage;
mod hosting;
mod job;
mod keeping;
mod key;
mod kubelet;
mod locate;
mod managers;
mod mishap;
mod node;
mod node_lifecycle;
mod object;
mod observe;
mod outage;
mod placement;
mod pod;
mod pods;
mod program;
mod quantity;
mod revision;
mod scheduler;
mod schema;
mod selector;
mod server;
mod show;
mod stateful_set;
mod taint;
mod template;
mod timing;
mod validation;

#[cfg(test)]
mod tests;

pub use affliction::{Affliction, NodeAffliction};
pub use agents::{AgentPod, AgentPodState, AgentWorkload};
pub use api::{EDITOR, FIELD_MANAGER};
pub use cluster::Cluster;
pub use event::{Context, Event, Notice, PodRun, Watcher};
pub use key::{Key, NotAKey};
pub use node::NodeFault;
pub use observe::PodState;
pub use program::{Program, Starting, Surroundings};
pub use server::Subject;
pub use timing::ContainerTimes;
