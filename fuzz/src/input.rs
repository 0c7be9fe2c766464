//! Reading an input as choices, and as pieces.

use std::convert::Infallible;

use ssss_crypto::rand_core::{TryCryptoRng, TryRng};

/// An input of bytes that is used up from its front. Where it ends, it goes on with zeros.
#[derive(Debug, Clone)]
pub(crate) struct Input<'a>(pub(crate) &'a [u8]);

impl<'a> Input<'a> {
    pub(crate) fn byte(&mut self) -> u8 {
        let (first, rest) = self.0.split_first().unwrap_or((&0, &[]));
        self.0 = rest;
        *first
    }

    /// A number less than this, of one byte if that will do.
    pub(crate) fn below(&mut self, end: usize) -> usize {
        let mut number = usize::from(self.byte());
        if end > 256 {
            number = number << 8 | usize::from(self.byte());
        }
        number % end
    }

    /// As many bytes as there are, up to this many.
    pub(crate) fn take(&mut self, most: usize) -> &'a [u8] {
        let (taken, rest) = self.0.split_at(most.min(self.0.len()));
        self.0 = rest;
        taken
    }

    pub(crate) fn array<const N: usize>(&mut self) -> [u8; N] {
        let mut array = [0; N];
        let taken = self.take(N);
        array[..taken.len()].copy_from_slice(taken);
        array
    }

    /// Bytes after their number, which one byte says.
    pub(crate) fn counted(&mut self) -> &'a [u8] {
        let most = usize::from(self.byte());
        self.take(most)
    }
}

/// The pieces between bytes `FF`, which no text contains; nothing if one of them is no text.
pub(crate) fn texts(data: &[u8]) -> Option<Vec<&str>> {
    data.split(|byte| *byte == 0xff)
        .map(|piece| core::str::from_utf8(piece).ok())
        .collect()
}

/// Numbers that are the same in every run, in place of random ones: a count, spread over all bytes.
#[derive(Debug, Default)]
pub(crate) struct Same(u64);

impl TryRng for Same {
    type Error = Infallible;

    fn try_next_u32(&mut self) -> Result<u32, Infallible> {
        self.try_next_u64().map(|number| (number >> 32) as u32)
    }

    fn try_next_u64(&mut self) -> Result<u64, Infallible> {
        // SplitMix64.
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        Ok(mixed ^ (mixed >> 31))
    }

    fn try_fill_bytes(&mut self, bytes: &mut [u8]) -> Result<(), Infallible> {
        for chunk in bytes.chunks_mut(8) {
            let number = self.try_next_u64()?.to_le_bytes();
            chunk.copy_from_slice(&number[..chunk.len()]);
        }
        Ok(())
    }
}

impl TryCryptoRng for Same {}
