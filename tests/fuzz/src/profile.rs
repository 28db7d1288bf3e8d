//! Shared configuration files: variables, `config` and `credentials`, with lines `---`
//! between them.

use lambda_invocation_core::call::settings::Environment;
use lambda_invocation_core::credentials::chain::{Files as _, LastResort, source};
use lambda_invocation_core::credentials::profile::Profile;
use lambda_invocation_core::credentials::read::Unread;

use crate::message::{SECRET, TOKEN, check_line, check_text, parts, variables};

pub fn run(data: &[u8]) {
    let parts = parts(data);
    // Names of profiles are told; this holds where the secret is none.
    let check = match parts.iter().all(|part| is_only_a_value(part)) {
        true => check_text,
        false => check_line,
    };
    let mut variables = variables(&parts[0]);
    // Texts name files as the user's own environment does.
    variables.retain(|(_, value)| !value.contains(char::is_control));
    variables.push(("HOME".to_owned(), "/home".to_owned()));
    let mut environment = Environment::new(variables);
    let mut read = |path: &str| {
        let part = if path.ends_with("credentials") { 2 } else { 1 };
        match parts.get(part) {
            Some(bytes) => Ok(bytes.clone().into()),
            None => Err(Unread::Missing("it does not exist".to_owned())),
        }
    };
    match Profile::read(None, &environment, &mut read) {
        Ok(profile) => {
            let _ = format!("{profile:?}{}{:?}", profile.searched(), profile.region());
            if let Err(error) = source(&environment, Some(&profile), LastResort::Nothing) {
                check(&error.to_string());
            }
            if let Err(error) = profile.add_endpoints(&mut environment) {
                check(&error.to_string());
            }
        }
        Err(error) => check(&error.to_string()),
    }
}

/// Whether the secret is nothing but the value of its setting.
fn is_only_a_value(part: &[u8]) -> bool {
    let text = String::from_utf8_lossy(part);
    let mut lines = text.lines().filter(|line| line.contains(SECRET));
    !text.contains(TOKEN)
        && lines.all(|line| line.replace(' ', "") == format!("aws_secret_access_key={SECRET}"))
}
