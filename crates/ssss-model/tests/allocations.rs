//! What is allocated on the way from JSON to a secret and back, one by one. In a binary of its own, whose
//! allocator counts.
//!
//! These numbers are no promise to anybody: who changes them says here what the others are for.

use std::hint::black_box;

use allocation_counter::{AllocationInfo, measure};
use ssss_model::rand_core::UnwrapErr;
use ssss_model::zeroize::Zeroizing;
use ssss_model::{EncryptedSecret, EventState, NewKey, Object, Secret, SecretName};

/// As long as a cross-signing key in base64.
const TEXT: &str = "bm90IGEga2V5LCBidXQgYXMgbG9uZyBhcyBvbmUhISE";

fn secret(name: SecretName, text: String) -> Secret {
    Secret::new(name, Zeroizing::new(text)).unwrap()
}

#[test]
fn opening_from_json_and_sealing_to_it() {
    let rng = &mut UnwrapErr(getrandom::SysRng);
    let key = NewKey::random(rng).build(rng).into_key();
    let secret = secret(SecretName::CROSS_SIGNING[0].clone(), TEXT.to_owned());
    let name = secret.name();

    let info = counted(|| key.seal(&secret, rng).unwrap());
    // The ciphertext.
    assert_eq!(info.count_total, 1, "seal: {info:?}");
    let entry = key.seal(&secret, rng).unwrap();
    let content = || EncryptedSecret::content(name, None, std::slice::from_ref(&entry)).unwrap();
    let info = counted(content);
    // What each entry is made of; what each key's is.
    let lists = 2;
    // The text, the places of the fields, what shares them.
    let object = 3;
    let expected = lists + object;
    // Room is made for what is written, and no more.
    assert!(info.bytes_total < 650, "content: {info:?}");
    assert_eq!(info.count_total, expected, "content: {info:?}");

    let json = content();
    let json = json.as_json();
    let info = counted(|| Object::parse(json).unwrap());
    // The text, the places of the fields, which are cut to size, what shares them; and serde_json notes how deep
    // it is.
    assert_eq!(info.count_total, 4 + 1, "object: {info:?}");
    let object = Object::parse(json).unwrap();
    let parse = || EncryptedSecret::parse(name, &object);
    let info = counted(parse);
    // The places of the fields of: all entries, the entry.
    let places = 2;
    // The list of entries; the key's id; one buffer for IV, MAC and ciphertext.
    let entry = 1 + 1 + 1;
    assert_eq!(info.count_total, places + entry, "parse: {info:?}");
    let EventState::Present(sealed) = parse() else {
        panic!("it is there");
    };
    let info = counted(|| key.open(&sealed).unwrap());
    // The plaintext; the text that is made of it in constant time, which is the secret; and the key that it
    // is the base64 of, to see whether it is one.
    let expected = (3, 43 + 43 + 32);
    assert_eq!((info.count_total, info.bytes_total), expected, "open");
}

/// A secret that is longer costs longer allocations, not more.
#[test]
fn the_length_of_a_secret_does_not_matter() {
    let rng = &mut UnwrapErr(getrandom::SysRng);
    let key = NewKey::random(rng).build(rng).into_key();
    let mut counts = [TEXT.len(), 10_000, 1_000_000].map(|len| {
        let name = SecretName::new("org.example.text").unwrap();
        let secret = secret(name, "x".repeat(len));
        let sealing = counted(|| {
            let entry = key.seal(&secret, rng).unwrap();
            EncryptedSecret::content(secret.name(), None, &[entry]).unwrap()
        });
        let entry = key.seal(&secret, rng).unwrap();
        let content = EncryptedSecret::content(secret.name(), None, &[entry]).unwrap();
        let opening = counted(|| {
            let object = Object::parse(content.as_json()).unwrap();
            let sealed = EncryptedSecret::parse(secret.name(), &object);
            key.open(sealed.present().unwrap()).unwrap()
        });
        (sealing.count_total, opening.count_total)
    });
    counts.sort_unstable();
    assert_eq!(counts[0], counts[2], "{counts:?}");
}

/// Counts while something is made and dropped.
fn counted<R>(make: impl FnOnce() -> R) -> AllocationInfo {
    let info = measure(|| drop(black_box(make())));
    assert_eq!(info.count_current, 0, "all is given back");
    info
}
