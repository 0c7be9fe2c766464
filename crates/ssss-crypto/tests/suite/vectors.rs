//! Every file of `tests/vectors`: keys, checks and secrets from other implementations' tests and
//! accounts. Each is tried on the crate and on the reference implementation.

use std::fs;
use std::path::Path;

use base64::Engine as _;
use base64::alphabet::STANDARD;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use serde::Deserialize;
use ssss_crypto::{
    CostLimits, KeyCheck, KeyCheckShapeError, Label, MatchedForm, Pbkdf2, Plaintext, Sealed,
    SecretStorageKey, WrongKeyError,
};

use crate::reference;
use crate::rng::Chosen;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    source: String,
    comment: String,
    expect: Vec<Expectation>,
}

#[derive(Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
enum Expectation {
    /// The key description of a key, and what checking the key with it says.
    Check {
        key: Bytes,
        iv: Bytes,
        mac: Bytes,
        outcome: Outcome,
    },
    /// A stored secret and what it opens to, nothing if it is refused.
    Secret {
        key: Bytes,
        name: String,
        iv: Bytes,
        ciphertext: Bytes,
        mac: Bytes,
        plaintext: Option<Bytes>,
    },
    /// What HKDF makes of a key and a name.
    Derived {
        key: Bytes,
        name: String,
        aes_key: Bytes,
        mac_key: Bytes,
    },
    /// What PBKDF2 makes of a passphrase.
    Passphrase {
        passphrase: Bytes,
        salt: Bytes,
        iterations: u64,
        bits: u64,
        key: Bytes,
    },
    /// A passphrase whose key is not that of a key description.
    WrongPassphrase {
        passphrase: Bytes,
        salt: Bytes,
        iterations: u64,
        bits: u64,
        iv: Bytes,
        mac: Bytes,
    },
    /// What AES-256-CTR makes of a plaintext. The crate's own is tried in its unit tests.
    Keystream {
        key: Bytes,
        iv: Bytes,
        plaintext: Bytes,
        ciphertext: Bytes,
    },
}

#[derive(Deserialize)]
#[serde(rename_all = "kebab-case")]
enum Outcome {
    AsStored,
    #[serde(rename = "bit-63-cleared")]
    Bit63Cleared,
    #[serde(rename = "first-16-bytes")]
    First16Bytes,
    WrongKey,
    IvLength(usize),
    MacLength(usize),
}

#[derive(Deserialize)]
#[serde(rename_all = "snake_case")]
enum Bytes {
    Hex(String),
    Base64(String),
    Text(String),
}

#[test]
fn every_vector() {
    let directory = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/vectors");
    let mut walked = 0;
    for entry in fs::read_dir(directory).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        let file: File = serde_json::from_slice(&fs::read(&path).unwrap())
            .unwrap_or_else(|error| panic!("{name}: {error}"));
        assert!(
            !file.source.is_empty() && !file.comment.is_empty(),
            "{name}"
        );
        assert!(!file.expect.is_empty(), "{name}");
        for (at, expectation) in file.expect.iter().enumerate() {
            check(&format!("{name}, expectation {at}"), expectation);
            walked += 1;
        }
    }
    assert_eq!(walked, 52);
}

fn check(place: &str, expectation: &Expectation) {
    match expectation {
        Expectation::Check {
            key,
            iv,
            mac,
            outcome,
        } => {
            check_key(place, &key.get(), &iv.get(), &mac.get(), outcome);
        }
        Expectation::Secret {
            key,
            name,
            iv,
            ciphertext,
            mac,
            plaintext,
        } => {
            let iv = iv.get().try_into().unwrap();
            let mac = mac.get().try_into().unwrap();
            let sealed = Sealed {
                iv,
                ciphertext: ciphertext.get(),
                mac,
            };
            check_secret(
                place,
                &key.get(),
                name,
                &sealed,
                plaintext.as_ref().map(Bytes::get),
            );
        }
        Expectation::Derived {
            key,
            name,
            aes_key,
            mac_key,
        } => {
            check_derived(place, &key.get(), name, (&aes_key.get(), &mac_key.get()));
        }
        Expectation::Passphrase {
            passphrase,
            salt,
            iterations,
            bits,
            key,
        } => {
            let derived = derive(passphrase, salt, *iterations, *bits);
            assert_eq!(derived.expose(), key.get(), "{place}");
        }
        Expectation::WrongPassphrase {
            passphrase,
            salt,
            iterations,
            bits,
            iv,
            mac,
        } => {
            let derived = derive(passphrase, salt, *iterations, *bits);
            let check = KeyCheck::from_parts(&iv.get(), &mac.get()).unwrap();
            assert!(
                matches!(check.verify(&derived), Err(WrongKeyError { .. })),
                "{place}"
            );
        }
        Expectation::Keystream {
            key,
            iv,
            plaintext,
            ciphertext,
        } => {
            let encrypted = reference::aes256_ctr(&key.get(), &iv.get(), &plaintext.get());
            assert_eq!(encrypted, ciphertext.get(), "{place}");
        }
    }
}

fn check_key(place: &str, key: &[u8], iv: &[u8], mac: &[u8], outcome: &Outcome) {
    let checked = KeyCheck::from_parts(iv, mac).map(|check| check.verify(&owned(key)));
    let expected = match outcome {
        Outcome::AsStored => Ok(Some(MatchedForm::AsStored)),
        Outcome::Bit63Cleared => Ok(Some(MatchedForm::Bit63Cleared)),
        Outcome::First16Bytes => Ok(Some(MatchedForm::First16Bytes)),
        Outcome::WrongKey => Ok(None),
        Outcome::IvLength(len) => Err(KeyCheckShapeError::IvLength(*len)),
        Outcome::MacLength(len) => Err(KeyCheckShapeError::MacLength(*len)),
    };
    assert_eq!(checked.map(Result::ok), expected, "{place}");
    let strict = iv.len() == 16 && reference::check_mac(key, iv) == mac;
    assert_eq!(strict, matches!(outcome, Outcome::AsStored), "{place}");
}

fn check_secret(place: &str, key: &[u8], name: &str, sealed: &Sealed, expected: Option<Vec<u8>>) {
    let opened = owned(key).open(Label::new(name).unwrap(), sealed);
    let opened = opened.map(Plaintext::into_bytes);
    assert_eq!(opened.ok(), expected, "{place}");
    let plain = reference::open(key, name, &sealed.iv, &sealed.ciphertext, &sealed.mac);
    assert_eq!(plain, expected, "{place}");
    let Some(secret) = expected else { return };
    // With the same IV, the same is stored again.
    let again = owned(key).seal(Label::new(name).unwrap(), &secret, &mut Chosen(&sealed.iv));
    assert_eq!(
        again.mac == sealed.mac,
        sealed.iv == again.iv || secret.is_empty(),
        "{place}"
    );
    assert_eq!(
        again.ciphertext == sealed.ciphertext,
        again.mac == sealed.mac,
        "{place}"
    );
}

/// The crate does not show what it derives, so this looks at what it does with it.
fn check_derived(place: &str, key: &[u8], name: &str, (aes_key, mac_key): (&[u8], &[u8])) {
    let plain = reference::derived_keys(key, name);
    assert_eq!((&plain.0[..], &plain.1[..]), (aes_key, mac_key), "{place}");
    let random = [0x5a; 16];
    let plaintext = [0; 32];
    let (iv, ciphertext, mac) = if name.is_empty() {
        let check = KeyCheck::create(&owned(key), &mut Chosen(&random));
        let ciphertext = reference::aes256_ctr(aes_key, check.iv(), &plaintext);
        (check.iv().to_vec(), ciphertext, *check.mac())
    } else {
        let label = Label::new(name).unwrap();
        let sealed = owned(key).seal(label, &plaintext, &mut Chosen(&random));
        (sealed.iv.to_vec(), sealed.ciphertext, sealed.mac)
    };
    assert_eq!(
        ciphertext,
        reference::aes256_ctr(aes_key, &iv, &plaintext),
        "{place}"
    );
    assert_eq!(
        mac[..],
        reference::hmac_sha256(mac_key, &ciphertext),
        "{place}"
    );
}

fn derive(passphrase: &Bytes, salt: &Bytes, iterations: u64, bits: u64) -> SecretStorageKey {
    let admitted = Pbkdf2::admit(iterations, bits, CostLimits::default()).unwrap();
    let key = admitted.derive(&passphrase.get(), &salt.get());
    if iterations <= 1_000 {
        let len = usize::try_from(bits / 8).unwrap();
        let plain = reference::pbkdf2_hmac_sha512(&passphrase.get(), &salt.get(), iterations, len);
        assert_eq!(key.expose(), plain);
    }
    key
}

fn owned(key: &[u8]) -> SecretStorageKey {
    SecretStorageKey::from_bytes(key).unwrap()
}

impl Bytes {
    fn get(&self) -> Vec<u8> {
        match self {
            Self::Hex(digits) => (0..digits.len())
                .step_by(2)
                .map(|at| u8::from_str_radix(&digits[at..at + 2], 16).unwrap())
                .collect(),
            // Some of the sources pad, some do not, and a broken value has trailing bits.
            Self::Base64(text) => {
                let config = GeneralPurposeConfig::new()
                    .with_decode_padding_mode(DecodePaddingMode::Indifferent)
                    .with_decode_allow_trailing_bits(true);
                GeneralPurpose::new(&STANDARD, config).decode(text).unwrap()
            }
            Self::Text(text) => text.clone().into_bytes(),
        }
    }
}
