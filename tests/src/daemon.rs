//! Programs of others that run in the background.

use std::io::{BufRead as _, BufReader, Read};
use std::os::unix::process::CommandExt as _;
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process_group};

const PAUSE: Duration = Duration::from_millis(20);
/// How long a program has to write down what it just did.
const GRACE: Duration = Duration::from_millis(200);

/// A running program; dropping it ends it and all that it started.
#[derive(Debug)]
pub struct Daemon {
    child: Child,
    said: Said,
    readers: Vec<JoinHandle<()>>,
    killed: bool,
}

/// What it wrote so far, on both streams.
type Said = Arc<Mutex<String>>;

impl Daemon {
    /// Starts it, in a process group of its own.
    ///
    /// # Panics
    ///
    /// When it cannot be started.
    pub fn start(command: &mut Command) -> Self {
        let mut child = command
            .process_group(0)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap_or_else(|error| panic!("{:?}: {error}", command.get_program()));
        let said = Said::default();
        let readers = vec![
            collect(child.stdout.take().expect("a pipe"), &said),
            collect(child.stderr.take().expect("a pipe"), &said),
        ];
        Self {
            child,
            said,
            readers,
            killed: false,
        }
    }

    /// Waits until `find` finds something in what it said.
    ///
    /// # Panics
    ///
    /// When it ends before, and after `patience`.
    pub fn wait_for<T>(&mut self, patience: Duration, find: impl Fn(&str) -> Option<T>) -> T {
        let started = Instant::now();
        loop {
            let ended = self.child.try_wait().expect("a child to wait for");
            let said = self.said();
            if let Some(found) = find(&said) {
                return found;
            }
            assert!(ended.is_none(), "the program has ended:\n{said}");
            assert!(started.elapsed() < patience, "it does not begin:\n{said}");
            thread::sleep(PAUSE);
        }
    }

    /// Ends it, and all that it started; returns all that they wrote.
    pub fn end(mut self) -> String {
        // What it is about to write is to be read, too.
        thread::sleep(GRACE);
        self.kill();
        for reader in self.readers.drain(..) {
            // It ends with the last process that can write.
            let _ = reader.join();
        }
        self.said()
    }

    /// Once: its id may soon be another's.
    fn kill(&mut self) {
        if std::mem::replace(&mut self.killed, true) {
            return;
        }
        // It may have ended by itself.
        let _ = kill_process_group(Pid::from_child(&self.child), Signal::KILL);
        let _ = self.child.wait();
    }

    /// All that it wrote so far.
    fn said(&self) -> String {
        self.said
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }
}

impl Drop for Daemon {
    fn drop(&mut self) {
        self.kill();
    }
}

fn collect(pipe: impl Read + Send + 'static, said: &Said) -> JoinHandle<()> {
    let said = Arc::clone(said);
    thread::spawn(move || {
        let mut pipe = BufReader::new(pipe);
        let mut line = Vec::new();
        while let Ok(1..) = pipe.read_until(b'\n', &mut line) {
            let text = String::from_utf8_lossy(&line);
            said.lock()
                .unwrap_or_else(PoisonError::into_inner)
                .push_str(&text);
            line.clear();
        }
    })
}
