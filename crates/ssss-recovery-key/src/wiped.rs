//! Arrays that are wiped when dropped.

use core::ops::{Deref, DerefMut};

use zeroize::Zeroize as _;

/// Wiped as a slice, which is one fill; `Zeroizing` wipes an array byte by byte, for a tenth of the time
/// that parsing a key takes.
pub(crate) struct Wiped<const LEN: usize>([u8; LEN]);

impl<const LEN: usize> Wiped<LEN> {
    pub(crate) fn zeros() -> Self {
        Self([0; LEN])
    }
}

impl<const LEN: usize> Drop for Wiped<LEN> {
    fn drop(&mut self) {
        self.0.as_mut_slice().zeroize();
    }
}

impl<const LEN: usize> Deref for Wiped<LEN> {
    type Target = [u8; LEN];

    fn deref(&self) -> &[u8; LEN] {
        &self.0
    }
}

impl<const LEN: usize> DerefMut for Wiped<LEN> {
    fn deref_mut(&mut self) -> &mut [u8; LEN] {
        &mut self.0
    }
}
