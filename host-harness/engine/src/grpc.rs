//! The server's side of gRPC: a connection, and a call on it from the HTTP request to the
//! HTTP response.

use std::convert::Infallible;
use std::pin::Pin;
use std::task::{Context, Poll};

use hyper::body::Incoming;
use hyper::server::conn::http2;
use hyper::service::service_fn;
use hyper_util::rt::{TokioExecutor, TokioIo};
use prost::Message;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::sync::mpsc::UnboundedReceiver;
use tonic::body::Body;
use tonic::codegen::tokio_stream::Stream;
use tonic::server::{Grpc, ServerStreamingService, UnaryService};
pub use tonic::{Code, Status};
use tonic::{Request, Response};
use tonic_prost::ProstCodec;

/// Most bytes of a message: a payload of Lambda's 6 MB comes with the state before, the
/// plan and the configuration.
const MAX_MESSAGE: usize = 64 * 1024 * 1024;

/// A call as it comes in.
pub type HttpRequest = http::Request<Incoming>;
/// A call's answer.
pub type HttpResponse = http::Response<Body>;
type Answering<Answer> = Pin<Box<dyn Future<Output = Result<Response<Answer>, Status>> + Send>>;

/// Answers the calls of one connection, until its other end closes it.
pub async fn serve<Answering>(
    stream: impl AsyncRead + AsyncWrite + Unpin + Send + 'static,
    answer: impl Fn(HttpRequest) -> Answering + Clone + Send + Sync + 'static,
) where
    Answering: Future<Output = HttpResponse> + Send + 'static,
{
    let service = service_fn(move |request| {
        let answering = answer(request);
        async move { Ok::<_, Infallible>(answering.await) }
    });
    // What breaks a connection is nobody's to know: its other end has gone.
    let _ = http2::Builder::new(TokioExecutor::new())
        .serve_connection(TokioIo::new(stream), service)
        .await;
}

/// Answers a call that has one answer, with what `handler` makes of the question.
pub async fn unary<Question, Answer, Handled>(
    handler: impl FnOnce(Question) -> Handled + Send + 'static,
    request: HttpRequest,
) -> HttpResponse
where
    Question: Message + Default + 'static,
    Answer: Message + Default + 'static,
    Handled: Future<Output = Result<Answer, Status>> + Send + 'static,
{
    codec().unary(Call(Some(handler)), request).await
}

/// Answers a call that has several answers, as they come.
pub async fn streaming<Question, Answer>(
    handler: impl FnOnce(Question) -> UnboundedReceiver<Answer> + Send + 'static,
    request: HttpRequest,
) -> HttpResponse
where
    Question: Message + Default + 'static,
    Answer: Message + Default + 'static,
{
    codec().server_streaming(Call(Some(handler)), request).await
}

/// The answer to a call that is not known here.
pub fn unimplemented() -> HttpResponse {
    Status::unimplemented("").into_http()
}

fn codec<Question, Answer>() -> Grpc<ProstCodec<Answer, Question>>
where
    Question: Message + Default + 'static,
    Answer: Message + Default + 'static,
{
    Grpc::new(ProstCodec::default())
        .max_decoding_message_size(MAX_MESSAGE)
        .max_encoding_message_size(MAX_MESSAGE)
}

/// The answers of a call, as tonic wants them.
struct Messages<Answer>(UnboundedReceiver<Answer>);

impl<Answer> Stream for Messages<Answer> {
    type Item = Result<Answer, Status>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        self.0.poll_recv(context).map(|answer| answer.map(Ok))
    }
}

/// A handler as tonic wants it, which calls it once.
struct Call<Handler>(Option<Handler>);

impl<Handler> Call<Handler> {
    fn handler(&mut self) -> Result<Handler, Status> {
        self.0.take().ok_or_else(|| Status::internal("asked twice"))
    }
}

impl<Question, Answer, Handled, Handler> UnaryService<Question> for Call<Handler>
where
    Answer: Message,
    Handled: Future<Output = Result<Answer, Status>> + Send + 'static,
    Handler: FnOnce(Question) -> Handled,
{
    type Response = Answer;
    type Future = Answering<Answer>;

    fn call(&mut self, request: Request<Question>) -> Self::Future {
        let handled = self.handler().map(|handler| handler(request.into_inner()));
        Box::pin(async move { handled?.await.map(Response::new) })
    }
}

impl<Question, Answer, Handler> ServerStreamingService<Question> for Call<Handler>
where
    Answer: Message + 'static,
    Handler: FnOnce(Question) -> UnboundedReceiver<Answer>,
{
    type Response = Answer;
    type ResponseStream = Messages<Answer>;
    type Future = Answering<Messages<Answer>>;

    fn call(&mut self, request: Request<Question>) -> Self::Future {
        let answers = self.handler().map(|handler| handler(request.into_inner()));
        Box::pin(async move { Ok(Response::new(Messages(answers?))) })
    }
}
