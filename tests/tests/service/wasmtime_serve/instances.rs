//! What of `wasmtime serve` has a meaning for instances: files, memory, and use for many requests.

use lambda_invocation_tests::or_skip;
use serde_json::Value;

use super::credentials::{container, without_keys};
use super::{BEARER, keys, lambda, local};

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
fn a_small_call_needs_no_more_than_1_2_mb_of_memory() {
    let lambda = lambda();
    let service = or_skip!(local(lambda))
        .option("-Wmax-memory-size=1200000")
        .start();
    let reply = service.post("/invoke/identity", &[BEARER], b"{}");
    assert_eq!((reply.status, &*reply.body), (200, "{}"));
}

#[test]
fn payloads_up_to_the_limit_pass_both_ways_in_16_mb_of_memory() {
    let lambda = lambda();
    let service = or_skip!(local(lambda))
        .option("-Wmax-memory-size=16000000")
        .start();
    let payload = format!("\"{}\"", "x".repeat(6_291_456 - 2));
    let reply = service.post("/invoke/identity", &[BEARER], payload.as_bytes());
    assert_eq!(reply.status, 200, "{}", reply.head);
    assert!(reply.body == payload);
}
