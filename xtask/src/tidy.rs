//! What no compiler checks.

mod layout;
mod manifests;
mod public_api;
mod sources;
mod threats;

use xshell::{Shell, cmd};

use crate::{Result, root};

/// The ladder, lowest rung first: a crate depends only on crates before it.
pub(crate) const CRATES: &[&str] = &[
    "ssss-crypto",
    "ssss-recovery-key",
    "ssss-model",
    "ssss-client",
    "ssss-cli",
];
/// The rungs that are libraries.
pub(crate) const LIBRARIES: &[&str] = &[
    "ssss-crypto",
    "ssss-recovery-key",
    "ssss-model",
    "ssss-client",
];
/// The rungs that need no operating system.
pub(crate) const NO_STD: &[&str] = &["ssss-crypto", "ssss-recovery-key"];

/// Something that is not as it should be, and where.
type Complaint = String;

pub(crate) fn run(sh: &Shell) -> Result {
    let files = files(sh)?;
    let mut complaints = layout::check(root(), &files);
    complaints.extend(manifests::check(root())?);
    complaints.extend(sources::check(root(), &files)?);
    complaints.extend(public_api::check(sh)?);
    for complaint in &complaints {
        eprintln!("tidy: {complaint}");
    }
    match complaints.len() {
        0 => {
            println!("tidy: {} files, nothing to complain of", files.len());
            Ok(())
        }
        count => Err(format!("{count} complaints").into()),
    }
}

/// Every file that git tracks, or would.
fn files(sh: &Shell) -> Result<Vec<String>> {
    // With `-z`, since names that are not ASCII are quoted otherwise.
    let listed = cmd!(sh, "git ls-files -z --cached --others --exclude-standard").read()?;
    let files: Vec<_> = listed
        .split_terminator('\0')
        .map(ToOwned::to_owned)
        .collect();
    if files.is_empty() {
        return Err("git lists no files".into());
    }
    Ok(files
        .into_iter()
        .filter(|file| root().join(file).exists())
        .collect())
}
