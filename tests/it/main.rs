//! Everything through the edge. Modules mirror what they prove.

mod account;
mod command;
mod connect;
mod event;
mod function;
mod kill;
mod story;
