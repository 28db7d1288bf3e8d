//! Certificates that are not to be accepted.

use std::io;
use std::sync::Arc;

use rustls::crypto::ring::sign::any_supported_type;
use rustls::server::{ClientHello, ResolvesServerCert};
use rustls::sign::CertifiedKey;
use tokio::io::AsyncWriteExt as _;

use crate::authority::Pki;
use crate::case::{Case, Ends, tls_fails};
use crate::peer::{Identity, Link, OK, Secure, config};

/// How a certificate is made.
type Made = fn(&Pki) -> Identity;

pub fn cases() -> Vec<Case> {
    const NOT_ACCEPTED: &str = "the server's certificate was not accepted";
    let refused: &[(&str, Made)] = &[
        ("for another name", |pki| {
            pki.for_another_name("lambda.example")
        }),
        ("for an address", |pki| pki.for_another_name("127.0.0.1")),
        ("for a wildcard", |pki| pki.for_another_name("*.localhost")),
        ("with a common name alone", Pki::for_a_common_name),
        ("expired", Pki::expired),
        ("not yet valid", Pki::not_yet_valid),
        ("for clients", Pki::for_clients),
        ("self-signed", Pki::self_signed),
        ("by an unknown authority", Pki::by_a_stranger),
        ("without its intermediate", |pki| {
            pki.by_an_intermediate(false)
        }),
        ("by a certificate that may not issue any", Pki::by_a_leaf),
        ("altered", Pki::altered),
        ("with the key of another", Pki::stolen),
    ];
    let accepted: &[(&str, Made)] = &[
        ("good", Pki::good),
        ("by an intermediate", |pki| pki.by_an_intermediate(true)),
    ];
    let refused = refused
        .iter()
        .map(|(name, identity)| case(name, *identity, tls_fails(NOT_ACCEPTED)).without_a_run());
    let accepted = accepted
        .iter()
        .map(|(name, identity)| case(name, *identity, Ends::Answer(b"null")));
    refused.chain(accepted).collect()
}

fn case(name: &str, identity: Made, ends: Ends) -> Case {
    let name = format!("certificate: {name}");
    Case::new(name, ends, move |link| async move {
        let mut secure = with(link, identity).await?;
        secure.run().await?;
        secure.stream.write_all(OK).await?;
        secure.stream.shutdown().await
    })
}

/// TLS with an identity whose key need not be the certificate's.
async fn with(link: Link, identity: Made) -> io::Result<Secure> {
    let (chain, key) = identity(&link.pki);
    let mut config = config(link.pki.good(), rustls::ALL_VERSIONS, b"http/1.1");
    let key = any_supported_type(&key).unwrap();
    config.cert_resolver = Arc::new(This(Arc::new(CertifiedKey::new(chain, key))));
    link.tls_with(config).await
}

#[derive(Debug)]
struct This(Arc<CertifiedKey>);

impl ResolvesServerCert for This {
    fn resolve(&self, _: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        Some(Arc::clone(&self.0))
    }
}
