//! The secrets that the calls are given, inverted wherever they are not in use; and what is looked for.

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD_NO_PAD;
use hkdf::Hkdf;
use sha2::{Digest as _, Sha256, Sha512};
use ssss_crypto::{CostLimits, Pbkdf2, SecretStorageKey};
use ssss_probes::needle::{Needle, Needles};
use ssss_recovery_key::RecoveryKey;
use zeroize::Zeroizing;

pub(crate) const MASTER: &str = "m.cross_signing.master";
pub(crate) const CUSTOM: &str = "org.example.token";
pub(crate) const SALT: &str = "y863BOoqOadgDp8S3FtHXikDJEalsQ7d";
pub(crate) const ITERATIONS: u32 = 3;

/// A secret that is upside down until it is used.
pub(crate) struct Inverted<const LEN: usize>([u8; LEN]);

impl<const LEN: usize> Inverted<LEN> {
    const fn new(mut bytes: [u8; LEN]) -> Self {
        let mut at = 0;
        while at < LEN {
            bytes[at] = !bytes[at];
            at += 1;
        }
        Self(bytes)
    }

    /// Written where it stays, and wiped when dropped.
    #[expect(
        clippy::unnecessary_box_returns,
        reason = "what is returned by value leaves its bytes on the stack"
    )]
    pub(crate) fn bytes(&self) -> Box<Zeroizing<[u8; LEN]>> {
        let mut bytes = Box::new(Zeroizing::new([0; LEN]));
        for (place, byte) in bytes.iter_mut().zip(std::hint::black_box(&self.0)) {
            *place = !byte;
        }
        bytes
    }

    pub(crate) fn text(&self) -> Zeroizing<String> {
        let mut text = Zeroizing::new(String::with_capacity(LEN));
        text.extend(
            std::hint::black_box(&self.0)
                .iter()
                .map(|byte| char::from(!byte)),
        );
        text
    }
}

/// The key of the account.
pub(crate) static KEY: Inverted<32> = Inverted::new(
    *b"\
    \x01\x92\x13\x84\x25\xb6\x37\xc8\x49\xda\x5b\xec\x6d\xfe\x7f\x80\
    \x91\x02\xa3\x14\xb5\x26\xc7\x38\xd9\x4a\xeb\x5c\xfd\x6e\x8f\x70",
);
/// The key that takes its place.
pub(crate) static NEW_KEY: Inverted<32> = Inverted::new(
    *b"\
    \xd1\x52\xc3\x44\xb5\x36\xa7\x28\x99\x1a\x8b\x0c\x7d\xee\x6f\xd0\
    \x51\xc2\x43\xb4\x35\xa6\x27\x98\x19\x8a\x0b\x7c\xed\x6e\xdf\x40",
);
/// A private half of cross-signing.
pub(crate) static SEED: Inverted<32> = Inverted::new(
    *b"\
    \x7a\x1c\xb8\x4d\xe2\x53\x96\x0f\x71\xca\x3b\xd4\x85\x2e\xf9\x60\
    \x16\xa7\x48\xe9\x32\xdb\x64\x0d\xbe\x57\xf8\x21\x9c\x45\xe6\x3f",
);
pub(crate) static PASSPHRASE: Inverted<44> =
    Inverted::new(*b"correct horse battery staple, and a long one");
pub(crate) static TOKEN: Inverted<43> =
    Inverted::new(*b"hunter2 and what else somebody keeps secret");

pub(crate) fn key() -> SecretStorageKey {
    SecretStorageKey::from_array(&KEY.bytes())
}

pub(crate) fn new_key() -> SecretStorageKey {
    SecretStorageKey::from_array(&NEW_KEY.bytes())
}

/// As a person types it.
pub(crate) fn recovery_key() -> Zeroizing<String> {
    text_of(&KEY)
}

pub(crate) fn new_recovery_key() -> Zeroizing<String> {
    text_of(&NEW_KEY)
}

fn text_of(key: &Inverted<32>) -> Zeroizing<String> {
    let text = RecoveryKey::from_bytes(&key.bytes()).format();
    Zeroizing::new(text.expose().to_owned())
}

/// The seed as a secret holds it.
pub(crate) fn seed_base64() -> Zeroizing<String> {
    let mut text = Zeroizing::new(String::with_capacity(43));
    BASE64_STANDARD_NO_PAD.encode_string(SEED.bytes().as_slice(), &mut text);
    text
}

/// All that is looked for.
pub(crate) fn needles() -> Needles {
    let mut all = Vec::new();
    let text = recovery_key();
    all.push(Needle::new("recovery key", text.as_bytes()));
    let unspaced = text.replace(' ', "");
    all.push(Needle::new("recovery key, unspaced", unspaced.as_bytes()));
    let digits: Vec<u8> = unspaced.chars().map(digit).collect();
    all.push(Needle::new("recovery key, digits", &digits));
    all.push(Needle::new(
        "new recovery key",
        new_recovery_key().as_bytes(),
    ));
    all.push(Needle::new("passphrase", PASSPHRASE.text().as_bytes()));
    all.push(Needle::new("seed", &**SEED.bytes()));
    // What ed25519 makes of it: RFC 8032, 5.1.5.
    let expanded = Sha512::digest(SEED.bytes().as_slice());
    all.push(Needle::new("seed's scalar", &expanded[..32]));
    all.push(Needle::new("seed's prefix", &expanded[32..]));
    all.push(Needle::new("seed in base64", seed_base64().as_bytes()));
    all.push(Needle::new("plaintext", TOKEN.text().as_bytes()));

    let of_key = [
        (
            "key",
            "what is extracted from the key",
            "AES key",
            "MAC key",
        ),
        (
            "new key",
            "what is extracted from the new key",
            "new AES key",
            "new MAC key",
        ),
        (
            "passphrase's key",
            "what is extracted from the passphrase's key",
            "passphrase's AES key",
            "passphrase's MAC key",
        ),
    ];
    let limits = CostLimits::default();
    let pbkdf2 = Pbkdf2::admit(ITERATIONS.into(), 256, limits);
    let derived = pbkdf2.map(|pbkdf2| pbkdf2.derive(PASSPHRASE.text().as_bytes(), SALT.as_bytes()));
    let derived = derived.unwrap_or_else(|_| key());
    for (key, [a, b, c, d]) in [key(), new_key(), derived]
        .iter()
        .zip(of_key.map(<[&str; 4]>::from))
    {
        all.push(Needle::new(a, key.expose()));
        let (extracted, hkdf) = Hkdf::<Sha256>::extract(None, key.expose());
        all.push(Needle::new(b, &extracted));
        for info in ["", MASTER, CUSTOM] {
            let mut keys = [0; 64];
            if hkdf.expand(info.as_bytes(), &mut keys).is_ok() {
                all.push(Needle::new(c, &keys[..32]));
                all.push(Needle::new(d, &keys[32..]));
            }
        }
    }
    Needles::new(all)
}

fn digit(character: char) -> u8 {
    let alphabet = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz";
    let at = alphabet.find(character).unwrap_or_default();
    u8::try_from(at).unwrap_or_default()
}
