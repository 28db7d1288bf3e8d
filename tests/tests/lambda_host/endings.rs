//! How a call ends that nobody waits for, or whose answer cannot be printed.

use std::io::Read as _;
use std::sync::mpsc;
use std::time::Duration;

use lambda_invocation_tests::build;
use lambda_invocation_tests::lambda_host::LambdaHost;
use lambda_invocation_tests::server::Server;
use rustix::process::Signal;

use crate::{local, remote};

#[test]
fn a_reader_that_leaves_is_no_reason_to_panic() {
    let mut running = local("big")
        .args(["--payload", r#"{"bytes":6000000}"#])
        .start();
    drop(running.child.stdout.take());
    let mut said = String::new();
    let mut stderr = running.child.stderr.take().unwrap();
    stderr.read_to_string(&mut said).unwrap();
    assert_eq!(said, "");
    assert_ne!(running.wait(), 0);
}

#[test]
fn an_answer_that_cannot_be_printed_is_said_to_be_lost_and_that_the_function_ran() {
    let to_a_full_disk = |arguments: &str| {
        let program = build::lambda_host();
        let line = format!("{} {arguments} > /dev/full", program.display());
        let run = LambdaHost::installed("/bin/sh".as_ref())
            .env("LAMBDA_COMPONENT", build::component())
            .args(["-c", &line])
            .run();
        run.refusal(4).to_owned()
    };
    for (arguments, done) in [
        (
            "invoke echo --local",
            "the function ran, and its answer is lost; ",
        ),
        (
            "invoke echo --local --output json",
            "the function ran, and its answer is lost; ",
        ),
        (
            "invoke echo --local --output json --invocation-type Event",
            "the event is queued, and Lambda runs the function later; ",
        ),
        ("inspect", ""),
    ] {
        assert_eq!(
            to_a_full_disk(arguments),
            format!(
                "error: {done}the output cannot be written: No space left on device (os error 28)"
            )
        );
    }
}

#[test]
fn an_interrupted_call_says_that_the_function_may_still_run() {
    for signal in [Signal::INT, Signal::TERM, Signal::HUP] {
        let (arrived, arrival) = mpsc::channel();
        let server = Server::start(move |mut connection| {
            connection.read_request()?;
            arrived.send(()).unwrap();
            connection.wait_for_the_client()
        });
        let mut running = remote("f", server.url()).args(["-p", "{}"]).start();
        arrival.recv_timeout(Duration::from_secs(60)).unwrap();
        running.signal(signal);
        assert_eq!(running.wait(), 130);
        let mut said = String::new();
        let mut stderr = running.child.stderr.take().unwrap();
        stderr.read_to_string(&mut said).unwrap();
        assert_eq!(said, "\ninterrupted: the function may still run\n");
    }
}

/// As `nohup` has it, and a shell for what runs in the background.
#[test]
fn a_signal_that_was_ignored_from_the_start_ends_nothing() {
    let (arrived, arrival) = mpsc::channel();
    let server = Server::start(move |mut connection| {
        connection.read_request()?;
        arrived.send(()).unwrap();
        std::thread::sleep(Duration::from_millis(300));
        connection.send("HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n{}")?;
        connection.finish()
    });
    let line = format!(
        "trap '' HUP; exec {} invoke f -p '{{}}' -r us-east-1 --endpoint-url {}",
        build::lambda_host().display(),
        server.url()
    );
    let mut running = LambdaHost::installed("/bin/sh".as_ref())
        .env("LAMBDA_COMPONENT", build::component())
        .keys(&lambda_invocation_tests::canary::keys())
        .args(["-c", &line])
        .start();
    arrival.recv_timeout(Duration::from_secs(60)).unwrap();
    running.signal(Signal::HUP);
    assert_eq!(running.wait(), 0);
}
