//! What the benchmarks and the table of figures stand on.
//!
//! * [`generate`], [`size`]: specs of any size;
//! * [`converged`], [`pipeline`]: a world in which everything is as wanted, and the way from a text to a plan;
//! * [`mistakes`]: a spec with many things wrong;
//! * [`shapes`]: graphs of any size and several shapes;
//! * [`measure`]: the clock, the shortest of some runs, and the memory of whole processes;
//! * [`proxy`]: a server that is further away;
//! * [`bench`], [`crowd`]: the real servers of the test bench, and twenty clusters made of them;
//! * [`figure`]: one line of the table;
//! * [`subject`]: what is measured in a process of its own;
//! * [`table`]: the figures of the table, in groups.

pub mod bench;
pub mod converged;
pub mod crowd;
pub mod figure;
pub mod generate;
pub mod measure;
pub mod mistakes;
pub mod pipeline;
pub mod proxy;
pub mod shapes;
pub mod size;
pub mod subject;
pub mod table;
