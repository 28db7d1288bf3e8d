//! What sources of credentials answer: `STATUS`, headers, body. Every source reads it.

use lambda_invocation_core::call::connection::Credentials;
use lambda_invocation_core::call::endpoint::Variant;
use lambda_invocation_core::call::settings::Environment;
use lambda_invocation_core::credentials::process::Process;
use lambda_invocation_core::credentials::sts::{self, Role};
use lambda_invocation_core::credentials::{Fetched, container, instance_metadata};
use lambda_invocation_core::error::Error;

use crate::message::{Message, NOW, SECRET, TOKEN, check_text, credentials};
use crate::response::answer;

pub fn run(data: &[u8]) {
    let raw = answer(Message::read(data));
    let environment = Environment::default();
    check(container::read(raw.clone(), NOW));
    check(instance_metadata::read(raw.clone(), NOW));
    let process = Process {
        profile: "default".to_owned(),
        command: "true".to_owned(),
    };
    check(process.read(&raw.body, NOW));

    let mut question = instance_metadata::question(&environment, true).expect("a question");
    for ask in [
        instance_metadata::ask_for_role,
        instance_metadata::ask_for_credentials,
    ] {
        match ask(&mut question, raw.clone()) {
            Ok(()) => {
                let head = &question.head;
                let line =
                    |text: &str| !text.is_empty() && text.bytes().all(|b| matches!(b, b' '..=b'~'));
                assert!(line(&head.path_and_query), "{:?}", head.path_and_query);
                assert!(head.headers.iter().all(|(_, value)| line(value)));
            }
            Err(error) => check_text(&error.to_string()),
        }
    }

    let endpoint = sts::endpoint(&environment, "us-east-1", Variant::default(), false);
    let role = Role {
        arn: "arn:aws:iam::123456789012:role/invoker".to_owned(),
        ..Role::default()
    };
    let question = sts::assume_role(
        &role,
        endpoint.expect("STS"),
        "us-east-1",
        &credentials(),
        NOW,
    );
    check(sts::read(&question, raw, &[SECRET, TOKEN], NOW));
}

fn check(fetched: Result<Fetched, Error>) {
    match fetched {
        Ok(fetched) => {
            let _ = (fetched.is_fresh(NOW), format!("{fetched:?}"));
            let Credentials {
                access_key_id,
                secret_access_key,
                session_token,
            } = &fetched.credentials;
            let carried =
                |text: &str| !text.is_empty() && text.bytes().all(|b| matches!(b, b' '..=b'~'));
            assert!(carried(access_key_id), "{access_key_id:?}");
            assert!(!secret_access_key.is_empty());
            assert!(session_token.as_deref().is_none_or(carried));
        }
        Err(error) => check_text(&error.to_string()),
    }
}
