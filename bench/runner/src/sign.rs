//! Signing without sending.

use std::hint::black_box;
use std::time::{Instant, SystemTime};

use anyhow::Result;
use aws_credential_types::Credentials;
use aws_sigv4::http_request::{SignableBody, SignableRequest, SigningSettings, sign};
use aws_sigv4::sign::v4;
use lambda_invocation_core::call::request::Request;
use lambda_invocation_host::Host;

use crate::caller::{ACCESS_KEY_ID, REGION, SECRET_ACCESS_KEY, connection};
use crate::invoke::payload;
use crate::measured::Measured;
use crate::options::Options;
use crate::server::ECHO;
use crate::stats::Samples;

const URL: &str = "http://127.0.0.1:1";

/// Measures `prepare` beside the AWS SDK's signer in the process.
pub async fn measure(options: &Options, new: &Host, kept: &Host, to: &mut Measured) -> Result<()> {
    for (size, bytes, calls) in [("100 B", 100, 50), ("1 MB", 1_000_000, 3)] {
        let payload = payload(bytes);
        let [mut ours, mut again, mut native] = std::array::from_fn(|_| Samples::default());
        for round in 0..=options.rounds(20) {
            for _ in 0..calls {
                for (host, samples) in [(new, &mut ours), (kept, &mut again)] {
                    let request = Request {
                        function_name: ECHO.to_owned(),
                        payload: payload.clone(),
                        ..Request::default()
                    };
                    let started = Instant::now();
                    black_box(host.prepare(request, connection(URL)).await?);
                    if round > 0 {
                        samples.push_us(started.elapsed());
                    }
                }
                let started = Instant::now();
                natively(&payload)?;
                if round > 0 {
                    native.push_us(started.elapsed());
                }
            }
        }
        for (way, samples) in [
            ("native aws-sigv4", native),
            ("`prepare`, new instance", ours),
            ("`prepare`, kept instance", again),
        ] {
            to.samples("sign", way, size, "us", &samples);
        }
    }
    Ok(())
}

fn natively(payload: &[u8]) -> Result<()> {
    let identity = Credentials::new(ACCESS_KEY_ID, SECRET_ACCESS_KEY, None, None, "bench").into();
    let parameters = v4::SigningParams::builder()
        .identity(&identity)
        .region(REGION)
        .name("lambda")
        .time(SystemTime::now())
        .settings(SigningSettings::default())
        .build()?
        .into();
    let length = payload.len().to_string();
    let headers = [
        ("host", "127.0.0.1:1"),
        ("content-type", "application/json"),
        ("content-length", &*length),
    ];
    let url = format!("{URL}/2015-03-31/functions/{ECHO}/invocations");
    let request = SignableRequest::new(
        "POST",
        url,
        headers.into_iter(),
        SignableBody::Bytes(payload),
    )?;
    black_box(sign(request, &parameters)?);
    Ok(())
}
