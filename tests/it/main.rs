//! Everything through the edge. Modules mirror what they prove.

mod account;
mod attack;
mod capacity;
mod command;
mod connect;
mod copy;
mod coverage;
mod edge;
mod envelope;
mod event;
mod function;
mod harness;
mod health;
mod house;
mod keep;
mod kill;
mod notice;
mod picture;
mod platform;
mod renewal_model;
mod schedule;
mod secret;
mod story;
mod template;
mod vault;
