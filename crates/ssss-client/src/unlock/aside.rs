//! Work that takes long, on a thread of its own.

use std::future::poll_fn;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Poll, Waker};

/// Does work on a thread of its own, so that whoever waits can do something else meanwhile. Where there
/// are no threads, does it here.
pub(super) async fn aside<T, F>(work: F) -> T
where
    T: Send + 'static,
    F: Fn() -> T + Send + Sync + 'static,
{
    let work = Arc::new(work);
    let place = Arc::new(Mutex::new(Place::Empty(None)));
    let there = Arc::clone(&work);
    let hand = Hand {
        place: Arc::clone(&place),
    };
    let thread = std::thread::Builder::new().name("ssss-unlock".to_owned());
    if thread.spawn(move || hand.run(there)).is_err() {
        return work();
    }
    let done = poll_fn(|context| {
        let mut place = lock(&place);
        match std::mem::replace(&mut *place, Place::Over) {
            Place::Empty(_) => {
                *place = Place::Empty(Some(context.waker().clone()));
                Poll::Pending
            }
            Place::Done(value) => Poll::Ready(Some(value)),
            Place::Over => Poll::Ready(None),
        }
    });
    match done.await {
        Some(value) => value,
        // The thread has panicked, and this will, where it is seen.
        None => work(),
    }
}

/// Where the result comes to lie.
enum Place<T> {
    /// There is none yet, and this one waits for it.
    Empty(Option<Waker>),
    Done(T),
    /// There will be none, or it was taken away.
    Over,
}

struct Hand<T> {
    place: Arc<Mutex<Place<T>>>,
}

impl<T> Hand<T> {
    fn run<F: Fn() -> T>(self, work: Arc<F>) {
        let value = work();
        // Before whoever waits goes on, for it may hold a secret, which is wiped with the last of it.
        drop(work);
        self.put(Place::Done(value));
    }

    fn put(&self, new: Place<T>) {
        let before = std::mem::replace(&mut *lock(&self.place), new);
        if let Place::Empty(Some(waker)) = before {
            waker.wake();
        }
    }
}

impl<T> Drop for Hand<T> {
    fn drop(&mut self) {
        if matches!(&*lock(&self.place), Place::Empty(_)) {
            self.put(Place::Over);
        }
    }
}

fn lock<T>(place: &Mutex<Place<T>>) -> MutexGuard<'_, Place<T>> {
    // Nothing panics while it holds the lock.
    place.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::aside;

    #[test]
    fn work_is_done_on_another_thread() {
        let here = std::thread::current().id();
        let there = pollster::block_on(aside(|| std::thread::current().id()));
        assert_ne!(here, there);
    }

    #[test]
    fn nothing_is_held_there_when_it_is_done() {
        let held = Arc::new(());
        for _ in 0..1000 {
            let there = Arc::clone(&held);
            pollster::block_on(aside(move || Arc::strong_count(&there)));
            assert_eq!(Arc::strong_count(&held), 1);
        }
    }

    #[test]
    fn what_panics_there_panics_here() {
        let run = || pollster::block_on(aside(|| -> u8 { panic!("of the test") }));
        assert!(std::panic::catch_unwind(run).is_err());
    }
}
