//! Grants stay alive: leases, renewals, the sweep, and what is told of them.

mod answer;
mod days;
mod death;
mod lease;
mod outage;
mod race;
mod refresh;
mod reseal;
mod revocation;
mod signal;
