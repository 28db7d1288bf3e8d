//! Real Terraforms, our provider, and the local endpoint.

#![cfg(test)]

mod action;
mod data_source;
mod ephemeral;
mod interruption;
mod lambda;
mod options;
mod resource;
mod take_over;
mod unknown;
