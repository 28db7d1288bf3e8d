//! Every error, and what stages it.

use std::time::SystemTime;

use lambda_invocation_local::{Credentials, LocalEndpoint};
use lambda_invocation_tests::canary;
use lambda_invocation_tests::lambda_host::LambdaHost;
use lambda_invocation_tests::server::{self, Server};

use crate::stage::*;
use crate::{Case, DID_NOT_RUN, HOUR, MAY_HAVE_RUN, Staged};

pub const CASES: &[Case] = &[
    // Who calls.
    Case {
        name: "no credentials",
        code: 2,
        case: "no-credentials",
        says: &["AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "--profile"],
        command: || Staged(anonymous("http://127.0.0.1:1"), Box::new(())),
    },
    Case {
        name: "no credentials: half of them",
        code: 2,
        case: "no-credentials",
        says: &["AWS_SECRET_ACCESS_KEY"],
        command: || {
            let run =
                anonymous("http://127.0.0.1:1").env("AWS_ACCESS_KEY_ID", "AKIAIOSFODNN7EXAMPLE");
            Staged(run, Box::new(()))
        },
    },
    Case {
        name: "no credentials: the profile does not exist",
        code: 2,
        case: "no-credentials",
        says: &["\"nowhere\"", "aws configure list-profiles"],
        command: || {
            let run = anonymous("http://127.0.0.1:1").args(["--profile", "nowhere"]);
            Staged(run, Box::new(()))
        },
    },
    Case {
        name: "no credentials: the source_profile does not exist",
        code: 2,
        case: "no-credentials",
        says: &["\"deploy\"", "\"nowhere\"", "line 3"],
        command: || {
            of_profile(
                "deploy",
                "role_arn = arn:aws:iam::123456789012:role/deploy\nsource_profile = nowhere",
            )
        },
    },
    Case {
        name: "no credentials: the role asks for MFA",
        code: 2,
        case: "no-credentials",
        says: &["MFA", "aws configure export-credentials"],
        command: || {
            of_profile(
                "deploy",
                "role_arn = arn:aws:iam::123456789012:role/deploy\nsource_profile = deploy\n\
                 mfa_serial = arn:aws:iam::123456789012:mfa/me",
            )
        },
    },
    Case {
        name: "no credentials: the credential_process fails",
        code: 2,
        case: "no-credentials",
        says: &["\"vault\"", "exit status: 7", "run it"],
        command: || of_profile("vault", "credential_process = exit 7"),
    },
    Case {
        name: "no credentials: nobody has signed in",
        code: 2,
        case: "no-credentials",
        says: &["aws sso login --profile \"dev\""],
        command: || {
            of_profile(
                "dev",
                "sso_start_url = https://example.awsapps.com/start\nsso_region = us-east-1\n\
                 sso_account_id = 123456789012\nsso_role_name = Developer",
            )
        },
    },
    Case {
        name: "no credentials: a line of a file is at fault",
        code: 2,
        case: "no-credentials",
        says: &[".aws/config, line 2"],
        command: || {
            let run = anonymous("http://127.0.0.1:1");
            let key = canary::keys().secret_access_key;
            Staged(
                run.file(".aws/config", format!("[default]\n{key}\n")),
                Box::new(()),
            )
        },
    },
    Case {
        name: "no credentials: half a web identity",
        code: 2,
        case: "no-credentials",
        says: &[
            "AWS_WEB_IDENTITY_TOKEN_FILE",
            "AWS_ROLE_ARN is not: set both",
        ],
        command: || {
            let run = anonymous("http://127.0.0.1:1");
            Staged(
                run.env("AWS_WEB_IDENTITY_TOKEN_FILE", "token"),
                Box::new(()),
            )
        },
    },
    Case {
        name: "no credentials: the container endpoint does not answer",
        code: 2,
        case: "no-credentials",
        says: &["AWS_CONTAINER_CREDENTIALS_FULL_URI"],
        command: || {
            let (url, socket) = server::refusing();
            let run =
                anonymous("http://127.0.0.1:1").env("AWS_CONTAINER_CREDENTIALS_FULL_URI", url);
            Staged(run, Box::new(socket))
        },
    },
    Case {
        name: "no credentials: STS refuses the web identity",
        code: 2,
        case: "no-credentials",
        says: &["AWS_WEB_IDENTITY_TOKEN_FILE", "AWS_ROLE_ARN"],
        command: || {
            let sts = answering(
                "403 Forbidden",
                "content-type: text/xml",
                "<ErrorResponse><Error><Type>Sender</Type><Code>AccessDenied</Code>\
                 <Message>Not authorized to perform sts:AssumeRoleWithWebIdentity</Message>\
                 </Error></ErrorResponse>",
            );
            let run = anonymous("http://127.0.0.1:1")
                .file("token", canary::keys().session_token.unwrap())
                .env("AWS_WEB_IDENTITY_TOKEN_FILE", "token")
                .env("AWS_ROLE_ARN", "arn:aws:iam::123456789012:role/deploy")
                .env("AWS_ENDPOINT_URL_STS", sts.url());
            Staged(run, Box::new(sts))
        },
    },
    Case {
        name: "unknown access key",
        code: 3,
        case: "service",
        says: &[
            "UnrecognizedClientException (HTTP 403)",
            "AWS_ACCESS_KEY_ID",
            "AWS_SESSION_TOKEN",
        ],
        command: || {
            let other = Credentials {
                access_key_id: "AKIAOTHER".to_owned(),
                ..endpoint_credentials()
            };
            local(LocalEndpoint::builder().credentials(other))
        },
    },
    Case {
        name: "wrong secret",
        code: 3,
        case: "service",
        says: &[
            "InvalidSignatureException (HTTP 403)",
            "AWS_SECRET_ACCESS_KEY",
        ],
        command: || {
            let other = Credentials {
                secret_access_key: "another".to_owned(),
                ..endpoint_credentials()
            };
            local(LocalEndpoint::builder().credentials(other))
        },
    },
    Case {
        name: "expired token",
        code: 3,
        case: "service",
        says: &["ExpiredTokenException (HTTP 403)", "AWS_SESSION_TOKEN"],
        command: || local(accepting().session_expires(SystemTime::UNIX_EPOCH)),
    },
    Case {
        name: "clock behind",
        code: 3,
        case: "service",
        says: &[
            "InvalidSignatureException (HTTP 403)",
            "Signature expired",
            "set the host's clock right",
        ],
        command: || local(accepting().clock(|| SystemTime::now() + HOUR)),
    },
    Case {
        name: "clock ahead",
        code: 3,
        case: "service",
        says: &[
            "InvalidSignatureException (HTTP 403)",
            "Signature not yet current",
            "set the host's clock right",
        ],
        command: || local(accepting().clock(|| SystemTime::now() - HOUR)),
    },
    Case {
        name: "no permission",
        code: 3,
        case: "service",
        says: &[
            "AccessDeniedException (HTTP 403)",
            "grant the caller lambda:InvokeFunction",
        ],
        command: || {
            refusing_with(
                "403 Forbidden",
                "AccessDeniedException",
                "User: arn:aws:iam::123456789012:user/caller is not authorized to perform: \
                 lambda:InvokeFunction on resource: arn:aws:lambda:us-east-1:123456789012:function:echo \
                 because no identity-based policy allows the lambda:InvokeFunction action",
            )
        },
    },
    // Where.
    Case {
        name: "no region",
        code: 2,
        case: "no-region",
        says: &["AWS_REGION", "--region"],
        command: || {
            let run = LambdaHost::new(["invoke", "echo"]).keys(&canary::keys());
            Staged(run, Box::new(()))
        },
    },
    Case {
        name: "no such region",
        code: 2,
        case: "invalid-argument",
        says: &["invalid region", "eu-central-1", "AWS_REGION", "--region"],
        command: || {
            let run =
                LambdaHost::new(["invoke", "echo", "--region", "virginia"]).keys(&canary::keys());
            Staged(run, Box::new(()))
        },
    },
    Case {
        name: "wrong region: the ARN is of another",
        code: 2,
        case: "invalid-argument",
        says: &["invalid function-name", "region", "AWS_REGION", "--region"],
        command: || {
            let arn = "arn:aws:lambda:eu-west-1:123456789012:function:echo";
            let run =
                LambdaHost::new(["invoke", arn, "--region", "us-east-1"]).keys(&canary::keys());
            Staged(run, Box::new(()))
        },
    },
    Case {
        name: "wrong region: the endpoint is of another",
        code: 3,
        case: "service",
        says: &[
            "InvalidSignatureException (HTTP 403)",
            "AWS_REGION",
            "AWS_ENDPOINT_URL_LAMBDA",
        ],
        command: || local(accepting().region("eu-west-1")),
    },
    Case {
        name: "function missing, or in another region",
        code: 3,
        case: "service",
        says: &[
            "ResourceNotFoundException (HTTP 404)",
            "AWS_REGION",
            "--region",
        ],
        command: || {
            let Staged(run, alive) = local_function("missing", accepting());
            Staged(run, alive)
        },
    },
    // What.
    Case {
        name: "throttled",
        code: 3,
        case: "throttled",
        says: &[
            "ReservedFunctionConcurrentInvocationLimitExceeded",
            "try again in",
            "reserved concurrency",
        ],
        command: || local_function("throttle", accepting()),
    },
    Case {
        name: "throttled: the caller's rate",
        code: 3,
        case: "throttled",
        says: &[
            "CallerRateLimitExceeded",
            "AWS_MAX_ATTEMPTS",
            "--max-attempts",
        ],
        command: || {
            let answer =
                r#"{"Reason":"CallerRateLimitExceeded","Type":"User","message":"Rate exceeded"}"#;
            against(answering(
                "429 Too Many Requests",
                "x-amzn-errortype: TooManyRequestsException",
                answer,
            ))
        },
    },
    Case {
        name: "payload too large",
        code: 2,
        case: "invalid-argument",
        says: &["invalid payload", "6,291,456 bytes (6 MB)", "through S3"],
        command: || {
            let payload = format!("\"cAnArY{}\"", "x".repeat(6_291_456));
            let run = signed("http://127.0.0.1:1")
                .args(["--payload-file", "-"])
                .stdin(payload);
            Staged(run, Box::new(()))
        },
    },
    Case {
        name: "payload too large for the service",
        code: 3,
        case: "service",
        says: &["RequestEntityTooLargeException (HTTP 413)", "through S3"],
        command: || {
            refusing_with(
                "413 Request Entity Too Large",
                "RequestEntityTooLargeException",
                "Request must be smaller than 6291456 bytes for the InvokeFunction operation",
            )
        },
    },
    Case {
        name: "KMS access denied: the function's role was deleted and recreated",
        code: 3,
        case: "service",
        says: &[
            "KMSAccessDeniedException (HTTP 502)",
            "switch the function to another role and back",
            "recreate the function",
        ],
        command: || {
            refusing_with(
                "502 Bad Gateway",
                "KMSAccessDeniedException",
                "Lambda was unable to decrypt the environment variables because KMS access was denied. \
                 Please check the function's KMS key settings. KMS Exception: UnrecognizedClientException \
                 KMS Message: The security token included in the request is invalid.",
            )
        },
    },
    // The way there.
    Case {
        name: "denied by the host's policy",
        code: 5,
        case: "denied-by-host",
        says: &["http://169.254.169.254", "--allow"],
        command: || {
            Staged(
                signed("http://169.254.169.254").args(["--allow-http"]),
                Box::new(()),
            )
        },
    },
    Case {
        name: "DNS failure",
        code: 4,
        case: "transport",
        says: &[
            "https://lambda.nowhere.invalid",
            "name lookup failed",
            DID_NOT_RUN,
            "AWS_ENDPOINT_URL_LAMBDA",
            "--endpoint-url",
        ],
        command: || {
            Staged(
                signed("https://lambda.nowhere.invalid").args(["--connect-timeout", "60s"]),
                Box::new(()),
            )
        },
    },
    Case {
        name: "connection refused",
        code: 4,
        case: "transport",
        says: &[
            "connection refused",
            DID_NOT_RUN,
            "AWS_ENDPOINT_URL_LAMBDA",
            "--endpoint-url",
        ],
        command: || {
            let (url, socket) = server::refusing();
            Staged(signed(&url), Box::new(socket))
        },
    },
    Case {
        name: "TLS failure: nobody vouches for the certificate",
        code: 4,
        case: "transport",
        says: &[
            "certificate was not accepted",
            DID_NOT_RUN,
            "--endpoint-url",
            "SSL_CERT_FILE",
        ],
        command: || Staged(signed(&self_signed()), Box::new(())),
    },
    Case {
        name: "TLS failure: the server does not speak it",
        code: 4,
        case: "transport",
        says: &["TLS protocol error", DID_NOT_RUN, "--endpoint-url"],
        command: || {
            let server = answering("400 Bad Request", "x-a: b", "");
            Staged(
                signed(&server.url().replace("http:", "https:")),
                Box::new(server),
            )
        },
    },
    Case {
        name: "broken off before the answer",
        code: 4,
        case: "transport",
        says: &["connection was closed", MAY_HAVE_RUN, "--retry idempotent"],
        command: || {
            against(Server::start(|mut connection| {
                connection.read_request().map(drop)
            }))
        },
    },
    Case {
        name: "broken off in every attempt of --retry idempotent",
        code: 4,
        case: "transport",
        says: &[
            "connection was closed",
            MAY_HAVE_RUN,
            "2 attempts were made",
        ],
        command: || {
            let server = Server::start(|mut connection| connection.read_request().map(drop));
            let run = LambdaHost::new(["invoke", "echo", "--region", "us-east-1"])
                .args(["--retry", "idempotent", "--max-attempts", "2"])
                .args(["--endpoint-url", server.url()])
                .args(["--payload", &canary::payload()])
                .keys(&canary::keys());
            Staged(run, Box::new(server))
        },
    },
    Case {
        name: "response too large",
        code: 4,
        case: "response-too-large",
        says: &["6356992 bytes", "AWS_ENDPOINT_URL_LAMBDA", "--endpoint-url"],
        command: || against(answering("200 OK", "x-a: b", &"x".repeat(6_356_993))),
    },
    // Time.
    Case {
        name: "timed out: connecting",
        code: 4,
        case: "timeout",
        says: &[
            "after 300 ms waiting for a connection",
            MAY_HAVE_RUN,
            "--connect-timeout",
        ],
        command: || {
            let (url, queue) = server::full();
            Staged(
                signed(&url).args(["--connect-timeout", "300ms"]),
                Box::new(queue),
            )
        },
    },
    Case {
        name: "timed out: the response",
        code: 4,
        case: "timeout",
        says: &[
            "after 300 ms waiting for the response",
            MAY_HAVE_RUN,
            "--response-timeout",
        ],
        command: || {
            let Staged(run, alive) = against(silent());
            Staged(run.args(["--response-timeout", "300ms"]), alive)
        },
    },
    Case {
        name: "timed out: the deadline",
        code: 4,
        case: "timeout",
        says: &["after 600 ms in total", MAY_HAVE_RUN, "--timeout"],
        command: || {
            let Staged(run, alive) = against(silent());
            Staged(run.args(["--timeout", "600ms"]), alive)
        },
    },
];
