//! The socket that Terraform connects to, and who answers which call.

use std::io::{self, Write as _};
use std::sync::Arc;
use std::time::Duration;

use lambda_invocation_engine::grpc::{self, HttpRequest, HttpResponse};
use prost::Message;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{UnixListener, UnixStream};
use tokio::runtime;
use tokio::signal::unix::{SignalKind, signal};
use tokio::time::timeout;

use crate::action;
use crate::handshake::{self, Handshake};
use crate::protocol::Empty;
use crate::provider::Provider;
use crate::tls::Tls;

/// How long Terraform may take to connect. It does so at once; a program that was started
/// and forgotten must not stay for ever.
const FIRST_CONNECTION: Duration = Duration::from_secs(60);

/// Serves the Terraform that started this program, until it has gone.
///
/// # Errors
///
/// Why it cannot be served, for people.
pub fn run(handshake: Handshake) -> Result<(), String> {
    let runtime = runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .map_err(|error| format!("no threads to be had: {error}"))?;
    let served = runtime.block_on(serve(handshake));
    // A call that is still under way has nobody left who would save its result.
    runtime.shutdown_background();
    served
}

async fn serve(handshake: Handshake) -> Result<(), String> {
    let no_socket = |error: io::Error| format!("no socket can be made: {error}");
    outlive_terraforms_signals().map_err(no_socket)?;
    let mut directory = tempfile::Builder::new();
    directory.prefix("terraform-provider-lambda-");
    let directory = match handshake.socket_directory {
        Some(parent) => directory.tempdir_in(parent),
        None => directory.tempdir(),
    }
    .map_err(no_socket)?;
    let path = directory.path().join("socket");
    let listener = UnixListener::bind(&path).map_err(no_socket)?;
    let tls = handshake.client_certificate.map(Tls::new).transpose()?;

    let line = handshake::line(&path, tls.as_ref().map(|tls| &tls.certificate));
    let mut stdout = io::stdout();
    writeln!(stdout, "{line}")
        .and_then(|()| stdout.flush())
        .map_err(no_socket)?;

    let Ok(accepted) = timeout(FIRST_CONNECTION, listener.accept()).await else {
        return Err("the program that started this provider does not connect".to_owned());
    };
    let (stream, _) = accepted.map_err(no_socket)?;
    // Terraform makes one connection, and its end is our end: also when Terraform was
    // killed and could say nothing.
    serve_connection(stream, tls.as_ref()).await;
    Ok(())
}

/// Ctrl-C reaches this process, too, as it does every process of the terminal. Terraform
/// decides what it means: it asks for a stop, waits for the calls under way, and saves what
/// they return.
fn outlive_terraforms_signals() -> io::Result<()> {
    for kind in [
        SignalKind::interrupt(),
        SignalKind::terminate(),
        SignalKind::hangup(),
    ] {
        let mut signals = signal(kind)?;
        tokio::spawn(async move { while signals.recv().await.is_some() {} });
    }
    Ok(())
}

async fn serve_connection(stream: UnixStream, tls: Option<&Tls>) {
    match tls {
        None => serve_stream(stream).await,
        // Whoever cannot prove to be Terraform is not answered.
        Some(tls) => {
            if let Ok(stream) = tls.acceptor.accept(stream).await {
                serve_stream(stream).await;
            }
        }
    }
}

async fn serve_stream(stream: impl AsyncRead + AsyncWrite + Unpin + Send + 'static) {
    let provider = Arc::new(Provider::default());
    grpc::serve(stream, move |request| {
        answer(Arc::clone(&provider), request)
    })
    .await;
}

/// Answers a call by its name.
async fn answer(provider: Arc<Provider>, request: HttpRequest) -> HttpResponse {
    let path = request.uri().path().to_owned();
    if path == "/plugin.GRPCController/Shutdown" {
        // Terraform then closes the connection, which is the end.
        return unary(provider, |_, Empty {}| async { Empty {} }, request).await;
    }
    let Some(method) = path.strip_prefix("/tfplugin6.Provider/") else {
        return grpc::unimplemented();
    };
    match method {
        "GetMetadata" => unary(provider, Provider::metadata, request).await,
        "GetProviderSchema" => unary(provider, Provider::schema, request).await,
        "ValidateProviderConfig" => unary(provider, Provider::validate, request).await,
        "ConfigureProvider" => unary(provider, Provider::configure, request).await,
        "StopProvider" => unary(provider, Provider::stop, request).await,
        "ValidateResourceConfig" => unary(provider, Provider::validate_resource, request).await,
        "UpgradeResourceState" => unary(provider, Provider::upgrade_resource, request).await,
        "ReadResource" => unary(provider, Provider::read_resource, request).await,
        "PlanResourceChange" => unary(provider, Provider::plan_resource, request).await,
        "ApplyResourceChange" => unary(provider, Provider::apply_resource, request).await,
        "ImportResourceState" => unary(provider, Provider::import_resource, request).await,
        "MoveResourceState" => unary(provider, Provider::move_resource, request).await,
        "ValidateDataResourceConfig" => unary(provider, Provider::validate_data, request).await,
        "ReadDataSource" => unary(provider, Provider::read_data, request).await,
        "ValidateEphemeralResourceConfig" => {
            unary(provider, Provider::validate_ephemeral, request).await
        }
        "OpenEphemeralResource" => unary(provider, Provider::open_ephemeral, request).await,
        "CloseEphemeralResource" => unary(provider, Provider::close_ephemeral, request).await,
        "ValidateActionConfig" => unary(provider, Provider::validate_action, request).await,
        "PlanAction" => unary(provider, Provider::plan_action, request).await,
        "InvokeAction" => {
            grpc::streaming(|question| action::invoke(provider, question), request).await
        }
        _ => grpc::unimplemented(),
    }
}

/// Answers a call that has one answer. What goes wrong is in the answer.
async fn unary<Question, Answer, Handled>(
    provider: Arc<Provider>,
    handler: fn(Arc<Provider>, Question) -> Handled,
    request: HttpRequest,
) -> HttpResponse
where
    Question: Message + Default + 'static,
    Answer: Message + Default + 'static,
    Handled: Future<Output = Answer> + Send + 'static,
{
    let handler = move |question| {
        let answering = handler(provider, question);
        async move { Ok(answering.await) }
    };
    grpc::unary(handler, request).await
}
