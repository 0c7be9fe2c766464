//! With js-sdk, a whole client.

use serde_json::{Value, json};

use super::super::ground::{Ground, Subject, WRONG_KEY, expect, text, with};
use super::super::ours::SECRETS;
use super::super::saved::Saved;
use super::checks::{is_at_home as expect_at_home, we_unlock};
use crate::Result;

const PASSPHRASE: &str = "corręct horse battery ✓";

pub(super) fn sets_up_random(ground: &Ground<'_>) -> Result {
    let subject = ground.subject()?;
    let made = subject.js_sdk("bootstrap", json!({}))?;
    we_unlock(&subject, &text(&made, "/recovery_key")?, &made["secrets"])
}

pub(super) fn sets_up_with_a_passphrase(ground: &Ground<'_>) -> Result {
    let subject = ground.subject()?;
    let made = subject.js_sdk("bootstrap", json!({"new_passphrase": PASSPHRASE}))?;
    we_unlock(&subject, &text(&made, "/recovery_key")?, &made["secrets"])?;
    we_unlock(&subject, PASSPHRASE, &made["secrets"])
}

pub(super) fn rotates(ground: &Ground<'_>) -> Result {
    let subject = ground.subject()?;
    let made = subject.js_sdk("bootstrap", json!({}))?;
    let old = text(&made, "/recovery_key")?;
    let rotated = subject.js_sdk("rotate", with(&old))?;
    let new = text(&rotated, "/recovery_key")?;
    let secrets = &made["secrets"];
    expect("js-sdk", &rotated, &[("/secrets", secrets.clone())])?;
    we_unlock(&subject, &new, secrets)?;
    // js-sdk leaves the old key's description, and nothing that is sealed for it.
    let unlocked = subject.ssss(&[&old], &["unlock"])?;
    let nothing = [("/is_default", false.into()), ("/opens", json!([]))];
    expect("unlock with the old key", &unlocked, &nothing)?;
    let done = subject
        .ours
        .run(&subject.url(), &[&old], &["get", SECRETS[0], "--raw"])?;
    if done.code == Some(0) || !done.stdout.is_empty() {
        return Err("the old key still opens a secret".into());
    }
    Ok(())
}

pub(super) fn is_at_home(ground: &Ground<'_>) -> Result {
    let subject = ground.subject()?;
    let key = subject.bootstrap()?;
    let secrets = ours(&subject, &key)?;
    expect_at_home(&subject.js_sdk("unlock", with(&key))?, &secrets)?;
    subject.js_sdk_fails("unlock", with(WRONG_KEY))?;
    we_unlock(&subject, &key, &secrets)
}

pub(super) fn opens_with_the_new_key(ground: &Ground<'_>) -> Result {
    let subject = ground.subject()?;
    let old = subject.bootstrap()?;
    let secrets = ours(&subject, &old)?;
    let new = text(&subject.ssss(&[&old], &["rotate"])?, "/recovery_key")?;
    expect_at_home(&subject.js_sdk("unlock", with(&new))?, &secrets)?;
    subject.js_sdk_fails("unlock", with(&old))?;
    we_unlock(&subject, &new, &secrets)?;
    let last = text(
        &subject.ssss(&[&new], &["rotate", "--revoke"])?,
        "/recovery_key",
    )?;
    expect_at_home(&subject.js_sdk("unlock", with(&last))?, &secrets)?;
    for key in [&old, &new] {
        subject.js_sdk_fails("unlock", with(key))?;
    }
    we_unlock(&subject, &last, &secrets)
}

pub(super) fn enables_the_new_backup(ground: &Ground<'_>) -> Result {
    let subject = ground.subject()?;
    let made = subject.js_sdk("bootstrap", json!({}))?;
    let key = text(&made, "/recovery_key")?;
    let before = &made["secrets"];
    let first = subject.js_sdk("unlock", with(&key))?;
    subject.ssss(&[&key], &["repair", "backup-key", "--new"])?;
    let mut after = ours(&subject, &key)?;
    let unlocked = subject.js_sdk("unlock", with(&key))?;
    expect_at_home(&unlocked, &after)?;
    for pointer in ["/backup_on_server", "/backup_key"] {
        if first.pointer(pointer) == unlocked.pointer(pointer) {
            return Err(format!("{pointer} is as before").into());
        }
    }
    after["m.megolm_backup.v1"] = before["m.megolm_backup.v1"].clone();
    expect("the other secrets", &after, &[("", before.clone())])?;

    let arguments = ["repair", "backup-key", "--new", "--delete-old"];
    subject.ssss(&[&key], &arguments)?;
    let last = subject.js_sdk("unlock", with(&key))?;
    expect_at_home(&last, &ours(&subject, &key)?)?;
    let versions: Vec<u64> = Saved::read(&subject)?.backups.into_keys().collect();
    // The first was not to be deleted.
    if versions != [1, 3] {
        return Err(format!("there are the backup versions {versions:?}").into());
    }
    Ok(())
}

pub(super) fn sees_the_signed_device(ground: &Ground<'_>) -> Result {
    let subject = ground.subject()?;
    let made = subject.js_sdk("bootstrap", json!({}))?;
    let key = text(&made, "/recovery_key")?;
    let device = subject.js_sdk("look", json!({}))?;
    let other = subject.js_sdk("look", json!({}))?;
    let (id, fingerprint) = (text(&device, "/device")?, text(&device, "/ed25519")?);
    let trust =
        |yes: bool| json!({"signed_by_owner": yes, "cross_signing_verified": yes, "verified": yes});
    let look = || subject.js_sdk("unlock", json!({"key": key, "look_at": id}));
    expect("before", &look()?, &[("/other_device", trust(false))])?;

    let wrong = text(&other, "/ed25519")?;
    let arguments = ["sign-device", id.as_str(), "--fingerprint"];
    let refused = [&arguments[..], &[wrong.as_str()]].concat();
    let refused = subject.ours.run(&subject.url(), &[&key], &refused)?;
    if refused.code == Some(0) {
        return Err("a device with another fingerprint is signed".into());
    }
    expect(
        "with a wrong fingerprint",
        &look()?,
        &[("/other_device", trust(false))],
    )?;

    subject.ssss(&[&key], &[&arguments[..], &[fingerprint.as_str()]].concat())?;
    expect("signed", &look()?, &[("/other_device", trust(true))])?;
    // And only that one.
    let id = text(&other, "/device")?;
    let seen = subject.js_sdk("unlock", json!({"key": key, "look_at": id}))?;
    expect("not signed", &seen, &[("/other_device", trust(false))])
}

pub(super) fn sees_nothing_set_up(ground: &Ground<'_>) -> Result {
    let subject = ground.subject()?;
    let key = subject.bootstrap()?;
    let before = subject.js_sdk("look", json!({}))?;
    let is_there = [("/has_key", true.into())];
    expect("js-sdk, before", &before, &is_there)?;
    subject.ssss(&[&key], &["disable"])?;
    let seen = subject.js_sdk("look", json!({}))?;
    expect(
        "js-sdk",
        &seen,
        &[
            ("/has_key", false.into()),
            ("/secret_storage_ready", false.into()),
            ("/secret_storage/defaultKeyId", Value::Null),
            ("/cross_signing/privateKeysInSecretStorage", false.into()),
        ],
    )?;
    subject.js_sdk_fails("unlock", with(&key))?;
    let seen = subject.mautrix("look", json!({}))?;
    expect("mautrix", &seen, &[("/default_key", Value::Null)])?;
    subject.mautrix_fails("unlock", with(&key))?;
    subject.ssss_exits(NOT_SET_UP, &[], &["status"])
}

/// What the command exits with when secret storage is not set up.
const NOT_SET_UP: i32 = 20;

fn ours(subject: &Subject<'_>, key: &str) -> Result<Value> {
    subject.ours.secrets(&subject.url(), key, &SECRETS)
}
