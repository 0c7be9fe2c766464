//! Where the command remembers changes and sessions: `$XDG_STATE_HOME/ssss`.

use std::path::{Component, Path, PathBuf};

use etcetera::BaseStrategy as _;
use ssss_client::JournalFolder;
use ssss_client::ssss_model::ruma_common::UserId;

use crate::failure::Failure;

/// The folder of an account on a homeserver.
pub(crate) fn of_user(user: &UserId) -> Result<PathBuf, Failure> {
    // Some old ids have slashes.
    let name = user.as_str().replace('%', "%25").replace('/', "%2F");
    Ok(state()?.join(name))
}

/// The journal of an account on a homeserver.
pub(crate) fn journal_of_user(user: &UserId) -> Result<JournalFolder, Failure> {
    Ok(JournalFolder::new(of_user(user)?.join("changes")))
}

/// The journal of an account that lies in a file: `$XDG_STATE_HOME/ssss/offline/`, and then the file's
/// whole path as folders, so that each file has its own.
pub(crate) fn journal_of_file(file: &Path) -> Result<JournalFolder, Failure> {
    // A file that does not exist yet has a folder that does.
    let absolute = match (file.canonicalize(), file.parent(), file.file_name()) {
        (Ok(path), _, _) => path,
        (Err(_), Some(parent), Some(name)) => {
            let parent = if parent == Path::new("") {
                Path::new(".")
            } else {
                parent
            };
            let parent = parent.canonicalize();
            parent
                .map_err(|error| unknown(error.to_string()))?
                .join(name)
        }
        (Err(error), _, _) => return Err(unknown(error.to_string())),
    };
    let names = absolute
        .components()
        .filter_map(|component| match component {
            Component::Normal(name) => Some(name),
            _ => None,
        });
    let folder: PathBuf = names.fold(state()?.join("offline"), |path, name| path.join(name));
    Ok(JournalFolder::new(folder))
}

fn state() -> Result<PathBuf, Failure> {
    let strategy = etcetera::choose_base_strategy().map_err(|error| unknown(error.to_string()))?;
    let state = strategy.state_dir();
    let state = state.ok_or_else(|| unknown("this system has no folder for states".to_owned()))?;
    Ok(state.join("ssss"))
}

fn unknown(why: String) -> Failure {
    Failure::local(
        "there is no place to remember changes in",
        &std::io::Error::other(why),
    )
    .try_this("set XDG_STATE_HOME or HOME to a folder that you can write to")
}
