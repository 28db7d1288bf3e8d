//! Shared configuration files: what botocore, `lambda-host` and the command component make of
//! the same ones. The table in `docs/credentials.md` is made of what they said; where they do
//! not agree, it has the reason.

#![cfg(test)]

mod cases;

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::path::Path;
use std::process::Command;

use lambda_invocation_docs::Page;
use lambda_invocation_tests::lambda_host::{LambdaHost, Run};
use lambda_invocation_tests::or_skip;
use lambda_invocation_tests::server::{Request, Server};
use lambda_invocation_tests::venv::{BOTOCORE, Venv};
use lambda_invocation_tests::wasmtime::{HOME, Wasmtime};
use serde_json::{Value, json};

use cases::{CASES, Case, Content};

const COMMAND: &str = "UPDATE_DOCS=1 cargo test -p lambda-invocation-tests --test profiles";
const CALL: [&str; 4] = ["prepare", "echo", "--region", "us-east-1"];
/// Most characters of an error in the table.
const MAX_WORDS: usize = 110;

/// Whose key signs.
#[derive(Clone, PartialEq, Eq)]
enum Outcome {
    Key(String),
    /// Nobody's; why.
    Nobody(String),
}

impl Outcome {
    fn agrees(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Key(one), Self::Key(other)) => one == other,
            (Self::Nobody(_), Self::Nobody(_)) => true,
            _ => false,
        }
    }

    fn shown(&self) -> String {
        match self {
            Self::Key(id) if id.is_empty() => "an empty key".to_owned(),
            Self::Key(id) => format!("**`{id}`**"),
            Self::Nobody(why) => {
                let mut words: String = why.chars().take(MAX_WORDS).collect();
                if words.len() < why.len() {
                    words.truncate(words.rfind(' ').unwrap_or(words.len()));
                    words.push_str(" …");
                }
                words.replace('|', "\\|").replace('<', "&lt;")
            }
        }
    }
}

/// What is asked beside files.
struct Servers {
    sts: Server,
    container: Server,
}

impl Servers {
    fn start() -> Self {
        let answer = |body: String| {
            let length = body.len();
            format!(
                "HTTP/1.1 200 OK\r\ncontent-length: {length}\r\nconnection: close\r\n\r\n{body}"
            )
        };
        Self {
            sts: Server::start(move |mut connection| {
                let request = connection.read_request()?;
                connection.send(answer(assumed(&request)))
            }),
            container: Server::start(move |mut connection| {
                connection.read_request()?;
                let keys = json!({
                    "AccessKeyId": "CONTAINER", "SecretAccessKey": "s", "Token": "t",
                    "Expiration": "2999-01-01T00:00:00Z",
                });
                connection.send(answer(keys.to_string()))
            }),
        }
    }

    fn variables(&self, case: &Case) -> BTreeMap<&'static str, String> {
        let own = case.variables.iter().map(|(name, value)| {
            let value = if *value == "CONTAINER" {
                self.container.url()
            } else {
                value
            };
            (*name, value.to_owned())
        });
        let endless = match case.config {
            Content::Endless => Some(("AWS_CONFIG_FILE", "/dev/zero".to_owned())),
            _ => None,
        };
        let sts = ("AWS_ENDPOINT_URL_STS", self.sts.url().to_owned());
        let no_instance = ("AWS_EC2_METADATA_DISABLED", "true".to_owned());
        own.chain(endless).chain([sts, no_instance]).collect()
    }
}

/// Keys that say which role was assumed, and with whose key.
fn assumed(request: &Request) -> String {
    let body = String::from_utf8_lossy(&request.body);
    let between = |text: &str, from: &str, to: &str| {
        let (_, rest) = text.split_once(from)?;
        Some(rest.split(to).next()?.to_owned())
    };
    let role = between(&body, "role%2F", "&").unwrap_or_default();
    let signed = request.header("authorization").unwrap_or_default();
    let key = between(signed, "Credential=", "/").unwrap_or_default();
    format!(
        "<AssumeRoleResponse xmlns=\"https://sts.amazonaws.com/doc/2011-06-15/\"><AssumeRoleResult>\
         <Credentials><AccessKeyId>{role}-BY-{key}</AccessKeyId><SecretAccessKey>s</SecretAccessKey>\
         <SessionToken>t</SessionToken><Expiration>2999-01-01T00:00:00Z</Expiration></Credentials>\
         </AssumeRoleResult></AssumeRoleResponse>"
    )
}

/// The files of a case below a home: names, and bytes.
fn files(case: &Case) -> Vec<(&'static str, Vec<u8>)> {
    let file = |content, name, below| match content {
        Content::Missing | Content::Endless => None,
        Content::Bytes(bytes) => Some((name, bytes.to_vec())),
        Content::Directory => Some((below, Vec::new())),
        Content::Comments(length) => Some((name, b"# none\n".repeat(length / 7))),
    };
    let config = file(case.config, ".aws/config", ".aws/config/file");
    let credentials = file(
        case.credentials,
        ".aws/credentials",
        ".aws/credentials/file",
    );
    config.into_iter().chain(credentials).collect()
}

/// What botocore finds, by the names of the cases.
fn botocore(venv: &Venv, servers: &Servers) -> BTreeMap<String, Outcome> {
    let directory = tempfile::tempdir().unwrap();
    let mut list = Vec::new();
    for (number, case) in CASES.iter().enumerate() {
        let home = directory.path().join(number.to_string());
        fs::create_dir(&home).unwrap();
        for (name, bytes) in files(case) {
            let path = home.join(name);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, bytes).unwrap();
        }
        list.push(json!({
            "name": case.name, "home": home, "profile": case.profile,
            "variables": servers.variables(case),
        }));
    }
    let cases = directory.path().join("cases.json");
    fs::write(&cases, Value::from(list).to_string()).unwrap();
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("peers/run_botocore_profiles.py");
    let output = Command::new(venv.python())
        .arg(script)
        .arg(&cases)
        .env_clear()
        .output()
        .unwrap();
    assert!(output.status.success(), "{output:?}");
    let all: BTreeMap<String, Value> = serde_json::from_slice(&output.stdout).unwrap();
    all.into_iter()
        .map(|(name, found)| {
            let outcome = match (found["key"].as_str(), found["error"].as_str()) {
                (Some(key), _) => Outcome::Key(key.to_owned()),
                (_, Some(error)) => Outcome::Nobody(format!("`{error}`")),
                _ => Outcome::Nobody("`NoCredentialsError`".to_owned()),
            };
            (name, outcome)
        })
        .collect()
}

/// Who signs what `prepare` prints.
fn signer(run: &Run, home: &str) -> Outcome {
    if run.code != 0 {
        let line = run.stderr.lines().last().unwrap_or_default();
        let line = line.trim_start_matches("error: ");
        let line = line.trim_start_matches("no credentials: ");
        let line = line.trim_start_matches("AWS_PROFILE: ");
        return Outcome::Nobody(line.replace(home, "~"));
    }
    let headers = run.json()["headers"].clone();
    let header = |name| {
        let found = headers
            .as_array()?
            .iter()
            .find(|header| header[0] == name)?;
        found[1].as_str().map(str::to_owned)
    };
    let authorization = header("authorization").expect("a signature");
    let (_, credential) = authorization
        .split_once("Credential=")
        .expect("a signature");
    Outcome::Key(credential.split('/').next().unwrap_or_default().to_owned())
}

fn lambda_host(case: &Case, servers: &Servers) -> Outcome {
    let profile = case.profile.map(|name| format!("--profile={name}"));
    let mut run = LambdaHost::new(CALL)
        .args(profile)
        .env("PATH", "/usr/bin:/bin");
    for (name, value) in servers.variables(case) {
        run = run.env(name, value);
    }
    for (name, bytes) in files(case) {
        run = run.file(name, bytes);
    }
    let home = run.home().display().to_string();
    signer(&run.run(), &home)
}

fn component(case: &Case, servers: &Servers) -> Result<Outcome, String> {
    let profile = case.profile.map(|name| format!("--profile={name}"));
    let mut run = Wasmtime::new(CALL)?.args(profile);
    for (name, value) in servers.variables(case) {
        run = run.env(name, &value);
    }
    for (name, bytes) in files(case) {
        run = run.file(name, bytes);
    }
    Ok(signer(&run.run(), HOME))
}

#[test]
fn every_configuration_means_what_it_means_in_botocore_or_the_table_says_why_not() {
    let venv = or_skip!(Venv::of(BOTOCORE));
    let servers = Servers::start();
    let theirs = botocore(&venv, &servers);
    assert_eq!(theirs.len(), CASES.len(), "two cases have one name");
    let mut table = "| configuration | botocore | `lambda-host` | command component | why they differ |\n| --- | --- | --- | --- | --- |\n".to_owned();
    let mut wrong = Vec::new();
    for case in CASES {
        let theirs = &theirs[case.name];
        let host = lambda_host(case, &servers);
        let component = or_skip!(component(case, &servers));
        let agree = theirs.agrees(&host) && host.agrees(&component);
        if agree != case.why.is_empty() {
            wrong.push(format!(
                "{}: botocore {}, lambda-host {}, component {}",
                case.name,
                theirs.shown(),
                host.shown(),
                component.shown()
            ));
        }
        let same = if component.shown() == host.shown() {
            "the same".to_owned()
        } else {
            component.shown()
        };
        writeln!(
            table,
            "| {} | {} | {} | {same} | {} |",
            case.name,
            theirs.shown(),
            host.shown(),
            case.why
        )
        .unwrap();
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    Page::read("docs/credentials.md").hold(&[("configurations", table)], COMMAND);
}
