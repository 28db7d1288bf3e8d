//! The pages of this repository, as its tests read them: commands to run as they stand,
//! links to follow, and the parts that are written by code.
//!
//! A part that code writes stands between two comments, and a test holds it to the code:
//!
//! ```text
//! <!-- errors: written by a test -->
//! ...
//! <!-- end of errors -->
//! ```
//!
//! All the rest of a page is written by hand, in the page itself. With `UPDATE_DOCS` in
//! the environment, the test writes its parts anew instead of failing.

#![allow(clippy::expect_used, clippy::panic, reason = "a test ends by a panic")]

mod links;
mod page;

pub use page::{Page, pages, root};
