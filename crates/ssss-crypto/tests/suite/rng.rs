//! Random numbers that a test chooses.

use std::convert::Infallible;

use ssss_crypto::rand_core::{TryCryptoRng, TryRng};

/// Gives these bytes, and no more of them.
pub(crate) struct Chosen<'a>(pub(crate) &'a [u8]);

impl TryRng for Chosen<'_> {
    type Error = Infallible;

    fn try_next_u32(&mut self) -> Result<u32, Infallible> {
        unimplemented_for_words()
    }

    fn try_next_u64(&mut self) -> Result<u64, Infallible> {
        unimplemented_for_words()
    }

    fn try_fill_bytes(&mut self, bytes: &mut [u8]) -> Result<(), Infallible> {
        let (given, rest) = self.0.split_at(bytes.len());
        bytes.copy_from_slice(given);
        self.0 = rest;
        Ok(())
    }
}

impl TryCryptoRng for Chosen<'_> {}

fn unimplemented_for_words() -> ! {
    panic!("only bytes are drawn")
}
