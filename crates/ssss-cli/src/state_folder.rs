//! Where the command remembers changes.

use std::path::{Component, Path, PathBuf};

use etcetera::BaseStrategy as _;
use ssss_client::JournalFolder;

use crate::failure::Failure;

/// The journal of an account that lies in a file: `$XDG_STATE_HOME/ssss/offline/`, and then the file's
/// whole path as folders, so that each file has its own.
pub(crate) fn journal_of_file(file: &Path) -> Result<JournalFolder, Failure> {
    let unknown = |why: String| {
        Failure::local(
            "there is no place to remember changes in",
            &std::io::Error::other(why),
        )
        .try_this("set XDG_STATE_HOME or HOME to a folder that you can write to")
    };
    let strategy = etcetera::choose_base_strategy().map_err(|error| unknown(error.to_string()))?;
    let state = strategy
        .state_dir()
        .ok_or_else(|| unknown("this system has no folder for states".to_owned()))?;
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
    let folder: PathBuf = names.fold(state.join("ssss").join("offline"), |path, name| {
        path.join(name)
    });
    Ok(JournalFolder::new(folder))
}
