//! This process's own memory, as the system sees it.

use std::fs::{self, File};
use std::hint::black_box;
use std::io;
use std::os::unix::fs::FileExt as _;

use zeroize::Zeroize as _;

use crate::needle::{LEN, Needles};

const WINDOW: usize = 1 << 16;

/// How often each needle is in memory that this process may write to. What is found is written over, so that
/// it is found once.
pub fn scan(needles: &Needles) -> io::Result<Vec<usize>> {
    let memory = File::options()
        .read(true)
        .write(true)
        .open("/proc/self/mem")?;
    let maps = fs::read_to_string("/proc/self/maps")?;
    let mut counts = vec![0; needles.len()];
    let mut window = vec![0; WINDOW];
    let mut places = Vec::with_capacity(1 << 10);
    for (mut at, end) in maps.lines().filter_map(writable) {
        while at < end {
            // The window is memory too: it must not show what was in it the last time.
            window.zeroize();
            window.resize(WINDOW, 0);
            // Pages that cannot be read, such as the kernel's own, hold nothing of ours.
            let Ok(read) = memory.read_at(&mut window, at) else {
                break;
            };
            places.clear();
            needles.find(&window[..read], |place, number| {
                places.push((place, number))
            });
            window.zeroize();
            for (place, number) in &places {
                counts[*number] += 1;
                memory.write_all_at(&[0; LEN], at + *place as u64)?;
            }
            // The last bytes are read again, in case a needle straddles two windows.
            let step = if read > LEN { read - LEN + 1 } else { read };
            at += step.max(1) as u64;
        }
    }
    Ok(counts)
}

/// The range of addresses of a line of `/proc/self/maps`, if it is writable.
fn writable(line: &str) -> Option<(u64, u64)> {
    let (range, rest) = line.split_once(' ')?;
    let (start, end) = range.split_once('-')?;
    let address = |hex| u64::from_str_radix(hex, 16).ok();
    rest.starts_with("rw")
        .then_some((address(start)?, address(end)?))
}

/// Runs something far down the stack, where no later call writes over what it leaves there.
#[inline(never)]
#[allow(
    clippy::large_stack_arrays,
    reason = "distance on the stack is what this is for"
)]
pub fn deeper<R>(run: impl FnOnce() -> R) -> R {
    let mut distance = black_box([0_u8; 1 << 17]);
    let result = run();
    black_box(&mut distance);
    result
}

/// Writes over all of the stack that has been used, and over what was freed on the heap.
pub fn overwrite() {
    #[inline(never)]
    #[allow(
        clippy::large_stack_arrays,
        reason = "as much of the stack as was used"
    )]
    fn stack() {
        let mut dead = [0_u8; 1 << 19];
        dead.zeroize();
        black_box(&dead);
    }
    stack();
    let freed: Vec<Vec<u8>> = (0..100_000).map(|at| vec![0x11; 16 + at % 512]).collect();
    drop(black_box(freed));
}
