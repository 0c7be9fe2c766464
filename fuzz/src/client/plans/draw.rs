//! Choices that a fuzzer makes, where the tests draw them.

/// Draws from bytes, one for each choice. Where they end, the first of everything is chosen.
pub(crate) struct Draw(std::vec::IntoIter<u8>);

impl Draw {
    /// The order of a run is not worth bytes of its own.
    pub(crate) fn new(_: &str, number: u64) -> Self {
        Self::of(&number.to_le_bytes())
    }

    pub(crate) fn of(bytes: &[u8]) -> Self {
        Self(Vec::from(bytes).into_iter())
    }

    /// A number less than this, which is never more than 256.
    pub(crate) fn below(&mut self, end: usize) -> usize {
        usize::from(self.0.next().unwrap_or_default()) % end
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
