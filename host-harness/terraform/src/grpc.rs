//! One gRPC call, from the HTTP request to the HTTP response.

use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use hyper::body::Incoming;
use prost::Message;
use tokio::sync::mpsc::UnboundedReceiver;
use tonic::body::Body;
use tonic::codegen::tokio_stream::Stream;
use tonic::server::{Grpc, ServerStreamingService, UnaryService};
use tonic::{Request, Response, Status};
use tonic_prost::ProstCodec;

/// Most bytes of a message: a payload of Lambda's 6 MB comes with the state before, the
/// plan and the configuration.
const MAX_MESSAGE: usize = 64 * 1024 * 1024;

/// A call as it comes in.
pub type HttpRequest = http::Request<Incoming>;
/// A call's answer.
pub type HttpResponse = http::Response<Body>;
type Answering<Answer> = Pin<Box<dyn Future<Output = Result<Response<Answer>, Status>> + Send>>;

/// Answers a call that has one answer, with what `handler` makes of the question.
pub async fn unary<Target, Question, Answer, Handled>(
    target: Arc<Target>,
    handler: fn(Arc<Target>, Question) -> Handled,
    request: HttpRequest,
) -> HttpResponse
where
    Target: Send + Sync + 'static,
    Question: Message + Default + 'static,
    Answer: Message + Default + 'static,
    Handled: Future<Output = Answer> + Send + 'static,
{
    codec().unary(Call { target, handler }, request).await
}

/// Answers a call that has several answers, as they come.
pub async fn streaming<Target, Question, Answer>(
    target: Arc<Target>,
    handler: fn(Arc<Target>, Question) -> UnboundedReceiver<Answer>,
    request: HttpRequest,
) -> HttpResponse
where
    Target: Send + Sync + 'static,
    Question: Message + Default + 'static,
    Answer: Message + Default + 'static,
{
    codec()
        .server_streaming(Call { target, handler }, request)
        .await
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

/// A handler and what it works on, as tonic wants them.
struct Call<Target, Handler> {
    target: Arc<Target>,
    handler: Handler,
}

impl<Target, Question, Answer, Handled> UnaryService<Question>
    for Call<Target, fn(Arc<Target>, Question) -> Handled>
where
    Answer: Message,
    Handled: Future<Output = Answer> + Send + 'static,
{
    type Response = Answer;
    type Future = Answering<Answer>;

    fn call(&mut self, request: Request<Question>) -> Self::Future {
        let handled = (self.handler)(Arc::clone(&self.target), request.into_inner());
        Box::pin(async move { Ok(Response::new(handled.await)) })
    }
}

impl<Target, Question, Answer> ServerStreamingService<Question>
    for Call<Target, fn(Arc<Target>, Question) -> UnboundedReceiver<Answer>>
where
    Answer: Message + 'static,
{
    type Response = Answer;
    type ResponseStream = Messages<Answer>;
    type Future = Answering<Messages<Answer>>;

    fn call(&mut self, request: Request<Question>) -> Self::Future {
        let answers = (self.handler)(Arc::clone(&self.target), request.into_inner());
        Box::pin(async move { Ok(Response::new(Messages(answers))) })
    }
}
