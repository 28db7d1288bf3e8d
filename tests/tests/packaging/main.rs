//! What is released, and how: checked with the tools of those who take it.

#![cfg(test)]

mod oci;
mod sums;
mod workflows;
