//! Signatures by the signer of `aws-sigv4`, which builds a canonical request of its own.

use std::time::SystemTime;

use aws_sigv4::http_request::{
    SignableBody, SignableRequest, SigningParams, SigningSettings, sign,
};
use aws_sigv4::sign::v4;
use http::{HeaderMap, HeaderName};
use lambda_invocation_local::Credentials;
use time::OffsetDateTime;

/// Who signs, for what and when.
#[derive(Clone)]
pub struct Signer {
    pub credentials: Credentials,
    pub region: &'static str,
    pub service: &'static str,
    pub time: OffsetDateTime,
}

impl Default for Signer {
    fn default() -> Self {
        Self {
            credentials: Credentials::default(),
            region: "us-east-1",
            service: "lambda",
            time: SystemTime::now().into(),
        }
    }
}

impl Signer {
    /// Adds the date, the token and a signature of all headers to a POST.
    pub fn sign(&self, url: &str, headers: &mut HeaderMap, payload: &[u8]) {
        let identity = aws_credential_types::Credentials::new(
            self.credentials.access_key_id.clone(),
            self.credentials.secret_access_key.clone(),
            self.credentials.session_token.clone(),
            None,
            "test",
        )
        .into();
        let params: SigningParams<'_> = v4::SigningParams::builder()
            .identity(&identity)
            .region(self.region)
            .name(self.service)
            .time(self.time.into())
            .settings(SigningSettings::default())
            .build()
            .unwrap()
            .into();
        let texts = headers
            .iter()
            .map(|(name, value)| (name.as_str(), value.to_str().unwrap()));
        let request =
            SignableRequest::new("POST", url, texts, SignableBody::Bytes(payload)).unwrap();
        let (instructions, _) = sign(request, &params).unwrap().into_parts();
        for (name, value) in instructions.headers() {
            let name: HeaderName = name.parse().unwrap();
            headers.insert(name, value.parse().unwrap());
        }
    }
}
