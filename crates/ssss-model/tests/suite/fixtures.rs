//! What other clients wrote is read, or refused for the right reason.

use ssss_model::ssss_crypto::{CostLimits, SecretStorageKey};
use ssss_model::ssss_recovery_key::RecoveryKey;
use ssss_model::zeroize::Zeroizing;
use ssss_model::{
    EntryFault, EventState, Evidence, KeyDescription, KeyId, OpenError, Passphrase, SecretName,
    Snapshot, UnverifiedKey, Verification, VerifiedKey, VerifyError,
};

use crate::fixture::{Fixture, FixtureKey};

/// Files that are refused, each with a test of its own below.
const REFUSED: [&str; 3] = [
    "oddities/40-unknown-alg.json",
    "oddities/60-short-payload-iv.json",
    "oddities/62-short-payload-mac.json",
];

fn bytes(key: &FixtureKey) -> Vec<u8> {
    let digits = key.private_key_hex.as_bytes();
    let digits = digits
        .chunks(2)
        .map(|pair| std::str::from_utf8(pair).unwrap());
    digits
        .map(|pair| u8::from_str_radix(pair, 16).unwrap())
        .collect()
}

/// Every way in which a person may hold the key.
fn candidates(key: &FixtureKey, description: &KeyDescription) -> Vec<UnverifiedKey> {
    let mut candidates = vec![UnverifiedKey::from_key(
        SecretStorageKey::from_bytes(&bytes(key)).unwrap(),
    )];
    if let Some(text) = &key.recovery_key {
        let recovery_key = RecoveryKey::parse(text).unwrap();
        assert_eq!(recovery_key.expose()[..], bytes(key));
        candidates.push(UnverifiedKey::from_recovery_key(&recovery_key));
    }
    if let Some(text) = &key.passphrase {
        let passphrase = Passphrase::new(Zeroizing::new(text.clone()));
        candidates.push(
            description
                .derive(&passphrase, CostLimits::default())
                .unwrap(),
        );
    }
    candidates
}

fn verified(snapshot: &Snapshot, description: &KeyDescription, key: UnverifiedKey) -> VerifiedKey {
    match description.verify(key).unwrap() {
        Verification::Verified(key) => key,
        Verification::Unchecked(key) => {
            let secret = snapshot.present_secrets().next().unwrap();
            key.prove(secret).unwrap()
        }
    }
}

#[test]
fn every_key_opens_every_secret_that_is_sealed_for_it() {
    let mut opened = 0;
    for fixture in Fixture::all("clients")
        .into_iter()
        .chain(Fixture::all("oddities"))
    {
        if REFUSED.contains(&fixture.file.as_str()) {
            continue;
        }
        let snapshot = fixture.snapshot();
        let file = &fixture.file;
        assert_eq!(
            snapshot.default_key_id().map(KeyId::as_str),
            fixture.default_key_id.as_deref()
        );
        for (id, key) in &fixture.keys {
            let id = KeyId::new(id).unwrap();
            let description = snapshot.key(&id).present().unwrap();
            for candidate in candidates(key, description) {
                let key = verified(&snapshot, description, candidate);
                for (name, value) in &fixture.secrets {
                    let name = SecretName::new(name).unwrap();
                    let secret = snapshot.secret(&name).present().unwrap();
                    match key.open(secret) {
                        Ok(secret) => assert_eq!(secret.expose(), value, "{file}: {name}"),
                        Err(error) => {
                            assert_eq!(error, OpenError::NotSealedForKey, "{file}: {name}");
                            assert_ne!(Some(id.as_str()), fixture.default_key_id.as_deref());
                            continue;
                        }
                    }
                    opened += 1;
                }
            }
        }
    }
    // Counted by hand from the files; a fixture that is no longer read makes this fail.
    assert_eq!(opened, 164);
}

#[test]
fn no_key_opens_another_account() {
    let stranger = || SecretStorageKey::from_array(&[7; 32]);
    for fixture in Fixture::all("clients") {
        let snapshot = fixture.snapshot();
        for description in snapshot.descriptions() {
            let key = UnverifiedKey::from_key(stranger());
            let rejected = description.verify(key).unwrap_err();
            assert_eq!(rejected.reason, VerifyError::WrongKey, "{}", fixture.file);
        }
    }
}

#[test]
fn an_account_that_was_blanked() {
    let snapshot = Fixture::load("clients/rust-sdk-disabled.json").snapshot();
    assert!(matches!(snapshot.default_key(), EventState::Tombstone));
    assert_eq!(snapshot.descriptions().count(), 0);
    for (name, state) in snapshot.secrets() {
        assert!(matches!(state, EventState::Tombstone), "{name}");
    }
    assert_eq!(snapshot.secrets().count(), 4);
}

#[test]
fn an_unknown_algorithm_is_refused() {
    let fixture = Fixture::load("oddities/40-unknown-alg.json");
    let snapshot = fixture.snapshot();
    let description = snapshot.descriptions().next().unwrap();
    for candidate in candidates(&fixture.keys["k1"], description) {
        let rejected = description.verify(candidate).unwrap_err();
        let expected = VerifyError::UnsupportedAlgorithm("org.example.v9".to_owned());
        assert_eq!(rejected.reason, expected);
    }
}

#[test]
fn short_ivs_and_macs_are_refused() {
    for (file, fault) in [
        ("oddities/60-short-payload-iv.json", EntryFault::IvLength(8)),
        (
            "oddities/62-short-payload-mac.json",
            EntryFault::MacLength(16),
        ),
    ] {
        let fixture = Fixture::load(file);
        let snapshot = fixture.snapshot();
        let description = snapshot.descriptions().next().unwrap();
        let candidate = candidates(&fixture.keys["k1"], description).remove(0);
        let key = verified(&snapshot, description, candidate);
        let secret = snapshot.present_secrets().next().unwrap();
        assert_eq!(
            key.open(secret).unwrap_err(),
            OpenError::MalformedEntry(fault),
            "{file}"
        );
        assert!(!secret.is_sealed_for(key.id()));
    }
}

#[test]
fn a_key_without_a_check_is_proven_by_a_secret() {
    let fixture = Fixture::load("oddities/01-desc-no-iv-mac.json");
    let snapshot = fixture.snapshot();
    let description = snapshot.descriptions().next().unwrap();
    let candidate = candidates(&fixture.keys["k1"], description).remove(0);
    let key = verified(&snapshot, description, candidate);
    let name = SecretName::new("org.example.x").unwrap();
    assert_eq!(*key.evidence(), Evidence::ProvenBySecret(name));
}

#[test]
fn a_passphrase_block_that_cannot_be_followed_hides_no_recovery_key() {
    let fixture = Fixture::load("oddities/26-pass-unknown-alg-recovery-key-works.json");
    let snapshot = fixture.snapshot();
    let description = snapshot.descriptions().next().unwrap();
    let passphrase = Passphrase::new(Zeroizing::new("pass".to_owned()));
    description
        .derive(&passphrase, CostLimits::default())
        .unwrap_err();
}
