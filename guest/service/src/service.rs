//! A request from its head to its answer, without I/O.

use std::time::Duration;

use lambda_invocation_core::call::connection::Connection;
use lambda_invocation_core::call::response::Response;
use lambda_invocation_core::call::settings::Environment;
use lambda_invocation_core::error::Error;

use crate::answer::{Answer, Dialect};
use crate::arguments::{self, Arguments};
use crate::failure::Failure;
use crate::headers::Headers;
use crate::route::{self, Route, Target};
use crate::settings::Settings;

/// The head of a request.
pub struct Head {
    pub method: String,
    pub path_and_query: String,
    pub headers: Headers,
}

/// What a head leads to.
#[allow(
    clippy::large_enum_variant,
    reason = "one at a time, and taken apart at once"
)]
pub enum Begun {
    /// An answer to who has shown no token, or asks for what needs none. Nothing more is
    /// read of the request: whoever can connect could hold an instance by sending it
    /// slowly, or not at all.
    Closed(Answer),
    /// An answer to a caller, who may still be sending.
    Answered(Answer),
    /// An invocation of what the body holds.
    Accepted(Accepted),
}

/// An invocation that may be made.
pub struct Accepted {
    pub arguments: Arguments,
    pub connection: Connection,
    /// How long the payload may take, and how long its answer.
    pub body_timeout: Duration,
    pub dialect: Dialect,
    /// Whether the answer is passed on as it comes.
    pub streaming: bool,
}

/// The answer to what came of an invocation.
pub fn finish(dialect: Dialect, outcome: Result<Response, Failure>) -> Answer {
    match outcome {
        Ok(response) => Answer::of_response(response, dialect),
        Err(failure) => Answer::of_failure(failure, dialect),
    }
}

/// Decides on a request by its head. The caller is checked before anything that only
/// callers should learn.
pub fn begin(head: &Head, environment: &Environment) -> Begun {
    let (dialect, route) = route::route(&head.method, &head.path_and_query);
    let failed = |failure| Answer::of_failure(failure, dialect);
    let (target, settings) = match admit(route, head, environment) {
        Ok(Some(admitted)) => admitted,
        Ok(None) => return Begun::Closed(Answer::json(200, r#"{"status":"ok"}"#.to_owned())),
        Err(failure) => return Begun::Closed(failed(failure)),
    };
    match accept(target, &settings, head) {
        Ok(accepted) => Begun::Accepted(accepted),
        Err(failure) => Begun::Answered(failed(failure)),
    }
}

/// The function that one of the callers asks for, and the settings; `None` when only the
/// service's health is asked for.
fn admit<'a>(
    route: Result<Route, Failure>,
    head: &Head,
    environment: &'a Environment,
) -> Result<Option<(Target, Settings<'a>)>, Failure> {
    let settings = || Settings::read(environment);
    match route? {
        Route::Health => match settings() {
            Ok(_) => Ok(None),
            // What starts services can see that this one must not be used.
            Err(error) => Err(unhealthy(&error)),
        },
        Route::Invoke(target) => {
            let settings = settings().map_err(|error| Failure::of_the_service(&error))?;
            settings.callers.check(&head.headers)?;
            Ok(Some((target, settings)))
        }
    }
}

/// The invocation that a caller asks for.
fn accept(target: Target, settings: &Settings<'_>, head: &Head) -> Result<Accepted, Failure> {
    settings
        .allowed
        .check(&target.function_name, target.qualifier.as_deref())?;
    let (dialect, streaming) = (target.dialect, target.streaming);
    Ok(Accepted {
        arguments: arguments::read(target, &head.headers)?,
        connection: settings.connection(),
        body_timeout: settings.body_timeout,
        dialect,
        streaming,
    })
}

fn unhealthy(error: &Error) -> Failure {
    Failure {
        status: 503,
        ..Failure::of_the_service(error)
    }
}
