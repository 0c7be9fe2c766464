//! Errors are sentences, and secrets are not shown.

use ssss_model::zeroize::Zeroizing;
use ssss_model::{
    AddEntryError, CheckFault, DeriveError, EntryFault, KeyId, Malformed, Object, OpenError,
    Passphrase, PassphraseFault, Secret, SecretName, VerifyError,
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
