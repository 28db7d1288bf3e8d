//! The configurations that are compared.

/// What is at the place of a file.
#[derive(Clone, Copy)]
pub enum Content {
    Missing,
    Bytes(&'static [u8]),
    Directory,
    /// As many lines of comments as make this many bytes.
    Comments(usize),
    /// `/dev/zero`, named by the variable.
    Endless,
}

/// A configuration.
#[derive(Clone, Copy)]
pub struct Case {
    /// What it shows, in Markdown.
    pub name: &'static str,
    /// `~/.aws/config`.
    pub config: Content,
    /// `~/.aws/credentials`.
    pub credentials: Content,
    /// `--profile`.
    pub profile: Option<&'static str>,
    pub variables: &'static [(&'static str, &'static str)],
    /// Why the three do not agree; empty where they do.
    pub why: &'static str,
}

const NO: Content = Content::Missing;
const P: &[(&str, &str)] = &[("AWS_PROFILE", "p")];

const fn text(text: &'static str) -> Content {
    Content::Bytes(text.as_bytes())
}

/// Of profile `p`, which `AWS_PROFILE` names, in the configuration file.
const fn config(name: &'static str, config: &'static str) -> Case {
    Case {
        name,
        config: text(config),
        credentials: NO,
        profile: None,
        variables: P,
        why: "",
    }
}

impl Case {
    const fn credentials(self, credentials: &'static str) -> Self {
        Self {
            credentials: text(credentials),
            ..self
        }
    }

    const fn with(self, variables: &'static [(&'static str, &'static str)]) -> Self {
        Self { variables, ..self }
    }

    const fn asked(self, profile: &'static str) -> Self {
        Self {
            profile: Some(profile),
            variables: &[],
            ..self
        }
    }

    const fn but(self, why: &'static str) -> Self {
        Self { why, ..self }
    }
}

/// The settings of a profile: keys with this id.
macro_rules! keys {
    ($id:literal) => {
        concat!("aws_access_key_id = ", $id, "\naws_secret_access_key = s\n")
    };
}

/// A profile of the configuration file with keys.
macro_rules! p {
    ($id:literal) => {
        concat!("[profile p]\n", keys!($id))
    };
}

/// Why comments behind values differ.
const COMMENTS: &str = "the AWS SDKs take what follows a blank and `#` or `;` for a comment";
/// Why an empty setting or variable differs.
const EMPTY: &str = "an empty setting or variable is an unset one";
/// Why a source that fails differs.
const ENDS: &str =
    "what was configured and fails ends the search; the next source would be somebody else";
/// Why blanks inside the brackets differ.
const BRACKETS: &str = "the AWS SDKs pass over blanks inside the brackets";
/// Why the component alone refuses.
const SANDBOX: &str = "a sandbox runs no programs";

pub const CASES: &[Case] = &[
    // Where keys are.
    config("keys in `[profile p]` of the configuration file", p!("CONFIG")),
    config("keys in `[p]` of the credentials file", "").credentials(concat!("[p]\n", keys!("CREDENTIALS"))),
    config("keys in both files", p!("CONFIG")).credentials(concat!("[p]\n", keys!("CREDENTIALS"))),
    config("`[p]` in the configuration file", concat!("[p]\n", keys!("CONFIG"))),
    config("`[profile p]` in the credentials file", "").credentials(p!("CREDENTIALS")),
    config("the key id in one file, the secret in the other", "[profile p]\naws_access_key_id = CONFIG\n").credentials("[p]\naws_secret_access_key = s\n"),
    config("`region` in one file, keys in the other", "[profile p]\nregion = eu-west-1\n").credentials(concat!("[p]\n", keys!("CREDENTIALS"))),
    config("no configuration file", "").credentials(concat!("[p]\n", keys!("CREDENTIALS"))),
    Case { config: NO, ..config("neither file, and a profile named", "") },
    Case { config: NO, ..config("neither file, and no profile named", "").with(&[]) },
    // Who is named.
    config("`[default]`, and nobody named", concat!("[default]\n", keys!("DEFAULT"))).with(&[]),
    config("`[profile default]`, and nobody named", concat!("[profile default]\n", keys!("DEFAULT"))).with(&[]),
    config("`[default]`, then `[profile default]`", concat!("[default]\n", keys!("PLAIN"), "[profile default]\n", keys!("PREFIXED"))).with(&[]),
    config("`[profile default]`, then `[default]`", concat!("[profile default]\n", keys!("PREFIXED"), "[default]\n", keys!("PLAIN"))).with(&[])
        .but("the AWS SDKs prefer `[profile default]`, wherever it stands"),
    config("`[DEFAULT]`, and nobody named", concat!("[DEFAULT]\n", keys!("DEFAULT"))).with(&[]),
    config("`[DEFAULT]` above `[profile p]` without keys", concat!("[DEFAULT]\n", keys!("DEFAULT"), "[profile p]\nregion = eu-west-1\n")).but("the AWS SDKs have no section that is the default of all others"),
    config("a profile that does not exist", p!("CONFIG")).with(&[("AWS_PROFILE", "typo")]),
    config("`--profile` with a name that does not exist", p!("CONFIG")).asked("typo"),
    config("the name in another case", p!("CONFIG")).with(&[("AWS_PROFILE", "P")]),
    config("the name with a blank before it", p!("CONFIG")).with(&[("AWS_PROFILE", " p")]),
    config("`AWS_PROFILE` empty", concat!("[default]\n", keys!("DEFAULT"))).with(&[("AWS_PROFILE", "")]).but(EMPTY),
    config("`AWS_DEFAULT_PROFILE`", p!("CONFIG")).with(&[("AWS_DEFAULT_PROFILE", "p")]),
    config("`AWS_PROFILE=p` and `AWS_DEFAULT_PROFILE=q`", concat!(p!("OF-P"), "[profile q]\n", keys!("OF-Q"))).with(&[("AWS_PROFILE", "p"), ("AWS_DEFAULT_PROFILE", "q")])
        .but("the AWS SDKs prefer `AWS_PROFILE`"),
    config("`AWS_PROFILE` empty and `AWS_DEFAULT_PROFILE=p`", p!("CONFIG")).with(&[("AWS_PROFILE", ""), ("AWS_DEFAULT_PROFILE", "p")]),
    config("a profile that does not exist, and keys in the environment", p!("CONFIG")).with(&[("AWS_PROFILE", "typo"), ("AWS_ACCESS_KEY_ID", "ENV"), ("AWS_SECRET_ACCESS_KEY", "s")]),
    config("`AWS_PROFILE`, and keys in the environment", p!("CONFIG")).with(&[("AWS_PROFILE", "p"), ("AWS_ACCESS_KEY_ID", "ENV"), ("AWS_SECRET_ACCESS_KEY", "s")]),
    Case { variables: &[("AWS_ACCESS_KEY_ID", "ENV"), ("AWS_SECRET_ACCESS_KEY", "s")], ..config("`--profile`, and keys in the environment", p!("CONFIG")).asked("p") },
    config("`AWS_ACCESS_KEY_ID` without the secret", p!("CONFIG")).with(&[("AWS_PROFILE", "p"), ("AWS_ACCESS_KEY_ID", "ENV")]),
    config("`AWS_ACCESS_KEY_ID` empty", p!("CONFIG")).with(&[("AWS_PROFILE", "p"), ("AWS_ACCESS_KEY_ID", ""), ("AWS_SECRET_ACCESS_KEY", "s")]).but("half a pair of keys is a mistake, not an absence"),
    config("a named profile without credentials, and those of a container", "[profile p]\nregion = eu-west-1\n").with(&[("AWS_PROFILE", "p"), ("AWS_CONTAINER_CREDENTIALS_FULL_URI", "CONTAINER")]).but(ENDS),
    config("`[default]` without credentials, and those of a container", "[default]\nregion = eu-west-1\n").with(&[("AWS_CONTAINER_CREDENTIALS_FULL_URI", "CONTAINER")]),
    config("a profile that does not exist, and the credentials of a container", "").with(&[("AWS_PROFILE", "typo"), ("AWS_CONTAINER_CREDENTIALS_FULL_URI", "CONTAINER")]),
    // Titles.
    config("`[ profile p ]`", concat!("[ profile p ]\n", keys!("CONFIG"))).but(BRACKETS),
    config("`[profile   p]`", concat!("[profile   p]\n", keys!("CONFIG"))),
    config("`[profile<tab>p]`", concat!("[profile\tp]\n", keys!("CONFIG"))),
    config("`[profile \"p\"]`", concat!("[profile \"p\"]\n", keys!("CONFIG"))),
    config("`[profile 'p']`", concat!("[profile 'p']\n", keys!("CONFIG"))),
    config("`[profile \"p q\"]`", concat!("[profile \"p q\"]\n", keys!("CONFIG"))).with(&[("AWS_PROFILE", "p q")]),
    config("`[profile p q]`", concat!("[profile p q]\n", keys!("CONFIG"))).with(&[("AWS_PROFILE", "p q")]),
    config("`[profile \"p]`, a quote that is left open", concat!("[profile \"p]\n", keys!("CONFIG"))),
    config("`[p q]` of the credentials file", "").credentials(concat!("[p q]\n", keys!("CREDENTIALS"))).with(&[("AWS_PROFILE", "p q")]),
    config("`[ p ]` of the credentials file", "").credentials(concat!("[ p ]\n", keys!("CREDENTIALS"))).but(BRACKETS),
    config("`[\"p\"]` of the credentials file", "").credentials(concat!("[\"p\"]\n", keys!("CREDENTIALS"))),
    config("`[profilep]`", concat!("[profilep]\n", keys!("CONFIG"))),
    config("`[profile p]` with a comment behind it", concat!("[profile p] # mine\n", keys!("CONFIG"))),
    config("`[profile p` without its end", concat!("[profile p\n", keys!("CONFIG"))),
    config("`[]`", concat!("[]\n", p!("CONFIG"))),
    config("a name that is not ASCII", concat!("[profile \u{fc}]\n", keys!("CONFIG"))).with(&[("AWS_PROFILE", "\u{fc}")]),
    config("the section twice", concat!(p!("FIRST"), p!("SECOND"))),
    config("another section twice", concat!(p!("CONFIG"), "[profile q]\nregion = a\n[profile q]\nregion = b\n")),
    config("the section with and without quotes", concat!(p!("FIRST"), "[profile \"p\"]\n", keys!("SECOND")))
        .but("nothing may be there twice"),
    // Lines.
    config("all lines of the section indented", "[profile p]\n  aws_access_key_id = CONFIG\n  aws_secret_access_key = s\n"),
    config("the second line indented further", "[profile p]\naws_access_key_id = CONFIG\n  aws_secret_access_key = s\n"),
    config("a title indented", concat!("  [profile p]\n", keys!("CONFIG"))),
    config("a title indented below a setting", concat!("[profile q]\nregion = a\n  [profile p]\n", keys!("CONFIG"))),
    config("no blanks around `=`", "[profile p]\naws_access_key_id=CONFIG\naws_secret_access_key=s\n"),
    config("tabs around `=`", "[profile p]\naws_access_key_id\t=\tCONFIG\naws_secret_access_key\t=\ts\n"),
    config("`:` in the place of `=`", "[profile p]\naws_access_key_id: CONFIG\naws_secret_access_key: s\n"),
    config("names in upper case", "[profile p]\nAWS_ACCESS_KEY_ID = CONFIG\nAWS_SECRET_ACCESS_KEY = s\n"),
    config("`export` before the names", "[profile p]\nexport aws_access_key_id = CONFIG\nexport aws_secret_access_key = s\n"),
    config("a setting twice", concat!(p!("FIRST"), "aws_access_key_id = SECOND\n")),
    config("a setting twice, once in upper case", concat!(p!("FIRST"), "AWS_ACCESS_KEY_ID = SECOND\n")),
    config("a setting before the first section", concat!("region = eu-west-1\n", p!("CONFIG"))),
    config("a line that is no setting", concat!(p!("CONFIG"), "rubbish\n")),
    config("lines that begin with `#` and `;`", concat!("# mine\n", "[profile p]\n; mine\n", keys!("CONFIG"))),
    config("a value with a blank and `#` behind it", "[profile p]\naws_access_key_id = CONFIG # mine\naws_secret_access_key = s\n").but(COMMENTS),
    config("a value with a blank and `;` behind it", "[profile p]\naws_access_key_id = CONFIG ; mine\naws_secret_access_key = s\n").but(COMMENTS),
    config("a value with `#` inside", "[profile p]\naws_access_key_id = CON#FIG\naws_secret_access_key = s\n"),
    config("a value with `%` inside", "[profile p]\naws_access_key_id = CON%(x)sFIG\naws_secret_access_key = s\n"),
    config("a value in quotes", "[profile p]\naws_access_key_id = \"CONFIG\"\naws_secret_access_key = s\n"),
    config("a value with a blank inside", "[profile p]\naws_access_key_id = CON FIG\naws_secret_access_key = s\n")
        .but("no key has a blank in it, and none can be sent with one"),
    config("an empty key id", "[profile p]\naws_access_key_id =\naws_secret_access_key = s\n").but(EMPTY),
    config("the key id alone", "[profile p]\naws_access_key_id = CONFIG\n"),
    config("the secret alone", "[profile p]\naws_secret_access_key = s\n"),
    config("nested settings below `s3 =`", concat!("[profile p]\ns3 =\n  addressing_style = path\n", keys!("CONFIG"))),
    config("a nested line that is no setting", concat!("[profile p]\ns3 =\n  rubbish\n", keys!("CONFIG"))),
    config("a `services` section", concat!("[services s]\nlambda =\n  endpoint_url = http://127.0.0.1:1\n", p!("CONFIG"))),
    config("lines that end with CR LF", "[profile p]\r\naws_access_key_id = CONFIG\r\naws_secret_access_key = s\r\n"),
    config("lines that end with CR", "[profile p]\raws_access_key_id = CONFIG\raws_secret_access_key = s\r"),
    config("no line break at the end", "[profile p]\naws_access_key_id = CONFIG\naws_secret_access_key = s"),
    // Files.
    config("a byte order mark", concat!("\u{feff}", p!("CONFIG"))).but("editors on Windows write it, and nothing else can be meant"),
    Case { config: Content::Bytes(b"\xff\xfe[\0p\0r\0o\0f\0i\0l\0e\0 \0p\0]\0\n\0"), ..config("UTF-16", "") },
    Case { config: Content::Bytes(b"[profile p]\n# \xfc\naws_access_key_id = CONFIG\naws_secret_access_key = s\n"), ..config("Latin-1", "") },
    Case { config: Content::Directory, ..config("a directory in the place of the configuration file", "") }.credentials(concat!("[p]\n", keys!("CREDENTIALS"))).but("a file that cannot be read may say more of the profile"),
    Case { credentials: Content::Directory, ..config("a directory in the place of the credentials file", p!("CONFIG")) }.but("a file that cannot be read may say more of the profile"),
    Case { config: Content::Comments(1_100_000), ..config("more than a mebibyte of comments", "") }.credentials(concat!("[p]\n", keys!("CREDENTIALS"))).but("more than a mebibyte is no configuration: files are read with a limit"),
    Case { config: Content::Endless, ..config("`AWS_CONFIG_FILE=/dev/zero`", "") }.credentials(concat!("[p]\n", keys!("CREDENTIALS"))).but("botocore takes a device for a missing file, and a host shows a component none"),
    config("`AWS_CONFIG_FILE` with a file that is missing", p!("CONFIG")).with(&[("AWS_PROFILE", "p"), ("AWS_CONFIG_FILE", "nowhere")]),
    config("`AWS_CONFIG_FILE` empty", p!("CONFIG")).with(&[("AWS_PROFILE", "p"), ("AWS_CONFIG_FILE", "")]).but(EMPTY),
    config("`AWS_CONFIG_FILE=~/.aws/config`", p!("CONFIG")).with(&[("AWS_PROFILE", "p"), ("AWS_CONFIG_FILE", "~/.aws/config")]),
    // Roles.
    config("`source_profile`", concat!("[profile p]\nrole_arn = arn:aws:iam::123456789012:role/r\nsource_profile = q\n[profile q]\n", keys!("OF-Q"))),
    config("`source_profile` of the credentials file", "[profile p]\nrole_arn = arn:aws:iam::123456789012:role/r\nsource_profile = q\n").credentials(concat!("[q]\n", keys!("OF-Q"))),
    config("a role in the credentials file", "").credentials(concat!("[p]\nrole_arn = arn:aws:iam::123456789012:role/r\nsource_profile = q\n[q]\n", keys!("OF-Q"))),
    config("`source_profile` that names the profile itself", concat!(p!("OF-P"), "role_arn = arn:aws:iam::123456789012:role/r\nsource_profile = p\n")),
    config("`source_profile` that does not exist", "[profile p]\nrole_arn = arn:aws:iam::123456789012:role/r\nsource_profile = typo\n"),
    config("`source_profile` without credentials", "[profile p]\nrole_arn = arn:aws:iam::123456789012:role/r\nsource_profile = q\n[profile q]\nregion = eu-west-1\n"),
    config("a loop of `source_profile`", "[profile p]\nrole_arn = arn:aws:iam::123456789012:role/r\nsource_profile = q\n[profile q]\nrole_arn = arn:aws:iam::123456789012:role/r\nsource_profile = p\n"),
    config("a role with the role of another profile", concat!("[profile p]\nrole_arn = arn:aws:iam::123456789012:role/r\nsource_profile = q\n[profile q]\nrole_arn = arn:aws:iam::123456789012:role/first\nsource_profile = z\n[profile z]\n", keys!("OF-Z"))),
    config("a role and keys of its own, without a source", concat!(p!("OF-P"), "role_arn = arn:aws:iam::123456789012:role/r\n")),
    config("a role without a source", "[profile p]\nrole_arn = arn:aws:iam::123456789012:role/r\n"),
    config("`source_profile` without a role", concat!("[profile p]\nsource_profile = q\n[profile q]\n", keys!("OF-Q"))),
    config("both `source_profile` and `credential_source`", concat!("[profile p]\nrole_arn = arn:aws:iam::123456789012:role/r\nsource_profile = q\ncredential_source = Environment\n[profile q]\n", keys!("OF-Q"))),
    Case { variables: &[("AWS_ACCESS_KEY_ID", "ENV"), ("AWS_SECRET_ACCESS_KEY", "s")], ..config("`credential_source = Environment`", "[profile p]\nrole_arn = arn:aws:iam::123456789012:role/r\ncredential_source = Environment\n").asked("p") },
    config("`credential_source = Environment` without keys there", "[profile p]\nrole_arn = arn:aws:iam::123456789012:role/r\ncredential_source = Environment\n"),
    config("`credential_source = Somewhere`", "[profile p]\nrole_arn = arn:aws:iam::123456789012:role/r\ncredential_source = Somewhere\n"),
    config("`mfa_serial`", concat!("[profile p]\nrole_arn = arn:aws:iam::123456789012:role/r\nmfa_serial = arn:aws:iam::123456789012:mfa/me\nsource_profile = q\n[profile q]\n", keys!("OF-Q"))),
    config("`duration_seconds` that is no number", concat!("[profile p]\nrole_arn = arn:aws:iam::123456789012:role/r\nduration_seconds = long\nsource_profile = q\n[profile q]\n", keys!("OF-Q"))).but("botocore passes over it, and assumes the role for another time"),
    // Tokens, sign-ins, programs.
    config("`web_identity_token_file` without a role", "[profile p]\nweb_identity_token_file = token\n"),
    config("`web_identity_token_file` that is missing", "[profile p]\nrole_arn = arn:aws:iam::123456789012:role/r\nweb_identity_token_file = nowhere\n"),
    config("`AWS_WEB_IDENTITY_TOKEN_FILE` without `AWS_ROLE_ARN`", "").with(&[("AWS_WEB_IDENTITY_TOKEN_FILE", "token")]),
    config("`AWS_ROLE_ARN` alone", "").with(&[("AWS_ROLE_ARN", "arn:aws:iam::123456789012:role/r")]),
    config("a part of a sign-in", "[profile p]\nsso_start_url = https://example.awsapps.com/start\nsso_account_id = 123456789012\n"),
    config("`sso_session` that does not exist", "[profile p]\nsso_session = typo\nsso_account_id = 123456789012\nsso_role_name = r\n"),
    config("`sso_session` before `aws sso login`", "[profile p]\nsso_session = s\nsso_account_id = 123456789012\nsso_role_name = r\n[sso-session s]\nsso_region = us-east-1\nsso_start_url = https://example.awsapps.com/start\n"),
    config("a sign-in and keys", concat!(p!("CONFIG"), "sso_session = s\nsso_account_id = 123456789012\nsso_role_name = r\n[sso-session s]\nsso_region = us-east-1\nsso_start_url = https://example.awsapps.com/start\n")),
    config("`login_session` before `aws login`", "[profile p]\nlogin_session = arn:aws:iam::123456789012:user/me\n"),
    config("`credential_process`", "[profile p]\ncredential_process = printf '{\"Version\":1,\"AccessKeyId\":\"PROCESS\",\"SecretAccessKey\":\"s\"}'\n").but(SANDBOX),
    config("`credential_process` that fails", "[profile p]\ncredential_process = false\n"),
    config("`credential_process` and keys of the credentials file", "[profile p]\ncredential_process = false\n").credentials(concat!("[p]\n", keys!("CREDENTIALS"))),
    config("`credential_process` and keys of the configuration file", concat!(p!("CONFIG"), "credential_process = false\n")),
];
