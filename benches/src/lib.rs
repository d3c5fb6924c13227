//! What the benchmarks and the table of figures stand on.
//!
//! * [`generate`]: specs of any size;
//! * [`shapes`]: graphs of any size and several shapes;
//! * [`measure`]: the clock, the median of some runs, and the memory of whole processes;
//! * [`figure`]: one line of the table;
//! * [`subject`]: what is measured in a process of its own;
//! * [`table`]: the figures of the table, in groups.

pub mod figure;
pub mod generate;
pub mod measure;
pub mod shapes;
pub mod subject;
pub mod table;
