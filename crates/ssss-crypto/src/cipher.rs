//! AES-256-CTR and HMAC-SHA-256 with the two keys of one label.

use aes::Aes256;
use ctr::Ctr128BE;
use ctr::cipher::{KeyIvInit as _, StreamCipher as _};
use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::{Sha256, Sha512};
use subtle::{Choice, ConstantTimeEq as _};
use zeroize::{ZeroizeOnDrop, Zeroizing};

use crate::key::SecretStorageKey;
use crate::stack::wiped_after;

#[cfg(test)]
mod tests;

// Does not compile when a dependency is built without its `zeroize` feature. `Hmac` and `Hkdf` do not
// have the marker, but are made of the states and the buffer of their hash function, which do.
const _: () = {
    const fn wiped_on_drop<T: ZeroizeOnDrop>() {}
    wiped_on_drop::<Aes256>();
    wiped_on_drop::<Ctr128BE<Aes256>>();
    wiped_on_drop::<Sha256>();
    wiped_on_drop::<Sha512>();
};

/// The keys that HKDF-SHA-256 derives for one label. Wiped when dropped.
pub(crate) struct Cipher {
    /// The AES-256 key, then the HMAC-SHA-256 key.
    keys: Zeroizing<[[u8; 32]; 2]>,
}

impl Cipher {
    /// Derives the keys for a label and runs something with them.
    ///
    /// They are lent and not returned, because an array that is returned may leave copies of itself
    /// on the stack.
    #[expect(
        clippy::expect_used,
        reason = "64 bytes, of the 8160 that HKDF-SHA-256 can give"
    )]
    pub(crate) fn with<R>(key: &SecretStorageKey, info: &[u8], run: impl FnOnce(&Self) -> R) -> R {
        wiped_after(|| {
            let mut keys = Zeroizing::new([[0; 32]; 2]);
            key.extracted()
                .expand(info, keys.as_flattened_mut())
                .expect("64 bytes are not too many");
            run(&Self { keys })
        })
    }

    /// Encrypts or decrypts: AES-256 in CTR mode, the IV a 128-bit big-endian counter.
    pub(crate) fn apply_keystream(&self, iv: &[u8; 16], data: &mut [u8]) {
        let [aes_key, _] = &*self.keys;
        Ctr128BE::<Aes256>::new(aes_key.into(), iv.into()).apply_keystream(data);
    }

    /// HMAC-SHA-256 of a ciphertext.
    #[expect(clippy::expect_used, reason = "HMAC takes keys of every length")]
    pub(crate) fn mac(&self, ciphertext: &[u8]) -> [u8; 32] {
        let [_, mac_key] = &*self.keys;
        let mut hmac = Hmac::<Sha256>::new_from_slice(mac_key).expect("a key of any length");
        hmac.update(ciphertext);
        hmac.finalize().into_bytes().into()
    }

    /// Whether a MAC is that of a ciphertext, compared in constant time.
    pub(crate) fn authenticates(&self, ciphertext: &[u8], mac: &[u8; 32]) -> Choice {
        self.mac(ciphertext).ct_eq(mac)
    }
}
