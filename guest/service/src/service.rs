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
use crate::route::{self, Route};
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
    /// An answer; the body is not needed.
    Answered(Answer),
    /// An invocation of what the body holds.
    Accepted(Accepted),
}

/// An invocation that may be made.
pub struct Accepted {
    pub arguments: Arguments,
    pub connection: Connection,
    /// How long the body may take.
    pub body_timeout: Duration,
    pub dialect: Dialect,
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
    match route.and_then(|route| accept(route, head, environment)) {
        Ok(Some(accepted)) => Begun::Accepted(accepted),
        Ok(None) => Begun::Answered(Answer::json(200, r#"{"status":"ok"}"#.to_owned())),
        Err(failure) => Begun::Answered(Answer::of_failure(failure, dialect)),
    }
}

/// The invocation that is asked for; `None` when only the service's health is.
fn accept(
    route: Route,
    head: &Head,
    environment: &Environment,
) -> Result<Option<Accepted>, Failure> {
    let settings = Settings::read(environment);
    let target = match route {
        Route::Health => {
            return match settings {
                Ok(_) => Ok(None),
                // What starts services can see that this one must not be used.
                Err(error) => Err(unhealthy(&error)),
            };
        }
        Route::Invoke(target) => target,
    };
    let settings = settings.map_err(|error| Failure::of_the_service(&error))?;
    settings.callers.check(&head.headers)?;
    settings
        .allowed
        .check(&target.function_name, target.qualifier.as_deref())?;
    let dialect = target.dialect;
    Ok(Some(Accepted {
        arguments: arguments::read(target, &head.headers)?,
        connection: settings.connection(),
        body_timeout: settings.body_timeout,
        dialect,
    }))
}

fn unhealthy(error: &Error) -> Failure {
    Failure {
        status: 503,
        ..Failure::of_the_service(error)
    }
}
