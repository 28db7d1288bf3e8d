//! Profiles in the shared files.

use lambda_invocation_tests::ministack::{MiniStack, REGION, Roles};
use lambda_invocation_tests::or_skip;
use lambda_invocation_tests::wasmtime::{HOME, Wasmtime};

use crate::web_identity::web_identity_token;
use crate::{FAILED, echo, fails, refused, succeeds};

#[test]
fn a_profile_holds_keys_and_a_region() {
    let (ministack, _) = or_skip!(MiniStack::with_roles());
    let keys = &ministack.made.session;
    let credentials = format!(
        "# keys\n[default]\naws_access_key_id=AKIAWRONG\naws_secret_access_key=wrong\n\
         [work]\naws_access_key_id = {}\naws_secret_access_key = {}\naws_session_token = {}\n",
        keys.access_key_id,
        keys.secret_access_key,
        keys.session_token.as_deref().unwrap(),
    );
    let config = format!("[profile work]\nregion = {REGION}\ns3 =\n  max_queue_size = 1\n");
    let run = || {
        Wasmtime::new(["invoke", "echo", "--payload", "{}"]).map(|run| {
            run.args(["--endpoint-url", &ministack.url])
                .file(".aws/credentials", &credentials)
                .file(".aws/config", &config)
        })
    };
    succeeds(or_skip!(run()).env("AWS_PROFILE", "work"));
    // A profile that is named for the call wins even over the environment.
    let run = or_skip!(run())
        .args(["--profile", "work"])
        .env("AWS_ACCESS_KEY_ID", "AKIAOTHER")
        .env("AWS_SECRET_ACCESS_KEY", "other");
    succeeds(run);
}

#[test]
fn the_files_may_be_elsewhere() {
    let (ministack, _) = or_skip!(MiniStack::with_roles());
    let keys = &ministack.made.session;
    let config = format!(
        "[default]\naws_access_key_id = {}\naws_secret_access_key = {}\naws_session_token = {}\n",
        keys.access_key_id,
        keys.secret_access_key,
        keys.session_token.as_deref().unwrap(),
    );
    let run = or_skip!(echo(ministack))
        .env("AWS_CONFIG_FILE", "~/elsewhere")
        .file("elsewhere", config);
    succeeds(run);
}

/// A profile whose role is assumed with the keys of another.
fn chain(roles: &Roles, role: &str) -> String {
    format!(
        "[profile keys]\naws_access_key_id = {}\naws_secret_access_key = {}\n\
         [profile role]\nrole_arn = {role}\nsource_profile = keys\nexternal_id = agreed\n\
         role_session_name = test\nduration_seconds = 900\n",
        roles.assumer.access_key_id, roles.assumer.secret_access_key,
    )
}

#[test]
fn a_profile_assumes_a_role_with_the_keys_of_another() {
    let (ministack, roles) = or_skip!(MiniStack::with_roles());
    let config = chain(roles, &roles.invoker);
    let run = or_skip!(echo(ministack)).args(["--profile", "role"]);
    succeeds(run.file(".aws/config", &config));
    // The keys alone may not invoke, or this would prove nothing.
    let run = or_skip!(echo(ministack)).args(["--profile", "keys"]);
    let run = run.file(".aws/config", &config).run();
    assert_eq!(run.code, FAILED, "{run:#?}");
}

#[test]
fn a_profile_assumes_a_role_with_the_environments_keys_or_for_a_token() {
    let (ministack, roles) = or_skip!(MiniStack::with_roles());
    let environment = format!(
        "[profile role]\nrole_arn = {}\ncredential_source = Environment\nexternal_id = agreed\n",
        roles.invoker
    );
    let run = or_skip!(echo(ministack))
        .args(["--profile", "role"])
        .keys(&roles.assumer)
        .file(".aws/config", environment);
    succeeds(run);
    let token = format!(
        "[profile role]\nrole_arn = {}\nweb_identity_token_file = {HOME}/token\n",
        roles.invoker
    );
    let run = or_skip!(echo(ministack))
        .args(["--profile", "role"])
        .file(".aws/config", token)
        .file("token", web_identity_token());
    succeeds(run);
}

#[test]
fn a_role_that_is_closed_says_what_sts_said() {
    let (ministack, roles) = or_skip!(MiniStack::with_roles());
    let run = or_skip!(echo(ministack))
        .args(["--profile", "role"])
        .file(".aws/config", chain(roles, &roles.closed));
    fails(
        run,
        &[
            "AssumeRole: HTTP 403, AccessDenied: ",
            "is not authorized to perform: sts:AssumeRole",
        ],
    );
}

#[test]
fn what_a_component_cannot_do_is_refused_with_advice() {
    let table = [
        (
            "sso_start_url = u\nsso_region = r\nsso_account_id = 1\nsso_role_name = R",
            "use lambda-host",
        ),
        ("login_session = arn", "aws configure export-credentials"),
        ("credential_process = cAnArY --secret", "use lambda-host"),
        (
            "role_arn = arn\nsource_profile = p\nmfa_serial = arn",
            "MFA",
        ),
        ("role_arn = arn", "but no source_profile"),
        ("role_arn = arn\nsource_profile = missing", "\"missing\""),
        ("aws_access_key_id = cAnArY", "no aws_secret_access_key"),
        ("region = x", "holds no credentials"),
        ("no setting cAnArY", "line 2"),
    ];
    for (settings, text) in table {
        let run = or_skip!(refused())
            .args(["--profile", "p"])
            .file(".aws/config", format!("[profile p]\n{settings}\n"));
        fails(run, &[text]);
    }
    let run = or_skip!(refused()).args(["--profile", "p"]);
    fails(
        run,
        &["profile \"p\" does not exist (/home/guest/.aws/config: "],
    );
}
