//! The `lifecycle` and `ephemeral` commands, from what a user types to streams, files
//! and exit codes, with a Lambda that exists in memory only.

#![cfg(test)]

mod apply;
mod approval;
mod conflicts;
mod desk;
mod destroy;
mod ephemeral;
mod examples;
mod failures;
mod grammar;
mod import;
mod interruption;
mod plan;
mod refusals;
mod replace;
mod show;
mod unanswered;
