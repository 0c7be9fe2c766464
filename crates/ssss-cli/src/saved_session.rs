//! The session that `ssss login` made: a file that only its owner can read.

use std::fs::{self, DirBuilder, File};
use std::io::{self, Write as _};
use std::os::unix::fs::DirBuilderExt as _;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use ssss_client::ssss_model::ruma_common::{OwnedDeviceId, OwnedUserId};
use ssss_client::ssss_model::zeroize::Zeroizing;
use ssss_client::{KeepTokens, Tokens};
use tempfile::NamedTempFile;

use crate::failure::Failure;

/// A session that lasts from one command to the next.
#[derive(Debug, Clone)]
pub(crate) struct SavedSession {
    pub(crate) homeserver: String,
    pub(crate) user_id: OwnedUserId,
    pub(crate) device_id: OwnedDeviceId,
    pub(crate) tokens: Tokens,
}

#[derive(Serialize, Deserialize)]
struct Document<Token> {
    homeserver: String,
    user_id: OwnedUserId,
    device_id: OwnedDeviceId,
    access_token: Token,
    #[serde(skip_serializing_if = "Option::is_none")]
    refresh_token: Option<Token>,
}

/// The file of a saved session.
#[derive(Debug, Clone)]
pub(crate) struct SessionFile(PathBuf);

impl SessionFile {
    /// The file in the folder of an account.
    pub(crate) fn of_account(folder: &Path) -> Self {
        Self(folder.join("session.json"))
    }

    pub(crate) fn path(&self) -> &Path {
        &self.0
    }

    /// The session, if there is one.
    pub(crate) fn load(&self) -> Result<Option<SavedSession>, Failure> {
        match fs::read(&self.0).map(Zeroizing::new) {
            Ok(bytes) => parse(&bytes).map(Some).ok_or_else(|| {
                let why = io::Error::other("it is damaged");
                self.failed("cannot be read", &why)
            }),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(self.failed("cannot be read", &error)),
        }
    }

    /// Replaces the session, whole or not at all.
    pub(crate) fn save(&self, session: &SavedSession) -> Result<(), Failure> {
        self.write(session)
            .map_err(|error| self.failed("cannot be saved", &error))
    }

    fn write(&self, session: &SavedSession) -> io::Result<()> {
        let document = Document {
            homeserver: session.homeserver.clone(),
            user_id: session.user_id.clone(),
            device_id: session.device_id.clone(),
            access_token: session.tokens.access_token.as_str(),
            refresh_token: session.tokens.refresh_token.as_deref().map(String::as_str),
        };
        // Of full size from the start: a buffer that grows leaves its old copy behind.
        let mut bytes = Zeroizing::new(Vec::with_capacity(64 << 10));
        serde_json::to_writer(&mut *bytes, &document)?;
        let folder = self.0.parent().unwrap_or(Path::new("."));
        DirBuilder::new()
            .recursive(true)
            .mode(0o700)
            .create(folder)?;
        // Of a name that is nobody else's, for its owner only.
        let mut file = NamedTempFile::with_prefix_in(".session", folder)?;
        file.write_all(&bytes)?;
        file.as_file().sync_all()?;
        file.persist(&self.0)?;
        File::open(folder)?.sync_all()
    }

    /// Keeps the tokens of a device's session here.
    pub(crate) fn keeper(&self, device_id: OwnedDeviceId) -> SessionKeeper {
        let file = self.clone();
        SessionKeeper { file, device_id }
    }

    /// Forgets the session.
    pub(crate) fn remove(&self) -> Result<(), Failure> {
        match fs::remove_file(&self.0) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => {
                Err(self.failed("cannot be removed", &error))
            }
            _ => Ok(()),
        }
    }

    fn failed(&self, what: &str, error: &io::Error) -> Failure {
        let message = format!("the session in {} {what}", self.0.display());
        Failure::local(message, error)
    }
}

fn parse(bytes: &[u8]) -> Option<SavedSession> {
    let document: Document<String> = serde_json::from_slice(bytes).ok()?;
    Some(SavedSession {
        homeserver: document.homeserver,
        user_id: document.user_id,
        device_id: document.device_id,
        tokens: Tokens {
            access_token: Zeroizing::new(document.access_token),
            refresh_token: document.refresh_token.map(Zeroizing::new),
        },
    })
}

/// Keeps renewed tokens in the file, for as long as the session in it is that of the same device.
#[derive(Debug)]
pub(crate) struct SessionKeeper {
    file: SessionFile,
    device_id: OwnedDeviceId,
}

impl SessionKeeper {
    fn session(&self) -> Result<SavedSession, String> {
        let kept = self.file.load().map_err(|failure| failure.message)?;
        kept.filter(|session| session.device_id == self.device_id)
            .ok_or_else(|| "the session was logged out meanwhile".to_owned())
    }
}

impl KeepTokens for SessionKeeper {
    fn keep(&self, tokens: &Tokens) -> Result<(), String> {
        let mut session = self.session()?;
        session.tokens = tokens.clone();
        self.file.write(&session).map_err(|error| error.to_string())
    }

    fn kept(&self) -> Option<Tokens> {
        Some(self.session().ok()?.tokens)
    }
}
