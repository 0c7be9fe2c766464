//! Where the key comes from.

use std::fs::{File, Metadata};
use std::path::PathBuf;

use ssss_client::ssss_model::zeroize::Zeroizing;

use crate::args::Global;
use crate::code::Code;
use crate::failure::Failure;
use crate::output::Output;
use crate::secret_file::SecretFile;
use crate::secret_io::{self, ReadError};

/// Where the recovery key or passphrase comes from.
#[derive(Debug)]
pub(crate) enum KeySource {
    /// One file a key, and what names them.
    Files(Vec<PathBuf>, &'static str),
    Descriptor(u32),
    Stdin,
    /// Nothing was said, so a person is asked, if there is one.
    Prompt,
}

/// The most bytes that are read of a key.
const LIMIT: usize = 64 << 10;

impl KeySource {
    /// What the options say, and else the environment.
    pub(crate) fn new(global: &Global) -> Result<Self, Failure> {
        let mut sources = Vec::new();
        let files = Some(global.key_file.clone()).filter(|files| !files.is_empty());
        sources.extend(files.map(|files| Self::Files(files, "--key-file")));
        sources.extend(global.key_fd.map(Self::Descriptor));
        sources.extend(global.key_stdin.then_some(Self::Stdin));
        if sources.len() > 1 {
            let message = "--key-file, --key-fd and --key-stdin exclude each other";
            return Err(Failure::usage(message).try_this("give one of them"));
        }
        let variable = std::env::var_os(VARIABLE).filter(|path| !path.is_empty());
        Ok(sources
            .pop()
            .or_else(|| variable.map(|path| Self::Files(vec![path.into()], VARIABLE)))
            .unwrap_or(Self::Prompt))
    }

    /// Whether nobody needs to be asked.
    pub(crate) fn is_given(&self) -> bool {
        !matches!(self, Self::Prompt)
    }

    /// How many keys were given.
    pub(crate) fn count(&self) -> usize {
        match self {
            Self::Files(paths, _) => paths.len(),
            Self::Descriptor(_) | Self::Stdin => 1,
            Self::Prompt => 0,
        }
    }

    /// Whether it takes all of standard input.
    pub(crate) fn takes_stdin(&self) -> bool {
        matches!(self, Self::Stdin | Self::Descriptor(0))
    }

    /// Reads the n-th key that was given, from 0, without one line break at its end; `None` if there is
    /// none, or for a prompt.
    pub(crate) fn read(
        &self,
        nth: usize,
        output: &Output,
    ) -> Result<Option<Zeroizing<String>>, Failure> {
        let (file, name) = match self {
            Self::Prompt => return Ok(None),
            Self::Descriptor(_) | Self::Stdin if nth > 0 => return Ok(None),
            Self::Files(paths, named_by) => {
                let Some(path) = paths.get(nth) else {
                    return Ok(None);
                };
                let file = SecretFile {
                    what: "key",
                    named_by,
                    path,
                };
                let (file, message) = file.open_private(output)?;
                return read_key(file, &message).map(Some);
            }
            // Opened anew, because taking over a descriptor by its number needs unsafe code.
            Self::Descriptor(number) => (
                File::open(format!("/dev/fd/{number}")),
                format!("file descriptor {number}"),
            ),
            Self::Stdin => (secret_io::stdin(), "standard input".to_owned()),
        };
        let message = format!("the key cannot be read from {name}");
        let file = file.map_err(|error| Failure::local(&message, &error))?;
        read_key(file, &message).map(Some)
    }
}

/// Reads a secret text from a file, without one line break at its end. `message` says what failed
/// if it does.
pub(crate) fn read_key(file: File, message: &str) -> Result<Zeroizing<String>, Failure> {
    let malformed =
        |because: &str| Failure::new(Code::KeyMalformed, "key-malformed", message).because(because);
    match secret_io::read(file, LIMIT) {
        Ok(text) => Ok(secret_io::without_line_break(text)),
        Err(ReadError::Io(error)) => Err(Failure::local(message, &error)),
        Err(ReadError::TooLong(_)) => Err(malformed("it is too long for any key")),
        Err(ReadError::NotText) => Err(malformed("it is not text (UTF-8)")),
    }
}

/// The name of the environment variable that holds the path of a key file.
const VARIABLE: &str = "SSSS_KEY_FILE";

/// Others who can read the file have what is in it. A pipe is nobody's to open.
pub(crate) fn warn_if_shared(metadata: &Metadata, what: &str, name: &str, output: &Output) {
    use std::os::unix::fs::PermissionsExt as _;
    if metadata.is_file() && metadata.permissions().mode() & 0o077 != 0 {
        output.warning(&format!(
            "other users may be able to read the {what} file {name}; run: chmod 600 {}",
            crate::session::shell_quoted(name)
        ));
    }
}
