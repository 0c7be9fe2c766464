//! What is expected of a client that has taken an account over, and of ours on another's account.

use serde_json::{Value, json};

use super::super::ground::{Ground, Subject, WRONG_KEY, expect, text, with};
use super::super::ours::SECRETS;
use crate::Result;

/// Everything is there, and is what it should be.
pub(in super::super) fn is_at_home(unlocked: &Value, secrets: &Value) -> Result {
    expect(
        "js-sdk",
        unlocked,
        &[
            ("/secrets", secrets.clone()),
            ("/backup_key", secrets["m.megolm_backup.v1"].clone()),
            ("/backup_trust/matchesDecryptionKey", true.into()),
            ("/backup_trust/trusted", true.into()),
            ("/backup_enabled", unlocked["backup_on_server"].clone()),
            ("/secret_storage/secretStorageKeyValidityMap", all_valid()),
        ],
    )?;
    if unlocked["backup_on_server"].is_null() {
        return Err("js-sdk: there is no key backup".into());
    }
    is_cross_signed(unlocked)
}

/// The identity is taken over, and the device signed.
pub(super) fn is_cross_signed(unlocked: &Value) -> Result {
    expect(
        "js-sdk",
        unlocked,
        &[
            ("/cross_signing_ready", true.into()),
            ("/cross_signing/publicKeysOnDevice", true.into()),
            ("/cross_signing/privateKeysInSecretStorage", true.into()),
            (
                "/cross_signing/privateKeysCachedLocally",
                json!({"masterKey": true, "userSigningKey": true, "selfSigningKey": true}),
            ),
            ("/secret_storage_ready", true.into()),
            ("/own_device/signed_by_owner", true.into()),
            ("/own_device/cross_signing_verified", true.into()),
        ],
    )
}

fn all_valid() -> Value {
    SECRETS.iter().map(|name| (*name, true)).collect()
}

/// Our command opens everything that another client set up, and has nothing to complain of.
pub(super) fn we_unlock(subject: &Subject<'_>, key: &str, secrets: &Value) -> Result {
    let unlocked = subject.ssss(&[key], &["unlock"])?;
    expect(
        "unlock",
        &unlocked,
        &[("/is_default", true.into()), ("/damaged", json!([]))],
    )?;
    let known = secrets.as_object().ok_or("no secrets")?;
    let names: Vec<&str> = known.keys().map(String::as_str).collect();
    let found = subject.ours.secrets(&subject.url(), key, &names)?;
    expect("ssss get", &found, &[("", secrets.clone())])?;
    let doctor = subject.ssss(&[key], &["doctor"])?;
    expect(
        "doctor",
        &doctor,
        &[("/problems", json!([])), ("/ready", true.into())],
    )?;
    subject.ssss_exits(KEY_FITS_NOTHING, &[WRONG_KEY], &["unlock"])
}

/// What the command exits with when a key fits nothing.
pub(super) const KEY_FITS_NOTHING: i32 = 12;
/// What the command exits with when it found problems.
const PROBLEMS: i32 = 23;

/// Checks that cannot fail show nothing: damage an account, and expect everybody to say so.
pub(super) fn notice_damage(ground: &Ground<'_>) -> Result {
    let subject = ground.subject()?;
    let made = subject.js_sdk("bootstrap", json!({}))?;
    let (key, secrets) = (text(&made, "/recovery_key")?, &made["secrets"]);
    let unlocked = subject.js_sdk("unlock", with(&key))?;
    is_at_home(&unlocked, secrets)?;
    we_unlock(&subject, &key, secrets)?;

    subject.js_sdk_fails("unlock", with(WRONG_KEY))?;
    subject.mautrix_fails("unlock", with(WRONG_KEY))?;
    let mut other = secrets.clone();
    other["m.megolm_backup.v1"] = "A".repeat(43).into();
    must_fail("another secret", &is_at_home(&unlocked, &other))?;
    must_fail("another secret", &we_unlock(&subject, &key, &other))?;
    must_fail("a wrong key", &we_unlock(&subject, WRONG_KEY, secrets))?;
    for pointer in [
        "/own_device/signed_by_owner",
        "/cross_signing_ready",
        "/backup_enabled",
    ] {
        let mut other = unlocked.clone();
        *other.pointer_mut(pointer).ok_or("nothing there")? = Value::Null;
        must_fail(pointer, &is_at_home(&other, secrets))?;
    }
    let seen = subject.js_sdk("look", json!({}))?;
    must_fail("a device that has nothing", &is_cross_signed(&seen))?;

    let name = "m.cross_signing.master";
    let user = &subject.account.user;
    let path = format!("/_matrix/client/v3/user/{user}/account_data/{name}");
    let mut damaged = subject.call("GET", &path, None)?;
    let entries = damaged["encrypted"].as_object_mut();
    for entry in entries.into_iter().flat_map(|entries| entries.values_mut()) {
        entry["mac"] = "A".repeat(43).into();
    }
    subject.call("PUT", &path, Some(&damaged))?;
    subject.js_sdk_fails("unlock", with(&key))?;
    subject.mautrix_fails("unlock", with(&key))?;
    must_fail("a damaged secret", &we_unlock(&subject, &key, secrets))?;
    subject.ssss_exits(PROBLEMS, &[&key], &["doctor"])
}

fn must_fail(what: &str, result: &Result) -> Result {
    match result {
        Ok(()) => Err(format!("{what} goes unnoticed").into()),
        Err(_) => Ok(()),
    }
}
