//! Errors are sentences, and secrets are not shown.

use ssss_model::ssss_crypto::SecretStorageKey;
use ssss_model::zeroize::Zeroizing;
use ssss_model::{
    AddEntryError, CheckFault, DeriveError, DescriptionOddity, EntryFault, KeyId, Malformed,
    Object, OpenError, Passphrase, PassphraseFault, RejectedKey, RumaConversionError, Secret,
    SecretName, ShortKeyError, UnverifiedKey, VerifyError,
};

#[test]
fn errors_are_sentences() {
    let value = Zeroizing::new("hello".to_owned());
    let texts = [
        KeyId::new("").unwrap_err().to_string(),
        SecretName::new("").unwrap_err().to_string(),
        SecretName::new("m.direct").unwrap_err().to_string(),
        Secret::new(SecretName::MEGOLM_BACKUP, value)
            .unwrap_err()
            .to_string(),
        Object::parse("{").unwrap_err().to_string(),
        Object::parse("[]").unwrap_err().to_string(),
        AddEntryError::OtherName.to_string(),
        AddEntryError::NotASecret(Malformed::OtherData).to_string(),
        Malformed::TooManyEntries.to_string(),
        EntryFault::IvLength(3).to_string(),
        OpenError::NotSealedForKey.to_string(),
        OpenError::MalformedEntry(EntryFault::NotAnObject).to_string(),
        OpenError::Inauthentic.to_string(),
        VerifyError::WrongKey.to_string(),
        VerifyError::DamagedCheck(CheckFault::NotBase64("iv")).to_string(),
        DeriveError::NoPassphrase.to_string(),
        DeriveError::Unusable(PassphraseFault::Salt).to_string(),
        DescriptionOddity::Base64.to_string(),
        DescriptionOddity::LongIv.to_string(),
        DescriptionOddity::Numbers.to_string(),
        RumaConversionError.to_string(),
        ShortKeyError.to_string(),
    ];
    for (number, text) in texts.iter().enumerate() {
        assert!(text.split(' ').count() > 3, "{text:?}");
        assert!(!texts[..number].contains(text), "{text:?} stands twice");
    }
}

#[test]
fn a_passphrase_is_not_shown() {
    let passphrase = Passphrase::new(Zeroizing::new("canary".to_owned()));
    assert_eq!(format!("{passphrase:?}"), "Passphrase(..)");
}

#[test]
fn a_rejected_key_says_why() {
    let key = UnverifiedKey::from_key(SecretStorageKey::from_array(&[1; 32]));
    let reason = VerifyError::WrongKey;
    let rejected = RejectedKey { key, reason };
    assert_eq!(rejected.to_string(), VerifyError::WrongKey.to_string());
}

#[test]
fn what_is_public_is_shown_as_it_is() {
    let json = r#"{ "a" : 1 }"#;
    assert_eq!(format!("{:?}", Object::parse(json).unwrap()), json);
    let name = "m.cross_signing.master";
    assert_eq!(SecretName::new(name).unwrap().to_string(), name);
    assert_eq!(KeyId::new("k").unwrap().to_string(), "k");
}
