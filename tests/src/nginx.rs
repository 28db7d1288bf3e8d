//! nginx with the configuration of `examples/nginx`, in front of a service.

use std::env;
use std::fs;
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use tempfile::TempDir;

use crate::peer::debian;

const EXAMPLE: &str = include_str!("../../examples/nginx/lambda-invocation.conf");

/// How long it may take to listen: what hangs fails its test.
const PATIENCE: Duration = Duration::from_secs(30);

/// nginx that runs; dropping it ends it.
#[derive(Debug)]
pub struct Nginx {
    child: Child,
    socket: PathBuf,
    _directory: TempDir,
}

impl Nginx {
    /// Starts it in front of what listens at `http://HOST:PORT`.
    ///
    /// # Errors
    ///
    /// Why there is no nginx, for people.
    ///
    /// # Panics
    ///
    /// When it does not start.
    pub fn start(url: &str) -> Result<Self, String> {
        let program = program()?;
        let directory = tempfile::tempdir().expect("a temporary directory");
        let socket = directory.path().join("socket");
        let site = site(&socket, url.trim_start_matches("http://"));
        fs::write(directory.path().join("site.conf"), site).expect("a file");
        // One process, which writes nowhere but into the directory.
        let main = "daemon off; master_process off; pid pid; error_log stderr crit;
            events { worker_connections 4096; }
            http {
                access_log off;
                client_body_temp_path body; proxy_temp_path proxy; fastcgi_temp_path fastcgi;
                uwsgi_temp_path uwsgi; scgi_temp_path scgi;
                include site.conf;
            }";
        let configuration = directory.path().join("nginx.conf");
        fs::write(&configuration, main).expect("a file");
        let child = Command::new(program)
            .env_clear()
            .args(["-e", "stderr", "-p"])
            .arg(directory.path())
            .arg("-c")
            .arg(configuration)
            .stdin(Stdio::null())
            .spawn()
            .expect("nginx starts");
        let nginx = Self {
            child,
            socket,
            _directory: directory,
        };
        let started = Instant::now();
        while UnixStream::connect(&nginx.socket).is_err() {
            assert!(started.elapsed() < PATIENCE, "nginx does not listen");
            thread::sleep(Duration::from_millis(20));
        }
        Ok(nginx)
    }

    /// A connection to it.
    pub fn connect(&self) -> UnixStream {
        let stream = UnixStream::connect(&self.socket).expect("nginx listens");
        let limited = stream.set_read_timeout(Some(PATIENCE));
        limited.expect("a time limit");
        stream
    }
}

impl Drop for Nginx {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// The example on a socket of its own in place of a port with TLS.
fn site(socket: &Path, upstream: &str) -> String {
    let listen = format!("listen unix:{};", socket.display());
    let changes = [
        ("listen 443 ssl;", listen.as_str()),
        ("ssl_certificate     /", "# /"),
        ("ssl_certificate_key /", "# /"),
        ("server 127.0.0.1:8080;", &format!("server {upstream};")),
    ];
    changes.iter().fold(EXAMPLE.to_owned(), |site, (from, to)| {
        assert!(site.contains(from), "{from} is not in the example");
        site.replace(from, to)
    })
}

/// The one that is installed, or else Debian's.
fn program() -> Result<PathBuf, String> {
    let path = env::var_os("PATH").unwrap_or_default();
    let installed = env::split_paths(&path)
        .chain([PathBuf::from("/usr/sbin")])
        .map(|directory| directory.join("nginx"))
        .find(|program| program.is_file());
    if let Some(program) = installed {
        return Ok(program);
    }
    let directory = debian("nginx", &["nginx"]).map_err(|reason| format!("no nginx: {reason}"))?;
    Ok(directory.join("usr/sbin/nginx"))
}
