//! What is released, and how: checked with the tools of those who take it.

#![cfg(test)]

mod npm;
mod oci;
mod pypi;
mod readme;
mod sums;
mod supply_chain;
mod workflows;
