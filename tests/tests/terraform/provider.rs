//! The provider's block: who calls, and where; and what is said where that fails.

use std::io::{BufReader, Write as _};
use std::net::{Ipv4Addr, TcpListener};
use std::sync::{Arc, Mutex};
use std::thread;

use lambda_invocation_docs::Page;
use lambda_invocation_tests::lambda_host::Keys;
use lambda_invocation_tests::ministack::{MiniStack, REGION};
use lambda_invocation_tests::or_skip;
use lambda_invocation_tests::server::{Request, Server};
use lambda_invocation_tests::terraform::{Terraform, Workspace};
use rustls::pki_types::PrivateKeyDer;
use rustls::{ServerConfig, ServerConnection, StreamOwned};

use crate::lambda::{Lambda, configuration};

/// A token of accounts.google.com, which MiniStack takes as it is.
const TOKEN: &str = "eyJhbGciOiJSUzI1NiIsInR5cCI6IkpXVCJ9.eyJpc3MiOiJhY2NvdW50cy5nb29nbGUuY29tIiwic3ViIjoibWUiLCJhdWQiOiJ4In0.c2lnbmF0dXJl";

/// Each alias is a provider of its own, with a data source that calls.
fn providers(blocks: &[(&str, String)]) -> String {
    let blocks: Vec<String> = blocks
        .iter()
        .map(|(alias, arguments)| {
            format!(
                r#"
provider "lambda" {{
  alias = "{alias}"
{arguments}
}}
data "lambda_invocation" "{alias}" {{
  provider      = lambda.{alias}
  function_name = "echo"
  input         = "\"{alias}\""
}}
output "{alias}" {{ value = jsondecode(data.lambda_invocation.{alias}.result).event }}
"#
            )
        })
        .collect();
    configuration(&blocks.concat())
}

/// Nothing of the environment says who calls.
fn anonymous(terraform: &Terraform, blocks: &[(&str, String)]) -> Workspace {
    let mut workspace = terraform.workspace(&providers(blocks));
    workspace.set("AWS_REGION", REGION);
    workspace
}

fn keys(keys: &Keys) -> String {
    format!(
        "  access_key = \"{}\"\n  secret_key = \"{}\"",
        keys.access_key_id, keys.secret_access_key
    )
}

#[test]
fn every_way_to_say_who_calls_does() {
    let terraform = or_skip!(Terraform::with_actions());
    let (ministack, roles) = or_skip!(MiniStack::with_roles());
    let (url, role) = (&ministack.url, &roles.invoker);
    let endpoints = format!("  endpoints {{\n    lambda = \"{url}\"\n    sts = \"{url}\"\n  }}");
    let block = |more: &str| format!("{endpoints}\n{more}");
    let assume = format!(
        "  assume_role {{\n    role_arn = \"{role}\"\n    external_id = \"agreed\"\n    session_name = \"terraform\"\n    duration = \"15m\"\n  }}"
    );
    let by_token = |argument: &str| {
        block(&format!(
            "  assume_role_with_web_identity {{\n    role_arn = \"{role}\"\n    {argument}\n  }}"
        ))
    };
    let caller = keys(&ministack.made.caller);
    let blocks = [
        ("keys", block(&caller)),
        (
            "role",
            block(&format!("{}\n{assume}", keys(&roles.assumer))),
        ),
        (
            "file",
            block("  shared_config_files = [\"config\"]\n  profile = \"role\""),
        ),
        (
            "two_files",
            block("  shared_credentials_files = [\"keys\"]\n  profile = \"assumer\"\n")
                + "\n"
                + &assume,
        ),
        (
            "token",
            by_token(&format!("web_identity_token = \"{TOKEN}\"")),
        ),
        (
            "token_file",
            by_token("web_identity_token_file = \"token\""),
        ),
    ];
    let workspace = anonymous(terraform, &blocks);
    let Keys {
        access_key_id,
        secret_access_key,
        ..
    } = &roles.assumer;
    let keys =
        format!("aws_access_key_id = {access_key_id}\naws_secret_access_key = {secret_access_key}");
    workspace.write(
        "config",
        format!(
            "[profile keys]\n{keys}\n[profile role]\nrole_arn = {role}\nsource_profile = keys\nexternal_id = agreed\n"
        ),
    );
    workspace.write("keys", format!("[assumer]\n{keys}\n"));
    workspace.write("token", TOKEN);
    workspace.apply(&[]).expect_success();
    let outputs = workspace.run(["output", "-json"]).json();
    for (alias, _) in &blocks {
        assert_eq!(outputs[alias]["value"], *alias);
    }
}

/// The error of a situation in `docs/errors.md`, without the function's ARN and the id of
/// the request.
fn documented(heading: &str) -> String {
    let blocks = Page::read("docs/errors.md").blocks(heading, "text");
    let text = blocks[0].trim().trim_start_matches("error: ");
    let text = text.split(" (request id").next().unwrap();
    let (_, known) = text.split_once("function:missing").unwrap_or(("", text));
    known.to_owned()
}

#[test]
fn errors_are_said_in_the_words_of_their_page() {
    let terraform = or_skip!(Terraform::with_actions());
    let lambda = Lambda::start();
    let body = r#"
resource "lambda_invocation" "missing" {
  function_name = "missing"
  input         = "1"
}
resource "lambda_invocation" "throttled" {
  function_name = "throttle"
  input         = "{}"
  max_attempts  = 1
}
provider "lambda" {
  alias      = "wrong"
  access_key = "KEY"
  secret_key = "CANARY-wrong"
}
resource "lambda_invocation" "wrong" {
  provider      = lambda.wrong
  function_name = "identity"
  input         = "1"
}
"#;
    let workspace = lambda.workspace(
        terraform,
        &body.replace("KEY", &lambda.keys().access_key_id),
    );
    let said = workspace.apply(&[]).expect_failure();
    for (function, heading) in [
        ("missing", "function missing, or in another region"),
        ("throttle", "throttled"),
        ("identity", "wrong secret"),
    ] {
        let summary = format!("Error: Lambda function {function} was not invoked");
        assert!(said.contains(&summary), "{summary}: {said}");
        // The first letter is a capital one here.
        let words = documented(heading);
        assert!(said.contains(&words[1..]), "{words}: {said}");
    }
    assert!(!said.contains("CANARY"), "{said}");
    assert_eq!(workspace.run(["state", "list"]).stdout, "");
}

#[test]
fn what_is_wrong_with_the_block_is_said_where_it_is_written() {
    const FAULTS: &[(&str, &str, &str)] = &[
        ("insecure = true", "insecure", "Invalid insecure"),
        ("access_key = \"a\"", "provider", "Invalid secret_key"),
        (
            "allowed_account_ids = [\"123456789012\"]",
            "allowed_account_ids",
            "Invalid allowed_account_ids",
        ),
        (
            "custom_ca_bundle = \"nowhere.pem\"",
            "custom_ca_bundle",
            "Invalid custom_ca_bundle",
        ),
        (
            "assume_role {\n    role_arn = \"a\"\n    duration = \"1m\"\n  }",
            "duration",
            "Invalid assume_role[0].duration",
        ),
    ];
    for terraform in Terraform::all() {
        let lambda = Lambda::start();
        let blocks: Vec<String> = FAULTS
            .iter()
            .enumerate()
            .map(|(n, (argument, _, _))| {
                format!("provider \"lambda\" {{\n  alias = \"a{n}\"\n  {argument}\n}}\nresource \"lambda_invocation\" \"a{n}\" {{\n  provider = lambda.a{n}\n  function_name = \"identity\"\n  input = \"1\"\n}}\n")
            })
            .collect();
        let workspace = lambda.workspace(terraform, &blocks.concat());
        let run = workspace.run(["validate", "-json"]);
        let found: serde_json::Value = serde_json::from_str(&run.stdout).unwrap();
        let diagnostics = found["diagnostics"].as_array().unwrap();
        assert_eq!(diagnostics.len(), FAULTS.len(), "{diagnostics:#?}");
        for (argument, at, summary) in FAULTS {
            let one = diagnostics.iter().find(|d| d["summary"] == *summary);
            let one = one.unwrap_or_else(|| panic!("{argument}: {diagnostics:#?}"));
            let code = one["snippet"]["code"].as_str().unwrap();
            assert!(code.trim_start().starts_with(at), "{one:#}");
        }
        assert_eq!(lambda.payloads(), Vec::<String>::new());
    }
}

#[test]
fn the_proxy_of_the_block_goes_before_that_of_the_environment() {
    let terraform = or_skip!(Terraform::with_actions());
    let heads = Arc::new(Mutex::new(Vec::new()));
    let seen = Arc::clone(&heads);
    let proxy = Server::start(move |mut client| {
        let head = client.read_request()?.head;
        seen.lock().unwrap().push(head);
        client.send("HTTP/1.1 403 Forbidden\r\ncontent-length: 0\r\n\r\n")?;
        client.finish()
    });
    let block = |more: &str| {
        format!(
            "  endpoints {{\n    lambda = \"https://lambda.nowhere.invalid\"\n  }}\n  access_key = \"AKIAIOSFODNN7EXAMPLE\"\n  secret_key = \"secret\"\n  max_retries = 0\n{more}"
        )
    };
    let url = proxy.url();
    let through = format!("  https_proxy = \"{}\"", url.replace("//", "//me:CANARY@"));
    let mut workspace = anonymous(
        terraform,
        &[
            ("through", block(&through)),
            (
                "around",
                block(&format!("{through}\n  no_proxy = \"nowhere.invalid\"")),
            ),
        ],
    );
    // Nobody listens there.
    workspace.set("HTTPS_PROXY", "http://127.0.0.1:9");
    let said = workspace.run(["plan"]).expect_failure();
    let heads = heads.lock().unwrap();
    assert_eq!(heads.len(), 1, "{heads:?}");
    assert!(
        heads[0].starts_with("CONNECT lambda.nowhere.invalid:443 "),
        "{heads:?}"
    );
    let named = url.trim_start_matches("http://");
    assert!(said.contains(named), "{named}: {said}");
    assert!(said.contains("name lookup failed"), "{said}");
    assert!(!said.contains("CANARY"), "{said}");
}

/// A server with a certificate of its own for `localhost`, in PEM, that answers every request
/// with a JSON string; and its URL.
fn with_tls() -> (String, String) {
    let made = rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
    let key = PrivateKeyDer::Pkcs8(made.signing_key.serialize_der().into());
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![made.cert.der().clone()], key)
        .unwrap();
    let config = Arc::new(config);
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    let url = format!(
        "https://localhost:{}",
        listener.local_addr().unwrap().port()
    );
    thread::spawn(move || {
        for stream in listener.incoming() {
            let session = ServerConnection::new(Arc::clone(&config)).unwrap();
            let mut stream = StreamOwned::new(session, stream.unwrap());
            // A client that trusts nobody says nothing more.
            if Request::read(BufReader::new(&mut stream)).is_ok() {
                let answer = "HTTP/1.1 200 OK\r\ncontent-length: 18\r\nconnection: close\r\n\r\n{\"event\":\"answer\"}";
                let _ = stream.write_all(answer.as_bytes());
                stream.conn.send_close_notify();
                let _ = stream.flush();
            }
        }
    });
    (made.cert.pem(), url)
}

#[test]
fn the_certificates_of_the_block_are_trusted() {
    let terraform = or_skip!(Terraform::with_actions());
    let (certificate, url) = with_tls();
    let block = |more: &str| {
        format!(
            "  endpoints {{\n    lambda = \"{url}\"\n  }}\n  access_key = \"AKIAIOSFODNN7EXAMPLE\"\n  secret_key = \"secret\"\n  max_retries = 0\n{more}"
        )
    };
    let blocks = [
        ("trusted", block("  custom_ca_bundle = \"ca.pem\"")),
        ("unknown", block("")),
    ];
    let workspace = anonymous(terraform, &blocks);
    workspace.write("ca.pem", certificate);
    let said = workspace.run(["plan"]).expect_failure();
    assert_eq!(said.matches("Error: Lambda function").count(), 1, "{said}");
    assert!(
        said.contains("with data.lambda_invocation.unknown"),
        "{said}"
    );
    assert!(said.contains("certificate was not accepted"), "{said}");
}

#[test]
fn the_schema_is_given_without_the_component() {
    let terraform = or_skip!(Terraform::with_actions());
    let lambda = Lambda::start();
    let resource = "resource \"lambda_invocation\" \"it\" {\n  function_name = \"identity\"\n  input = \"1\"\n}\n";
    let mut workspace = lambda.workspace(terraform, resource);
    workspace.set(
        "XDG_CACHE_HOME",
        workspace.path().join("cache").display().to_string(),
    );
    let schemas = workspace.run(["providers", "schema", "-json"]).json();
    let ours = &schemas["provider_schemas"]["registry.terraform.io/lambda-invocation/lambda"];
    assert!(ours["resource_schemas"]["lambda_invocation"].is_object());
    // Who loads it, which is what starts wasmtime, leaves compiled code.
    assert!(!workspace.path().join("cache").exists());
    workspace.run(["validate"]).expect_success();
    assert!(workspace.path().join("cache").exists());
}

#[test]
fn what_the_environment_says_is_no_matter_before_the_block_is_read() {
    let terraform = or_skip!(Terraform::with_actions());
    let lambda = Lambda::start();
    let block =
        "provider \"lambda\" {\n  shared_config_files = [\"config\"]\n  profile = \"good\"\n}\n";
    let resource = "resource \"lambda_invocation\" \"it\" {\n  function_name = \"identity\"\n  input = \"1\"\n}\n";
    let mut workspace = lambda.workspace(terraform, &format!("{block}{resource}"));
    workspace.write("config", "[profile good]\nregion = eu-west-1\n");
    workspace.set("AWS_PROFILE", "typo");
    workspace.run(["validate"]).expect_success();
    workspace.run(["plan"]).expect_success();
    workspace.set("HTTPS_PROXY", "socks5://127.0.0.1:9");
    workspace.run(["validate"]).expect_success();

    // The one in the block is said to be wrong.
    workspace.set("HTTPS_PROXY", "");
    workspace.write("config", "[profile other]\n");
    let said = workspace.run(["plan"]).expect_failure();
    assert!(said.contains("good"), "{said}");
    assert!(!said.contains("No AWS region"), "{said}");
}
