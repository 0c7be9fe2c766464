//! An allocator that looks at what it is given back.

use std::alloc::{GlobalAlloc, Layout, System};
use std::ptr;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};

use crate::needle::Needles;

/// The system's allocator, but for the looking.
pub struct Spy;

static NEEDLES: OnceLock<Needles> = OnceLock::new();
/// A bit for each needle that was in a block when it was given back.
static FOUND: AtomicU64 = AtomicU64::new(0);
/// Blocks that were looked at.
static LOOKED_AT: AtomicUsize = AtomicUsize::new(0);

/// Says what to look for, from now on.
///
/// # Panics
///
/// If it was said before, or there are more than 64 needles.
pub fn look_for(needles: Needles) -> &'static Needles {
    assert!(needles.len() <= 64, "a bit for each");
    assert!(NEEDLES.set(needles).is_ok(), "it is said once");
    NEEDLES.get().unwrap()
}

/// What was found since this was asked the last time, a bit for each needle; and in how many blocks it was
/// looked.
pub fn found() -> (u64, usize) {
    (
        FOUND.swap(0, Ordering::Relaxed),
        LOOKED_AT.swap(0, Ordering::Relaxed),
    )
}

/// # Safety
///
/// The block must be allocated, and nobody may write to it meanwhile.
unsafe fn look_at(block: *mut u8, len: usize) {
    let Some(needles) = NEEDLES.get() else {
        return;
    };
    LOOKED_AT.fetch_add(1, Ordering::Relaxed);
    let mut piece = [0; 1 << 10];
    let mut at = 0;
    while at < len {
        let taken = piece.len().min(len - at);
        for (offset, place) in piece[..taken].iter_mut().enumerate() {
            // SAFETY: it is within the block. Volatile, so that the compiler does not make use of its knowing
            // that nobody wrote some of these bytes.
            *place = unsafe { block.add(at + offset).read_volatile() };
        }
        needles.find(&piece[..taken], |_, number| {
            FOUND.fetch_or(1 << number, Ordering::Relaxed);
        });
        if at + taken == len {
            break;
        }
        // In case a needle straddles two pieces.
        at += taken - crate::needle::LEN;
    }
    zeroize::Zeroize::zeroize(&mut piece[..]);
}

// SAFETY: every request is passed on to the system's allocator as it is, or, for `realloc`, as the documentation of
// the trait has it.
unsafe impl GlobalAlloc for Spy {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        // SAFETY: as the caller promises.
        unsafe { System.alloc(layout) }
    }

    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        // SAFETY: as the caller promises.
        unsafe { System.alloc_zeroed(layout) }
    }

    unsafe fn dealloc(&self, block: *mut u8, layout: Layout) {
        // SAFETY: the caller gives the block back, so nobody else uses it; it was allocated with this layout.
        unsafe {
            look_at(block, layout.size());
            System.dealloc(block, layout);
        }
    }

    /// Always moves, as any allocator may.
    unsafe fn realloc(&self, block: *mut u8, layout: Layout, new_size: usize) -> *mut u8 {
        // SAFETY: the caller promises that the new size, rounded up, is no more than a layout can have, and
        // not zero; both blocks are as long as what is copied, and are different ones.
        unsafe {
            let new_layout = Layout::from_size_align_unchecked(new_size, layout.align());
            let new = System.alloc(new_layout);
            if !new.is_null() {
                ptr::copy_nonoverlapping(block, new, layout.size().min(new_size));
                self.dealloc(block, layout);
            }
            new
        }
    }
}
