//! Reads this process's own memory to see that keys, what is derived from them and plaintexts leave
//! nothing behind, on the heap or on the stack.
//!
//! In a binary of its own, with one test, so that nothing else has keys in memory at the same time.
//! The needles are kept inverted, so that a scan does not find the needles themselves.
#![cfg(target_os = "linux")]

#[path = "reference/aes_hmac_sha2.rs"]
#[expect(dead_code, reason = "not all of the reference is needed here")]
mod reference;

use std::convert::Infallible;
use std::fs::{self, File};
use std::hint::black_box;
use std::os::unix::fs::FileExt;

use sha2::block_api::compress256;
use ssss_crypto::rand_core::{TryCryptoRng, TryRng};
use ssss_crypto::{KeyCheck, Label, Pbkdf2, Sealed, SecretStorageKey};
use zeroize::Zeroize;

const NAME: &str = "m.cross_signing.master";
const PASSPHRASE: &[u8] = b"correct horse battery staple";
const SALT: &[u8] = b"y863BOoqOadgDp8S3FtHXikDJEalsQ7d";

/// Something that must not stay in memory.
struct Needle {
    what: &'static str,
    inverted: Vec<u8>,
}

#[test]
fn nothing_secret_stays_in_memory() {
    let pbkdf2 = Pbkdf2::admit(3, 256, ssss_crypto::CostLimits::default()).unwrap();
    let plaintext_needle = inverted(b"VcY1+LNyV6aSMne8mvi4lc/q+JiCHe+m6+hKLgtLP30=".to_vec());
    let needles = deeper(|| needles(&plaintext_needle));
    // The reference wipes nothing: what it left on the heap and the stack is written over.
    overwrite();
    assert_eq!(found(&needles), [""; 0], "before there is a key");

    let key = deeper(|| pbkdf2.derive(PASSPHRASE, SALT));
    let label = Label::new(NAME).unwrap();
    assert_eq!(
        found(&needles),
        ["key", "extract inner", "extract outer"],
        "while there is a key"
    );

    let check = deeper(|| KeyCheck::create(&key, &mut Counting(1)));
    deeper(|| check.verify(&key).unwrap());
    let mut plaintext = upright(&plaintext_needle);
    let sealed = deeper(|| key.seal(label, &plaintext, &mut Counting(1)));
    plaintext.zeroize();
    drop(plaintext);
    assert_eq!(
        found(&needles),
        ["key", "extract inner", "extract outer"],
        "after sealing"
    );

    let opened = deeper(|| key.open(label, &sealed).unwrap());
    let held = ["key", "extract inner", "extract outer", "plaintext"];
    assert_eq!(found(&needles), held, "while there is a plaintext");
    drop(opened);
    refuse_damaged(&key, label, sealed);

    let copied = deeper(|| SecretStorageKey::from_bytes(key.expose()).unwrap());
    drop(key);
    assert_eq!(
        found(&needles),
        ["key", "extract inner", "extract outer"],
        "while there is a copy"
    );
    drop(copied);
    assert_eq!(found(&needles), [""; 0], "in the end");
}

fn refuse_damaged(key: &SecretStorageKey, label: Label<'_>, mut sealed: Sealed) {
    sealed.mac[31] ^= 1;
    assert!(deeper(|| key.open(label, &sealed)).is_err());
}

/// Middles of secrets, because an allocator writes over the beginnings of what it is given back.
fn needles(plaintext: &[u8]) -> Vec<Needle> {
    let key = reference::pbkdf2_hmac_sha512(PASSPHRASE, SALT, 3, 32);
    let extracted = reference::hmac_sha256(&[0; 32], &key);
    let (aes_key, mac_key) = reference::derived_keys(&key, NAME);
    let (check_aes_key, check_mac_key) = reference::derived_keys(&key, "");
    let padded = |key: &[u8], pad: u8| key.iter().map(|byte| byte ^ pad).collect::<Vec<u8>>();
    let state = |key: &[u8], pad: u8| {
        let mut block = [0; 64];
        block[..32].copy_from_slice(key);
        for byte in &mut block {
            *byte ^= pad;
        }
        // FIPS 180-4, 5.3.3.
        let mut state = [
            0x6a09_e667,
            0xbb67_ae85,
            0x3c6e_f372,
            0xa54f_f53a,
            0x510e_527f,
            0x9b05_688c,
            0x1f83_d9ab,
            0x5be0_cd19_u32,
        ];
        compress256(&mut state, &[block]);
        state
            .iter()
            .flat_map(|word| word.to_ne_bytes())
            .collect::<Vec<u8>>()
    };
    let u_1 = reference::hmac_sha512(PASSPHRASE, &[SALT, &[0, 0, 0, 1]].concat());
    let all = [
        ("key", key.clone()),
        ("extract", extracted.clone()),
        ("extract, padded, inner", padded(&extracted, 0x36)),
        ("extract, padded, outer", padded(&extracted, 0x5c)),
        ("extract inner", state(&extracted, 0x36)),
        ("extract outer", state(&extracted, 0x5c)),
        ("AES key", aes_key),
        ("MAC key", mac_key.clone()),
        ("MAC key, padded, inner", padded(&mac_key, 0x36)),
        ("MAC key, padded, outer", padded(&mac_key, 0x5c)),
        ("MAC inner", state(&mac_key, 0x36)),
        ("MAC outer", state(&mac_key, 0x5c)),
        ("AES key of the check", check_aes_key),
        ("MAC key of the check", check_mac_key),
        ("first output of PBKDF2", u_1),
        ("passphrase", PASSPHRASE.to_vec()),
        ("passphrase, padded, inner", padded(PASSPHRASE, 0x36)),
        ("passphrase, padded, outer", padded(PASSPHRASE, 0x5c)),
    ];
    let mut needles: Vec<Needle> = all
        .into_iter()
        .map(|(what, mut bytes)| {
            let inverted = bytes[16..28].iter().map(|byte| !byte).collect();
            bytes.zeroize();
            Needle { what, inverted }
        })
        .collect();
    let inverted = plaintext[24..36].to_vec();
    needles.push(Needle {
        what: "plaintext",
        inverted,
    });
    needles
}

/// Which of the needles are anywhere in this process's writable memory.
fn found(needles: &[Needle]) -> Vec<&'static str> {
    let memory = File::open("/proc/self/mem").unwrap();
    let maps = fs::read_to_string("/proc/self/maps").unwrap();
    let mut window = vec![0; 1 << 16];
    let mut found = vec![false; needles.len()];
    for (mut at, end) in maps.lines().filter_map(writable) {
        while at < end {
            // The window is memory too: it must not show what was in it the last time.
            window.zeroize();
            window.resize(1 << 16, 0);
            // Pages that cannot be read, such as the kernel's own, hold nothing of ours.
            let Ok(read) = memory.read_at(&mut window, at) else {
                break;
            };
            for (found, needle) in found.iter_mut().zip(needles) {
                *found |= window[..read].windows(needle.inverted.len()).any(|seen| {
                    seen.iter()
                        .zip(&needle.inverted)
                        .all(|(seen, not)| *seen == !not)
                });
            }
            // The last bytes are read again, in case a needle straddles two windows.
            let step = if read > 12 { read - 12 } else { read };
            at += u64::try_from(step.max(1)).unwrap();
        }
    }
    window.zeroize();
    needles
        .iter()
        .zip(found)
        .filter_map(|(needle, found)| found.then_some(needle.what))
        .collect()
}

/// The range of addresses of a line of `/proc/self/maps`, if it is writable.
fn writable(line: &str) -> Option<(u64, u64)> {
    let (range, rest) = line.split_once(' ')?;
    let (start, end) = range.split_once('-')?;
    let address = |hex| u64::from_str_radix(hex, 16).ok();
    rest.starts_with("rw")
        .then_some((address(start)?, address(end)?))
}

/// Runs something far down the stack, where no later call writes over what it leaves there.
#[inline(never)]
#[allow(
    clippy::large_stack_arrays,
    reason = "distance on the stack is what this is for"
)]
fn deeper<R>(run: impl FnOnce() -> R) -> R {
    let mut distance = black_box([0_u8; 1 << 17]);
    let result = run();
    black_box(&mut distance);
    result
}

/// Writes over all of the stack that has been used, and over what was freed on the heap.
fn overwrite() {
    #[inline(never)]
    #[allow(
        clippy::large_stack_arrays,
        reason = "as much of the stack as was used"
    )]
    fn stack() {
        let mut dead = [0_u8; 1 << 19];
        dead.zeroize();
        black_box(&dead);
    }
    stack();
    let freed: Vec<Vec<u8>> = (0..100_000).map(|at| vec![0x11; 16 + at % 512]).collect();
    drop(black_box(freed));
}

fn inverted(bytes: Vec<u8>) -> Vec<u8> {
    bytes.into_iter().map(|byte| !byte).collect()
}

fn upright(inverted: &[u8]) -> Vec<u8> {
    inverted.iter().map(|byte| !byte).collect()
}

struct Counting(u8);

impl TryRng for Counting {
    type Error = Infallible;

    fn try_next_u32(&mut self) -> Result<u32, Infallible> {
        Ok(4)
    }

    fn try_next_u64(&mut self) -> Result<u64, Infallible> {
        Ok(4)
    }

    fn try_fill_bytes(&mut self, bytes: &mut [u8]) -> Result<(), Infallible> {
        for byte in bytes {
            self.0 = self.0.wrapping_add(1);
            *byte = self.0;
        }
        Ok(())
    }
}

impl TryCryptoRng for Counting {}
