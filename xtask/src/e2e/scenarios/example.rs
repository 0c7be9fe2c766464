//! The seed guide's complete example, in Rust.

use std::path::PathBuf;
use std::process::{Command, Stdio};

use serde_json::Value;

use super::super::ground::{Ground, with};
use super::super::ours::SECRETS;
use super::checks::{is_at_home, we_unlock};
use crate::{Result, root};

/// It sets up an account, in which a client is at home with the recovery key that it prints.
pub(super) fn runs(ground: &Ground<'_>) -> Result {
    let subject = ground.subject()?;
    let output = Command::new(build()?)
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

/// Builds it with what the tests of the workspace were built with, so that nothing is built twice.
fn build() -> Result<PathBuf> {
    let output = Command::new(env!("CARGO"))
        .args([
            "build",
            "--quiet",
            "--locked",
            "--workspace",
            "--example",
            "homeserver",
        ])
        .args(["--message-format", "json"])
        .current_dir(root())
        .stderr(Stdio::inherit())
        .output()?;
    for message in String::from_utf8(output.stdout)?.lines() {
        let message: Value = serde_json::from_str(message)?;
        if let (Some("homeserver"), Some(executable)) = (
            message["target"]["name"].as_str(),
            message["executable"].as_str(),
        ) {
            return Ok(executable.into());
        }
    }
    Err("cargo built no example".into())
}
