//! Everything through the edge. Modules mirror what they prove.

mod function;
mod story;
