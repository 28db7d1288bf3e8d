//! The service's own credentials.

use lambda_invocation_local::LocalEndpoint;
use lambda_invocation_tests::lambda_host::Keys;
use lambda_invocation_tests::or_skip;
use lambda_invocation_tests::server::Server;
use lambda_invocation_tests::service::{Options, Service};
use serde_json::{Value, json};

use crate::{BEARER, TOKEN, keys, lambda};

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

/// Other hosts do so unasked.
#[test]
fn an_instance_that_serves_many_keeps_credentials_and_nothing_of_its_callers() {
    let lambda = lambda();
    let container = container(&keys(lambda));
    let service = or_skip!(without_keys(lambda))
        .env("AWS_CONTAINER_CREDENTIALS_FULL_URI", container.url())
        .option("--max-instance-reuse-count=100")
        .option("--idle-instance-timeout=60s")
        .start();
    for call in 0..8 {
        let payload = format!("[{call}]");
        let tail = ("x-amz-log-type", "Tail");
        let first = service.post("/invoke/identity:1", &[BEARER, tail], payload.as_bytes());
        assert_eq!((first.status, &first.body), (200, &payload));
        let second = service.post("/invoke/echo", &[BEARER], b"{}");
        assert_eq!(second.header("x-amz-log-result"), None, "{second:#?}");
        assert_eq!(second.json()["saw"]["qualifier"], Value::Null);
        let third = service.post("/invoke/echo", &[], b"{}");
        assert_eq!(third.status, 401, "{third:#?}");
        let refused = service.post("/invoke/echo", &[BEARER], &vec![b' '; 6_300_000]);
        assert_eq!(refused.status, 413, "{refused:#?}");
    }
    // An instance that is still busy with the end of a request has another one started
    // beside it, so there may be more than one; without reuse there would be 16.
    assert!((1..16).contains(&container.connections()), "{container:?}");
}

#[test]
fn credentials_come_from_files_where_the_host_grants_them() {
    let lambda = lambda();
    let keys = keys(lambda);
    let home = tempfile::tempdir().unwrap();
    let directory = home.path().join(".aws");
    std::fs::create_dir(&directory).unwrap();
    let file = format!(
        "[default]\naws_access_key_id = {}\naws_secret_access_key = {}\n",
        keys.access_key_id, keys.secret_access_key
    );
    std::fs::write(directory.join("credentials"), file).unwrap();
    let service = or_skip!(without_keys(lambda))
        .env("HOME", "/home/guest")
        .grant(&directory, "/home/guest/.aws")
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
fn container(keys: &Keys) -> Server {
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

fn without_keys(lambda: &LocalEndpoint) -> Result<Options, String> {
    Ok(Service::options()?
        .env("AWS_ENDPOINT_URL_LAMBDA", &lambda.url())
        .env("AWS_REGION", lambda.region())
        .env("LAMBDA_INVOCATION_TOKEN", TOKEN)
        .env("LAMBDA_INVOCATION_ALLOWED_FUNCTIONS", "*"))
}
