//! Keys as secrets hold them: base64 of either alphabet, base64 twice, decimal numbers.

use ssss_model::zeroize::Zeroizing;
use ssss_model::{KeySpelling, Secret, SecretName};

use super::base64;

/// Reads a text as the value of a secret that holds a key, and as that of one that holds any text.
pub fn read(data: &[u8]) {
    let Ok(text) = core::str::from_utf8(data) else {
        return;
    };
    let secret = |name| Secret::new(name, Zeroizing::new(text.to_owned()));
    let other = secret(SecretName::DEHYDRATED_DEVICE).unwrap();
    assert_eq!((other.expose(), other.spelling()), (text, None));
    assert_eq!(other.canonical().expose(), text);

    let expected = key(text);
    let secret = secret(SecretName::MEGOLM_BACKUP).ok();
    let found = secret
        .as_ref()
        .map(|secret| (**secret.key().unwrap(), secret.spelling().unwrap()));
    assert_eq!(found, expected, "{text:?}");
    let Some((secret, (key, spelling))) = secret.zip(expected) else {
        return;
    };
    let plain = Secret::from_key(SecretName::MEGOLM_BACKUP, &key);
    assert_eq!(base64::decoded(plain.expose()), Some((key.to_vec(), false)));
    assert!(plain.has_value_of(&secret));
    let written = if spelling == KeySpelling::Base64 {
        text.to_owned()
    } else {
        plain.expose().to_owned()
    };
    assert_eq!(secret.canonical().expose(), written);
    let mut another = key;
    another[data.len() % 32] ^= 1;
    let another = Secret::from_key(SecretName::MEGOLM_BACKUP, &another);
    assert!(!plain.has_value_of(&another));
}

/// The key that a text spells, and how.
pub(crate) fn key(text: &str) -> Option<([u8; 32], KeySpelling)> {
    let array = |bytes: Vec<u8>| bytes.try_into().ok();
    let standard = |text: &str| strict(text, 1).and_then(array);
    if let Some(key) = standard(text) {
        return Some((key, KeySpelling::Base64));
    }
    if !text.contains(['+', '/'])
        && let Some(key) = standard(&text.replace('-', "+").replace('_', "/"))
    {
        return Some((key, KeySpelling::UrlSafeBase64));
    }
    let inner = strict(text, 2).and_then(|inner| String::from_utf8(inner).ok());
    if let Some(key) = inner.as_deref().and_then(standard) {
        return Some((key, KeySpelling::DoubleBase64));
    }
    let numbers: Option<Vec<u8>> = text.split(',').map(|number| number.parse().ok()).collect();
    Some((numbers?.try_into().ok()?, KeySpelling::Decimal))
}

/// Bytes in base64 of the standard alphabet, with no more padding than this, however much there ought to
/// be, and nothing left over.
fn strict(text: &str, padding: usize) -> Option<Vec<u8>> {
    let digits = text.trim_end_matches('=');
    let (bytes, left_over) = base64::read(digits)?;
    (left_over == 0 && text.len() - digits.len() <= padding).then_some(bytes)
}
