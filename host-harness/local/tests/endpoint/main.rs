//! The endpoint over TCP, as a client meets it: a module a behaviour.

#![cfg(test)]

mod client;
mod connections;
mod cors;
mod functions;
mod invoke;
mod payload_limits;
mod records;
mod refusals;
mod signature;
mod signer;
mod start_and_stop;
