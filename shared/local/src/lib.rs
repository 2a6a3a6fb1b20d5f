//! The whole product in one process: embedded table, sealed vault with a key file, local bus, simulated
//! platforms, all routers, and a ticker in place of the schedules.

pub mod clock;
pub mod demo;
pub mod dev;
mod dump;
pub mod embedded;
pub mod entropy;
pub mod issuer;
pub mod keys;
pub mod options;
pub mod serve;
mod stack;
mod ticker;
mod ttl;
pub mod wire;

pub use stack::{Places, SIMULATED, Setup, Stack, StackError, Storage, Use};
