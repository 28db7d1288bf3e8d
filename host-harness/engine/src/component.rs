//! The component that a provider runs: its bytes, and the host that loads them.

use lambda_invocation_host::credentials::NativeChain;
use lambda_invocation_host::{ComponentSource, Host, LoadError, Proxy};

/// The component inside this program, where the build put one there.
const EMBEDDED: Option<&[u8]> = include!(concat!(env!("OUT_DIR"), "/embedded.rs"));

/// Loads the component: the one inside this program, or else the one that
/// `LAMBDA_COMPONENT` names or that lies beside the program, as in builds of developers.
///
/// It sees these variables; `chain` gives credentials to its calls; requests go through
/// `proxy`; the certificates of `ca_bundle` are trusted beside the usual ones.
pub fn load(
    variables: Vec<(String, String)>,
    chain: NativeChain,
    proxy: Proxy,
    ca_bundle: Option<Vec<u8>>,
) -> Result<Host, LoadError> {
    let source = match EMBEDDED {
        Some(bytes) => ComponentSource::from(bytes),
        None => match std::env::var_os("LAMBDA_COMPONENT").filter(|path| !path.is_empty()) {
            Some(path) => ComponentSource::File(path.into()),
            None => ComponentSource::installed().ok_or(LoadError::Option(
                "this provider was built without its component: build it with LAMBDA_COMPONENT_TO_EMBED set to the component's file, or name that file in LAMBDA_COMPONENT",
            ))?,
        },
    };
    let mut builder = Host::builder(source).credentials(chain).proxy(proxy);
    for (name, value) in variables {
        builder = builder.env(name, value);
    }
    if let Some(pem) = ca_bundle {
        builder = builder.root_certificates(pem);
    }
    builder.build()
}
