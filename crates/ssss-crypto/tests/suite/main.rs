//! What other implementations' vectors, known answers and a plain second implementation say of this
//! crate.

mod check;
mod passphrases;
#[path = "../reference/aes_hmac_sha2.rs"]
mod reference;
mod rng;
mod sealing;
mod secrecy;
mod vectors;
mod wycheproof;
