//! The service's own credentials.

use lambda_invocation_local::LocalEndpoint;
use lambda_invocation_tests::lambda_host::Keys;
use lambda_invocation_tests::or_skip;
use lambda_invocation_tests::server::Server;
use lambda_invocation_tests::service::Options;
use serde_json::json;

use super::{BEARER, TOKEN, fresh, keys, lambda};

#[test]
fn credentials_come_from_a_container_where_there_are_none_in_the_environment() {
    let lambda = lambda();
    let container = container(&keys(lambda));
    let service = or_skip!(without_keys(lambda))
        .env("AWS_CONTAINER_CREDENTIALS_FULL_URI", container.url())
        .start();
    let reply = service.post("/invoke/identity", &[BEARER], b"[1]");
    assert_eq!(
        (reply.status, &*reply.body),
        (200, "[1]"),
        "{}",
        service.log()
    );
}

/// What a container is given, by a server that counts.
pub(crate) fn container(keys: &Keys) -> Server {
    let document = json!({
        "AccessKeyId": keys.access_key_id,
        "SecretAccessKey": keys.secret_access_key,
        "Expiration": "2999-01-01T00:00:00Z",
    })
    .to_string();
    Server::start(move |mut connection| {
        connection.read_request()?;
        connection.send(format!(
            "HTTP/1.1 200 OK\r\ncontent-length: {}\r\nconnection: close\r\n\r\n{document}",
            document.len()
        ))?;
        connection.finish()
    })
}

pub(crate) fn without_keys(lambda: &LocalEndpoint) -> Result<Options, String> {
    Ok(fresh()?
        .env("AWS_ENDPOINT_URL_LAMBDA", &lambda.url())
        .env("AWS_REGION", lambda.region())
        .env("LAMBDA_INVOCATION_TOKEN", TOKEN)
        .env("LAMBDA_INVOCATION_ALLOWED_FUNCTIONS", "*"))
}
