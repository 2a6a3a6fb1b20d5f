//! Everything through the edge. Modules mirror what they prove.

mod account;
mod connect;
mod event;
mod story;
