//! Clients: ours, which run the library's operations, and js-sdk, which does not look back.

use std::fmt;
use std::future::Future;
use std::pin::Pin;

use ssss_client::ssss_model::rand_core::{TryCryptoRng, TryRng};
use ssss_client::ssss_model::ruma_common::serde::Raw;
use ssss_client::ssss_model::ssss_crypto::SecretStorageKey;
use ssss_client::ssss_model::{DefaultKey, EncryptedSecret, NewKey, Object, Secret};
use ssss_client::{
    AccountData as _, ApplyErrorKind, Bootstrap, Content, Error, OldKey, Overwrite, Publication,
    Rotate, SecretStorage,
};

use crate::account::{id, key, name, secret};
use crate::supplied_keys::SuppliedKeys;
use crate::world::Access;

/// Starts a client on an account.
pub(crate) type Client = Box<dyn Fn(Access) -> Pin<Box<dyn Future<Output = Outcome>>>>;

/// How a client ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Outcome {
    /// It says that all is well; and that it stored this, if it did.
    Done(Option<(String, String)>),
    /// It says that another client was there.
    Conflict,
    /// It says that something would be lost.
    Refused,
}

impl fmt::Display for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Done(_) => "done",
            Self::Conflict => "told of a conflict",
            Self::Refused => "refused",
        })
    }
}

fn outcome<T>(result: Result<T, Error>, stored: Option<(String, String)>) -> Outcome {
    match result {
        Ok(_) => Outcome::Done(stored),
        Err(Error::Apply(error)) => match error.kind {
            ApplyErrorKind::Conflict(_)
            | ApplyErrorKind::NotStored(_)
            | ApplyErrorKind::DoesNotOpen(..) => Outcome::Conflict,
            kind => panic!("{kind}"),
        },
        Err(Error::Plan(_) | Error::NoKeySupplied | Error::NoSuchKey(_) | Error::Unlock(_)) => {
            Outcome::Refused
        }
        Err(error) => panic!("{error}"),
    }
}

/// A key that is the same in every run, description and all.
fn same_key(of: &str) -> NewKey {
    let bytes = SecretStorageKey::from_bytes(key(of).key().key().expose()).unwrap();
    NewKey::from_key(bytes).id(id(of)).build(&mut Same::new(of))
}

/// The keys that ours can be asked for.
const KEYS: [&str; 4] = ["a", "b", "m", "n"];

fn own_keys(new: &str) -> SuppliedKeys {
    // Another client's new key is not known here.
    let known = KEYS.iter().copied();
    let known: Vec<&str> = known.filter(|of| ["a", "b", new].contains(of)).collect();
    SuppliedKeys::new(&known)
}

pub(crate) fn rotate(new: &'static str) -> Client {
    rotate_to(new, OldKey::Kept)
}

pub(crate) fn rotate_and_revoke(new: &'static str) -> Client {
    rotate_to(new, OldKey::Revoked(id("a")))
}

fn rotate_to(new: &'static str, old_key: OldKey) -> Client {
    Box::new(move |store| {
        let old_key = old_key.clone();
        Box::pin(async move {
            let storage = SecretStorage::new(store, own_keys(new));
            let mut create_key = async || Some(same_key(new));
            let options = Rotate {
                create_key: &mut create_key,
                old_key,
                abandon: &[],
            };
            outcome(storage.rotate(options, &mut Same::new(new)).await, None)
        })
    })
}

pub(crate) fn put(of: &'static str, value: &'static str) -> Client {
    Box::new(move |store| {
        Box::pin(async move {
            let storage = SecretStorage::new(store, own_keys("a"));
            let secret = secret(of, value);
            let rng = &mut Same::new(value);
            let stored = storage.store(&secret, &[], Overwrite::Readable, rng).await;
            outcome(stored, Some((of.to_owned(), value.to_owned())))
        })
    })
}

/// What a client that makes this key stores of its own.
fn own(new: &str) -> String {
    format!("of {new}")
}

/// With a secret of its own, or with none.
pub(crate) fn bootstrap(new: &'static str, has_secret: bool) -> Client {
    Box::new(move |store| {
        Box::pin(async move {
            let storage = SecretStorage::new(store, own_keys(new));
            let mut create_key = async || Some(same_key(new));
            let secrets: Vec<Secret> = has_secret
                .then(|| secret(crate::X, &own(new)))
                .into_iter()
                .collect();
            let options = Bootstrap {
                create_key: &mut create_key,
                secrets: secrets.as_slice(),
                set_up_new: false,
                abandon: &[],
                publish: Publication::default(),
            };
            let done = storage.bootstrap(options, &mut Same::new(new)).await;
            let is_stored = done.as_ref().is_ok_and(|done| !done.stored.is_empty());
            outcome(done, is_stored.then(|| (crate::X.to_owned(), own(new))))
        })
    })
}

pub(crate) fn remove_key(of: &'static str) -> Client {
    Box::new(move |store| {
        Box::pin(async move {
            let storage = SecretStorage::new(store, own_keys("a"));
            outcome(storage.remove_key(&id(of), &[]).await, None)
        })
    })
}

pub(crate) fn set_default(of: &'static str) -> Client {
    Box::new(move |store| {
        Box::pin(async move {
            let storage = SecretStorage::new(store, own_keys("a"));
            outcome(storage.set_default_key(&id(of), &[]).await, None)
        })
    })
}

pub(crate) fn gc() -> Client {
    Box::new(move |store| {
        Box::pin(async move {
            let storage = SecretStorage::new(store, own_keys("a"));
            outcome(storage.gc().await, None)
        })
    })
}

/// What js-sdk writes for a secret: one entry, in place of all.
fn js_content(secret: &Secret, of: &str) -> Content {
    let entry = key(of).key().seal(secret, &mut Same::new(of)).unwrap();
    EncryptedSecret::content(secret.name(), None, &[entry])
        .unwrap()
        .to_raw()
}

/// js-sdk's `store`: reads which key is the default, and replaces the event.
pub(crate) fn js_put(of: &'static str, value: &'static str) -> Client {
    Box::new(move |store| {
        Box::pin(async move {
            let pointer = store.get(DefaultKey::EVENT_TYPE).await.unwrap().unwrap();
            let pointer = Object::from_raw(&pointer).unwrap();
            let default = DefaultKey::parse(&pointer).present().unwrap().id().clone();
            // It has the first key only, and says so otherwise.
            if default != id("a") {
                return Outcome::Refused;
            }
            let content = js_content(&secret(of, value), "a");
            store.put(name(of).as_str(), &content).await.unwrap();
            Outcome::Done(Some((of.to_owned(), value.to_owned())))
        })
    })
}

/// js-sdk's `bootstrapSecretStorage`: the key, the pointer, the secrets.
pub(crate) fn js_bootstrap(new: &'static str) -> Client {
    Box::new(move |store| {
        Box::pin(async move {
            if store.get(DefaultKey::EVENT_TYPE).await.unwrap().is_some() {
                return Outcome::Refused;
            }
            let key = same_key(new);
            let description = key.description().to_raw();
            store
                .put(&id(new).event_type(), &description)
                .await
                .unwrap();
            let pointer: Content = Raw::from_json_string(format!(r#"{{"key":"{new}"}}"#)).unwrap();
            store.put(DefaultKey::EVENT_TYPE, &pointer).await.unwrap();
            let content = js_content(&secret(crate::X, &own(new)), new);
            store.put(crate::X, &content).await.unwrap();
            Outcome::Done(Some((crate::X.to_owned(), own(new))))
        })
    })
}

/// Random numbers that are the same in every run.
struct Same(u64);

impl Same {
    fn new(of: &str) -> Self {
        Self(
            of.bytes()
                .fold(0x9E37_79B9, |sum, byte| sum * 31 + u64::from(byte)),
        )
    }
}

impl TryRng for Same {
    type Error = core::convert::Infallible;

    fn try_next_u32(&mut self) -> Result<u32, Self::Error> {
        Ok(u32::try_from(self.try_next_u64()? >> 32).unwrap())
    }

    fn try_next_u64(&mut self) -> Result<u64, Self::Error> {
        // SplitMix64.
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        Ok(mixed ^ (mixed >> 31))
    }

    fn try_fill_bytes(&mut self, bytes: &mut [u8]) -> Result<(), Self::Error> {
        for byte in bytes {
            *byte = self.try_next_u64()?.to_le_bytes()[0];
        }
        Ok(())
    }
}

impl TryCryptoRng for Same {}
