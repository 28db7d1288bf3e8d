//! `lambda-host inspect`.

use std::io;

use lambda_invocation_command::exit;
use lambda_invocation_command::grammar::Output;
use lambda_invocation_command::render::Streams;
use lambda_invocation_host::{Inspection, Interface};
use serde_json::{Value, json};

use crate::cli::HostOptions;
use crate::lambda;

/// Shows what the component is, without running it.
pub fn inspect(options: &HostOptions, output: Output, streams: &mut Streams<'_>) -> io::Result<u8> {
    let inspection = match lambda::builder(options).inspect() {
        Ok(inspection) => inspection,
        Err(error) => return streams.error(&lambda::load_error(error), output),
    };
    match output {
        Output::Json => streams.document(&document(&inspection))?,
        Output::Payload => text(&inspection, streams)?,
    }
    Ok(exit::DONE)
}

fn document(inspection: &Inspection) -> Value {
    let interfaces = |interfaces: &[Interface]| -> Vec<Value> {
        interfaces
            .iter()
            .map(|interface| json!({"name": interface.name, "functions": interface.functions}))
            .collect()
    };
    json!({
        "size": inspection.size,
        "compiled-size": inspection.compiled_size,
        "imports": interfaces(&inspection.imports),
        "exports": interfaces(&inspection.exports),
        "permissions": inspection.permissions.iter().map(|permission| json!({
            "name": permission.to_string(),
            "given": permission.is_given(),
        })).collect::<Vec<_>>(),
    })
}

fn text(inspection: &Inspection, streams: &mut Streams<'_>) -> io::Result<()> {
    let out = &mut *streams.out;
    writeln!(
        out,
        "size      {:.1} KB, compiled {:.1} KB",
        inspection.size as f64 / 1_000.0,
        inspection.compiled_size as f64 / 1_000.0
    )?;
    writeln!(out, "imports")?;
    for interface in &inspection.imports {
        writeln!(out, "  {}", interface.name)?;
    }
    writeln!(out, "exports")?;
    for interface in &inspection.exports {
        writeln!(out, "  {}", interface.name)?;
        for function in &interface.functions {
            writeln!(out, "    {function}")?;
        }
    }
    writeln!(out, "needs")?;
    for permission in &inspection.permissions {
        let note = if permission.is_given() {
            ""
        } else {
            " (not given by lambda-host)"
        };
        writeln!(out, "  {permission}{note}")?;
    }
    out.flush()
}
