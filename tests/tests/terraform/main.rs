//! Real Terraforms, our provider, and the local endpoint.

#![cfg(test)]

mod action;
mod cdk;
mod data_source;
mod documents;
mod ephemeral;
mod interruption;
mod lambda;
mod options;
mod place;
mod resource;
mod take_over;
mod unknown;
