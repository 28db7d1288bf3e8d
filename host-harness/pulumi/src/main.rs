//! See the library of the same name.

#![forbid(unsafe_code)]

fn main() -> std::process::ExitCode {
    pulumi_resource_lambda_invocation::main()
}
