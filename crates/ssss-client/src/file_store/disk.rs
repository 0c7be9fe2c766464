//! Reading and replacing a file whole.

use std::fs::{self, File};
use std::io::{self, Read as _, Write as _};
use std::path::{Path, PathBuf};
use std::time::SystemTime;

/// A file that is only ever replaced whole: a reader, or a crash, finds the old text or the new.
pub(super) struct Disk {
    path: PathBuf,
}

/// A file that nobody else who asks replaces as long as this lives.
pub(super) struct Locked {
    file: Option<File>,
}

impl Disk {
    /// The file behind a path; symbolic links are followed now, so that what they point to is
    /// replaced and not the link.
    pub(super) fn new(path: &Path) -> io::Result<Self> {
        match fs::canonicalize(path) {
            Ok(path) => Ok(Self { path }),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(Self {
                path: path.to_owned(),
            }),
            Err(error) => Err(error),
        }
    }

    /// The content, as long as it has no more than `limit` bytes; `None` if there is no file.
    pub(super) fn read(&self, limit: u64) -> io::Result<Option<Vec<u8>>> {
        let file = match File::open(&self.path) {
            Ok(file) => file,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(error),
        };
        let mut bytes = Vec::new();
        file.take(limit + 1).read_to_end(&mut bytes)?;
        if bytes.len() as u64 > limit {
            return Err(io::ErrorKind::FileTooLarge.into());
        }
        Ok(Some(bytes))
    }

    /// By what a change of the file shows, without reading it; `None` if there is no file.
    pub(super) fn stamp(&self) -> io::Result<Option<Stamp>> {
        match fs::metadata(&self.path) {
            Ok(metadata) => Ok(Some(Stamp::new(&metadata))),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Waits for the right to replace the file.
    pub(super) fn lock(&self) -> io::Result<Locked> {
        loop {
            let file = match File::open(&self.path) {
                Ok(file) => file,
                Err(error) if error.kind() == io::ErrorKind::NotFound => {
                    return Ok(Locked { file: None });
                }
                Err(error) => return Err(error),
            };
            file.lock()?;
            // Who held the lock may have replaced the file meanwhile: then this one is stale.
            if same_file(&file, &self.path)? {
                return Ok(Locked { file: Some(file) });
            }
        }
    }

    /// Replaces the file. A new file, and one that only its owner could read, is for its owner only.
    pub(super) fn replace(&self, locked: &Locked, bytes: &[u8]) -> io::Result<()> {
        let folder = match self.path.parent() {
            Some(folder) if folder != Path::new("") => folder,
            _ => Path::new("."),
        };
        let name = self.path.file_name().unwrap_or_default().to_string_lossy();
        let prefix = format!(".{name}.ssss-");
        if locked.file.is_some() {
            sweep(folder, &prefix);
        }
        let mut new = tempfile::Builder::new()
            .prefix(&prefix)
            .tempfile_in(folder)?;
        if let Some(old) = &locked.file {
            let metadata = old.metadata()?;
            if metadata.permissions().readonly() {
                let why = "the file is marked as read-only";
                return Err(io::Error::new(io::ErrorKind::PermissionDenied, why));
            }
            new.as_file().set_permissions(metadata.permissions())?;
            keep_owner(new.as_file(), &metadata)?;
        }
        new.write_all(bytes)?;
        new.as_file().sync_all()?;
        if locked.file.is_some() {
            new.persist(&self.path)?;
        } else {
            // Somebody may have made the file since: that one is not to be lost.
            new.persist_noclobber(&self.path)?;
        }
        sync_folder(folder)
    }
}

/// Removes what a process left behind that was killed while it wrote: only who has the lock makes such
/// files, and that is us. If one cannot be removed, it does no harm.
fn sweep(folder: &Path, prefix: &str) {
    let Ok(entries) = fs::read_dir(folder) else {
        return;
    };
    for entry in entries.flatten() {
        if entry.file_name().to_string_lossy().starts_with(prefix) {
            _ = fs::remove_file(entry.path());
        }
    }
}

/// When and as what a file was last written.
#[derive(PartialEq, Eq)]
pub(super) struct Stamp {
    len: u64,
    modified: Option<SystemTime>,
    #[cfg(unix)]
    inode: (u64, u64, i64, i64),
}

impl Stamp {
    fn new(metadata: &fs::Metadata) -> Self {
        #[cfg(unix)]
        use std::os::unix::fs::MetadataExt as _;
        Self {
            len: metadata.len(),
            modified: metadata.modified().ok(),
            #[cfg(unix)]
            inode: (
                metadata.dev(),
                metadata.ino(),
                metadata.ctime(),
                metadata.ctime_nsec(),
            ),
        }
    }
}

fn same_file(file: &File, path: &Path) -> io::Result<bool> {
    #[cfg(unix)]
    {
        use std::os::unix::fs::MetadataExt as _;
        let (ours, theirs) = (file.metadata()?, fs::metadata(path)?);
        Ok((ours.dev(), ours.ino()) == (theirs.dev(), theirs.ino()))
    }
    #[cfg(not(unix))]
    {
        let _ = (file, path);
        Ok(true)
    }
}

/// An administrator who edits somebody's file does not take it away from them.
fn keep_owner(file: &File, old: &fs::Metadata) -> io::Result<()> {
    #[cfg(unix)]
    {
        use std::os::unix::fs::{MetadataExt as _, fchown};
        let new = file.metadata()?;
        if (new.uid(), new.gid()) != (old.uid(), old.gid()) {
            fchown(file, Some(old.uid()), Some(old.gid()))?;
        }
    }
    #[cfg(not(unix))]
    let _ = (file, old);
    Ok(())
}

/// Without this the new name may not survive a power cut.
fn sync_folder(folder: &Path) -> io::Result<()> {
    // Elsewhere a folder cannot be opened.
    if cfg!(unix) {
        File::open(folder)?.sync_all()?;
    }
    Ok(())
}
