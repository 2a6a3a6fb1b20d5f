//! What holds at the edge, whatever the route. The matrices are made from the API document, so that a route
//! that is added is tested, or fails the test until it can be.

mod answer;
mod console;
mod dev;
mod idempotency;
mod limit;
mod openapi;
mod request;
mod role;
mod route;
mod tenant;
mod token;
