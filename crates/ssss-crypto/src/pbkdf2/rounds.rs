//! The rounds of PBKDF2-HMAC-SHA-512, RFC 8018, section 5.2.
//!
//! All the time that a passphrase takes is spent here, so the rounds are made of SHA-512's compression
//! function itself. HMAC as a library has it copies and wipes two states and a buffer in each round, which
//! is a tenth of the time; here one block and one state are used again, and the caller wipes the stack.

use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::block_api::compress512;
use sha2::{Digest as _, Sha512};

/// Bytes in a block of SHA-512.
const BLOCK: usize = 128;

/// Bytes in a digest of SHA-512, and in the first block of what PBKDF2 derives.
const DIGEST: usize = 64;

/// SHA-512's initial hash value, FIPS 180-4, section 5.3.5.
const INITIAL: [u64; 8] = [
    0x6a09_e667_f3bc_c908,
    0xbb67_ae85_84ca_a73b,
    0x3c6e_f372_fe94_f82b,
    0xa54f_f53a_5f1d_36f1,
    0x510e_527f_ade6_82d1,
    0x9b05_688c_2b3e_6c1f,
    0x1f83_d9ab_fb41_bd6b,
    0x5be0_cd19_137e_2179,
];

/// Derives up to 64 bytes, which is one block of PBKDF2's.
#[expect(clippy::expect_used, reason = "HMAC takes keys of every length")]
pub(crate) fn derive(passphrase: &[u8], salt: &[u8], iterations: u32, key: &mut [u8]) {
    let mut first = Hmac::<Sha512>::new_from_slice(passphrase).expect("a key of any length");
    first.update(salt);
    first.update(&1_u32.to_be_bytes());

    let [inner, outer] = [0x36, 0x5c].map(|pad| after_key(passphrase, pad));
    let mut block = [BLOCK_OF_DIGEST];
    let mut digest = words(&first.finalize().into_bytes().into());
    let mut sum = digest;
    for _ in 1..iterations {
        for state in [&inner, &outer] {
            write(&digest, block.as_flattened_mut());
            digest = *state;
            compress512(&mut digest, &block);
        }
        for (sum, word) in sum.iter_mut().zip(digest) {
            *sum ^= word;
        }
    }
    let mut bytes = [0; DIGEST];
    write(&sum, &mut bytes);
    for (place, byte) in key.iter_mut().zip(bytes) {
        *place = byte;
    }
}

/// The state of SHA-512 after a block with the key of HMAC, RFC 2104: a longer key than a block is hashed.
fn after_key(key: &[u8], pad: u8) -> [u64; 8] {
    let digest;
    let key = if key.len() > BLOCK {
        digest = Sha512::digest(key);
        &*digest
    } else {
        key
    };
    let mut block = [pad; BLOCK];
    for (place, byte) in block.iter_mut().zip(key) {
        *place ^= byte;
    }
    let mut state = INITIAL;
    compress512(&mut state, &[block]);
    state
}

/// A block for a digest and, after it, what ends a message of one block and that digest: a one, zeros, and
/// the length in bits. FIPS 180-4, section 5.1.2.
const BLOCK_OF_DIGEST: [u8; BLOCK] = {
    let mut block = [0; BLOCK];
    block[DIGEST] = 0x80;
    let bits = 8 * (BLOCK + DIGEST);
    [.., block[BLOCK - 2], block[BLOCK - 1]] = bits.to_be_bytes();
    block
};

/// A digest as the words of a state.
fn words(digest: &[u8; DIGEST]) -> [u64; 8] {
    let mut words = [0; 8];
    for (word, bytes) in words.iter_mut().zip(digest.as_chunks().0) {
        *word = u64::from_be_bytes(*bytes);
    }
    words
}

/// Writes the words of a state as a digest, at the start of something.
fn write(state: &[u64; 8], bytes: &mut [u8]) {
    for (place, word) in bytes.as_chunks_mut().0.iter_mut().zip(state) {
        *place = word.to_be_bytes();
    }
}
