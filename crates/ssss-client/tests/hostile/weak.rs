//! The control: a client that does as js-sdk does. What has no check is right, what has a MAC that fits
//! is the secret, and what a server says is shown.

use serde_json::{Value, json};
use ssss_client::ssss_model::ruma_common::serde::Base64;
use ssss_client::ssss_model::ruma_common::serde::base64::Standard;
use ssss_client::ssss_model::ssss_crypto::{CostLimits, KeyCheck, Label, Pbkdf2, SecretStorageKey};
use ssss_client::ssss_model::ssss_recovery_key::RecoveryKey;
use ssss_client::{AccountData, Content};

use crate::account::rng;
use crate::client::Told;
use crate::json;
use crate::work::{OTHER, OTHER_VALUE, Work, opened_names};

pub(crate) async fn run(work: Work, server: &impl AccountData, typed: &str, told: &Told) {
    let Some((id, key)) = default_key(server, typed, told).await else {
        return;
    };
    match work {
        Work::Open => {
            for name in opened_names() {
                if let Some(value) = open(server, name.as_str(), &id, &key).await {
                    told.opened(&name, &value);
                }
            }
        }
        Work::StoreKnown => store(server, "m.megolm_backup.v1", "CQkJ", &id, &key).await,
        Work::Bootstrap => {
            // What it remembers goes back to wherever it is not.
            let mut remembered = Vec::new();
            for name in opened_names() {
                if let Some(value) = open(server, name.as_str(), &id, &key).await {
                    remembered.push((name, value));
                }
            }
            for (name, value) in remembered {
                if open(server, name.as_str(), &id, &key).await.is_none() {
                    store(server, name.as_str(), &value, &id, &key).await;
                }
            }
        }
        _ => store(server, OTHER, OTHER_VALUE, &id, &key).await,
    }
}

async fn read(server: &impl AccountData, event_type: &str) -> Option<Value> {
    let content = server.get(event_type).await.ok()??;
    serde_json::from_str(content.json().get()).ok()
}

async fn default_key(
    server: &impl AccountData,
    typed: &str,
    told: &Told,
) -> Option<(String, SecretStorageKey)> {
    let pointer = read(server, "m.secret_storage.default_key").await?;
    let id = pointer["key"].as_str()?;
    let description = read(server, &format!("m.secret_storage.key.{id}")).await?;
    told.say(&format!(
        "Unlock {}",
        description["name"].as_str().unwrap_or(id)
    ));
    let key = if let Ok(key) = RecoveryKey::parse(typed) {
        SecretStorageKey::from_bytes(key.expose()).ok()?
    } else {
        let block = &description["passphrase"];
        let cost = block["iterations"].as_u64()?;
        let bits = block["bits"].as_u64().unwrap_or(256);
        let pbkdf2 = Pbkdf2::admit(cost, bits, CostLimits::default()).ok()?;
        pbkdf2.derive(typed.as_bytes(), block["salt"].as_str()?.as_bytes())
    };
    let check = json::bytes(&description["iv"]).zip(json::bytes(&description["mac"]));
    let is_right = match check {
        Some((iv, mac)) => KeyCheck::from_parts(&iv, &mac).ok()?.verify(&key).is_ok(),
        // "Clients must assume that the key is valid".
        None => true,
    };
    is_right.then(|| (id.to_owned(), key))
}

async fn open(
    server: &impl AccountData,
    name: &str,
    id: &str,
    key: &SecretStorageKey,
) -> Option<String> {
    let content = read(server, name).await?;
    let entry = json!({ "encrypted": { id: content["encrypted"][id] } }).to_string();
    let (_, sealed) = json::entries(&entry).pop()?;
    let bytes = key.open(Label::new(name).ok()?, &sealed?).ok()?;
    Some(String::from_utf8_lossy(bytes.expose()).into_owned())
}

async fn store(
    server: &impl AccountData,
    name: &str,
    value: &str,
    id: &str,
    key: &SecretStorageKey,
) {
    let sealed = key.seal(Label::new(name).unwrap(), value.as_bytes(), &mut rng());
    let base64 = |bytes: &[u8]| Base64::<Standard, _>::new(bytes).encode();
    let entry = json!({
        "iv": base64(&sealed.iv),
        "ciphertext": base64(&sealed.ciphertext),
        "mac": base64(&sealed.mac),
    });
    let content = json!({ "encrypted": { id: entry } }).to_string();
    let content = Content::from_json_string(content).unwrap();
    _ = server.put(name, &content).await;
}
