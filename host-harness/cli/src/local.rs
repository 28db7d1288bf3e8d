//! `lambda-host local`.

use std::io;

use lambda_invocation_command::exit;
use lambda_invocation_command::grammar::Common;
use lambda_invocation_command::render::Streams;
use lambda_invocation_core::error::Error;
use lambda_invocation_local::{FUNCTIONS, LocalEndpoint};

use crate::cli::LocalOptions;

/// Runs the local endpoint until it is interrupted. Standard output gets the lines a
/// shell evaluates to use it.
pub fn serve(
    options: &LocalOptions,
    common: &Common,
    runtime: &tokio::runtime::Runtime,
    streams: &mut Streams<'_>,
) -> io::Result<u8> {
    let mut builder = LocalEndpoint::builder().bind(options.bind);
    if let Some(region) = &common.region {
        builder = builder.region(region);
    }
    let endpoint = match runtime.block_on(builder.start()) {
        Ok(endpoint) => endpoint,
        Err(error) => {
            let error = Error::invalid("bind", format!("cannot listen there: {error}"));
            return streams.error(&error, common.output);
        }
    };
    let credentials = endpoint.credentials();
    writeln!(
        streams.out,
        "export AWS_ENDPOINT_URL_LAMBDA={}\nexport AWS_REGION={}\nexport AWS_ACCESS_KEY_ID={}\nexport AWS_SECRET_ACCESS_KEY={}",
        endpoint.url(),
        endpoint.region(),
        credentials.access_key_id,
        credentials.secret_access_key,
    )?;
    streams.out.flush()?;
    writeln!(
        streams.err,
        "a local Lambda endpoint; Ctrl-C ends it. Functions:"
    )?;
    for function in FUNCTIONS {
        writeln!(streams.err, "  {:10} {}", function.name, function.about)?;
    }
    let interrupted = runtime.block_on(tokio::signal::ctrl_c());
    runtime.block_on(endpoint.shutdown());
    interrupted.map(|()| exit::DONE)
}
