//! The component that a provider runs: its bytes, and the host that loads them.

use lambda_invocation_component::PLUGIN;
use lambda_invocation_host::credentials::NativeChain;
use lambda_invocation_host::{ComponentSource, Host, LoadError, Proxy};

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
    let named = std::env::var_os("LAMBDA_COMPONENT").filter(|path| !path.is_empty());
    let source = match named {
        Some(path) if PLUGIN.is_none() => ComponentSource::File(path.into()),
        _ => ComponentSource::Bundled,
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
