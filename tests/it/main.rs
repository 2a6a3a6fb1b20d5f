//! Everything through the edge. Modules mirror what they prove.

mod edge;
mod house;
mod story;
