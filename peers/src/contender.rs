//! Somebody who does a piece of work.

use std::hint::black_box;

/// Runs something, and says what it cost.
pub type Meter = fn(&mut dyn FnMut()) -> u64;

/// Somebody who does a piece of work, as often as asked.
pub struct Contender {
    pub name: &'static str,
    run: Box<dyn FnMut(Meter, usize) -> u64>,
}

impl Contender {
    /// Does the same over and over.
    pub(crate) fn new<R: 'static>(
        name: &'static str,
        mut work: impl FnMut() -> R + 'static,
    ) -> Self {
        let run = move |meter: Meter, times| {
            meter(&mut || {
                for _ in 0..times {
                    drop(black_box(work()));
                }
            })
        };
        Self {
            name,
            run: Box::new(run),
        }
    }

    /// Uses up an input each time, which is made before and not measured.
    pub(crate) fn consuming<T: 'static, R: 'static>(
        name: &'static str,
        input: impl Fn() -> T + 'static,
        mut work: impl FnMut(T) -> R + 'static,
    ) -> Self {
        let run = move |meter: Meter, times| {
            let mut inputs: Vec<T> = (0..times).map(|_| input()).collect();
            meter(&mut || {
                for input in inputs.drain(..) {
                    drop(black_box(work(black_box(input))));
                }
            })
        };
        Self {
            name,
            run: Box::new(run),
        }
    }

    /// Works in another process, which measures the time itself: there is none but that to be had.
    pub(crate) fn elsewhere(
        name: &'static str,
        mut work: impl FnMut(usize) -> u64 + 'static,
    ) -> Self {
        Self {
            name,
            run: Box::new(move |_, times| work(times)),
        }
    }

    /// What it costs to do it this often.
    pub fn cost(&mut self, meter: Meter, times: usize) -> u64 {
        (self.run)(meter, times)
    }
}
