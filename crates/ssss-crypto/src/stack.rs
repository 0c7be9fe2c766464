//! Wiping what a call leaves on the stack.
//!
//! Types that wipe themselves are not enough: a value that is moved leaves its old bytes behind, and
//! the HMAC, HKDF and PBKDF2 of our dependencies keep key blocks and outputs in arrays that nothing
//! wipes. All of that lies below the caller's frame when the call has returned, and is overwritten
//! there.

use zeroize::zeroize_stack;

/// In bytes. The AES of some processors works on 64 blocks at once, and leaves its key further down than
/// anything else: within 2 KiB where all is optimised, within 8 KiB where little is, and beyond 16 KiB in a
/// debug build. `tests/wiping.rs` fails when this no longer suffices.
const DEPTH: usize = if cfg!(debug_assertions) {
    32_768
} else {
    8_192
};

/// Runs something, then wipes the stack that it used.
pub(crate) fn wiped_after<R>(run: impl FnOnce() -> R) -> R {
    let result = below(run);
    zeroize_stack::<DEPTH>();
    result
}

/// Not inlined, so that what runs has its frames where those of `zeroize_stack` are.
#[inline(never)]
fn below<R>(run: impl FnOnce() -> R) -> R {
    run()
}
