//! TLS with callers.

use std::path::Path;
use std::process::{Command, Stdio};

use lambda_invocation_tests::lambda_host::LambdaHost;
use lambda_invocation_tests::or_skip;

use super::{TOKEN, lambda, local};

/// A certificate for `localhost` and its key, in files.
fn certificate(directory: &Path) -> (String, String) {
    let pair = rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
    let file = |name: &str, text: String| {
        let path = directory.join(name);
        std::fs::write(&path, text).unwrap();
        path.display().to_string()
    };
    (
        file("certificate.pem", pair.cert.pem()),
        file("key.pem", pair.signing_key.serialize_pem()),
    )
}

fn curl(arguments: &[&str]) -> Result<(bool, String), String> {
    let output = Command::new("curl")
        .args(["--silent", "--show-error", "--max-time", "60"])
        .args(arguments)
        .stdin(Stdio::null())
        .output()
        .map_err(|error| format!("cannot run curl: {error}"))?;
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    Ok((output.status.success(), text))
}

#[test]
fn curl_invokes_over_tls_and_plain_http_gets_no_answer() {
    let directory = tempfile::tempdir().unwrap();
    let (certificate, key) = certificate(directory.path());
    let service = local(lambda())
        .expect("our own host")
        .option(&format!("--tls-certificate={certificate}"))
        .option(&format!("--tls-key={key}"))
        .option("--header-timeout=1s")
        .start();
    let address = service
        .url()
        .strip_prefix("https://127.0.0.1")
        .expect("https");
    let url = format!("https://localhost{address}/invoke/identity");
    let bearer = format!("Authorization: Bearer {TOKEN}");
    let call = ["--cacert", &certificate, "-H", &bearer, "-d", "[1]", &url];
    assert_eq!(or_skip!(curl(&call)), (true, "[1]".to_owned()));
    let (done, said) = or_skip!(curl(&["-H", &bearer, "-d", "[1]", &url]));
    assert!(
        !done && said.is_empty(),
        "a certificate that nobody vouches for: {said}"
    );
    let plain = url.replace("https", "http");
    let (done, said) = or_skip!(curl(&["-H", &bearer, "-d", "[1]", &plain]));
    assert!(!done && said.is_empty(), "{said}");
    let old = ["--tls-max", "1.1", "--cacert", &certificate, &url];
    assert!(!or_skip!(curl(&old)).0);
}

#[test]
fn what_cannot_be_served_with_is_refused_in_one_clear_line() {
    let directory = tempfile::tempdir().unwrap();
    let (certificate, key) = certificate(directory.path());
    let (_, other) = self::certificate(tempfile::tempdir().unwrap().keep().as_path());
    for (arguments, word) in [
        (
            vec!["--tls-certificate", &certificate, "--tls-key", &other],
            "tls-certificate",
        ),
        (
            vec!["--tls-certificate", &key, "--tls-key", &key],
            "certificate",
        ),
        (
            vec!["--tls-certificate", "missing.pem", "--tls-key", &key],
            "missing.pem",
        ),
        (vec!["--access-log", "/nowhere/access.log"], "access-log"),
        (vec!["--retry", "never"], "retry"),
    ] {
        let run = LambdaHost::new(["serve", "--listen", "127.0.0.1:0"]).args(&arguments);
        let run = run
            .env(
                "LAMBDA_SERVICE_COMPONENT",
                lambda_invocation_tests::build::service_component(),
            )
            .run();
        let line = run.refusal(2);
        assert!(line.contains(word), "{line}");
    }
    let run = LambdaHost::new(["serve", "--tls-certificate", &certificate]).run();
    assert_eq!(run.code, 2, "{run:#?}");
    assert!(run.stderr.contains("--tls-key"), "{run:#?}");
}
