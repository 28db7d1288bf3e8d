//! The port that Pulumi connects to, who answers which call, and the end of the program.

use std::io::{self, Write as _};
use std::net::Ipv4Addr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use lambda_invocation_engine::grpc::{self, HttpRequest, HttpResponse, Status};
use prost::Message;
use tokio::net::{TcpListener, TcpStream};
use tokio::runtime;
use tokio::signal::unix::{SignalKind, signal};
use tokio::time::{interval, sleep, timeout};

use crate::provider::Provider;

/// How often it is looked whether an engine that holds no connection is still there.
const LOOK: Duration = Duration::from_secs(2);
/// How long the last answers may take to be written: an engine that is still there keeps its
/// connection open.
const WRITTEN: Duration = Duration::from_secs(2);
/// How often it is looked whether the connections have ended.
const POLL: Duration = Duration::from_millis(20);

/// Serves the engine that started this program, until that has gone.
///
/// # Errors
///
/// Why it cannot be served, for people.
pub fn run(engine: Option<String>) -> Result<(), String> {
    let runtime = runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .map_err(|error| format!("no threads to be had: {error}"))?;
    let served = runtime
        .block_on(serve(engine))
        .map_err(|error| format!("no port to be had: {error}"));
    runtime.shutdown_background();
    served
}

async fn serve(engine: Option<String>) -> io::Result<()> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
    // The engine sends an interrupt when it needs the program no longer. One by the user
    // does not get here: the engine starts the program in a process group of its own, and
    // tells it by a call.
    let mut interrupt = signal(SignalKind::interrupt())?;
    let mut terminate = signal(SignalKind::terminate())?;
    let mut hangup = signal(SignalKind::hangup())?;

    let mut stdout = io::stdout();
    writeln!(stdout, "{}", listener.local_addr()?.port()).and_then(|()| stdout.flush())?;

    let provider = Arc::new(Provider::default());
    let connections = Arc::new(AtomicUsize::new(0));
    let mut look = interval(LOOK);
    loop {
        tokio::select! {
            accepted = listener.accept() => {
                if let Ok((stream, _)) = accepted {
                    let (provider, connections) = (Arc::clone(&provider), Arc::clone(&connections));
                    connections.fetch_add(1, Ordering::SeqCst);
                    tokio::spawn(async move {
                        let _ = stream.set_nodelay(true);
                        grpc::serve(stream, move |request| answer(Arc::clone(&provider), request)).await;
                        connections.fetch_sub(1, Ordering::SeqCst);
                    });
                }
            }
            _ = interrupt.recv() => break,
            _ = terminate.recv() => break,
            _ = hangup.recv() => break,
            // An idle engine may close its connection, and makes another when it needs one.
            // One that was killed leaves the program behind.
            _ = look.tick() => {
                if connections.load(Ordering::SeqCst) == 0 && has_gone(engine.as_deref()).await {
                    break;
                }
            }
        }
    }
    // The results of the calls under way may still be saved, once they are written: the
    // engine, where it is still there, has to get them.
    provider.stop();
    provider.calls_under_way().await;
    let written = async {
        while connections.load(Ordering::SeqCst) > 0 {
            sleep(POLL).await;
        }
    };
    let _ = timeout(WRITTEN, written).await;
    Ok(())
}

/// Whether nobody listens at the engine's address any more. Whoever started the program by
/// hand gave none, and ends it.
async fn has_gone(engine: Option<&str>) -> bool {
    match engine {
        None => false,
        Some(address) => !matches!(timeout(LOOK, TcpStream::connect(address)).await, Ok(Ok(_))),
    }
}

/// Answers a call by its name.
async fn answer(provider: Arc<Provider>, request: HttpRequest) -> HttpResponse {
    let path = request.uri().path().to_owned();
    let Some(method) = path.strip_prefix("/pulumirpc.ResourceProvider/") else {
        return grpc::unimplemented();
    };
    match method {
        "Handshake" => unary(provider, Provider::handshake, request).await,
        "GetPluginInfo" => unary(provider, Provider::plugin_info, request).await,
        "Attach" => unary(provider, Provider::attach, request).await,
        "GetSchema" => unary(provider, Provider::schema, request).await,
        "GetMapping" | "GetMappings" => unary(provider, Provider::mapping, request).await,
        "CheckConfig" => unary(provider, Provider::check_config, request).await,
        "DiffConfig" => unary(provider, Provider::diff_config, request).await,
        "Configure" => unary(provider, Provider::configure, request).await,
        "Check" => unary(provider, Provider::check, request).await,
        "Diff" => unary(provider, Provider::diff, request).await,
        "Create" => unary(provider, Provider::create, request).await,
        "Read" => unary(provider, Provider::read, request).await,
        "Update" => unary(provider, Provider::update, request).await,
        "Delete" => unary(provider, Provider::delete, request).await,
        "Invoke" => unary(provider, Provider::invoke, request).await,
        "Cancel" => unary(provider, Provider::cancel, request).await,
        "Construct" | "Call" => refused("this package has no components and no methods"),
        "Parameterize" => refused("this package has no parameters"),
        "List" => refused("Lambda keeps no list of invocations"),
        _ => grpc::unimplemented(),
    }
}

fn refused(reason: &str) -> HttpResponse {
    Status::unimplemented(reason).into_http()
}

async fn unary<Question, Answer, Handled>(
    provider: Arc<Provider>,
    handler: fn(Arc<Provider>, Question) -> Handled,
    request: HttpRequest,
) -> HttpResponse
where
    Question: Message + Default + 'static,
    Answer: Message + Default + 'static,
    Handled: Future<Output = Result<Answer, Status>> + Send + 'static,
{
    grpc::unary(move |question| handler(provider, question), request).await
}
