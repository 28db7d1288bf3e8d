//! TLS: what is trusted, built at the first `https` request and then shared.

use std::sync::Arc;

use rustls::pki_types::CertificateDer;
use rustls::{ClientConfig, RootCertStore};
use tokio::sync::OnceCell;
use wasmtime_wasi_http::p2::bindings::http::types::ErrorCode;

/// The client's TLS settings.
pub(super) struct Tls {
    extra_roots: Vec<CertificateDer<'static>>,
    config: OnceCell<Arc<ClientConfig>>,
}

impl Tls {
    /// Trusts `extra_roots` beside the usual ones.
    pub(super) fn new(extra_roots: Vec<CertificateDer<'static>>) -> Self {
        Self {
            extra_roots,
            config: OnceCell::new(),
        }
    }

    /// The settings, made at the first call: reading the system's roots takes some
    /// milliseconds, which a call to a plain-HTTP endpoint need not pay.
    pub(super) async fn config(&self) -> Result<Arc<ClientConfig>, ErrorCode> {
        self.config
            .get_or_try_init(|| async {
                let extra_roots = self.extra_roots.clone();
                tokio::task::spawn_blocking(|| build(extra_roots))
                    .await
                    .unwrap_or_else(|_| Err(ErrorCode::ConfigurationError))
            })
            .await
            .cloned()
    }

    /// The settings for a proxy that is spoken to over TLS: with HTTP/1.1.
    pub(super) async fn config_of_http1(&self) -> Result<Arc<ClientConfig>, ErrorCode> {
        let mut config = (*self.config().await?).clone();
        config.alpn_protocols = vec![b"http/1.1".to_vec()];
        Ok(Arc::new(config))
    }
}

/// The system's roots make private CAs work, and Mozilla's (`webpki-roots`) a system
/// without any, such as a bare container.
fn build(extra_roots: Vec<CertificateDer<'static>>) -> Result<Arc<ClientConfig>, ErrorCode> {
    let native = rustls_native_certs::load_native_certs();
    for error in &native.errors {
        tracing::debug!("reading the system's root certificates: {error}");
    }
    let mut roots = RootCertStore::empty();
    roots.add_parsable_certificates(native.certs);
    roots.add_parsable_certificates(extra_roots);
    roots.extend(webpki_roots::TLS_SERVER_ROOTS.iter().cloned());
    // The provider is named, so that another in the process cannot make it ambiguous.
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let mut config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(|_| ErrorCode::ConfigurationError)?
        .with_root_certificates(roots)
        .with_no_client_auth();
    config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
    Ok(Arc::new(config))
}
