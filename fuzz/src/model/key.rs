//! The keys of the seeds.

use ssss_model::ssss_crypto::SecretStorageKey;
use ssss_model::{KeyId, NewKey, UnverifiedKey, VerifiedKey};

use crate::input::Same;

/// The key of the fixtures: bytes 01 to 20, which most of the vectors' recovery key spells, too.
pub(crate) const KEY: [u8; 32] = {
    let mut key = [0; 32];
    let mut at = 0;
    while at < 32 {
        #[expect(clippy::cast_possible_truncation, reason = "less than 32")]
        {
            key[at] = at as u8 + 1;
        }
        at += 1;
    }
    key
};

/// Another one.
pub(crate) const OTHER: [u8; 32] = [0xA5; 32];

pub(crate) fn unverified(bytes: &[u8; 32]) -> UnverifiedKey {
    UnverifiedKey::from_key(SecretStorageKey::from_array(bytes))
}

/// A key with an id.
pub(crate) fn verified(bytes: &[u8; 32], id: &KeyId) -> VerifiedKey {
    NewKey::from_key(SecretStorageKey::from_array(bytes))
        .id(id.clone())
        .build(&mut Same::default())
        .into_key()
}
