//! The AWS SDK as a component: `aws-sdk-lambda` on the executor and the HTTP client that
//! AWS provides for WASI (`aws-smithy-wasm`).

#[allow(
    missing_docs,
    unsafe_code,
    clippy::all,
    clippy::allow_attributes_without_reason,
    reason = "generated code"
)]
mod exports {
    wit_bindgen::generate!({
        path: ["../../wit", "../wit"],
        world: "bench:guest/sdk",
    });

    #[cfg(target_family = "wasm")]
    use super::Sdk;
    #[cfg(target_family = "wasm")]
    export!(Sdk);
}

use std::cell::OnceCell;

use aws_credential_types::Credentials;
use aws_sdk_lambda::config::{
    BehaviorVersion, IdentityCache, Region, StalledStreamProtectionConfig,
};
use aws_sdk_lambda::error::DisplayErrorContext;
use aws_sdk_lambda::primitives::Blob;
use aws_sdk_lambda::{Client, Config};
use aws_smithy_wasm::wasi::{WasiHttpClientBuilder, WasiSleep};

/// The component.
struct Sdk;

thread_local! {
    /// Kept as the SDK's users are told to, for instances that are used again.
    static CLIENT: OnceCell<Client> = const { OnceCell::new() };
}

impl exports::Guest for Sdk {
    fn invoke(
        endpoint_url: String,
        function_name: String,
        payload: Vec<u8>,
    ) -> Result<Vec<u8>, String> {
        let client = CLIENT.with(|kept| kept.get_or_init(|| client(endpoint_url)).clone());
        let call = client
            .invoke()
            .function_name(function_name)
            .payload(Blob::new(payload))
            .send();
        match wstd::runtime::block_on(call) {
            Ok(answer) => Ok(answer.payload.map(Blob::into_inner).unwrap_or_default()),
            Err(error) => Err(DisplayErrorContext(error).to_string()),
        }
    }
}

fn client(endpoint_url: String) -> Client {
    let config = Config::builder()
        .behavior_version(BehaviorVersion::latest())
        .region(Region::from_static("us-east-1"))
        .endpoint_url(endpoint_url)
        .credentials_provider(Credentials::from_keys("AKIDEXAMPLE", "bench-secret", None))
        .sleep_impl(WasiSleep)
        .http_client(WasiHttpClientBuilder::new().build())
        // Each costs a timer or a lock per call, and a single call needs neither.
        .identity_cache(IdentityCache::no_cache())
        .stalled_stream_protection(StalledStreamProtectionConfig::disabled())
        .build();
    Client::from_conf(config)
}
