//! Everything through the edge. Modules mirror what they prove.

mod function;
mod command;
mod kill;
mod story;
