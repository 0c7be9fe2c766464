//! A JSON object and a user's signatures of it (appendices, "Signing JSON").
//!
//! Canonical JSON is ruma's. Signing it and checking signatures is a line each, and stands here:
//! `ruma-signatures` also draws random numbers, which no library of ours does and a browser must be
//! asked for. That both agree is a test.

use std::collections::BTreeMap;

use ed25519_dalek::{Signature, Signer as _, SigningKey, VerifyingKey};
use serde_json::{Map, Value};
use ssss_model::Object;
use ssss_model::ruma_common::canonical_json::try_from_json_map;
use ssss_model::ruma_common::serde::Base64;
use ssss_model::ruma_common::serde::base64::Standard;
use ssss_model::ruma_common::{CanonicalJsonObject, CanonicalJsonValue, OwnedUserId, UserId};

use super::PublicKey;
use super::private_half::verifying_half;

/// A JSON object and one user's ed25519 signatures of it. What is `unsigned` is left out.
#[derive(Debug, Clone)]
pub(crate) struct SignedJson {
    content: CanonicalJsonObject,
    user_id: OwnedUserId,
    /// Name of the key, behind `ed25519:`, and signature.
    signatures: BTreeMap<String, String>,
}

impl SignedJson {
    /// An object that nobody has signed.
    pub(crate) fn unsigned(user_id: &UserId, content: CanonicalJsonObject) -> Self {
        Self {
            content,
            user_id: user_id.to_owned(),
            signatures: BTreeMap::new(),
        }
    }

    /// Reads an object, with the signatures of this user; `None` if it is no object, or has no
    /// canonical form, which is to say that it has a number that is no integer.
    pub(crate) fn read(user_id: &UserId, json: &str) -> Option<Self> {
        let mut content: Map<String, Value> = serde_json::from_str(json).ok()?;
        content.remove("unsigned");
        let signatures = content.remove("signatures").unwrap_or_default();
        let signatures = signatures.get(user_id.as_str()).and_then(Value::as_object);
        let signatures = signatures.into_iter().flatten().filter_map(|(id, value)| {
            let name = id.strip_prefix("ed25519:")?;
            Some((name.to_owned(), value.as_str()?.to_owned()))
        });
        let signatures = signatures.collect();
        let content = try_from_json_map(content).ok()?;
        Some(Self {
            content,
            user_id: user_id.to_owned(),
            signatures,
        })
    }

    /// A field, if it is a text.
    pub(crate) fn text(&self, field: &str) -> Option<&str> {
        self.content.get(field)?.as_str()
    }

    /// A field.
    pub(crate) fn get(&self, field: &str) -> Option<&CanonicalJsonValue> {
        self.content.get(field)
    }

    /// The names of the keys, behind `ed25519:`, that signatures are there of, valid or not.
    pub(crate) fn signers(&self) -> impl Iterator<Item = &str> {
        self.signatures.keys().map(String::as_str)
    }

    /// Whether the user's key of this name has signed it.
    pub(crate) fn is_signed_by(&self, name: &str, key: &PublicKey) -> bool {
        self.signatures
            .get(name)
            .is_some_and(|signature| self.is_signature(signature, key))
    }

    /// Whether a cross-signing key has signed it. Such a key's name is the key, in base64 of whatever
    /// spelling.
    pub(crate) fn is_cross_signed_by(&self, key: &PublicKey) -> bool {
        self.signatures.iter().any(|(name, signature)| {
            PublicKey::parse(name) == Some(*key) && self.is_signature(signature, key)
        })
    }

    /// Strictly, as most clients check: no signature fits two texts, or every key.
    fn is_signature(&self, signature: &str, key: &PublicKey) -> bool {
        let Ok(signature) = Base64::<Standard, [u8; Signature::BYTE_SIZE]>::parse(signature) else {
            return false;
        };
        let signature = Signature::from_bytes(&signature.into_inner());
        VerifyingKey::from_bytes(key.as_bytes()).is_ok_and(|key| {
            key.verify_strict(self.canonical().as_bytes(), &signature)
                .is_ok()
        })
    }

    /// Signs with the user's key of this name.
    pub(crate) fn sign(&mut self, name: &str, key: &SigningKey) {
        let signature = key.sign(self.canonical().as_bytes()).to_bytes();
        let signature = Base64::<Standard, _>::new(signature).encode();
        self.signatures.insert(name.to_owned(), signature);
    }

    /// Signs with a cross-signing key.
    pub(crate) fn cross_sign(&mut self, key: &SigningKey) {
        self.sign(&verifying_half(key).to_string(), key);
    }

    /// The same object, signed by nobody.
    pub(crate) fn without_signatures(&self) -> Self {
        Self::unsigned(&self.user_id, self.content.clone())
    }

    /// The object with its signatures, for a request.
    pub(crate) fn into_json(self) -> CanonicalJsonValue {
        let mut json = self.content;
        if !self.signatures.is_empty() {
            let signatures = self.signatures.into_iter().map(|(name, signature)| {
                let id = format!("ed25519:{name}");
                (id, CanonicalJsonValue::String(signature))
            });
            let by_user = [(self.user_id.to_string(), object(signatures))];
            json.insert("signatures".to_owned(), object(by_user));
        }
        CanonicalJsonValue::Object(json)
    }

    fn canonical(&self) -> String {
        CanonicalJsonValue::Object(self.content.clone()).to_string()
    }
}

pub(crate) fn object(
    fields: impl IntoIterator<Item = (String, CanonicalJsonValue)>,
) -> CanonicalJsonValue {
    CanonicalJsonValue::Object(fields.into_iter().collect())
}

/// The body of a request: an object of these fields.
pub(crate) fn body<'a>(fields: impl IntoIterator<Item = (&'a str, CanonicalJsonValue)>) -> Object {
    let fields = fields
        .into_iter()
        .map(|(name, value)| (name.to_owned(), value));
    #[expect(clippy::expect_used, reason = "what was just written as JSON")]
    Object::parse(&object(fields).to_string()).expect("an object is JSON")
}
