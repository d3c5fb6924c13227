//! Changes of the rules of the catalogue, and the tests that fail with them. A rule whose condition can be changed without a test that
//! fails is a rule that nobody holds to its word.
//!
//! * [`find`]: what can be changed in a source; [`weave`]: all of it in one source, each change behind a switch;
//! * [`tree`]: a copy of the sources, woven and built once; [`trial`]: one change at a time;
//! * [`equal`]: what nothing can tell; [`table`]: what came of it all.
//!
//! [`engine`] is about another question: whether the simulator's standard seeds and scenarios notice what goes wrong in the engine and
//! in the world. It has a command of its own, and shares how changes are woven in.

pub mod engine;
pub mod equal;
pub mod find;
pub mod table;
pub mod tree;
pub mod trial;
pub mod weave;
