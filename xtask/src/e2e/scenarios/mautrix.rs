//! With mautrix, another client, in Python.

use serde_json::{Value, json};

use super::super::ground::{Ground, Subject, WRONG_KEY, expect, text, with};
use super::super::ours::SECRETS;
use super::checks::{is_cross_signed, we_unlock};
use crate::Result;

const PASSPHRASE: &str = "zażółć gęślą jaźń 🔐";

/// Without us: what is expected below can be expected.
pub(super) fn agrees_with_js_sdk(ground: &Ground<'_>) -> Result {
    let subject = ground.subject()?;
    let made = subject.js_sdk("bootstrap", json!({}))?;
    unlocks(&subject, &text(&made, "/recovery_key")?, &made["secrets"])?;

    let subject = ground.subject()?;
    let made = subject.mautrix("generate", json!({}))?;
    let key = text(&made, "/recovery_key")?;
    let unlocked = subject.js_sdk("unlock", json!({"key": key, "without_backup": true}))?;
    let mut secrets = made["secrets"].clone();
    secrets["m.megolm_backup.v1"] = Value::Null;
    expect("js-sdk", &unlocked, &[("/secrets", secrets)])?;
    is_cross_signed(&unlocked)
}

pub(super) fn sets_up(ground: &Ground<'_>) -> Result {
    let subject = ground.subject()?;
    let made = subject.mautrix("generate", json!({}))?;
    we_unlock(&subject, &text(&made, "/recovery_key")?, &made["secrets"])
}

pub(super) fn sets_up_with_a_passphrase(ground: &Ground<'_>) -> Result {
    let subject = ground.subject()?;
    let made = subject.mautrix("generate", json!({"new_passphrase": PASSPHRASE}))?;
    we_unlock(&subject, &text(&made, "/recovery_key")?, &made["secrets"])?;
    we_unlock(&subject, PASSPHRASE, &made["secrets"])
}

pub(super) fn is_at_home(ground: &Ground<'_>) -> Result {
    let subject = ground.subject()?;
    let key = subject.bootstrap()?;
    unlocks(&subject, &key, &secrets(&subject, &key)?)
}

pub(super) fn opens_with_the_new_key(ground: &Ground<'_>) -> Result {
    let subject = ground.subject()?;
    let old = subject.bootstrap()?;
    let secrets = secrets(&subject, &old)?;
    let new = text(
        &subject.ssss(&[&old], &["rotate", "--revoke"])?,
        "/recovery_key",
    )?;
    unlocks(&subject, &new, &secrets)?;
    subject.mautrix_fails("unlock", with(&old))?;
    Ok(())
}

/// It reads all four secrets, and signs its device with them; a wrong key opens nothing.
fn unlocks(subject: &Subject<'_>, key: &str, secrets: &Value) -> Result {
    let unlocked = subject.mautrix("unlock", with(key))?;
    expect("mautrix", &unlocked, &[("/secrets", secrets.clone())])?;
    let verified = subject.mautrix("verify", with(key))?;
    expect("mautrix", &verified, &[("/cross_signed", true.into())])?;
    subject.mautrix_fails("verify", with(WRONG_KEY))?;
    Ok(())
}

fn secrets(subject: &Subject<'_>, key: &str) -> Result<Value> {
    subject.ours.secrets(&subject.url(), key, &SECRETS)
}
