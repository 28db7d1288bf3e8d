//! Secrets that are easy to find again.

use std::io;
use std::sync::{Arc, Mutex, PoisonError};

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use serde_json::json;

use crate::lambda_host::Keys;
use crate::server::{Connection, Server};

/// The mark all of them carry.
const MARK: &str = "cAnArY";

/// Keys whose secret parts carry the mark.
pub fn keys() -> Keys {
    Keys {
        access_key_id: "AKIAIOSFODNN7EXAMPLE".to_owned(),
        secret_access_key: format!("wJalrXUtnFEMI{MARK}K7MDENGbPxRfiCYEXAMPLE"),
        session_token: Some(format!("FwoGZXIvYXdzE{MARK}aCXVzLWVhc3QtMSJHMEUCIQD")),
    }
}

/// A payload that carries the mark.
pub fn payload() -> String {
    format!(r#"{{"password":"{MARK}"}}"#)
}

/// Whether a secret got out.
pub fn is_in(output: &str) -> bool {
    output.contains(MARK)
}

/// Ways in which a server quotes a secret, by name.
pub fn forms(secret: &str) -> Vec<(&'static str, String)> {
    let escaped: String = secret.bytes().map(|b| format!("%{b:02X}")).collect();
    vec![
        ("as it is", secret.to_owned()),
        ("in upper case", secret.to_ascii_uppercase()),
        ("percent-encoded", escaped),
        ("base64", STANDARD.encode(secret)),
        ("base64 for URLs", URL_SAFE_NO_PAD.encode(secret)),
        ("cut", format!("{}...", &secret[..12])),
        ("its end", secret[secret.len() - 12..].to_owned()),
    ]
}

/// A server in Lambda's place that quotes what it was sent, where a test says how.
#[derive(Debug)]
pub struct Quoting {
    server: Server,
    quoted: Arc<Mutex<String>>,
}

impl Quoting {
    /// One that quotes nothing yet. The function `refused` is refused, with the quote in the
    /// message, the reason and the id of the request, and every other one fails, with the quote
    /// in the headers.
    pub fn start() -> Self {
        let quoted = Arc::new(Mutex::new(String::new()));
        let quotes = Arc::clone(&quoted);
        let server = Server::start(move |mut connection: Connection| -> io::Result<()> {
            let request = connection.read_request()?;
            let text = quotes
                .lock()
                .unwrap_or_else(PoisonError::into_inner)
                .clone();
            let body = json!({"message": text, "Reason": text}).to_string();
            let (status, headers, body) = if request.head.contains("/functions/refused/") {
                ("429 Too Many Requests", "x-amzn-requestid", &*body)
            } else {
                let headers = "x-amz-function-error: QUOTED\r\nx-amz-executed-version: QUOTED\r\nx-amz-durable-execution-arn";
                ("200 OK", headers, "{}")
            };
            let headers = format!("{headers}: QUOTED").replace("QUOTED", &text);
            let length = body.len();
            connection.send(format!(
                "HTTP/1.1 {status}\r\n{headers}\r\ncontent-length: {length}\r\n\r\n{body}"
            ))?;
            connection.finish()
        });
        Self { server, quoted }
    }

    /// Its URL.
    pub fn url(&self) -> &str {
        self.server.url()
    }

    /// Has it quote this.
    pub fn quote(&self, text: String) {
        *self.quoted.lock().unwrap_or_else(PoisonError::into_inner) = text;
    }
}

/// Every form of what a server is sent of [`keys`], as it stands in a text, with a name for it:
/// what it quotes, and what must be in no output. The secret key it never sees.
pub fn quotes() -> Vec<(String, String, String)> {
    let keys = keys();
    let token = keys.session_token.unwrap_or_default();
    let secrets = [("key id", keys.access_key_id), ("token", token)];
    let mut quotes = Vec::new();
    for (which, secret) in &secrets {
        for (form, quoted) in forms(secret) {
            for around in ["x QUOTED", "x|QUOTED|", "[QUOTED]", "x/QUOTED"] {
                let name = format!("{which}, {form}, in {around}");
                quotes.push((name, around.replace("QUOTED", &quoted), quoted.clone()));
            }
        }
    }
    quotes
}
