//! The account's password.

use std::path::PathBuf;

use ssss_client::ssss_model::ruma_common::UserId;
use ssss_client::ssss_model::zeroize::Zeroizing;

use crate::args::Global;
use crate::failure::Failure;
use crate::key_source::{read_key, warn_if_shared};
use crate::output::Output;
use crate::prompt::Prompt;
use crate::secret_file::SecretFile;

/// Where the account's password comes from: a file, or whoever sits at the terminal.
#[derive(Debug, Clone)]
pub(crate) struct Password {
    file: Option<PathBuf>,
    can_ask: bool,
}

impl Password {
    pub(crate) fn new(global: &Global, prompt: &Prompt, output: &Output) -> Self {
        if let Some(path) = &global.password_file
            && let Ok(metadata) = path.metadata()
        {
            warn_if_shared(&metadata, "password", &path.display().to_string(), output);
        }
        Self {
            file: global.password_file.clone(),
            can_ask: prompt.can_ask(),
        }
    }

    /// The password; `None` if there is none, and nobody to ask, or who gives it.
    pub(crate) fn get(&self, user: &UserId) -> Result<Option<Zeroizing<String>>, Failure> {
        if let Some(path) = &self.file {
            let file = SecretFile {
                what: "password",
                named_by: "--password-file",
                path,
            };
            let (file, message) = file.open()?;
            return read_key(file, &message).map(Some);
        }
        if !self.can_ask {
            return Ok(None);
        }
        Prompt::hidden(&format!("Password of {user} (not the recovery key): "))
            .map_err(|error| Failure::local("the password cannot be asked for", &error))
    }
}
