//! The environment, and no source at all.

use lambda_invocation_tests::ministack::MiniStack;
use lambda_invocation_tests::or_skip;

use crate::{echo, fails, refused, succeeds};

#[test]
fn credentials_in_the_environment_win_over_everything_that_is_configured_beside() {
    let (ministack, _) = or_skip!(MiniStack::with_roles());
    let run = or_skip!(echo(ministack))
        .keys(&ministack.made.session)
        .env("AWS_PROFILE", "other")
        .file(".aws/config", "[profile other]\naws_access_key_id = half")
        .env("AWS_WEB_IDENTITY_TOKEN_FILE", "/missing")
        .env("AWS_CONTAINER_CREDENTIALS_FULL_URI", "http://127.0.0.1:1");
    succeeds(run);
}

#[test]
fn without_any_source_the_error_names_all_of_them() {
    let run = or_skip!(refused());
    fails(
        run,
        &[
            "AWS_ACCESS_KEY_ID",
            "/home/guest/.aws/config: ",
            "/home/guest/.aws/credentials: ",
            "AWS_WEB_IDENTITY_TOKEN_FILE is not set",
            "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI and _FULL_URI are not set",
            "AWS_EC2_METADATA_DISABLED=false",
        ],
    );
}
