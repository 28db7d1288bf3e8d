//! Files that are whole or not there.

use std::ffi::OsString;
use std::fs::{self, File, OpenOptions};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

/// Most bytes of a state: some 170 of the largest results.
const MAX: u64 = 1024 * 1024 * 1024;

/// The path with something added to the file name.
pub fn beside(path: &Path, suffix: &str) -> PathBuf {
    let mut beside = OsString::from(path);
    beside.push(suffix);
    beside.into()
}

/// The file itself where the path is a link, also when nothing is there yet: renaming
/// would replace the link.
///
/// # Errors
///
/// When links lead to links for longer than Linux follows them.
pub fn resolve(path: &Path) -> io::Result<PathBuf> {
    const MOST: usize = 40;
    let mut path = path.to_owned();
    for _ in 0..MOST {
        match fs::read_link(&path) {
            Ok(target) => path = directory(&path).join(target),
            // No link, or nothing that this program can look at.
            Err(_) => return Ok(path),
        }
    }
    Err(io::Error::other("too many links"))
}

/// What a file holds, or nothing if there is none. Only of a regular file: a pipe would
/// be waited for, and a device may never end.
///
/// # Errors
///
/// When it cannot be read.
pub fn read(path: &Path) -> io::Result<Option<Vec<u8>>> {
    let metadata = fs::metadata(path).and_then(|metadata| {
        regular(&metadata)?;
        Ok(metadata)
    });
    match metadata {
        Ok(metadata) if metadata.len() > MAX => {
            Err(io::Error::other(format!("it has more than {MAX} bytes")))
        }
        Ok(_) => fs::read(path).map(Some),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error),
    }
}

/// # Errors
///
/// When it is something else.
pub fn regular(metadata: &fs::Metadata) -> io::Result<()> {
    if metadata.is_file() {
        Ok(())
    } else {
        Err(io::Error::other("not a regular file"))
    }
}

/// Gives the file new contents, at once or not at all, also if the power fails.
///
/// # Errors
///
/// Those of the file system; the file is then as it was.
pub fn replace(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let temporary = beside(path, ".tmp");
    match fs::remove_file(&temporary) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => {
            return Err(io::Error::new(
                error.kind(),
                format!("{} cannot be removed: {error}", temporary.display()),
            ));
        }
        // Left behind by a run that was killed, or not there.
        _ => {}
    }
    let written = create(&temporary).and_then(|mut file| {
        file.write_all(bytes)?;
        file.sync_all()
    });
    if let Err(error) = written.and_then(|()| fs::rename(&temporary, path)) {
        // The next run removes it if this one cannot.
        let _ = fs::remove_file(&temporary);
        return Err(error);
    }
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
    File::open(directory(path))?.sync_all()
}

#[cfg(not(unix))]
fn sync_directory(_: &Path) -> io::Result<()> {
    Ok(())
}

fn directory(path: &Path) -> &Path {
    match path.parent() {
        Some(parent) if parent != Path::new("") => parent,
        _ => Path::new("."),
    }
}
