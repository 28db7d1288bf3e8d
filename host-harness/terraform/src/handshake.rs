//! How Terraform and a plugin it starts find each other: environment variables one way, a
//! line on standard output the other.
//!
//! Source: the README and `server.go` of [go-plugin], Terraform's plugin library.
//!
//! [go-plugin]: https://github.com/hashicorp/go-plugin

use std::fmt;
use std::path::{Path, PathBuf};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD_NO_PAD;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject as _;

/// A variable that only Terraform sets, and its value: no secret, but a sign that the
/// program was not started by hand.
const COOKIE: (&str, &str) = (
    "TF_PLUGIN_MAGIC_COOKIE",
    "d602bf8f470bc67ca7faa0386276bbdd4330efaf76d1a219cb4d6991ca9872b2",
);
/// The major version of the plugin protocol that is spoken here.
pub const PROTOCOL: u32 = 6;
/// The version of the handshake itself.
const HANDSHAKE: u32 = 1;

/// What Terraform tells a plugin it starts.
#[derive(Debug, PartialEq, Eq)]
pub struct Handshake {
    /// The certificate that Terraform will show. Absent, there is no TLS.
    pub client_certificate: Option<CertificateDer<'static>>,
    /// Where the socket is to be. Absent, the directory for temporary files.
    pub socket_directory: Option<PathBuf>,
}

/// Why there is nobody to serve.
#[derive(Debug, PartialEq, Eq)]
pub enum Refusal {
    /// Somebody else than Terraform started the program.
    NotTerraform,
    /// Terraform is too old, or too new.
    Protocol,
    /// `PLUGIN_CLIENT_CERT` is not a certificate.
    Certificate,
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::NotTerraform => {
                "this program is a Terraform provider: Terraform starts it"
            }
            Self::Protocol => {
                "this provider speaks version 6 of Terraform's plugin protocol, which the program that started it does not: use Terraform 1.11 or later"
            }
            Self::Certificate => {
                "PLUGIN_CLIENT_CERT does not hold a certificate: the program that started this provider is not a Terraform it can work with"
            }
        })
    }
}

impl Handshake {
    /// Reads the environment: `variable` gives the value of one.
    ///
    /// # Errors
    ///
    /// A [`Refusal`] to print before the program ends.
    pub fn read(variable: impl Fn(&str) -> Option<String>) -> Result<Self, Refusal> {
        if variable(COOKIE.0).as_deref() != Some(COOKIE.1) {
            return Err(Refusal::NotTerraform);
        }
        let versions = variable("PLUGIN_PROTOCOL_VERSIONS").unwrap_or_default();
        if !versions
            .split(',')
            .any(|version| version.parse() == Ok(PROTOCOL))
        {
            return Err(Refusal::Protocol);
        }
        let filled = |name| variable(name).filter(|value| !value.is_empty());
        Ok(Self {
            client_certificate: filled("PLUGIN_CLIENT_CERT")
                .map(|pem| CertificateDer::from_pem_slice(pem.as_bytes()))
                .transpose()
                .map_err(|_| Refusal::Certificate)?,
            socket_directory: filled("PLUGIN_UNIX_SOCKET_DIR").map(PathBuf::from),
        })
    }
}

/// The line that tells Terraform where to connect, and by which certificate to know us.
pub fn line(socket: &Path, certificate: Option<&CertificateDer<'_>>) -> String {
    let certificate = certificate.map(|der| STANDARD_NO_PAD.encode(der));
    format!(
        "{HANDSHAKE}|{PROTOCOL}|unix|{}|grpc|{}",
        socket.display(),
        certificate.unwrap_or_default()
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    const PEM: &str = "-----BEGIN CERTIFICATE-----\nAAEC\n-----END CERTIFICATE-----\n";

    fn read(variables: &[(&str, &str)]) -> Result<Handshake, Refusal> {
        Handshake::read(|name| {
            let found = variables.iter().find(|(known, _)| *known == name)?;
            Some(found.1.to_owned())
        })
    }

    #[test]
    fn only_terraform_with_protocol_6_is_served() {
        let versions = "PLUGIN_PROTOCOL_VERSIONS";
        for (variables, refusal) in [
            (vec![], Refusal::NotTerraform),
            (vec![(versions, "6")], Refusal::NotTerraform),
            (
                vec![(COOKIE.0, "x"), (versions, "6")],
                Refusal::NotTerraform,
            ),
            (vec![COOKIE], Refusal::Protocol),
            (vec![COOKIE, (versions, "")], Refusal::Protocol),
            (vec![COOKIE, (versions, "5")], Refusal::Protocol),
            (vec![COOKIE, (versions, "5,7")], Refusal::Protocol),
            (
                vec![COOKIE, (versions, "6"), ("PLUGIN_CLIENT_CERT", "x")],
                Refusal::Certificate,
            ),
        ] {
            assert_eq!(read(&variables), Err(refusal), "{variables:?}");
        }
    }

    #[test]
    fn versions_come_in_any_order_and_a_certificate_may_be_left_out() {
        for versions in ["6", "5,6", "6,5"] {
            let variables = [COOKIE, ("PLUGIN_PROTOCOL_VERSIONS", versions)];
            let handshake = read(&variables).unwrap();
            assert_eq!(handshake.client_certificate, None, "{versions}");
            assert_eq!(handshake.socket_directory, None, "{versions}");
        }
    }

    #[test]
    fn the_certificate_is_read_as_it_is() {
        let handshake = read(&[
            COOKIE,
            ("PLUGIN_PROTOCOL_VERSIONS", "5,6"),
            ("PLUGIN_CLIENT_CERT", PEM),
            ("PLUGIN_UNIX_SOCKET_DIR", "/run/tf"),
        ])
        .unwrap();
        assert_eq!(handshake.client_certificate.unwrap().as_ref(), [0, 1, 2]);
        assert_eq!(handshake.socket_directory, Some("/run/tf".into()));
    }

    #[test]
    fn the_line_has_six_fields_and_no_padding() {
        let socket = Path::new("/tmp/s");
        assert_eq!(line(socket, None), "1|6|unix|/tmp/s|grpc|");
        let certificate = CertificateDer::from(vec![0xff, 0xff, 0xff, 0xff]);
        assert_eq!(
            line(socket, Some(&certificate)),
            "1|6|unix|/tmp/s|grpc|/////w"
        );
    }
}
