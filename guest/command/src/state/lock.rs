//! One run at a time: the file `FILE.lock` beside the state file.
//!
//! Where the system has file locks, the lock is one on that file, so it ends with the
//! process however that ends; the file itself is removed at the end, but whether it is
//! there says nothing. WASI has no file locks: there the file is the lock, and it is
//! not empty. Each kind sees the other: a component refuses a file that is there, and
//! a program refuses one that is not empty. A component that is killed leaves its file
//! behind for a person to remove.

use std::fs;
use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};

use super::disk::beside;
#[cfg(not(target_family = "wasm"))]
use super::disk::regular;
use crate::failure::Failure;

/// A lock that is held until dropped.
#[derive(Debug)]
pub struct Lock {
    path: PathBuf,
    /// Keeps the system's lock.
    file: File,
}

impl Lock {
    /// Takes the lock of a state file, or fails at once.
    ///
    /// # Errors
    ///
    /// [`Failure::Conflict`] when it is held, or the file cannot be made.
    pub fn take(state: &Path) -> Result<Self, Failure> {
        let path = beside(state, ".lock");
        match system::take(&path) {
            Ok(Some(file)) => Ok(Self { path, file }),
            Ok(None) => Err(Failure::Conflict(format!(
                "another run holds {}; {}",
                path.display(),
                system::ADVICE
            ))),
            Err(error) => Err(cannot_lock(&path, &error)),
        }
    }

    /// Makes sure that no other run can have begun.
    ///
    /// # Errors
    ///
    /// [`Failure::Conflict`] when somebody removed the lock file, so that another run may
    /// have made its own.
    pub fn check_held(&self) -> Result<(), Failure> {
        match system::is_at(&self.file, &self.path) {
            Ok(true) => Ok(()),
            Ok(false) => Err(Failure::Conflict(format!(
                "{} was removed during this run; make sure that no other run is under way, and try again",
                self.path.display()
            ))),
            Err(error) => Err(cannot_lock(&self.path, &error)),
        }
    }
}

fn cannot_lock(path: &Path, error: &io::Error) -> Failure {
    Failure::Conflict(format!("cannot lock {}: {error}", path.display()))
}

impl Drop for Lock {
    fn drop(&mut self) {
        if system::REMOVABLE {
            // If it stays, the next run copes with it, or says what to do.
            let _ = fs::remove_file(&self.path);
        }
    }
}

#[cfg(not(target_family = "wasm"))]
mod system {
    use std::fs::TryLockError;

    use super::*;

    pub const ADVICE: &str = "try again when it has ended; if the file is not empty, a component made it, and it may be removed once that has ended";

    /// Elsewhere an open file cannot be removed, or not told from its successor.
    pub const REMOVABLE: bool = cfg!(unix);

    /// The file, locked; none if another process has it.
    pub fn take(path: &Path) -> io::Result<Option<File>> {
        loop {
            // Opening a pipe would wait for somebody at its other end.
            match fs::symlink_metadata(path) {
                Err(error) if error.kind() == io::ErrorKind::NotFound => {}
                found => regular(&found?)?,
            }
            let file = File::options()
                .create(true)
                .truncate(false)
                .write(true)
                .open(path)?;
            match file.try_lock() {
                Ok(()) => {}
                Err(TryLockError::WouldBlock) => return Ok(None),
                Err(TryLockError::Error(error)) => return Err(error),
            }
            if file.metadata()?.len() > 0 {
                return Ok(None);
            }
            // Its holder may have removed it between the two calls: then this lock is
            // on a file that nobody else will find.
            if is_at(&file, path)? {
                return Ok(Some(file));
            }
        }
    }

    /// Whether the file is the one at the path.
    #[cfg(unix)]
    pub fn is_at(file: &File, path: &Path) -> io::Result<bool> {
        use std::os::unix::fs::MetadataExt as _;
        let there = match fs::symlink_metadata(path) {
            Ok(there) => there,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(false),
            Err(error) => return Err(error),
        };
        let here = file.metadata()?;
        Ok((here.dev(), here.ino()) == (there.dev(), there.ino()))
    }

    #[cfg(not(unix))]
    pub fn is_at(_: &File, _: &Path) -> io::Result<bool> {
        Ok(true)
    }
}

#[cfg(target_family = "wasm")]
mod system {
    use std::io::Write as _;

    use super::*;

    pub const ADVICE: &str = "remove it if no run is under way";

    pub const REMOVABLE: bool = true;

    /// The file, made by this call; none if it was there.
    pub fn take(path: &Path) -> io::Result<Option<File>> {
        let mut file = match File::options().create_new(true).write(true).open(path) {
            Ok(file) => file,
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => return Ok(None),
            Err(error) => return Err(error),
        };
        file.write_all(b"held by a component, which cannot use the system's locks\n")?;
        Ok(Some(file))
    }

    /// Whether there still is one: files cannot be told from each other.
    pub fn is_at(_: &File, path: &Path) -> io::Result<bool> {
        path.try_exists()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_run_at_a_time_holds_the_lock() {
        let directory = tempfile::tempdir().unwrap();
        let state = directory.path().join("state.json");
        let first = Lock::take(&state).unwrap();
        let Err(Failure::Conflict(text)) = Lock::take(&state) else {
            panic!("taken twice");
        };
        assert!(text.contains("state.json.lock"), "{text}");
        drop(first);
        Lock::take(&state).unwrap();
    }

    #[test]
    fn a_lock_leaves_nothing_behind() {
        let directory = tempfile::tempdir().unwrap();
        drop(Lock::take(&directory.path().join("state.json")).unwrap());
        assert_eq!(
            fs::read_dir(directory.path()).unwrap().count(),
            usize::from(!cfg!(unix))
        );
    }

    #[test]
    fn the_file_of_a_process_that_was_killed_does_not_lock() {
        let directory = tempfile::tempdir().unwrap();
        let state = directory.path().join("state.json");
        fs::write(beside(&state, ".lock"), "").unwrap();
        Lock::take(&state).unwrap();
    }

    #[test]
    fn the_file_of_a_component_locks() {
        let directory = tempfile::tempdir().unwrap();
        let state = directory.path().join("state.json");
        fs::write(beside(&state, ".lock"), "held by a component\n").unwrap();
        assert!(matches!(Lock::take(&state), Err(Failure::Conflict(_))));
        assert!(beside(&state, ".lock").exists());
    }

    #[test]
    fn a_directory_that_is_not_there_cannot_be_locked() {
        let directory = tempfile::tempdir().unwrap();
        let state = directory.path().join("missing").join("state.json");
        let Err(Failure::Conflict(text)) = Lock::take(&state) else {
            panic!("taken");
        };
        assert!(text.starts_with("cannot lock "), "{text}");
    }

    /// Many threads take and release the lock; two must never have it at once.
    #[test]
    fn removing_the_file_opens_no_gap() {
        use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
        let directory = tempfile::tempdir().unwrap();
        let state = directory.path().join("state.json");
        let (holders, taken) = (AtomicUsize::new(0), AtomicUsize::new(0));
        std::thread::scope(|scope| {
            for _ in 0..4 {
                scope.spawn(|| {
                    while taken.load(SeqCst) < 2_000 {
                        if let Ok(lock) = Lock::take(&state) {
                            assert_eq!(holders.fetch_add(1, SeqCst), 0);
                            taken.fetch_add(1, SeqCst);
                            holders.fetch_sub(1, SeqCst);
                            drop(lock);
                        }
                    }
                });
            }
        });
    }
}
