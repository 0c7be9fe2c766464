//! Tells valgrind's memcheck what is secret, in its own language: a secret is memory that was never given a
//! value, and memcheck complains of each branch and each address that depends on one.
//!
//! A request is a sequence of instructions that does nothing, and that valgrind knows (`valgrind.h`).

use std::arch::asm;
use std::mem::MaybeUninit;

const MAKE_UNDEFINED: u64 = request(1);
const MAKE_DEFINED: u64 = request(2);
/// Not a request of memcheck, so it is answered by valgrind itself: how deep it runs in itself.
const RUNNING_ON_VALGRIND: u64 = 0x1001;

/// The n-th request of memcheck's: `MC`, and a number.
const fn request(number: u64) -> u64 {
    0x4d43_0000 + number
}

/// Whether valgrind runs this.
#[must_use]
pub fn is_running() -> bool {
    ask::<u8>(RUNNING_ON_VALGRIND, &mut []) != 0
}

/// From now on nothing may depend on these bytes but other bytes.
pub fn secret(bytes: &mut [u8]) {
    ask(MAKE_UNDEFINED, bytes);
}

/// Bytes that anybody may see, such as a ciphertext.
pub fn public(bytes: &mut [u8]) {
    ask(MAKE_DEFINED, bytes);
}

/// What a call tells its caller, such as whether a MAC matches. Only what lies in the value itself is made
/// public, not what it points to.
pub fn verdict<T>(value: &mut T) {
    let at = std::ptr::from_mut(value).cast::<MaybeUninit<u8>>();
    // SAFETY: these are the bytes of a value that nobody else reaches now; some may be padding.
    let bytes = unsafe { std::slice::from_raw_parts_mut(at, size_of::<T>()) };
    ask(MAKE_DEFINED, bytes);
}

/// The compiler does not know that no byte is changed, so that it goes on with what is in memory, and not
/// with what it had in a register.
#[cfg(target_arch = "x86_64")]
#[inline(never)]
fn ask<T>(request: u64, bytes: &mut [T]) -> u64 {
    let arguments = [
        request,
        bytes.as_mut_ptr() as u64,
        bytes.len() as u64,
        0,
        0,
        0,
    ];
    let mut answer = 0;
    // SAFETY: the four rotations of `rdi` are 128 bits in all, two full turns, and `rbx` is exchanged with
    // itself: outside of valgrind nothing changes but flags. Valgrind reads `arguments`, marks the
    // bytes they name in a table of its own, and writes `rdx`.
    unsafe {
        asm!(
            "rol rdi, 3",
            "rol rdi, 13",
            "rol rdi, 61",
            "rol rdi, 51",
            "xchg rbx, rbx",
            inout("rdx") answer,
            in("rax") arguments.as_ptr(),
        );
    }
    answer
}

#[cfg(not(target_arch = "x86_64"))]
compile_error!("valgrind's requests are spelled for x86-64 only");
