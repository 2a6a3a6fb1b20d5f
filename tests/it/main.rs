//! Everything through the edge. Modules mirror what they prove.

mod command;
mod kill;
mod story;
