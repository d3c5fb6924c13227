//! Plans over small graphs, stated as facts.
