//! Wiping what a call leaves on the stack.
//!
//! Types that wipe themselves are not enough: a value that is moved leaves its old bytes behind, and
//! the HMAC, HKDF and PBKDF2 of our dependencies keep key blocks and outputs in arrays that nothing
//! wipes. All of that lies below the caller's frame when the call has returned, and is overwritten
//! there.

use core::hint::black_box;

use zeroize::Zeroize as _;

/// 32 KiB. The AES of some processors works on 64 blocks at once, and leaves its key further down than
/// anything else: within 2 KiB in an optimised build, beyond 16 KiB in one that is not at all.
/// `tests/wiping.rs` fails when this no longer suffices.
const WORDS: usize = 4096;

/// Runs something, then wipes the stack that it used.
pub(crate) fn wiped_after<R>(run: impl FnOnce() -> R) -> R {
    let result = below(run);
    wipe();
    result
}

/// Not inlined, so that what runs has its frames where [`wipe`] has its own.
#[inline(never)]
fn below<R>(run: impl FnOnce() -> R) -> R {
    run()
}

#[inline(never)]
#[expect(clippy::large_stack_arrays, reason = "the stack is what is wiped")]
fn wipe() {
    let mut dead = [0_u64; WORDS];
    dead.zeroize();
    black_box(&dead);
}
