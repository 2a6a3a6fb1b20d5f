//! Grants stay alive: leases, renewals, the sweep, and what is told of them.

mod lease;
