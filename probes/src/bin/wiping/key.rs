//! The calls of `ssss-crypto` and `ssss-recovery-key`.

use std::hint::black_box;

use ssss_model::ssss_crypto::rand_core::{TryCryptoRng, TryRng};
use ssss_model::ssss_crypto::{CostLimits, KeyCheck, Label, Pbkdf2, Sealed, SecretStorageKey};
use ssss_model::ssss_recovery_key::{ParseError, RecoveryKey};
use ssss_model::zeroize::Zeroizing;
use ssss_probes::counting::Counting;

use crate::Call;
use crate::secrets::{
    CUSTOM, ITERATIONS, KEY, MASTER, PASSPHRASE, SALT, TOKEN, key, new_key, recovery_key,
    seed_base64,
};

pub(crate) const CALLS: &[Call] = &[
    ("SecretStorageKey::generate", generate),
    ("SecretStorageKey::from_bytes", from_bytes),
    ("SecretStorageKey::from_array", || drop(black_box(key()))),
    ("SecretStorageKey::seal", || drop(black_box(sealed()))),
    ("SecretStorageKey::open", open),
    ("SecretStorageKey::open, of another key", open_wrong),
    ("SecretStorageKey::open, damaged", open_damaged),
    ("SecretStorageKey::open_in_place", open_in_place),
    ("Pbkdf2::derive", derive),
    ("KeyCheck::create", || drop(black_box(check()))),
    ("KeyCheck::verify", verify),
    ("KeyCheck::verify, another key", verify_wrong),
    ("RecoveryKey::from_bytes", recovery_from_bytes),
    ("RecoveryKey::format", || drop(black_box(recovery_key()))),
    ("RecoveryKey::parse", parse),
    ("RecoveryKey::parse, with dashes", parse_dashes),
    ("RecoveryKey::parse, wrong parity", parse_parity),
    ("RecoveryKey::parse, wrong prefix", parse_prefix),
    ("RecoveryKey::parse, too short", parse_short),
    ("RecoveryKey::parse, not a digit", parse_character),
];

/// Draws the key of the account, so that it can be found.
struct Drawn;

impl TryRng for Drawn {
    type Error = std::convert::Infallible;

    fn try_next_u32(&mut self) -> Result<u32, Self::Error> {
        Ok(4)
    }

    fn try_next_u64(&mut self) -> Result<u64, Self::Error> {
        Ok(4)
    }

    fn try_fill_bytes(&mut self, bytes: &mut [u8]) -> Result<(), Self::Error> {
        bytes.copy_from_slice(&KEY.bytes()[..bytes.len()]);
        Ok(())
    }
}

impl TryCryptoRng for Drawn {}

fn generate() {
    black_box(SecretStorageKey::generate(&mut Drawn));
}

fn from_bytes() {
    black_box(SecretStorageKey::from_bytes(&**KEY.bytes()).unwrap());
}

fn label() -> Label<'static> {
    Label::new(CUSTOM).unwrap()
}

fn sealed() -> Sealed {
    key().seal(label(), &**TOKEN.bytes(), &mut Counting(1))
}

fn open() {
    assert_eq!(**key().open(label(), &sealed()).unwrap(), **TOKEN.bytes());
    let label = Label::new(MASTER).unwrap();
    let sealed = key().seal(label, seed_base64().as_bytes(), &mut Counting(1));
    assert_eq!(
        *key().open(label, &sealed).unwrap(),
        seed_base64().as_bytes()
    );
}

fn open_wrong() {
    assert!(new_key().open(label(), &sealed()).is_err());
}

fn open_damaged() {
    let mut sealed = sealed();
    sealed.mac[31] ^= 1;
    assert!(key().open(label(), &sealed).is_err());
}

fn open_in_place() {
    let opened = key().open_in_place(label(), sealed()).unwrap();
    assert_eq!(**opened, **TOKEN.bytes());
}

fn derive() {
    let pbkdf2 = Pbkdf2::admit(ITERATIONS.into(), 256, CostLimits::default()).unwrap();
    black_box(pbkdf2.derive(PASSPHRASE.text().as_bytes(), SALT.as_bytes()));
}

fn check() -> KeyCheck {
    KeyCheck::create(&key(), &mut Counting(1))
}

fn verify() {
    assert!(check().verify(&key()).is_ok());
}

fn verify_wrong() {
    assert!(check().verify(&new_key()).is_err());
}

fn recovery_from_bytes() {
    black_box(RecoveryKey::from_bytes(&KEY.bytes()));
}

fn parse() {
    assert_eq!(
        *RecoveryKey::parse(&recovery_key()).unwrap().expose(),
        **KEY.bytes()
    );
}

fn parse_dashes() {
    assert!(spoiled(|text| text.insert(4, '-')).is_ok());
}

fn spoiled(spoil: impl FnOnce(&mut String)) -> Result<RecoveryKey, ParseError> {
    // Of full size from the start.
    let mut text = Zeroizing::new(String::with_capacity(64));
    text.push_str(&recovery_key());
    spoil(&mut text);
    RecoveryKey::parse(&text)
}

fn parse_parity() {
    let other = |last| if last == 'x' { 'y' } else { 'x' };
    let parsed = spoiled(|text| {
        let last = text.pop().unwrap_or_default();
        text.push(other(last));
    });
    assert!(matches!(parsed, Err(ParseError::Parity)));
}

fn parse_prefix() {
    let parsed = spoiled(|text| text.replace_range(..1, "F"));
    assert!(matches!(parsed, Err(ParseError::Prefix)));
}

fn parse_short() {
    let parsed = spoiled(|text| text.truncate(58));
    assert!(matches!(parsed, Err(ParseError::Length { found: 47 })));
}

fn parse_character() {
    let parsed = spoiled(|text| {
        text.pop();
        text.push('0');
    });
    assert!(matches!(parsed, Err(ParseError::Character { .. })));
}
