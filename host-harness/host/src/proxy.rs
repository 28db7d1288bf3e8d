//! The proxy that requests go through, where there is one.

use std::fmt;
use std::net::IpAddr;
use std::str::FromStr as _;
use std::sync::Arc;

use http::uri::{Authority, Scheme};
use http::{HeaderValue, Uri};
use hyper_util::client::proxy::matcher::{Intercept, Matcher};

use crate::egress::is_metadata_address;

/// The HTTP proxies that requests go through, and what goes without them. By default there
/// is none.
///
/// An `https` request goes through a tunnel (CONNECT), with TLS from end to end; an `http`
/// request is handed to the proxy to forward. The user and the password in a proxy's URL
/// are sent to it as `Proxy-Authorization` and shown nowhere.
///
/// Requests to this machine (`localhost`, loopback addresses) and to the link-local
/// addresses of metadata services never go through a proxy, which has others of its own
/// there. The [egress policy](crate::egress) judges where a request goes to, not the proxy.
/// The name of that place is looked up by the proxy.
///
/// ```
/// use lambda_invocation_host::Proxy;
///
/// let proxy = Proxy::default()
///     .https("http://user:password@proxy.example:3128")?
///     .except(".corp.example, 10.0.0.0/8");
/// assert_eq!(
///     proxy.to_string(),
///     "http://proxy.example:3128 for https, except .corp.example, 10.0.0.0/8"
/// );
/// # Ok::<(), lambda_invocation_host::ProxyError>(())
/// ```
#[derive(Clone, Default)]
pub struct Proxy {
    https: Option<Arc<Server>>,
    http: Option<Arc<Server>>,
    exceptions: Arc<[Exception]>,
    /// The exceptions as they were written.
    except: Arc<str>,
}

/// Why a text is not the URL of a proxy.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum ProxyError {
    /// It is none, or has a part that is no user, password, host or port.
    Url,
    /// It is of another kind than `http` and `https`, such as `socks5`.
    Scheme,
}

impl fmt::Display for ProxyError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Url => {
                "expected http://HOST:PORT or http://USER:PASSWORD@HOST:PORT; in the user and the password write /, ?, #, @ and : as %2F, %3F, %23, %40 and %3A"
            }
            Self::Scheme => "only proxies of http:// and https:// are supported",
        })
    }
}

impl std::error::Error for ProxyError {}

impl Proxy {
    /// The proxy for `https` requests: `[http[s]://][USER[:PASSWORD]@]HOST[:PORT]`, by
    /// default `http`, and port 80 or 443.
    ///
    /// # Errors
    ///
    /// [`ProxyError`], which does not hold the text.
    pub fn https(self, url: &str) -> Result<Self, ProxyError> {
        let https = Some(Arc::new(Server::parse(url)?));
        Ok(Self { https, ..self })
    }

    /// The proxy for `http` requests, written as for [`https`](Self::https).
    ///
    /// # Errors
    ///
    /// [`ProxyError`], which does not hold the text.
    pub fn http(self, url: &str) -> Result<Self, ProxyError> {
        let http = Some(Arc::new(Server::parse(url)?));
        Ok(Self { http, ..self })
    }

    /// What goes without a proxy, as in `NO_PROXY`: a list with commas or spaces of names
    /// (`example.com` or `.example.com`: the name and all below it), addresses, networks
    /// (`10.0.0.0/8`), each with a port if it is for that alone (`example.com:8443`); `*` is
    /// everything. Names are not looked up for it.
    #[must_use]
    pub fn except(self, list: &str) -> Self {
        let entries = list.split([',', ' ', '\t']).map(str::trim);
        let exceptions = entries.filter(|entry| !entry.is_empty());
        Self {
            exceptions: exceptions.map(Exception::parse).collect(),
            except: list.trim().into(),
            ..self
        }
    }

    /// Whether there is none for any request.
    pub fn is_none(&self) -> bool {
        self.https.is_none() && self.http.is_none()
    }

    /// The one for a request with this URI.
    pub(crate) fn server(&self, uri: &Uri) -> Option<&Arc<Server>> {
        let server = if uri.scheme() == Some(&Scheme::HTTPS) {
            self.https.as_ref()
        } else {
            self.http.as_ref()
        }?;
        let without = is_near(uri.host()?) || self.exceptions.iter().any(|e| e.holds_for(uri));
        (!without).then_some(server)
    }
}

impl fmt::Display for Proxy {
    /// One line without users and passwords.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (&self.https, &self.http) {
            (None, None) => return f.write_str("none"),
            (Some(https), None) => write!(f, "{https} for https")?,
            (None, Some(http)) => write!(f, "{http} for http")?,
            (Some(https), Some(http)) => write!(f, "{https} for https, {http} for http")?,
        }
        if !self.except.is_empty() {
            write!(f, ", except {}", self.except)?;
        }
        Ok(())
    }
}

impl fmt::Debug for Proxy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Proxy({self})")
    }
}

/// A proxy.
pub(crate) struct Server(Intercept);

impl Server {
    fn parse(url: &str) -> Result<Self, ProxyError> {
        let url = url.trim();
        let any = Uri::from_static("https://any");
        let all = Matcher::builder().all(url).build();
        let scheme = url.split_once("://").map_or("http", |(scheme, _)| scheme);
        if !["http", "https"].contains(&scheme.to_ascii_lowercase().as_str()) {
            return Err(ProxyError::Scheme);
        }
        let server = all.intercept(&any).ok_or(ProxyError::Url)?;
        // A password with a `/` ends the URL before its host, and one with an `@` its user
        // and password too early: what is taken for the host must not be a part of it.
        let ats = url.matches('@').count();
        let is_whole = ats == usize::from(server.basic_auth().is_some());
        let is_place = server.uri().authority().is_some_and(|authority| {
            let (host, port) = (authority.host(), authority.port_u16());
            let written = port.map_or(host.to_owned(), |port| format!("{host}:{port}"));
            !host.is_empty() && port != Some(0) && written == authority.as_str()
        });
        if is_whole && is_place {
            Ok(Self(server))
        } else {
            Err(ProxyError::Url)
        }
    }

    /// Where it is.
    pub(crate) fn uri(&self) -> &Uri {
        self.0.uri()
    }

    /// `Proxy-Authorization`, if its URL holds a user.
    pub(crate) fn authorization(&self) -> Option<&HeaderValue> {
        self.0.basic_auth()
    }
}

impl fmt::Display for Server {
    /// The URL without user and password.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let uri = self.uri();
        let scheme = uri.scheme_str().unwrap_or("http");
        let authority = uri.authority().map_or("", Authority::as_str);
        write!(f, "{scheme}://{authority}")
    }
}

/// What goes without a proxy: an entry of `NO_PROXY`.
struct Exception {
    port: Option<u16>,
    /// Has a proxy for all hosts but those of the entry; none where the entry is `*`, which
    /// the matcher takes for a name, and so for no address.
    others: Option<Matcher>,
}

impl Exception {
    fn parse(entry: &str) -> Self {
        let (host, port) = match entry.rsplit_once(':') {
            // The colons of an IPv6 address are more than one, or in brackets.
            Some((host, port)) if !host.contains(':') || host.ends_with(']') => {
                match u16::from_str(port) {
                    Ok(port) => (host, Some(port)),
                    Err(_) => (entry, None),
                }
            }
            _ => (entry, None),
        };
        let host = host.trim_start_matches('[').trim_end_matches(']');
        // `*.example.com`, as many write it.
        let host = match host.strip_prefix('*') {
            Some(rest) if !rest.is_empty() => rest,
            _ => host,
        };
        let others = (host != "*").then(|| Matcher::builder().all("http://any").no(host).build());
        Self { port, others }
    }

    fn holds_for(&self, uri: &Uri) -> bool {
        self.port.is_none_or(|port| port == port_of(uri))
            && (self.others.as_ref()).is_none_or(|others| others.intercept(uri).is_none())
    }
}

/// The port that a request goes to.
pub(crate) fn port_of(uri: &Uri) -> u16 {
    let default = if uri.scheme() == Some(&Scheme::HTTPS) {
        443
    } else {
        80
    };
    uri.port_u16().unwrap_or(default)
}

/// Whether a proxy would take another place for it: its own machine, or its own metadata
/// service.
fn is_near(host: &str) -> bool {
    let host = host.trim_start_matches('[').trim_end_matches(']');
    match IpAddr::from_str(host) {
        Ok(ip) => ip.to_canonical().is_loopback() || is_metadata_address(ip),
        Err(_) => {
            let host = host.to_ascii_lowercase();
            host == "localhost" || host.ends_with(".localhost")
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn through(proxy: &Proxy, uri: &str) -> Option<String> {
        proxy.server(&uri.parse().unwrap()).map(|s| s.to_string())
    }

    #[test]
    fn a_proxy_is_named_by_a_url_whose_password_is_not_shown() {
        for (url, shown, authorization) in [
            ("http://p:3128", "http://p:3128", None),
            (" http://p:3128/ ", "http://p:3128", None),
            ("p:3128", "http://p:3128", None),
            ("p", "http://p", None),
            ("https://p", "https://p", None),
            ("HTTP://p:3128", "http://p:3128", None),
            ("http://[::1]:3128", "http://[::1]:3128", None),
            (
                "http://me:pw@p:3128",
                "http://p:3128",
                Some("Basic bWU6cHc="),
            ),
            ("me:pw@p:3128", "http://p:3128", Some("Basic bWU6cHc=")),
            ("http://me@p", "http://p", Some("Basic bWU6")),
            (
                "http://me:p%40%2Fw@p:1",
                "http://p:1",
                Some("Basic bWU6cEAvdw=="),
            ),
        ] {
            let server = Server::parse(url).unwrap_or_else(|e| panic!("{url}: {e}"));
            assert_eq!(server.to_string(), shown, "{url}");
            let sent = server.authorization().map(|v| v.to_str().unwrap());
            assert_eq!(sent, authorization, "{url}");
        }
    }

    #[test]
    fn what_is_no_url_of_a_proxy_is_refused() {
        use ProxyError::*;
        for (url, error) in [
            ("", Url),
            (":", Url),
            ("http://", Url),
            ("http://:3128", Url),
            ("http://p:0", Url),
            ("http://p:65536", Url),
            ("http://p:port", Url),
            ("http://p p:3128", Url),
            ("/etc/proxy", Url),
            ("http://me:p@w@p:3128", Url),
            ("http://me:p/w@p:3128", Url),
            ("http://me:p#w@p:3128", Url),
            ("http://me:1?w@p:3128", Url),
            ("socks5://p:1080", Scheme),
            ("socks5h://me:pw@p:1080", Scheme),
            ("ftp://p:21", Scheme),
        ] {
            assert_eq!(Server::parse(url).err(), Some(error), "{url:?}");
        }
    }

    #[test]
    fn each_scheme_has_its_proxy() {
        let proxy = Proxy::default().https("http://s").unwrap();
        assert_eq!(through(&proxy, "https://a/").as_deref(), Some("http://s"));
        assert_eq!(through(&proxy, "http://a/"), None);
        let proxy = Proxy::default().http("http://h").unwrap();
        assert_eq!(through(&proxy, "https://a/"), None);
        assert_eq!(through(&proxy, "http://a/").as_deref(), Some("http://h"));
    }

    #[test]
    fn exceptions_go_without_a_proxy() {
        const LAMBDA: &str = "https://lambda.us-east-1.amazonaws.com/";
        for (list, uri, without) in [
            ("", LAMBDA, false),
            (" , ,", LAMBDA, false),
            ("*", LAMBDA, true),
            ("*", "http://10.0.0.7:9000/", true),
            ("*", "http://[2001:db8::1]/", true),
            ("lambda.us-east-1.amazonaws.com", LAMBDA, true),
            ("LAMBDA.us-east-1.AMAZONAWS.com", LAMBDA, true),
            ("amazonaws.com", LAMBDA, true),
            (".amazonaws.com", LAMBDA, true),
            ("*.amazonaws.com", LAMBDA, true),
            ("zonaws.com", LAMBDA, false),
            ("sts.us-east-1.amazonaws.com", LAMBDA, false),
            ("a.example, amazonaws.com", LAMBDA, true),
            ("a.example amazonaws.com", LAMBDA, true),
            ("amazonaws.com:443", LAMBDA, true),
            ("amazonaws.com:8443", LAMBDA, false),
            ("*:443", LAMBDA, true),
            ("*:80", LAMBDA, false),
            ("example.com:8080", "http://example.com:8080/", true),
            ("example.com:80", "http://example.com/", true),
            (".example.com", "http://example.com/", true),
            ("10.0.0.7", "http://10.0.0.7/", true),
            ("10.0.0.7:80", "http://10.0.0.7:8080/", false),
            ("10.0.0.7:8080", "http://10.0.0.7:8080/", true),
            ("10.0.0.0/8", "http://10.1.2.3:9000/", true),
            ("10.0.0.0/8", "http://11.1.2.3/", false),
            ("10.0.0.0/8", "http://ten.example/", false),
            ("2001:db8::1", "http://[2001:db8::1]/", true),
            ("[2001:db8::1]", "http://[2001:db8::1]/", true),
            ("[2001:db8::1]:80", "http://[2001:db8::1]/", true),
            ("[2001:db8::1]:81", "http://[2001:db8::1]/", false),
            ("2001:db8::/32", "http://[2001:db8::1]:9000/", true),
            ("2001:db8::/32", "http://[2001:db9::1]/", false),
            ("example.com:http", "http://example.com/", false),
        ] {
            let proxy = Proxy::default().https("p").and_then(|p| p.http("p"));
            let proxy = proxy.unwrap().except(list);
            assert_eq!(through(&proxy, uri).is_none(), without, "{list:?} {uri}");
        }
    }

    #[test]
    fn this_machine_and_metadata_services_are_reached_without_a_proxy() {
        let proxy = Proxy::default().https("p").and_then(|p| p.http("p"));
        let proxy = proxy.unwrap();
        for (host, without) in [
            ("localhost", true),
            ("LocalHost:9000", true),
            ("a.localhost", true),
            ("127.0.0.1:4566", true),
            ("127.8.9.10", true),
            ("[::1]:4566", true),
            ("[::ffff:127.0.0.1]", true),
            ("169.254.169.254", true),
            ("169.254.170.2", true),
            ("[fd00:ec2::254]", true),
            ("localhost.example", false),
            ("10.0.0.1", false),
        ] {
            for scheme in ["http", "https"] {
                let uri = format!("{scheme}://{host}/");
                assert_eq!(through(&proxy, &uri).is_none(), without, "{uri}");
            }
        }
    }

    #[test]
    fn debug_shows_no_password() {
        let proxy = Proxy::default().https("http://me:CANARY@p").unwrap();
        let shown = format!("{proxy:?}");
        assert_eq!(shown, "Proxy(http://p for https)");
    }
}
