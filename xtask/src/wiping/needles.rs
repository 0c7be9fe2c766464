//! What is looked for in a command's memory.

use hkdf::Hkdf;
use sha2::{Digest as _, Sha256, Sha512};

/// Bytes of a secret that are looked for, after as many as an allocator may write over.
const LEN: usize = 12;
const OVERWRITTEN: usize = 16;

/// Pieces of secrets.
#[derive(Default)]
pub(super) struct Needles(Vec<(String, Vec<u8>)>);

impl Needles {
    /// A secret of 28 bytes or more.
    pub(super) fn add(&mut self, what: &str, secret: &[u8]) {
        if let Some(middle) = secret.get(OVERWRITTEN..OVERWRITTEN + LEN) {
            self.0.push((what.to_owned(), middle.to_vec()));
        }
    }

    /// The private key of a signing key, and what ed25519 makes of it (RFC 8032, 5.1.5): the bytes of a scalar, and
    /// a prefix.
    pub(super) fn add_seed(&mut self, what: &str, seed: &[u8]) {
        self.add(what, seed);
        let hash = Sha512::digest(seed);
        self.add(&format!("{what}, its scalar"), &hash[..32]);
        self.add(&format!("{what}, its prefix"), &hash[32..]);
    }

    /// A key, and what is derived from it for these names and for its check.
    pub(super) fn add_key(&mut self, what: &str, key: &[u8], names: &[&str]) {
        self.add(what, key);
        let (extracted, hkdf) = Hkdf::<Sha256>::extract(None, key);
        self.add(&format!("{what}, extracted"), &extracted);
        for name in names.iter().chain(&[""]) {
            let mut keys = [0; 64];
            if hkdf.expand(name.as_bytes(), &mut keys).is_ok() {
                self.add(&format!("{what}, AES key for {name:?}"), &keys[..32]);
                self.add(&format!("{what}, MAC key for {name:?}"), &keys[32..]);
            }
        }
    }

    /// Which of them are in some memory, and how often.
    pub(super) fn found(&self, memory: &[Vec<u8>]) -> Vec<String> {
        let mut counts = vec![0; self.0.len()];
        let mut may_begin = [false; 256];
        for (_, needle) in &self.0 {
            may_begin[usize::from(needle[0])] = true;
        }
        for region in memory {
            for (at, byte) in region.iter().enumerate() {
                if !may_begin[usize::from(*byte)] {
                    continue;
                }
                for (count, (_, needle)) in counts.iter_mut().zip(&self.0) {
                    *count += usize::from(region[at..].starts_with(needle));
                }
            }
        }
        let named = self.0.iter().zip(counts).filter(|(_, count)| *count > 0);
        named
            .map(|((what, _), count)| format!("{what} {count} times"))
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_needle_is_found_wherever_it_is() {
        let secret: Vec<u8> = (1..=32).collect();
        let mut needles = Needles::default();
        needles.add_key("key", &secret, &["m.x"]);
        assert_eq!(needles.0.len(), 6);
        assert_eq!(needles.found(&[vec![0; 1000]]), [""; 0]);
        let memory = [
            vec![7; 5],
            [&[9; 3], secret.as_slice()].concat(),
            secret[16..28].to_vec(),
        ];
        assert_eq!(needles.found(&memory), ["key 2 times"]);
        let mut needles = Needles::default();
        needles.add_seed("seed", &secret);
        let memory = [secret.clone(), Sha512::digest(&secret).to_vec()];
        let found = [
            "seed 1 times",
            "seed, its scalar 1 times",
            "seed, its prefix 1 times",
        ];
        assert_eq!(needles.found(&memory), found);
    }
}
