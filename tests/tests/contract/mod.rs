//! The two arms, and what can be asked of either.

pub(crate) mod arm;
pub(crate) mod case;
pub(crate) mod driven;
pub(crate) mod lock;
pub(crate) mod matching;
pub(crate) mod real;
pub(crate) mod run;
pub(crate) mod simulated;
