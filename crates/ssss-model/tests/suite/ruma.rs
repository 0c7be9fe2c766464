//! To ruma's contents and back.

use ssss_model::ruma_events::secret_storage::default_key::SecretStorageDefaultKeyEventContent;
use ssss_model::{DefaultKey, EncryptedSecret, KeyDescription, RumaConversionError};

use crate::fixture::Fixture;

#[test]
fn what_clients_write_goes_there_and_back() {
    let mut converted = 0;
    for fixture in Fixture::all("clients") {
        let snapshot = fixture.snapshot();
        for description in snapshot.descriptions() {
            let content = description.to_ruma().unwrap();
            assert_eq!(content.key_id, description.id().as_str());
            assert_eq!(content.name.as_deref(), description.name());
            let back = KeyDescription::from_ruma(&content).unwrap();
            assert_eq!(back.id(), description.id());
            assert_eq!(back.passphrase(), description.passphrase());
            assert_eq!(
                back.to_ruma().unwrap().algorithm.algorithm(),
                description.algorithm()
            );
            converted += 1;
        }
        for secret in snapshot.present_secrets() {
            let content = secret.to_ruma().unwrap();
            let back = EncryptedSecret::from_ruma(secret.name(), &content).unwrap();
            let ids = |secret: &EncryptedSecret| {
                secret
                    .entries()
                    .map(|(id, fault)| (id.clone(), fault))
                    .collect::<Vec<_>>()
            };
            assert_eq!(ids(&back), ids(secret));
            converted += 1;
        }
        if let Some(default) = snapshot.default_key().present() {
            let back = DefaultKey::from_ruma(&default.to_ruma()).unwrap();
            assert_eq!(back.id(), default.id());
            converted += 1;
        }
    }
    assert!(converted > 60, "{converted}");
}

#[test]
fn what_ruma_cannot_express_is_said() {
    // `iterations` as a float, which is read here, fails ruma's whole description.
    let snapshot = Fixture::load("oddities/30-pass-iter-float.json").snapshot();
    let description = snapshot.descriptions().next().unwrap();
    assert_eq!(description.to_ruma().unwrap_err(), RumaConversionError);

    let empty = SecretStorageDefaultKeyEventContent::new(String::new());
    assert_eq!(
        DefaultKey::from_ruma(&empty).unwrap_err(),
        RumaConversionError
    );
}
