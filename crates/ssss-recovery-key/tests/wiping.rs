//! Reads this process's own memory to see that a key leaves nothing behind, on the heap or on the
//! stack.
//!
//! In a binary of its own, so that no other test has keys in memory at the same time.
#![cfg(target_os = "linux")]

use std::fs::{self, File};
use std::hint::black_box;
use std::os::unix::fs::FileExt;

use ssss_recovery_key::RecoveryKey;
use zeroize::Zeroize;

/// What a key is on its way through the crate: its bytes, its text and its base58 digits. Never the
/// start of any, because an allocator writes there when the memory is given back. Inverted, so that
/// a scan does not find these constants.
const BYTES: [u8; 12] = inverted(*b"\xeb\xc0\x99\x2a\xb1\x77\xfb\xa5\x1d\xb9\x2c\x2a");
const TEXT: [u8; 12] = inverted(*b"fu gUMN UE4d");
const DIGITS: [u8; 12] = inverted([23, 8, 38, 52, 39, 27, 20, 21, 27, 13, 3, 36]);

#[test]
fn a_key_leaves_nothing_in_memory() {
    let key = deeper(|| {
        let mut bytes = *b"\x77\x07\x6d\x0a\x73\x18\xa5\x7d\x3c\x16\xc1\x72\x51\xb2\x66\x45\
            \xdf\x4c\x2f\x87____________";
        for (byte, inverted) in bytes[20..].iter_mut().zip(BYTES) {
            *byte = !inverted;
        }
        let key = RecoveryKey::from_bytes(&bytes);
        bytes.zeroize();
        key
    });
    assert!(
        is_in_memory(BYTES),
        "the scan does not find the key, which is there"
    );

    let text = deeper(|| key.format());
    drop(key);
    assert!(!is_in_memory(BYTES), "bytes, after formatting");
    assert!(!is_in_memory(DIGITS), "digits, after formatting");

    let parsed = deeper(|| RecoveryKey::parse(text.expose()).unwrap());
    assert!(
        is_in_memory(BYTES),
        "the scan does not find the parsed key, which is there"
    );
    drop(parsed);
    assert!(!is_in_memory(BYTES), "bytes, after parsing");
    assert!(!is_in_memory(DIGITS), "digits, after parsing");

    assert!(
        is_in_memory(TEXT),
        "the scan does not find the text, which is there"
    );
    drop(text);
    assert!(!is_in_memory(TEXT), "text");

    let digits: Vec<u8> = deeper(|| DIGITS.iter().map(|digit| !digit).collect());
    assert!(
        is_in_memory(DIGITS),
        "the scan does not find digits that are there"
    );
    drop(black_box(digits));
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

/// Whether the needle is anywhere in this process's writable memory.
fn is_in_memory(inverted_needle: [u8; 12]) -> bool {
    let memory = File::open("/proc/self/mem").unwrap();
    let mut window = vec![0; 1 << 16];
    let maps = fs::read_to_string("/proc/self/maps").unwrap();
    for (mut at, end) in maps.lines().filter_map(writable) {
        while at < end {
            // The window is memory too: it must not show what was in it the last time.
            window.zeroize();
            window.resize(1 << 16, 0);
            // Pages that cannot be read, such as the kernel's own, hold nothing of ours.
            let Ok(read) = memory.read_at(&mut window, at) else {
                break;
            };
            let found = window[..read].windows(inverted_needle.len()).any(|seen| {
                seen.iter()
                    .zip(&inverted_needle)
                    .all(|(seen, not)| *seen == !not)
            });
            if found {
                window.zeroize();
                return true;
            }
            // The last bytes are read again, in case a needle straddles two windows.
            let step = if read > inverted_needle.len() {
                read - inverted_needle.len()
            } else {
                read
            };
            at += u64::try_from(step.max(1)).unwrap();
        }
    }
    false
}

/// The range of addresses of a line of `/proc/self/maps`, if it is writable.
fn writable(line: &str) -> Option<(u64, u64)> {
    let (range, rest) = line.split_once(' ')?;
    let (start, end) = range.split_once('-')?;
    let address = |hex| u64::from_str_radix(hex, 16).ok();
    rest.starts_with("rw")
        .then_some((address(start)?, address(end)?))
}

const fn inverted(mut bytes: [u8; 12]) -> [u8; 12] {
    let mut at = 0;
    while at < bytes.len() {
        bytes[at] = !bytes[at];
        at += 1;
    }
    bytes
}
