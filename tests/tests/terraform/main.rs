//! Real Terraforms, our provider, and the local endpoint.

#![cfg(test)]

mod lambda;
mod resource;
mod take_over;
mod unknown;
