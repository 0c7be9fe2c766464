//! Telling a key from another.

use core::fmt;

use rand_core::CryptoRng;

use crate::cipher::Cipher;
use crate::key::SecretStorageKey;
use crate::sealed::{random_iv, with_bit_63_cleared};

/// The `info` of HKDF for the check, which is why no [`Label`](crate::Label) is empty.
const NO_NAME: &[u8] = &[];

/// The `iv` and `mac` of a key description, decoded from base64: 32 zero bytes, sealed with the key
/// under the empty name.
///
/// The client-server API, "Secret storage", describes it for `m.secret_storage.key.[key ID]`. The
/// ciphertext is not stored. Neither value is secret, but there is no `==`: MACs are compared in
/// [`verify`](Self::verify).
#[derive(Debug, Clone)]
pub struct KeyCheck {
    iv: CheckIv,
    mac: [u8; 32],
}

#[derive(Debug, Clone)]
enum CheckIv {
    Standard([u8; 16]),
    /// Old versions of Nheko wrote 32 bytes, and used 16.
    Long([[u8; 16]; 2]),
}

/// Why two values are not a [`KeyCheck`]; each with the length in bytes that was found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum KeyCheckShapeError {
    /// The IV has neither 16 nor 32 bytes.
    IvLength(usize),
    /// The MAC does not have 32 bytes.
    MacLength(usize),
}

/// In which of the forms that clients write a check matched.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum MatchedForm {
    /// With the IV as it is stored, as the specification has it.
    AsStored,
    /// With bit 63 of the stored IV cleared: Trixnity stores an IV, and makes the MAC with another.
    Bit63Cleared,
    /// With the first 16 of the 32 bytes that are stored (old Nheko).
    First16Bytes,
}

/// The key is not the one that the check was made with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct WrongKeyError;

impl KeyCheck {
    /// Makes the check for a key, with a random IV of 16 bytes whose bit 63 is clear.
    #[must_use]
    pub fn create(key: &SecretStorageKey, rng: &mut impl CryptoRng) -> Self {
        let iv = random_iv(rng);
        let mac = Cipher::with(key, NO_NAME, |cipher| {
            cipher.mac(&encrypted_zeros(cipher, &iv))
        });
        Self {
            iv: CheckIv::Standard(iv),
            mac,
        }
    }

    /// Takes the check of a key description: an IV of 16 bytes, or the 32 of old Nheko, and a MAC of
    /// 32 bytes; [`KeyCheckShapeError`] if one of them has another length.
    pub fn from_parts(iv: &[u8], mac: &[u8]) -> Result<Self, KeyCheckShapeError> {
        let mac = mac
            .try_into()
            .map_err(|_| KeyCheckShapeError::MacLength(mac.len()))?;
        let iv = match iv.as_chunks() {
            (&[iv], []) => CheckIv::Standard(iv),
            (&[used, unused], []) => CheckIv::Long([used, unused]),
            _ => return Err(KeyCheckShapeError::IvLength(iv.len())),
        };
        Ok(Self { iv, mac })
    }

    /// The IV: 16 bytes, or 32 as it was taken.
    #[must_use]
    pub fn iv(&self) -> &[u8] {
        match &self.iv {
            CheckIv::Standard(iv) => iv,
            CheckIv::Long(iv) => iv.as_flattened(),
        }
    }

    /// The MAC.
    #[must_use]
    pub fn mac(&self) -> &[u8; 32] {
        &self.mac
    }

    /// Tells whether the check was made with a key, and in which form, or returns [`WrongKeyError`].
    ///
    /// An IV of 16 bytes is tried as it is stored, then, where that is another one, with bit 63
    /// cleared; of an IV of 32 bytes only the first 16 are. Each MAC is compared in constant time.
    pub fn verify(&self, key: &SecretStorageKey) -> Result<MatchedForm, WrongKeyError> {
        let matched = Cipher::with(key, NO_NAME, |cipher| {
            let matches = |iv| {
                let ciphertext = encrypted_zeros(cipher, iv);
                bool::from(cipher.authenticates(&ciphertext, &self.mac))
            };
            match &self.iv {
                CheckIv::Standard(iv) if matches(iv) => Some(MatchedForm::AsStored),
                CheckIv::Standard(iv) => {
                    let cleared = with_bit_63_cleared(*iv);
                    (cleared != *iv && matches(&cleared)).then_some(MatchedForm::Bit63Cleared)
                }
                CheckIv::Long([used, _]) => matches(used).then_some(MatchedForm::First16Bytes),
            }
        });
        matched.ok_or(WrongKeyError)
    }
}

fn encrypted_zeros(cipher: &Cipher, iv: &[u8; 16]) -> [u8; 32] {
    let mut zeros = [0; 32];
    cipher.apply_keystream(iv, &mut zeros);
    zeros
}

impl fmt::Display for KeyCheckShapeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::IvLength(len) => write!(f, "the IV of the key check has {len} bytes, not 16"),
            Self::MacLength(len) => write!(f, "the MAC of the key check has {len} bytes, not 32"),
        }
    }
}

impl core::error::Error for KeyCheckShapeError {}

impl fmt::Display for WrongKeyError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("this is not the key that the check was made with")
    }
}

impl core::error::Error for WrongKeyError {}
