//! The state file: what the managed invocations are now.
//!
//! ```json
//! {
//!   "version": 1,
//!   "serial": 7,
//!   "invocations": {
//!     "NAME": {
//!       "version": 1, "id": "...", "config": {...}, "result": "...",
//!       "imported": false, "depends-on": ["OTHER"]
//!     }
//!   }
//! }
//! ```
//!
//! An entry is the `state` record of the WIT package with `depends-on` beside it, so
//! that what has left the configuration can still be deleted in the right order.
//! `serial` grows by one with each version of the file.
//!
//! A change is written to `FILE.tmp` beside the file, flushed to the disk, and
//! renamed over it: whatever happens, the file is the old or the new one. It is made
//! under a [lock], and only if the file is still what was read. What
//! cannot be written where it belongs is left in `FILE.unsaved`. All are readable
//! for their owner only, where there is such a thing: inputs and results may be
//! secrets.

pub mod lock;
mod record;
mod terraform;

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::fs::{self, File, OpenOptions};
use std::io::{self, Write as _};
use std::mem;
use std::path::{Path, PathBuf};

use lambda_invocation_core::error::Error;
use lambda_invocation_core::lifecycle::State;

use self::lock::Lock;
pub use self::record::to_json as record;
pub use self::terraform::read as read_terraform;
use crate::failure::Failure;

/// What a state file holds.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Document {
    /// Which version of the file this is.
    pub serial: u64,
    /// The invocations by name.
    pub invocations: BTreeMap<String, Entry>,
}

/// What is kept of an invocation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// The state of the WIT package.
    pub state: State,
    /// Names of those it depended on when it was applied, sorted.
    pub depends_on: Vec<String>,
}

/// Reads a state file; a missing one is an empty one.
///
/// # Errors
///
/// When it cannot be read, is no state file, or was written by a newer release.
pub fn read(path: &Path) -> Result<Document, Failure> {
    load(&resolve(path)).map(|(document, _)| document)
}

/// A state file that is locked and can be changed.
///
/// `Debug` shows no contents.
pub struct StateFile {
    path: PathBuf,
    /// As last read or written.
    bytes: Option<Vec<u8>>,
    document: Document,
    _lock: Lock,
}

impl StateFile {
    /// Locks and reads a state file; it need not exist yet.
    ///
    /// # Errors
    ///
    /// [`Failure::Conflict`] when another run holds the lock; else as [`read`].
    pub fn open(path: &Path) -> Result<Self, Failure> {
        let path = resolve(path);
        let lock = Lock::take(&path)?;
        let (document, bytes) = load(&path)?;
        Ok(Self {
            path,
            bytes,
            document,
            _lock: lock,
        })
    }

    /// What it holds.
    pub fn document(&self) -> &Document {
        &self.document
    }

    /// Makes sure that nobody changed the file behind the lock: before anything is
    /// sent whose outcome could then not be saved.
    ///
    /// # Errors
    ///
    /// [`Failure::Conflict`].
    pub fn check_unchanged(&self) -> Result<(), Failure> {
        let bytes = read_if_exists(&self.path).map_err(|error| unreadable(&self.path, &error))?;
        if bytes == self.bytes {
            return Ok(());
        }
        Err(Failure::Conflict(format!(
            "{} was changed by something else during this run",
            self.path.display()
        )))
    }

    /// Sets or removes an entry, and saves the file if that changes anything.
    ///
    /// # Errors
    ///
    /// [`Failure::Conflict`] when the file was changed by something else, or cannot be
    /// written. The text says where the new state was put instead.
    pub fn set(&mut self, name: &str, entry: Option<Entry>) -> Result<(), Failure> {
        if self.document.invocations.get(name) == entry.as_ref() {
            return Ok(());
        }
        let mut invocations = BTreeMap::new();
        for (other, entry) in mem::take(&mut self.document.invocations) {
            if other != name {
                invocations.insert(other, entry);
            }
        }
        if let Some(entry) = entry {
            invocations.insert(name.to_owned(), entry);
        }
        self.document.invocations = invocations;
        self.document.serial = self.document.serial.saturating_add(1);
        let bytes = record::write(&self.document);
        let saved = self.check_unchanged().and_then(|()| {
            replace(&self.path, &bytes).map_err(|error| {
                Failure::Conflict(format!("cannot write {}: {error}", self.path.display()))
            })
        });
        match saved {
            Ok(()) => {
                self.bytes = Some(bytes);
                Ok(())
            }
            Err(failure) => Err(self.put_aside(failure, &bytes)),
        }
    }

    /// What happened has happened: it must not be lost for want of a place.
    fn put_aside(&self, failure: Failure, bytes: &[u8]) -> Failure {
        let aside = beside(&self.path, ".unsaved");
        let outcome = match replace(&aside, bytes) {
            Ok(()) => format!(
                "what it should be now is in {}; compare the two, then put it in place",
                aside.display()
            ),
            Err(error) => format!(
                "what was done is not recorded, as {} cannot be written either: {error}",
                aside.display()
            ),
        };
        Failure::Conflict(format!("{failure}; {outcome}"))
    }
}

impl std::fmt::Debug for StateFile {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("StateFile")
            .field("path", &self.path)
            .field("serial", &self.document.serial)
            .finish_non_exhaustive()
    }
}

/// The file itself where the path is a link: renaming would replace the link.
fn resolve(path: &Path) -> PathBuf {
    fs::canonicalize(path).unwrap_or_else(|_| path.to_owned())
}

fn load(path: &Path) -> Result<(Document, Option<Vec<u8>>), Failure> {
    let bytes = read_if_exists(path).map_err(|error| unreadable(path, &error))?;
    let document = match &bytes {
        None => Document::default(),
        Some(bytes) => record::read(bytes).map_err(|reason| fault(path, &reason))?,
    };
    Ok((document, bytes))
}

fn read_if_exists(path: &Path) -> io::Result<Option<Vec<u8>>> {
    match fs::read(path) {
        Ok(bytes) => Ok(Some(bytes)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error),
    }
}

fn unreadable(path: &Path, error: &io::Error) -> Failure {
    fault(path, &error.to_string())
}

fn fault(path: &Path, reason: &str) -> Failure {
    Failure::Error(Error::invalid(
        "state",
        format!("{}: {reason}", path.display()),
    ))
}

/// The path with something added to the file name.
fn beside(path: &Path, suffix: &str) -> PathBuf {
    let mut beside = OsString::from(path);
    beside.push(suffix);
    beside.into()
}

/// Gives the file new contents, at once or not at all, also if the power fails.
fn replace(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let temporary = beside(path, ".tmp");
    match fs::remove_file(&temporary) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
        // Left behind by a run that was killed, or not there.
        _ => {}
    }
    let mut file = create(&temporary)?;
    file.write_all(bytes)?;
    file.sync_all()?;
    drop(file);
    fs::rename(&temporary, path)?;
    sync_directory(path)
}

/// A new file, for the owner only. One that is there already, a link perhaps, is not
/// followed.
fn create(path: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::OpenOptionsExt as _;
        options.mode(0o600);
    }
    options.open(path)
}

/// Makes a rename durable. Elsewhere a directory cannot be opened for this.
#[cfg(unix)]
fn sync_directory(path: &Path) -> io::Result<()> {
    let directory = match path.parent() {
        Some(parent) if parent != Path::new("") => parent,
        _ => Path::new("."),
    };
    File::open(directory)?.sync_all()
}

#[cfg(not(unix))]
fn sync_directory(_: &Path) -> io::Result<()> {
    Ok(())
}

#[cfg(test)]
mod tests;
