//! One case of `cases.rs`, for a profiler that counts instructions:
//!
//! ```sh
//! cargo build --release -p lambda-invocation-core --example instructions
//! valgrind --tool=callgrind --collect-atstart=no --toggle-collect='*measured*' \
//!     target/release/examples/instructions 'request of 100 bytes'
//! ```
//!
//! Without a name it lists the cases.

#![allow(clippy::expect_used, reason = "a measurement that cannot be made ends")]

mod cases;

use std::process::ExitCode;

fn main() -> ExitCode {
    let Some(wanted) = std::env::args().nth(1) else {
        for (name, _) in cases::CASES {
            println!("{name}");
        }
        return ExitCode::SUCCESS;
    };
    match cases::CASES.iter().find(|(name, _)| *name == wanted) {
        Some((_, prepare)) => {
            measured(prepare());
            ExitCode::SUCCESS
        }
        None => {
            eprintln!("no such case: {wanted}");
            ExitCode::FAILURE
        }
    }
}

// Not inlined, because counting begins and ends with it.
#[inline(never)]
fn measured(work: cases::Work) {
    work();
}
