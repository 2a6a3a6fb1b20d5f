//! What holds at the edge, whatever the route. The matrices are made from the API document, so that a route
//! that is added is tested, or fails the test until it can be.

mod answer;
mod cache;
mod console;
mod cors;
mod csrf;
mod cursor;
mod dev;
mod field;
mod header;
mod idempotency;
mod inject;
mod json;
mod limit;
mod method;
mod openapi;
mod oracle;
mod request;
mod role;
pub mod route;
mod size;
mod slow;
mod tenant;
mod token;
mod wire;
