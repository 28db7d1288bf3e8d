//! See the library of the same name.

#![forbid(unsafe_code)]

fn main() -> std::process::ExitCode {
    terraform_provider_lambda::main()
}
