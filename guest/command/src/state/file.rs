//! A state file that is locked and can be changed.

use std::fmt;
use std::io;
use std::path::{Path, PathBuf};

use lambda_invocation_core::error::Error;

use super::lock::Lock;
use super::{Document, Entry, disk};
use crate::failure::Failure;

/// A state file that is locked and can be changed.
///
/// `Debug` shows no contents.
pub struct StateFile {
    path: PathBuf,
    /// As last read or written.
    bytes: Option<Vec<u8>>,
    document: Document,
    lock: Lock,
}

impl StateFile {
    /// Locks and reads a state file; it need not exist yet.
    ///
    /// # Errors
    ///
    /// [`Failure::Conflict`] when another run holds the lock, or an earlier one could not
    /// save what it had done; else as [`read`].
    pub fn open(path: &Path) -> Result<Self, Failure> {
        let path = disk::resolve(path).map_err(|error| unreadable(path, &error))?;
        let lock = Lock::take(&path)?;
        let aside = disk::beside(&path, ".unsaved");
        if aside.exists() {
            return Err(Failure::Conflict(format!(
                "{} holds what an earlier run did and could not save in {}: compare the two, and put it in place or remove it",
                aside.display(),
                path.display()
            )));
        }
        let (document, bytes) = load(&path)?;
        Ok(Self {
            path,
            bytes,
            document,
            lock,
        })
    }

    /// What it holds.
    pub fn document(&self) -> &Document {
        &self.document
    }

    /// Makes sure that this is the only run, and that nobody changed the file behind its
    /// back.
    ///
    /// # Errors
    ///
    /// [`Failure::Conflict`].
    pub fn check_ours(&self) -> Result<(), Failure> {
        self.lock.check_held()?;
        let bytes = disk::read(&self.path).map_err(|error| unreadable(&self.path, &error))?;
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
    /// written. The file is then as it was.
    pub fn set(&mut self, name: &str, entry: Option<Entry>) -> Result<(), Failure> {
        if self.document.invocations.get(name) == entry.as_ref() {
            return Ok(());
        }
        let serial = self.document.serial;
        let before = self.document.set(name, entry);
        self.document.serial = serial.saturating_add(1);
        let saved = self.save();
        if saved.is_err() {
            self.document.set(name, before);
            self.document.serial = serial;
        }
        saved
    }

    fn save(&mut self) -> Result<(), Failure> {
        let bytes = self.text()?;
        self.check_ours()?;
        disk::replace(&self.path, &bytes).map_err(|error| {
            Failure::Conflict(format!("cannot write {}: {error}", self.path.display()))
        })?;
        self.bytes = Some(bytes);
        Ok(())
    }

    fn text(&self) -> Result<Vec<u8>, Failure> {
        self.document
            .to_json()
            .map_err(|error| Failure::Conflict(format!("the state cannot be written: {error}")))
    }

    /// As [`set`](Self::set) for what has happened, which must not be lost for want of a
    /// place.
    ///
    /// # Errors
    ///
    /// As [`set`](Self::set). The text says where the new state was put instead.
    pub fn set_outcome(&mut self, name: &str, entry: Option<Entry>) -> Result<(), Failure> {
        let Err(failure) = self.set(name, entry.clone()) else {
            return Ok(());
        };
        self.document.set(name, entry);
        let aside = disk::beside(&self.path, ".unsaved");
        let put = self.text().map(|bytes| disk::replace(&aside, &bytes))?;
        let outcome = match put {
            Ok(()) => format!(
                "what it should be now is in {}; compare the two, then put it in place",
                aside.display()
            ),
            Err(error) => format!(
                "what was done is not recorded, as {} cannot be written either: {error}",
                aside.display()
            ),
        };
        Err(Failure::Conflict(format!("{failure}; {outcome}")))
    }
}

impl fmt::Debug for StateFile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("StateFile")
            .field("path", &self.path)
            .field("serial", &self.document.serial)
            .finish_non_exhaustive()
    }
}

/// Reads a state file; a missing one is an empty one.
///
/// # Errors
///
/// When it cannot be read, is no state file, or was written by a newer release.
pub fn read(path: &Path) -> Result<Document, Failure> {
    load(path).map(|(document, _)| document)
}

fn load(path: &Path) -> Result<(Document, Option<Vec<u8>>), Failure> {
    let bytes = disk::read(path).map_err(|error| unreadable(path, &error))?;
    let document = match &bytes {
        None => Document::default(),
        Some(bytes) => Document::parse(bytes).map_err(|reason| fault(path, &reason))?,
    };
    Ok((document, bytes))
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
