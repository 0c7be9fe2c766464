//! Runs one call with a secret in it that memcheck watches: `valgrind constant_time CASE`. Without a case, it
//! says which there are.
//!
//! Secret are keys, plaintexts, passphrases, recovery keys, and what is made of them. A verdict is made
//! public when the call has returned it; where a call branches on its verdict before, memcheck complains,
//! and `cargo xtask constant-time` knows the line.

use std::hint::black_box;
use std::process::ExitCode;

use ssss_crypto::{CostLimits, KeyCheck, Label, MatchedForm, Pbkdf2, Sealed, SecretStorageKey};
use ssss_probes::counting::Counting;
use ssss_probes::valgrind::{self, public, secret, verdict};
use ssss_recovery_key::{ParseError, RecoveryKey};

#[cfg(feature = "account")]
#[path = "constant_time/account.rs"]
mod account;
#[path = "constant_time/controls.rs"]
mod controls;

type Case = (&'static str, fn());

const CASES: &[Case] = &[
    ("key: take and extract", key_take),
    ("key: draw", key_draw),
    ("seal", seal),
    ("open", open),
    ("open in place", open_in_place),
    ("open: wrong MAC", open_wrong_mac),
    ("open: wrong key", open_wrong_key),
    ("key check: make", check_make),
    ("key check: right key", check_right),
    ("key check: right key, other forms", check_other_forms),
    ("key check: wrong key", check_wrong),
    ("derive", derive),
    ("derive: long passphrase", derive_long),
    ("recovery key: parse", parse),
    ("recovery key: parse, dashes and breaks", parse_dashes),
    ("recovery key: wrong prefix", parse_prefix),
    ("recovery key: wrong parity", parse_parity),
    ("recovery key: format", format),
];

#[cfg(feature = "account")]
const ACCOUNT: &[Case] = account::CASES;
#[cfg(not(feature = "account"))]
const ACCOUNT: &[Case] = &[];

const KEY: [u8; 32] = *b"\x01\x23\x45\x67\x89\xab\xcd\xef\xfe\xdc\xba\x98\x76\x54\x32\x10\
    thirty-two bytes";
const PLAINTEXT: [u8; 43] = *b"VcY1+LNyV6aSMne8mvi4lc/q+JiCHe+m6+hKLgtLP30";
const TEXT: [u8; 59] = *b"EsT1 H3Wm yHnZ VYce KwM9 c6Gk nX71 3FkR Yz9x vary hjQh 5m7X";

fn main() -> ExitCode {
    let mut cases = CASES.iter().chain(ACCOUNT).chain(controls::CASES);
    let Some(name) = std::env::args().nth(1) else {
        cases.for_each(|(name, _)| println!("{name}"));
        return ExitCode::SUCCESS;
    };
    if name == "division" {
        let numbers = black_box((7_u64, 3));
        println!("{}", controls::division(numbers.0, numbers.1));
        return ExitCode::SUCCESS;
    }
    if name == "processor" {
        println!("{}", processor());
        return ExitCode::SUCCESS;
    }
    if !valgrind::is_running() {
        eprintln!("this says something under valgrind only");
        return ExitCode::FAILURE;
    }
    let Some((_, run)) = cases.find(|(found, _)| *found == name) else {
        eprintln!("no case is called {name}");
        return ExitCode::FAILURE;
    };
    run();
    ExitCode::SUCCESS
}

/// Which of the instructions are there that the backends ask for.
fn processor() -> String {
    let features = [
        ("aes", is_x86_feature_detected!("aes")),
        ("vaes", is_x86_feature_detected!("vaes")),
        ("avx512f", is_x86_feature_detected!("avx512f")),
        ("avx2", is_x86_feature_detected!("avx2")),
        ("sha", is_x86_feature_detected!("sha")),
    ];
    let names = features
        .iter()
        .filter(|(_, has)| *has)
        .map(|(name, _)| *name);
    names.collect::<Vec<_>>().join(" ")
}

/// Secret bytes that the compiler knows nothing of either.
fn poisoned<const LEN: usize>(bytes: [u8; LEN]) -> [u8; LEN] {
    let mut bytes = black_box(bytes);
    secret(&mut bytes);
    bytes
}

fn cleared<const LEN: usize>(mut bytes: [u8; LEN]) -> [u8; LEN] {
    public(&mut bytes);
    black_box(bytes)
}

fn secret_key() -> SecretStorageKey {
    SecretStorageKey::from_array(&poisoned(KEY))
}

/// The same key, of which nothing is secret.
fn public_key() -> SecretStorageKey {
    SecretStorageKey::from_array(&black_box(KEY))
}

fn label() -> Label<'static> {
    Label::new("m.cross_signing.master").unwrap()
}

/// What was sealed elsewhere, and came from the server.
fn sealed() -> Sealed {
    public_key().seal(label(), &PLAINTEXT, &mut Counting(1))
}

fn key_take() {
    for len in [16, 32, 64] {
        let bytes = poisoned([7; 64]);
        let key = SecretStorageKey::from_bytes(&bytes[..len]).unwrap();
        let mut copy = key.expose().to_vec();
        public(&mut copy);
        assert_eq!(copy, vec![7; len]);
    }
}

fn key_draw() {
    let key = SecretStorageKey::generate(&mut SecretNumbers);
    let mut copy = key.expose().to_vec();
    public(&mut copy);
    assert_eq!(copy, [9; 32]);
}

fn seal() {
    let sealed_again = secret_key().seal(label(), &poisoned(PLAINTEXT), &mut Counting(1));
    let Sealed {
        iv,
        mut ciphertext,
        mac,
    } = sealed_again;
    public(&mut ciphertext);
    let expected = sealed();
    assert_eq!(ciphertext, expected.ciphertext);
    assert_eq!(cleared(mac), expected.mac);
    assert_eq!(iv, expected.iv);
}

fn open() {
    let mut opened = secret_key().open(label(), &sealed());
    verdict(&mut opened);
    let mut plaintext = opened.unwrap();
    public(&mut plaintext);
    assert_eq!(*plaintext, PLAINTEXT);
}

fn open_in_place() {
    let mut opened = secret_key().open_in_place(label(), sealed());
    verdict(&mut opened);
    let mut plaintext = opened.unwrap();
    public(&mut plaintext);
    assert_eq!(*plaintext, PLAINTEXT);
}

fn open_wrong_mac() {
    for at in [0, 31] {
        let mut sealed = sealed();
        sealed.mac[at] ^= 1;
        let mut opened = secret_key().open(label(), &sealed);
        verdict(&mut opened);
        assert!(opened.is_err());
    }
}

fn open_wrong_key() {
    let key = SecretStorageKey::from_array(&poisoned([3; 32]));
    let mut opened = key.open(label(), &sealed());
    verdict(&mut opened);
    assert!(opened.is_err());
}

fn check_make() {
    let check = KeyCheck::create(&secret_key(), &mut Counting(1));
    let expected = KeyCheck::create(&public_key(), &mut Counting(1));
    assert_eq!(cleared(*check.mac()), *expected.mac());
    assert_eq!(check.iv(), expected.iv());
}

fn check_right() {
    let check = KeyCheck::create(&public_key(), &mut Counting(1));
    let mut matched = check.verify(&secret_key());
    verdict(&mut matched);
    assert_eq!(matched, Ok(MatchedForm::AsStored));
}

fn check_other_forms() {
    let made = KeyCheck::create(&public_key(), &mut Counting(1));
    let mut iv = made.iv().to_vec();
    iv[8] |= 0x80;
    let check = KeyCheck::from_parts(&iv, made.mac()).unwrap();
    let mut matched = check.verify(&secret_key());
    verdict(&mut matched);
    assert_eq!(matched, Ok(MatchedForm::Bit63Cleared));

    let iv = [made.iv(), &[5; 16]].concat();
    let check = KeyCheck::from_parts(&iv, made.mac()).unwrap();
    let mut matched = check.verify(&secret_key());
    verdict(&mut matched);
    assert_eq!(matched, Ok(MatchedForm::First16Bytes));
}

fn check_wrong() {
    let check = KeyCheck::create(&public_key(), &mut Counting(1));
    let key = SecretStorageKey::from_array(&poisoned([3; 32]));
    let mut matched = check.verify(&key);
    verdict(&mut matched);
    assert!(matched.is_err());
}

fn derive() {
    let passphrase = *b"correct horse battery staple";
    derive_from(&mut poisoned(passphrase), &passphrase);
}

fn derive_long() {
    // Longer than a block of SHA-512, so that it is hashed first.
    derive_from(&mut poisoned([b'x'; 200]), &[b'x'; 200]);
}

fn derive_from(passphrase: &mut [u8], clear: &[u8]) {
    let pbkdf2 = Pbkdf2::admit(10, 512, CostLimits::default()).unwrap();
    let key = pbkdf2.derive(passphrase, b"salt");
    let mut bytes = key.expose().to_vec();
    public(&mut bytes);
    assert_eq!(bytes, pbkdf2.derive(clear, b"salt").expose());
}

/// A secret text, of which the form is known: what is no digit is not secret.
fn parsed(text: &str) -> Result<RecoveryKey, ParseError> {
    let mut bytes = black_box(text.as_bytes().to_vec());
    for byte in &mut bytes {
        if byte.is_ascii_alphanumeric() {
            secret(std::slice::from_mut(byte));
        }
    }
    // SAFETY: it was a text, and it was only said to be secret. Whether it is one is not asked again,
    // because that is a question to each byte.
    let text = unsafe { std::str::from_utf8_unchecked(&bytes) };
    let mut parsed = RecoveryKey::parse(text);
    verdict(&mut parsed);
    parsed
}

fn assert_key_of_text(key: &RecoveryKey) {
    let expected: Vec<u8> = (1..=32).collect();
    assert_eq!(cleared(*key.expose()), *expected);
}

fn parse() {
    assert_key_of_text(&parsed(std::str::from_utf8(&TEXT).unwrap()).unwrap());
}

fn parse_dashes() {
    let text = std::str::from_utf8(&TEXT).unwrap();
    let text = format!("\u{feff}{}\r\n", text.replace(' ', " \u{2013} "));
    assert_key_of_text(&parsed(&text).unwrap());
}

fn parse_prefix() {
    let text = std::str::from_utf8(&TEXT).unwrap().replacen('E', "F", 1);
    assert!(matches!(parsed(&text), Err(ParseError::Prefix)));
}

fn parse_parity() {
    let text = std::str::from_utf8(&TEXT).unwrap().replace("5m7X", "5m7Y");
    assert!(matches!(parsed(&text), Err(ParseError::Parity)));
}

fn format() {
    let key = RecoveryKey::from_bytes(&poisoned(std::array::from_fn(|at| {
        u8::try_from(at).unwrap_or_default() + 1
    })));
    let text = key.format();
    let mut bytes = text.expose().as_bytes().to_vec();
    public(&mut bytes);
    assert_eq!(bytes, TEXT);
}

/// Random numbers that memcheck holds for secret.
struct SecretNumbers;

impl ssss_crypto::rand_core::TryRng for SecretNumbers {
    type Error = std::convert::Infallible;

    fn try_next_u32(&mut self) -> Result<u32, Self::Error> {
        Ok(u32::from_ne_bytes(poisoned([9; 4])))
    }

    fn try_next_u64(&mut self) -> Result<u64, Self::Error> {
        Ok(u64::from_ne_bytes(poisoned([9; 8])))
    }

    fn try_fill_bytes(&mut self, bytes: &mut [u8]) -> Result<(), Self::Error> {
        bytes.fill(9);
        secret(bytes);
        Ok(())
    }
}

impl ssss_crypto::rand_core::TryCryptoRng for SecretNumbers {}
