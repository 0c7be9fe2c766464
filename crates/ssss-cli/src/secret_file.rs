//! A file that holds a secret, as somebody named it.

use std::fs::File;
use std::path::Path;

use crate::failure::Failure;
use crate::key_source::warn_if_shared;
use crate::output::Output;

/// A file that holds a secret. Whoever mistakes its name for the place of the secret itself has
/// written the secret there, so that it is shown only once there is a file of that name.
#[derive(Debug, Clone, Copy)]
pub(crate) struct SecretFile<'a> {
    /// What is in it, such as `key`.
    pub(crate) what: &'static str,
    /// What names it: an option, a variable of the environment, an argument.
    pub(crate) named_by: &'static str,
    pub(crate) path: &'a Path,
}

impl SecretFile<'_> {
    /// Opens the file. The text says what failed if it cannot be read to its end.
    pub(crate) fn open(self) -> Result<(File, String), Failure> {
        let Self {
            what,
            named_by,
            path,
        } = self;
        match File::open(path) {
            Ok(file) => {
                let failed = format!("the {what} cannot be read from {}", path.display());
                Ok((file, failed))
            }
            Err(error) => {
                let failed =
                    format!("the {what} cannot be read from the file that {named_by} names");
                Err(Failure::local(failed, &error).try_this(format!(
                    "look at {named_by}: the name of a file is expected there, not the {what} itself"
                )))
            }
        }
    }

    /// The same, for a file that should be its owner's alone.
    pub(crate) fn open_private(self, output: &Output) -> Result<(File, String), Failure> {
        let (file, failed) = self.open()?;
        if let Ok(metadata) = file.metadata() {
            let name = self.path.display().to_string();
            warn_if_shared(&metadata, self.what, &name, output);
        }
        Ok((file, failed))
    }
}
