//! Which of the options that every command takes are shown in the help of one.
//!
//! All of them are understood everywhere, before a command and after it; but a list of
//! twenty of which two matter helps nobody.

use clap::{Arg, Command};

/// The program's grammar, with those options hidden in each command's help that make no
/// difference to it.
pub fn tailored(program: Command) -> Command {
    let options: Vec<Arg> = program
        .get_arguments()
        .filter(|option| option.is_global_set())
        .cloned()
        .collect();
    commands(program, &options)
}

fn commands(command: Command, options: &[Arg]) -> Command {
    command.mut_subcommands(|command| {
        let name = command.get_name().to_owned();
        // What a command has already is not given to it from above.
        let own = options.iter().map(|option| {
            let hidden = command.has_subcommands() || !matters(option, &name);
            option.clone().hide(hidden)
        });
        let own: Vec<Arg> = own.collect();
        commands(command.args(own), options)
    })
}

/// Whether an option makes a difference to a command.
fn matters(option: &Arg, command: &str) -> bool {
    let name = option.get_id().as_str();
    let heading = option.get_help_heading();
    match command {
        "invoke" | "open" => true,
        _ if name == "transport" => false,
        "prepare" => heading != Some("Time and retries") || name == "timeout",
        "plan" | "import" => {
            matches!(name, "output" | "timeout")
                || (heading == Some("Host") && !matches!(name, "local" | "allow"))
        }
        "show" => name == "output",
        "inspect" => matches!(name, "output" | "component" | "no_cache"),
        "local" => name == "region",
        "serve" => {
            matches!(
                name,
                "region" | "endpoint_url" | "profile" | "use_fips" | "use_dualstack"
            ) || matches!(name, "timeout" | "max_attempts")
                || matches!(name, "local" | "component" | "no_cache" | "verbose")
        }
        "completions" => false,
        _ => true,
    }
}
