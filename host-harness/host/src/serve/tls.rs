//! TLS with callers.

use std::fmt;
use std::sync::Arc;

use rustls::ServerConfig;
use rustls::crypto::ring;
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use tokio_rustls::TlsAcceptor;

/// A certificate and its key: TLS 1.2 and 1.3, HTTP/1.1.
#[derive(Clone)]
pub struct Tls(pub(super) TlsAcceptor);

impl fmt::Debug for Tls {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Tls").finish_non_exhaustive()
    }
}

/// Why there can be no TLS with a certificate and a key.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum TlsError {
    /// The text with the certificates is not PEM, or has no certificate.
    Certificates,
    /// The text with the key is not PEM, or has no key.
    Key,
    /// They do not go together, or are of a kind that is not known; the text says which.
    Unusable(String),
}

impl fmt::Display for TlsError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Certificates => f.write_str("there is no certificate in PEM in it"),
            Self::Key => f.write_str("there is no private key in PEM in it"),
            Self::Unusable(reason) => write!(f, "the certificate and the key: {reason}"),
        }
    }
}

impl std::error::Error for TlsError {}

impl Tls {
    /// Reads a chain of certificates, the server's own first, and its private key, both in PEM.
    ///
    /// # Errors
    ///
    /// Every case of [`TlsError`]. None of them holds the key.
    pub fn from_pem(certificates: &[u8], key: &[u8]) -> Result<Self, TlsError> {
        let chain: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(certificates).collect();
        let chain = chain.map_err(|_| TlsError::Certificates)?;
        if chain.is_empty() {
            return Err(TlsError::Certificates);
        }
        let key = PrivateKeyDer::from_pem_slice(key).map_err(|_| TlsError::Key)?;
        let unusable = |error: rustls::Error| TlsError::Unusable(error.to_string());
        let mut config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
            .with_safe_default_protocol_versions()
            .map_err(unusable)?
            .with_no_client_auth()
            .with_single_cert(chain, key)
            .map_err(unusable)?;
        config.alpn_protocols = vec![b"http/1.1".to_vec()];
        Ok(Self(TlsAcceptor::from(Arc::new(config))))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_cannot_work_is_refused_with_the_reason() {
        let pair = || rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
        let (one, other) = (pair(), pair());
        let certificate = one.cert.pem();
        let key = one.signing_key.serialize_pem();
        let other = other.signing_key.serialize_pem();
        assert!(Tls::from_pem(certificate.as_bytes(), key.as_bytes()).is_ok());
        for (certificate, key, expected) in [
            ("", key.as_str(), Some(TlsError::Certificates)),
            ("x", &key, Some(TlsError::Certificates)),
            (&certificate, "", Some(TlsError::Key)),
            (&certificate, &certificate, Some(TlsError::Key)),
            (&certificate, &other, None),
        ] {
            let error = Tls::from_pem(certificate.as_bytes(), key.as_bytes());
            let error = error.unwrap_err();
            match expected {
                Some(expected) => assert_eq!(error, expected),
                None => assert!(matches!(error, TlsError::Unusable(_)), "{error}"),
            }
        }
    }
}
