//! The component that a provider runs: its bytes, and the host that loads them.

use lambda_invocation_component::PLUGIN;
use lambda_invocation_host::credentials::NativeChain;
use lambda_invocation_host::{ComponentSource, Host, LoadError, Proxy, Transport};

/// How its calls reach Lambda.
pub struct Reach {
    /// What it sees of the environment.
    pub variables: Vec<(String, String)>,
    /// Where credentials come from.
    pub chain: NativeChain,
    /// What requests go through.
    pub proxy: Proxy,
    /// Certificates that are trusted beside the usual ones, in PEM.
    pub ca_bundle: Option<Vec<u8>>,
}

/// Loads the component: the one inside this program, or else the one that
/// `LAMBDA_COMPONENT` names or that lies beside the program, as in builds of developers.
///
/// Where its calls reach nothing, it sees no variables and has no credentials.
pub fn load(reach: Option<Reach>) -> Result<Host, LoadError> {
    let named = std::env::var_os("LAMBDA_COMPONENT").filter(|path| !path.is_empty());
    let source = match named {
        Some(path) if PLUGIN.is_none() => ComponentSource::File(path.into()),
        _ => ComponentSource::Bundled,
    };
    // It sends what the component signs: a payload of megabytes stays outside of the sandbox,
    // and a function that takes long holds no instance.
    let mut builder = Host::builder(source).transport(Transport::Host);
    let Some(Reach {
        variables,
        chain,
        proxy,
        ca_bundle,
    }) = reach
    else {
        return builder.build();
    };
    builder = builder.credentials(chain).proxy(proxy);
    for (name, value) in variables {
        builder = builder.env(name, value);
    }
    if let Some(pem) = ca_bundle {
        builder = builder.root_certificates(pem);
    }
    builder.build()
}
