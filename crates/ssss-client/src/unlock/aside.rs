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
    let there = Hand {
        work: Arc::clone(&work),
        place: Arc::clone(&place),
    };
    let thread = std::thread::Builder::new().name("ssss-unlock".to_owned());
    if thread.spawn(move || there.run()).is_err() {
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

struct Hand<T, F> {
    work: Arc<F>,
    place: Arc<Mutex<Place<T>>>,
}

impl<T, F: Fn() -> T> Hand<T, F> {
    fn run(self) {
        let value = (self.work)();
        self.put(Place::Done(value));
    }
}

impl<T, F> Hand<T, F> {
    fn put(&self, new: Place<T>) {
        let before = std::mem::replace(&mut *lock(&self.place), new);
        if let Place::Empty(Some(waker)) = before {
            waker.wake();
        }
    }
}

impl<T, F> Drop for Hand<T, F> {
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
    use super::aside;

    #[test]
    fn work_is_done_on_another_thread() {
        let here = std::thread::current().id();
        let there = pollster::block_on(aside(|| std::thread::current().id()));
        assert_ne!(here, there);
    }

    #[test]
    fn what_panics_there_panics_here() {
        let run = || pollster::block_on(aside(|| -> u8 { panic!("of the test") }));
        assert!(std::panic::catch_unwind(run).is_err());
    }
}
