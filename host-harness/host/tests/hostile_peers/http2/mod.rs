//! Peers that agree on HTTP/2 and break its rules.

mod ends;
mod floods;
mod malformed;

use crate::case::{Case, Ends};

const NULL: Ends = Ends::Answer(b"null");
const CLOSED: &str = "the connection was closed";
const INCOMPLETE: &str = "the connection broke within the response";
const NO_HTTP: &str = "HTTP protocol error";
const NO_RESPONSE: &str = "waiting for the response";

pub fn cases() -> Vec<Case> {
    let cases = [ends::cases(), floods::cases(), malformed::cases()];
    cases.into_iter().flatten().collect()
}
