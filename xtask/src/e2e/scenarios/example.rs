//! The seed guide's complete example, in Rust.

use std::process::Command;

use super::super::ground::{Ground, with};
use super::super::ours::SECRETS;
use super::checks::{is_at_home, we_unlock};
use crate::{Result, root};

/// It sets up an account, in which a client is at home with the recovery key that it prints.
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
    let output = String::from_utf8(output.stdout)?;
    let mut lines = output.lines().map(str::trim);
    let key = lines.find_map(|line| line.strip_prefix("recovery key: "));
    let key = key.ok_or("it prints no recovery key")?;
    if lines.next_back() != Some("Status: ready") {
        return Err("it does not say that the account is ready".into());
    }
    let secrets = subject.ours.secrets(&subject.url(), key, &SECRETS)?;
    is_at_home(&subject.js_sdk("unlock", with(key))?, &secrets)?;
    we_unlock(&subject, key, &secrets)
}
