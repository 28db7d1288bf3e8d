//! Real Terraforms, our provider, and the local endpoint.

#![cfg(test)]

mod acceptance;
mod action;
mod cdk;
mod data_source;
mod documents;
mod ephemeral;
mod interruption;
mod lambda;
mod options;
mod page;
mod place;
mod provider;
mod proxy;
mod quotes;
mod resource;
mod take_over;
mod unanswered;
mod unknown;
