//! The seed guide's complete example, in Rust.

use std::process::Command;

use super::super::ground::Ground;
use crate::{Result, root};

/// It sets up an account, and a client finds that it is.
pub(super) fn runs(ground: &Ground<'_>) -> Result {
    let subject = ground.subject()?;
    let output = Command::new(env!("CARGO"))
        .args(["run", "--quiet", "--locked", "--package", "ssss-client"])
        .args(["--features", "homeserver", "--example", "homeserver"])
        .current_dir(root())
        .env("SSSS_USER", &subject.account.user)
        .env("SSSS_HOMESERVER", subject.url())
        .env("SSSS_ACCESS_TOKEN", &subject.account.token)
        .output()?;
    if !output.status.success() {
        let error = String::from_utf8_lossy(&output.stderr);
        return Err(format!("{}: {}", output.status, error.trim()).into());
    }
    subject.ssss(&[], &["status"])?;
    Ok(())
}
