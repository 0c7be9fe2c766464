//! Secrets and typed keys, which stand above the two lowest rungs.

use ssss_model::zeroize::Zeroizing;
use ssss_model::{KeySpelling, Secret, SecretName, TypedKey};
use ssss_probes::valgrind::{public, secret, verdict};

use crate::{Case, KEY, TEXT, cleared, poisoned};

pub(crate) const CASES: &[Case] = &[
    ("secret: base64 of a key", from_key),
    ("secret: key of base64", to_key),
    ("secret: key of URL-safe base64", to_key_url_safe),
    ("secret: refused", refused),
    ("secret: compare", compare),
    ("typed key: recovery key", typed_recovery_key),
];

const BASE64: &str = "ASNFZ4mrze/+3LqYdlQyEHRoaXJ0eS10d28gYnl0ZXM";
const NAME: SecretName = SecretName::CROSS_SIGNING_MASTER;

fn text(text: &str) -> Zeroizing<String> {
    let mut bytes = text.as_bytes().to_vec();
    secret(&mut bytes);
    // SAFETY: it was a text, and it was only said to be secret. Whether it is one is not asked again,
    // because that is a question to each byte.
    Zeroizing::new(unsafe { String::from_utf8_unchecked(bytes) })
}

fn from_key() {
    let secret = Secret::from_key(NAME, &poisoned(KEY));
    let mut text = secret.expose().as_bytes().to_vec();
    public(&mut text);
    assert_eq!(text, BASE64.as_bytes());
}

fn to_key() {
    let mut secret = Secret::new(NAME, text(BASE64));
    verdict(&mut secret);
    assert_key(&secret.unwrap(), KeySpelling::Base64);
}

fn to_key_url_safe() {
    let url_safe = BASE64.replace('+', "-").replace('/', "_");
    let mut secret = Secret::new(NAME, text(&url_safe));
    verdict(&mut secret);
    assert_key(&secret.unwrap(), KeySpelling::UrlSafeBase64);
}

fn assert_key(secret: &Secret, expected: KeySpelling) {
    let mut key = secret.key();
    verdict(&mut key);
    assert_eq!(cleared(**key.unwrap()), KEY);
    let mut spelling = secret.spelling();
    verdict(&mut spelling);
    assert_eq!(spelling, Some(expected));
}

fn refused() {
    let mut secret = Secret::new(NAME, text(&BASE64.replace('4', "*")));
    verdict(&mut secret);
    assert!(secret.is_err());
}

fn compare() {
    let ours = Secret::from_key(NAME, &poisoned(KEY));
    for (key, expected) in [(KEY, true), ([3; 32], false)] {
        let mut is_same = ours.has_value_of(&Secret::from_key(NAME, &key));
        verdict(&mut is_same);
        assert_eq!(is_same, expected);
    }
    let name = || SecretName::new("org.example.x").unwrap();
    let ours = Secret::new(name(), text("hunter2")).unwrap();
    for (value, expected) in [("hunter2", true), ("hunter3", false), ("hunter", false)] {
        let other = Secret::new(name(), Zeroizing::new(value.to_owned())).unwrap();
        let mut is_same = ours.has_value_of(&other);
        verdict(&mut is_same);
        assert_eq!(is_same, expected, "{value}");
    }
}

fn typed_recovery_key() {
    let text = text(std::str::from_utf8(&TEXT).unwrap());
    let mut typed = TypedKey::read(text);
    verdict(&mut typed);
    let TypedKey::RecoveryKey(key) = typed else {
        panic!("it is one");
    };
    let expected: Vec<u8> = (1..=32).collect();
    assert_eq!(cleared(*key.expose()), *expected);
}
