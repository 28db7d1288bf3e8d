//! What the provider's block may hold: what hashicorp/aws has, so that its configuration
//! can stay where it is.

use crate::schema::Presence::{Optional, Required};
use crate::schema::{Attribute, Block, Kind, Schema};

/// What is said of an argument that hashicorp/aws has and that does nothing here.
pub const NO_EFFECT: &str = "Accepted, as in hashicorp/aws, and without effect here.";

/// The provider's block.
pub fn schema() -> Schema {
    let mut attributes = vec![
        attribute(
            "region",
            Kind::String,
            "The region of invocations that name none. Else `AWS_REGION`, `AWS_DEFAULT_REGION`, then the profile's.",
        ),
        attribute(
            "profile",
            Kind::String,
            "A profile of the shared configuration files. Else `AWS_PROFILE`.",
        ),
        attribute(
            "access_key",
            Kind::String,
            "The access key id to sign with. With it comes `secret_key`. Better leave both to the environment or a profile.",
        ),
        attribute(
            "secret_key",
            Kind::String,
            "The secret access key to sign with.",
        ),
        attribute(
            "token",
            Kind::String,
            "The session token of temporary credentials, with `access_key` and `secret_key`.",
        ),
        attribute(
            "shared_config_files",
            Kind::StringList,
            "The shared configuration file: one. Else `AWS_CONFIG_FILE`, then `~/.aws/config`.",
        ),
        attribute(
            "shared_credentials_files",
            Kind::StringList,
            "The shared credentials file: one. Else `AWS_SHARED_CREDENTIALS_FILE`, then `~/.aws/credentials`.",
        ),
        attribute(
            "https_proxy",
            Kind::String,
            "The proxy for `https` requests, which go through a tunnel: `http://USER:PASSWORD@HOST:PORT`. Else `HTTPS_PROXY`.",
        ),
        attribute(
            "http_proxy",
            Kind::String,
            "The proxy for `http` requests. Else `HTTP_PROXY`.",
        ),
        attribute(
            "no_proxy",
            Kind::String,
            "Hosts, domains and networks that are reached without a proxy, with commas between. Else `NO_PROXY`.",
        ),
        attribute(
            "custom_ca_bundle",
            Kind::String,
            "A file of certificates in PEM that are trusted beside those of the system. Else `AWS_CA_BUNDLE`.",
        ),
        attribute(
            "sts_region",
            Kind::String,
            "The region whose STS gives roles. By default it is that of the call.",
        ),
        attribute(
            "skip_metadata_api_check",
            Kind::String,
            "`true` keeps the instance metadata service from being asked for credentials. Else `AWS_EC2_METADATA_DISABLED`.",
        ),
        attribute(
            "ec2_metadata_service_endpoint",
            Kind::String,
            "The address of the instance metadata service. Else `AWS_EC2_METADATA_SERVICE_ENDPOINT`.",
        ),
        attribute(
            "ec2_metadata_service_endpoint_mode",
            Kind::String,
            "`IPv4`, the default, or `IPv6`. Else `AWS_EC2_METADATA_SERVICE_ENDPOINT_MODE`.",
        ),
        attribute(
            "max_retries",
            Kind::Number,
            "How often a call is repeated at most: 0 to 9. What may be repeated is said by `retry_mode`; a larger number counts as 9.",
        ),
        attribute(
            "retry_mode",
            Kind::String,
            "`never`, `safe` (the default) or `idempotent`: see the resource. `standard` and `adaptive`, the words of hashicorp/aws, mean `safe`.",
        ),
        attribute(
            "use_fips_endpoint",
            Kind::Bool,
            "Use the FIPS 140 endpoint. Else `AWS_USE_FIPS_ENDPOINT`.",
        ),
        attribute(
            "use_dualstack_endpoint",
            Kind::Bool,
            "Use the dual-stack (IPv4 and IPv6) endpoint. Else `AWS_USE_DUALSTACK_ENDPOINT`.",
        ),
    ];
    attributes.extend(
        REFUSED
            .iter()
            .map(|(name, kind, instead)| attribute(name, *kind, instead)),
    );
    attributes.extend(
        IGNORED
            .iter()
            .map(|(name, kind)| attribute(name, *kind, NO_EFFECT)),
    );
    Schema {
        version: 0,
        description: "Invokes AWS Lambda functions through a sandboxed WebAssembly component: without repeating what may have run, without forgetting a failed update, and with errors that say what to do.",
        attributes,
        blocks: vec![
            assume_role(),
            assume_role_with_web_identity(),
            Block {
                name: "endpoints",
                most: 1,
                description: "Where services are, instead of the region's public endpoints. Those of Lambda and STS alone have an effect here.",
                attributes: SERVICES
                    .iter()
                    .map(|name| {
                        let about = match *name {
                            "lambda" => "Lambda's base URL: `https://`, or `http://` on this machine. Else `AWS_ENDPOINT_URL_LAMBDA`, `AWS_ENDPOINT_URL`, then the profile's.",
                            "sts" => "STS's base URL, for roles. Else `AWS_ENDPOINT_URL_STS`, `AWS_ENDPOINT_URL`, then the profile's.",
                            _ => NO_EFFECT,
                        };
                        attribute(name, Kind::String, about)
                    })
                    .collect(),
            },
            Block {
                name: "default_tags",
                most: 1,
                description: NO_EFFECT,
                attributes: vec![attribute("tags", Kind::StringMap, NO_EFFECT)],
            },
            Block {
                name: "ignore_tags",
                most: 1,
                description: NO_EFFECT,
                attributes: vec![
                    attribute("keys", Kind::StringList, NO_EFFECT),
                    attribute("key_prefixes", Kind::StringList, NO_EFFECT),
                ],
            },
        ],
    }
}

const ROLE_ARN: Attribute = Attribute::new("role_arn", Kind::String, Required, "The role's ARN.");

const SESSION_NAME: Attribute = attribute(
    "session_name",
    Kind::String,
    "The session's name, which CloudTrail shows. By default it is made from the time.",
);

const DURATION: Attribute = attribute(
    "duration",
    Kind::String,
    "How long the credentials hold: from `15m` to `12h`. By default one hour.",
);

const POLICY: Attribute = attribute(
    "policy",
    Kind::String,
    "A policy in JSON that narrows what the role may do.",
);

const POLICY_ARNS: Attribute = attribute(
    "policy_arns",
    Kind::StringList,
    "Managed policies that narrow what the role may do.",
);

fn assume_role() -> Block {
    Block {
        name: "assume_role",
        most: 0,
        description: "A role to assume with the credentials that were found; a further block assumes one with those of the role before it.",
        attributes: vec![
            ROLE_ARN,
            SESSION_NAME,
            attribute(
                "external_id",
                Kind::String,
                "What the role's owner asks for.",
            ),
            DURATION,
            POLICY,
            POLICY_ARNS,
            attribute(
                "source_identity",
                Kind::String,
                "Who begins the session, for CloudTrail.",
            ),
            attribute("tags", Kind::StringMap, "Tags of the session."),
            attribute(
                "transitive_tag_keys",
                Kind::StringList,
                "Which of the tags go with a role that is assumed from this one.",
            ),
        ],
    }
}

fn assume_role_with_web_identity() -> Block {
    Block {
        name: "assume_role_with_web_identity",
        most: 1,
        description: "A role to assume for a token of an identity provider. No other credentials are looked for.",
        attributes: vec![
            ROLE_ARN,
            SESSION_NAME,
            attribute(
                "web_identity_token",
                Kind::String,
                "The token. Either this or `web_identity_token_file` is required.",
            ),
            attribute(
                "web_identity_token_file",
                Kind::String,
                "A file with the token, which is read anew for every session.",
            ),
            DURATION,
            POLICY,
            POLICY_ARNS,
        ],
    }
}

const fn attribute(name: &'static str, kind: Kind, description: &'static str) -> Attribute {
    Attribute::new(name, kind, Optional, description)
}

/// Arguments of hashicorp/aws that must not be passed over: each with what to do instead.
pub const REFUSED: &[(&str, Kind, &str)] = &[
    (
        "insecure",
        Kind::Bool,
        "Refused: certificates are always verified here. Name the authority's certificate in `custom_ca_bundle` instead.",
    ),
    (
        "allowed_account_ids",
        Kind::StringList,
        "Refused: the account is not looked up here, so it cannot be checked. Name functions by their ARNs, which only their own account answers to.",
    ),
    (
        "forbidden_account_ids",
        Kind::StringList,
        "Refused: the account is not looked up here, so it cannot be checked. Name functions by their ARNs, which only their own account answers to.",
    ),
];

/// Arguments of hashicorp/aws that mean nothing for an invocation.
const IGNORED: &[(&str, Kind)] = &[
    ("s3_us_east_1_regional_endpoint", Kind::String),
    ("s3_use_path_style", Kind::Bool),
    ("skip_credentials_validation", Kind::Bool),
    ("skip_region_validation", Kind::Bool),
    ("skip_requesting_account_id", Kind::Bool),
    ("tag_policy_compliance", Kind::String),
    ("token_bucket_rate_limiter_capacity", Kind::Number),
    ("user_agent", Kind::StringList),
];

/// Services that configurations for emulators of AWS name together.
const SERVICES: &[&str] = &[
    "lambda",
    "acm",
    "apigateway",
    "apigatewayv2",
    "cloudformation",
    "cloudfront",
    "cloudwatch",
    "cloudwatchlogs",
    "cognitoidp",
    "dynamodb",
    "ec2",
    "ecr",
    "ecs",
    "elasticache",
    "es",
    "events",
    "firehose",
    "iam",
    "kinesis",
    "kms",
    "opensearch",
    "rds",
    "redshift",
    "route53",
    "s3",
    "s3control",
    "scheduler",
    "secretsmanager",
    "ses",
    "sfn",
    "sns",
    "sqs",
    "ssm",
    "sso",
    "stepfunctions",
    "sts",
];
