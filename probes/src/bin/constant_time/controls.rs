//! What memcheck must complain of. If it does not, it does not see the secrets.

use std::hint::black_box;

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD_NO_PAD;
use ssss_probes::valgrind::public;

use crate::{Case, KEY, PLAINTEXT, TEXT, poisoned};

pub(crate) const CASES: &[Case] = &[
    ("control: bs58 encodes", bs58_encodes),
    ("control: bs58 decodes", bs58_decodes),
    ("control: base64 encodes", base64_encodes),
    ("control: base64 decodes", base64_decodes),
    ("control: a table", table),
    ("control: an early end", early_end),
];

fn bs58_encodes() {
    let mut text = bs58::encode(poisoned(KEY)).into_vec();
    public(&mut text);
    assert_eq!(text, bs58::encode(KEY).into_vec());
}

fn bs58_decodes() {
    let text: Vec<u8> = TEXT.iter().copied().filter(|byte| *byte != b' ').collect();
    let text: [u8; 48] = text.try_into().unwrap();
    let mut bytes = bs58::decode(poisoned(text)).into_vec().unwrap();
    public(&mut bytes);
    assert_eq!(bytes, bs58::decode(text).into_vec().unwrap());
}

fn base64_encodes() {
    let mut text = BASE64_STANDARD_NO_PAD.encode(poisoned(KEY)).into_bytes();
    public(&mut text);
    assert_eq!(text, BASE64_STANDARD_NO_PAD.encode(KEY).into_bytes());
}

fn base64_decodes() {
    let mut bytes = BASE64_STANDARD_NO_PAD.decode(poisoned(PLAINTEXT)).unwrap();
    public(&mut bytes);
    assert_eq!(bytes, BASE64_STANDARD_NO_PAD.decode(PLAINTEXT).unwrap());
}

fn table() {
    let table: Vec<u8> = (0..=255).rev().collect();
    let index = usize::from(poisoned([3])[0]);
    let mut found = [table[index]];
    public(&mut found);
    assert_eq!(black_box(found), [252]);
}

/// As a comparison that tells how many bytes are right. Volatile, for otherwise the compiler may compare all
/// bytes at once.
fn early_end() {
    let ours = poisoned(KEY);
    let mut equal = 0;
    for (one, other) in ours.iter().zip(&KEY) {
        if black_box(*one) != black_box(*other) {
            break;
        }
        equal += 1;
    }
    assert_eq!(equal, 32);
}

/// Not a case, for memcheck does not complain of it; the machine code is looked through for it.
#[inline(never)]
pub(crate) fn division(secret: u64, by: u64) -> u64 {
    secret / by.max(1)
}
