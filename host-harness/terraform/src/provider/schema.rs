//! What the provider's block may hold: what hashicorp/aws has, so that its configuration
//! can stay where it is.

use crate::schema::Presence::Optional;
use crate::schema::{Attribute, Block, Kind, Schema};

const NO_EFFECT: &str = "Accepted, as in hashicorp/aws, and without effect here.";

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
    attributes.extend(REFUSED.iter().map(|(name, kind, _)| {
        attribute(
            name,
            *kind,
            "Known from hashicorp/aws, and refused here: see the error.",
        )
    }));
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
            Block {
                name: "endpoints",
                description: "Where services are, instead of the region's public endpoints. Lambda's alone has an effect here.",
                attributes: SERVICES
                    .iter()
                    .map(|name| {
                        let about = if *name == "lambda" {
                            "Lambda's base URL: `https://`, or `http://` on this machine."
                        } else {
                            NO_EFFECT
                        };
                        attribute(name, Kind::String, about)
                    })
                    .collect(),
            },
            Block {
                name: "default_tags",
                description: NO_EFFECT,
                attributes: vec![attribute("tags", Kind::StringMap, NO_EFFECT)],
            },
            Block {
                name: "ignore_tags",
                description: NO_EFFECT,
                attributes: vec![
                    attribute("keys", Kind::StringList, NO_EFFECT),
                    attribute("key_prefixes", Kind::StringList, NO_EFFECT),
                ],
            },
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
        "certificates are always verified here: add the authority's certificate to those of the system instead",
    ),
    (
        "allowed_account_ids",
        Kind::StringList,
        "the account is not looked up here, so it cannot be checked: name the function by its ARN, which only its own account answers to",
    ),
    (
        "forbidden_account_ids",
        Kind::StringList,
        "the account is not looked up here, so it cannot be checked: name the function by its ARN, which only its own account answers to",
    ),
];

/// Arguments of hashicorp/aws that mean nothing for an invocation.
const IGNORED: &[(&str, Kind)] = &[
    ("ec2_metadata_service_endpoint_mode", Kind::String),
    ("s3_us_east_1_regional_endpoint", Kind::String),
    ("s3_use_path_style", Kind::Bool),
    ("skip_credentials_validation", Kind::Bool),
    ("skip_metadata_api_check", Kind::String),
    ("skip_region_validation", Kind::Bool),
    ("skip_requesting_account_id", Kind::Bool),
    ("sts_region", Kind::String),
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
