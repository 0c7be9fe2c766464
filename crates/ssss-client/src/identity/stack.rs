//! Wiping what making and using a private key leaves on the stack: ed25519's keys are returned by value, and
//! what is moved leaves its old bytes behind.

use ssss_model::zeroize::zeroize_stack;

/// In bytes. `cargo xtask wiping` fails when this no longer suffices where all is optimised.
const DEPTH: usize = if cfg!(debug_assertions) {
    64 << 10
} else {
    16 << 10
};

/// Runs something that returns no private key but a boxed one, then wipes the stack that it used.
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
