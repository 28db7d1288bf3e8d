//! Certificates, good and bad.

use rcgen::{
    BasicConstraints, CertificateParams, CertifiedIssuer, DnType, ExtendedKeyUsagePurpose, IsCa,
    KeyPair, KeyUsagePurpose, date_time_ymd,
};
use rustls::pki_types::{CertificateDer, PrivateKeyDer};

use crate::peer::Identity;

type Authority = CertifiedIssuer<'static, KeyPair>;

/// An authority that the client trusts, one that it does not, and what they issue.
pub struct Pki {
    root: Authority,
    stranger: Authority,
}

impl Pki {
    pub fn new() -> Self {
        let root = |name| CertifiedIssuer::self_signed(authority(name), key()).unwrap();
        Self {
            root: root("Trusted"),
            stranger: root("Stranger"),
        }
    }

    pub fn root_pem(&self) -> String {
        self.root.pem()
    }

    /// For `localhost`, issued by whom the client trusts.
    pub fn good(&self) -> Identity {
        self.issued(|_| ())
    }

    /// The same with a change.
    pub fn issued(&self, change: impl FnOnce(&mut CertificateParams)) -> Identity {
        by(&self.root, change)
    }

    pub fn for_another_name(&self, name: &str) -> Identity {
        let params = CertificateParams::new([name.to_owned()]).unwrap();
        self.issued(|changed| *changed = params)
    }

    /// With the name as common name alone, where it was looked for once.
    pub fn for_a_common_name(&self) -> Identity {
        self.issued(|params| {
            params.subject_alt_names.clear();
            let name = &mut params.distinguished_name;
            name.push(DnType::CommonName, "localhost");
        })
    }

    pub fn expired(&self) -> Identity {
        self.issued(|params| {
            params.not_before = date_time_ymd(2020, 1, 1);
            params.not_after = date_time_ymd(2021, 1, 1);
        })
    }

    pub fn not_yet_valid(&self) -> Identity {
        self.issued(|params| {
            params.not_before = date_time_ymd(3020, 1, 1);
            params.not_after = date_time_ymd(3021, 1, 1);
        })
    }

    pub fn for_clients(&self) -> Identity {
        self.issued(|params| {
            params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ClientAuth];
        })
    }

    pub fn self_signed(&self) -> Identity {
        let key = key();
        let certificate = leaf().self_signed(&key).unwrap();
        (vec![certificate.der().clone()], private(&key))
    }

    pub fn by_a_stranger(&self) -> Identity {
        by(&self.stranger, |_| ())
    }

    /// By an authority between, with or without its certificate.
    pub fn by_an_intermediate(&self, is_shown: bool) -> Identity {
        let between = CertifiedIssuer::signed_by(authority("Between"), key(), &self.root).unwrap();
        let (mut chain, key) = by(&between, |_| ());
        if is_shown {
            chain.push(between.der().clone());
        }
        (chain, key)
    }

    /// By a certificate that may not issue any.
    pub fn by_a_leaf(&self) -> Identity {
        let no_authority = CertifiedIssuer::signed_by(leaf(), key(), &self.root).unwrap();
        let (mut chain, key) = by(&no_authority, |_| ());
        chain.push(no_authority.der().clone());
        (chain, key)
    }

    /// A good certificate, of which the peer does not have the key.
    pub fn stolen(&self) -> Identity {
        let (chain, _) = self.good();
        (chain, private(&key()))
    }

    /// One bit of a good certificate is another.
    pub fn altered(&self) -> Identity {
        let (mut chain, key) = self.good();
        let mut bytes = chain.remove(0).to_vec();
        *bytes.last_mut().unwrap() ^= 1;
        (vec![CertificateDer::from(bytes)], key)
    }
}

fn key() -> KeyPair {
    KeyPair::generate().unwrap()
}

fn private(key: &KeyPair) -> PrivateKeyDer<'static> {
    PrivateKeyDer::Pkcs8(key.serialize_der().into())
}

fn leaf() -> CertificateParams {
    CertificateParams::new(["localhost".to_owned()]).unwrap()
}

fn authority(name: &str) -> CertificateParams {
    let mut params = CertificateParams::default();
    params.distinguished_name.push(DnType::CommonName, name);
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    params.key_usages = vec![KeyUsagePurpose::KeyCertSign];
    params
}

fn by(issuer: &Authority, change: impl FnOnce(&mut CertificateParams)) -> Identity {
    let mut params = leaf();
    change(&mut params);
    let key = key();
    let certificate = params.signed_by(&key, issuer).unwrap();
    (vec![certificate.der().clone()], private(&key))
}
