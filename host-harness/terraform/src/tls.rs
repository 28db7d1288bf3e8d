//! TLS towards Terraform, which encrypts even the socket between two processes of one user.
//!
//! Each side shows a certificate made for this one connection and accepts exactly the
//! other's, which the handshake carried. Terraform's is self-signed, says that it is an
//! authority, and has a P-521 key: three things that rustls and ring do not take from a
//! client by themselves.

use std::sync::Arc;

use p521::ecdsa::signature::Verifier as _;
use p521::ecdsa::{DerSignature, VerifyingKey};
use rustls::client::danger::HandshakeSignatureValid;
use rustls::crypto::{
    CryptoProvider, WebPkiSupportedAlgorithms, ring, verify_tls12_signature, verify_tls13_signature,
};
use rustls::pki_types::{
    AlgorithmIdentifier, CertificateDer, InvalidSignature, PrivatePkcs8KeyDer,
    SignatureVerificationAlgorithm, UnixTime, alg_id,
};
use rustls::server::danger::{ClientCertVerified, ClientCertVerifier};
use rustls::{
    CertificateError, DigitallySignedStruct, DistinguishedName, Error, ServerConfig,
    SignatureScheme,
};
use tokio_rustls::TlsAcceptor;

/// Our side of the connection, and the certificate to tell Terraform of.
pub struct Tls {
    pub acceptor: TlsAcceptor,
    pub certificate: CertificateDer<'static>,
}

impl Tls {
    /// For the Terraform that will show `client`.
    ///
    /// # Errors
    ///
    /// When no key can be made, for people.
    pub fn new(client: CertificateDer<'static>) -> Result<Self, String> {
        // go-plugin expects this name.
        let own = rcgen::generate_simple_self_signed(["localhost".to_owned()])
            .map_err(|error| format!("no certificate can be made: {error}"))?;
        let certificate = own.cert.der().clone();
        let key = PrivatePkcs8KeyDer::from(own.signing_key.serialize_der());
        let provider = Arc::new(ring::default_provider());
        let mut config = ServerConfig::builder_with_provider(Arc::clone(&provider))
            .with_safe_default_protocol_versions()
            .map(|builder| {
                builder.with_client_cert_verifier(Arc::new(OnlyClient { client, provider }))
            })
            .and_then(|builder| builder.with_single_cert(vec![certificate.clone()], key.into()))
            .map_err(|error| format!("TLS cannot be set up: {error}"))?;
        config.alpn_protocols = vec![b"h2".to_vec()];
        Ok(Self {
            acceptor: Arc::new(config).into(),
            certificate,
        })
    }
}

/// Accepts one client: the holder of the key of one certificate.
#[derive(Debug)]
struct OnlyClient {
    client: CertificateDer<'static>,
    provider: Arc<CryptoProvider>,
}

impl OnlyClient {
    fn algorithms(&self, scheme: SignatureScheme) -> &WebPkiSupportedAlgorithms {
        match scheme {
            SignatureScheme::ECDSA_NISTP521_SHA512 => &P521,
            _ => &self.provider.signature_verification_algorithms,
        }
    }
}

impl ClientCertVerifier for OnlyClient {
    fn root_hint_subjects(&self) -> &[DistinguishedName] {
        &[]
    }

    fn verify_client_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        _intermediates: &[CertificateDer<'_>],
        _now: UnixTime,
    ) -> Result<ClientCertVerified, Error> {
        if *end_entity == self.client {
            Ok(ClientCertVerified::assertion())
        } else {
            Err(CertificateError::ApplicationVerificationFailure.into())
        }
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        verify_tls12_signature(message, certificate, signed, self.algorithms(signed.scheme))
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        verify_tls13_signature(message, certificate, signed, self.algorithms(signed.scheme))
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        let mut schemes = P521.supported_schemes();
        schemes.extend(
            self.provider
                .signature_verification_algorithms
                .supported_schemes(),
        );
        schemes
    }
}

static P521: WebPkiSupportedAlgorithms = WebPkiSupportedAlgorithms {
    all: &[&EcdsaP521Sha512],
    mapping: &[(SignatureScheme::ECDSA_NISTP521_SHA512, &[&EcdsaP521Sha512])],
};

/// ECDSA over P-521 with SHA-512, by the crate `p521`.
#[derive(Debug)]
struct EcdsaP521Sha512;

impl SignatureVerificationAlgorithm for EcdsaP521Sha512 {
    fn verify_signature(
        &self,
        public_key: &[u8],
        message: &[u8],
        signature: &[u8],
    ) -> Result<(), InvalidSignature> {
        let key = VerifyingKey::from_sec1_bytes(public_key).map_err(|_| InvalidSignature)?;
        let signature = DerSignature::try_from(signature).map_err(|_| InvalidSignature)?;
        key.verify(message, &signature)
            .map_err(|_| InvalidSignature)
    }

    fn public_key_alg_id(&self) -> AlgorithmIdentifier {
        alg_id::ECDSA_P521
    }

    fn signature_alg_id(&self) -> AlgorithmIdentifier {
        alg_id::ECDSA_SHA512
    }
}
