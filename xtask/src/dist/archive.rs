//! Archives that are the same whenever and wherever they are made.

use std::io::Write as _;

use anyhow::Result;
use flate2::Compression;
use flate2::write::GzEncoder;
use tar::{Builder, Header};

/// A file in an archive.
pub struct Entry {
    path: String,
    bytes: Vec<u8>,
    mode: u32,
}

impl Entry {
    /// A file that is read.
    pub fn file(path: impl Into<String>, bytes: impl Into<Vec<u8>>) -> Self {
        Self {
            path: path.into(),
            bytes: bytes.into(),
            mode: 0o644,
        }
    }

    /// A program.
    pub fn program(path: impl Into<String>, bytes: impl Into<Vec<u8>>) -> Self {
        Self {
            mode: 0o755,
            ..Self::file(path, bytes)
        }
    }
}

/// A tar archive: sorted, of no owner, and of the time given. With a `folder`, all is in it.
pub fn tar(folder: &str, mut entries: Vec<Entry>, time: u64) -> Result<Vec<u8>> {
    entries.sort_by(|a, b| a.path.cmp(&b.path));
    let mut builder = Builder::new(Vec::new());
    for entry in entries {
        let path = match folder {
            "" => entry.path,
            folder => format!("{folder}/{}", entry.path),
        };
        let mut header = Header::new_gnu();
        header.set_size(u64::try_from(entry.bytes.len())?);
        header.set_mode(entry.mode);
        header.set_mtime(time);
        header.set_uid(0);
        header.set_gid(0);
        builder.append_data(&mut header, path, entry.bytes.as_slice())?;
    }
    Ok(builder.into_inner()?)
}

/// Compresses, without a name or a time in it.
pub fn gzip(bytes: &[u8]) -> Result<Vec<u8>> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(bytes)?;
    Ok(encoder.finish()?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_order_of_files_does_not_matter() {
        let [a, b] = ["a", "b"].map(|name| move || Entry::file(name, "content"));
        let one = tar("folder", vec![a(), b()], 1).unwrap();
        let other = tar("folder", vec![b(), a()], 1).unwrap();
        assert_eq!(gzip(&one).unwrap(), gzip(&other).unwrap());

        let mut read = tar::Archive::new(one.as_slice());
        let names: Vec<String> = read
            .entries()
            .unwrap()
            .map(|entry| entry.unwrap().path().unwrap().display().to_string())
            .collect();
        assert_eq!(names, ["folder/a", "folder/b"]);
    }
}
