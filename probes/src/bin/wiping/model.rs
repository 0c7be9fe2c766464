//! The calls of `ssss-model`.

use std::hint::black_box;

use ssss_model::ssss_crypto::{CostLimits, Pbkdf2};
use ssss_model::ssss_recovery_key::RecoveryKey;
use ssss_model::zeroize::Zeroizing;
use ssss_model::{
    EncryptedSecret, EventState, KeyDescription, KeyId, NewKey, Object, Passphrase, Secret,
    SecretName, TypedKey, UncheckedKey, UnverifiedKey, Verification, VerifiedKey,
};
use ssss_probes::counting::Counting;

use crate::Call;
use crate::secrets::{
    CUSTOM, ITERATIONS, PASSPHRASE, SALT, SEED, TOKEN, key, new_key, passphrase, recovery_key,
    seed_base64, typed,
};

pub(crate) const CALLS: &[Call] = &[
    ("TypedKey::read, a recovery key", || {
        drop(black_box(typed()))
    }),
    ("TypedKey::read, a passphrase", typed_passphrase),
    ("Passphrase::new", || drop(black_box(passphrase()))),
    ("UnverifiedKey::from_recovery_key", from_recovery_key),
    ("UnverifiedKey::from_key", || drop(black_box(unverified()))),
    ("KeyDescription::derive", derive),
    ("KeyDescription::verify", || drop(black_box(verified()))),
    ("KeyDescription::verify, a wrong key", verify_wrong),
    ("KeyDescription::prove", prove_by_description),
    ("UncheckedKey::open, prove", prove),
    ("VerifiedKey::recovery_key", verified_recovery_key),
    ("VerifiedKey::seal, a key", || {
        drop(black_box(sealed_seed()))
    }),
    ("VerifiedKey::seal, a text", || {
        drop(black_box(sealed_token()))
    }),
    ("VerifiedKey::open, a key", open_seed),
    ("VerifiedKey::open, a text", open_token),
    ("Secret::new, a key", || drop(black_box(seed()))),
    ("Secret::new, a text", || drop(black_box(token()))),
    ("Secret::new, refused", refused),
    ("Secret::from_key", from_key),
    ("Secret::key, spelling", secret_key),
    ("Secret::canonical", canonical),
    ("Secret::has_value_of", has_value_of),
    ("NewKey::from_key, build", || drop(black_box(made()))),
    ("NewKey::from_passphrase, build", from_passphrase),
];

pub(crate) fn id() -> KeyId {
    KeyId::new("abcdefgh").unwrap()
}

pub(crate) fn made() -> NewKey {
    NewKey::from_key(key()).id(id()).build(&mut Counting(1))
}

pub(crate) fn custom() -> SecretName {
    SecretName::new(CUSTOM).unwrap()
}

pub(crate) fn seed() -> Secret {
    Secret::new(SecretName::CROSS_SIGNING_MASTER, seed_base64()).unwrap()
}

pub(crate) fn token() -> Secret {
    Secret::new(custom(), TOKEN.text()).unwrap()
}

fn description() -> KeyDescription {
    present(KeyDescription::parse(&id(), made().description()))
}

fn present<T>(state: EventState<T>) -> T {
    match state {
        EventState::Present(present) => present,
        _ => panic!("it is there"),
    }
}

fn unverified() -> UnverifiedKey {
    UnverifiedKey::from_key(key())
}

fn verified() -> VerifiedKey {
    match description().verify(unverified()).unwrap() {
        Verification::Verified(key) => key,
        _ => panic!("it has a check"),
    }
}

fn unchecked() -> UncheckedKey {
    match KeyDescription::bare(&id()).verify(unverified()).unwrap() {
        Verification::Unchecked(key) => key,
        _ => panic!("it has no check"),
    }
}

fn sealed(secret: &Secret) -> EncryptedSecret {
    let entry = verified().seal(secret, &mut Counting(1)).unwrap();
    let content = EncryptedSecret::content(secret.name(), None, &[entry]).unwrap();
    present(EncryptedSecret::parse(secret.name(), &content))
}

fn sealed_seed() -> EncryptedSecret {
    sealed(&seed())
}

fn sealed_token() -> EncryptedSecret {
    sealed(&token())
}

fn typed_passphrase() {
    let typed = TypedKey::read(PASSPHRASE.text());
    assert!(matches!(typed, TypedKey::Passphrase(..)));
}

fn from_recovery_key() {
    let key = RecoveryKey::parse(&recovery_key()).unwrap();
    black_box(UnverifiedKey::from_recovery_key(&key));
}

/// A description that asks for a passphrase.
pub(crate) fn passphrase_description() -> Object {
    let limits = CostLimits::default();
    let pbkdf2 = Pbkdf2::admit(ITERATIONS.into(), 256, limits).unwrap();
    let key = pbkdf2.derive(PASSPHRASE.text().as_bytes(), SALT.as_bytes());
    let made = NewKey::from_key(key).id(id()).build(&mut Counting(1));
    let block = format!(
        r#"{{"passphrase":{{"algorithm":"m.pbkdf2","salt":"{SALT}","iterations":{ITERATIONS}}},"#
    );
    let text = made.description().as_json().replacen('{', &block, 1);
    Object::parse(&text).unwrap()
}

fn derive() {
    let description = present(KeyDescription::parse(&id(), &passphrase_description()));
    let limits = CostLimits::default();
    let key = description.derive(&passphrase(), limits).unwrap();
    assert!(description.verify(key).is_ok());
}

fn verify_wrong() {
    let rejected = description().verify(UnverifiedKey::from_key(new_key()));
    assert!(rejected.is_err());
}

fn prove_by_description() {
    let bare = KeyDescription::bare(&id());
    assert!(bare.prove(unverified(), &sealed_token()).is_ok());
}

fn prove() {
    let sealed = sealed_token();
    let key = unchecked();
    assert_eq!(key.open(&sealed).unwrap().expose().len(), 43);
    assert!(key.prove(&sealed).is_ok());
}

fn verified_recovery_key() {
    let text = verified().recovery_key().unwrap().format();
    assert_eq!(text.expose(), &**recovery_key());
}

fn open_seed() {
    let opened = verified().open(&sealed_seed()).unwrap();
    assert_eq!(opened.expose(), &**seed_base64());
}

fn open_token() {
    let opened = verified().open(&sealed_token()).unwrap();
    assert_eq!(opened.expose(), &**TOKEN.text());
}

fn refused() {
    let mut text = seed_base64();
    text.pop();
    text.push('*');
    assert!(Secret::new(SecretName::CROSS_SIGNING_MASTER, text).is_err());
}

fn from_key() {
    black_box(Secret::from_key(custom(), &SEED.bytes()));
}

fn secret_key() {
    let secret = seed();
    assert!(secret.spelling().is_some());
    assert_eq!(**secret.key().unwrap(), **SEED.bytes());
}

fn canonical() {
    let mut padded = Zeroizing::new(String::with_capacity(44));
    padded.push_str(&seed_base64());
    padded.push('=');
    let secret = Secret::new(SecretName::CROSS_SIGNING_MASTER, padded).unwrap();
    assert!(secret.canonical().key().is_some());
    assert_eq!(token().canonical().expose().len(), 43);
}

fn has_value_of() {
    assert!(seed().has_value_of(&seed()));
    assert!(token().has_value_of(&token()));
    assert!(!token().has_value_of(&seed()));
}

fn from_passphrase() {
    let passphrase: Passphrase = passphrase();
    let made = NewKey::from_passphrase(&passphrase, &mut Counting(1)).build(&mut Counting(1));
    assert!(made.description().get("passphrase").is_some());
}
