//! The acceptance tests of the Terraform AWS provider, and what they leave out, as
//! tables: one a surface, a row a test, under the provider's own names.
//!
//! Every row runs through the component, against the local endpoint and against
//! MiniStack. `docs/conformance.md` is written from the same tables.

#![cfg(test)]

mod action;
mod data_source;
mod document;
mod endpoint;
mod ephemeral;
mod fixture;
mod invocation;
mod resource;
mod resource_rows;
mod unit;
