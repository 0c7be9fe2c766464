//! Choices that look random and are the same in every run.

use proptest::test_runner::{RngAlgorithm, TestRng};
use ssss_client::ssss_model::rand_core::Rng as _;

/// Draws, from a name and a number.
pub(crate) struct Draw(TestRng);

impl Draw {
    pub(crate) fn new(name: &str, number: u64) -> Self {
        let mut seed = [0; 32];
        for (byte, letter) in seed.iter_mut().zip(name.bytes()) {
            *byte = letter;
        }
        seed[24..].copy_from_slice(&number.to_le_bytes());
        Self(TestRng::from_seed(RngAlgorithm::ChaCha, &seed))
    }

    /// A number less than this.
    pub(crate) fn below(&mut self, end: usize) -> usize {
        let number = self.0.next_u64() % u64::try_from(end).unwrap();
        usize::try_from(number).unwrap()
    }

    /// Yes, once in so many.
    pub(crate) fn one_in(&mut self, many: usize) -> bool {
        self.below(many) == 0
    }

    pub(crate) fn pick<'a, T>(&mut self, from: &'a [T]) -> Option<&'a T> {
        if from.is_empty() {
            return None;
        }
        from.get(self.below(from.len()))
    }

    pub(crate) fn shuffled<T>(&mut self, mut items: Vec<T>) -> Vec<T> {
        for end in (1..items.len()).rev() {
            items.swap(end, self.below(end + 1));
        }
        items
    }
}
