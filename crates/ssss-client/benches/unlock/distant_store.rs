//! A store that is some way off: each answer comes a while after it was asked for.

use std::future::poll_fn;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex};
use std::task::{Poll, Waker};
use std::thread;
use std::time::{Duration, Instant};

use ssss_client::{AccountData, AccountDataError, Content, Listing, MemoryStore};

pub(crate) struct DistantStore {
    inner: MemoryStore,
    latency: Duration,
    alarms: Sender<(Instant, Arc<Mutex<Alarm>>)>,
}

#[derive(Default)]
struct Alarm {
    has_rung: bool,
    waker: Option<Waker>,
}

impl DistantStore {
    pub(crate) fn new(inner: MemoryStore, latency: Duration) -> Self {
        let (alarms, set) = channel();
        thread::spawn(move || ring(&set));
        Self {
            inner,
            latency,
            alarms,
        }
    }

    async fn wait(&self) {
        if self.latency.is_zero() {
            return;
        }
        let alarm = Arc::new(Mutex::new(Alarm::default()));
        let at = Instant::now() + self.latency;
        self.alarms.send((at, Arc::clone(&alarm))).unwrap();
        poll_fn(|context| {
            let mut alarm = alarm.lock().unwrap();
            alarm.waker = Some(context.waker().clone());
            if alarm.has_rung {
                Poll::Ready(())
            } else {
                Poll::Pending
            }
        })
        .await;
    }
}

/// All wait for as long, so they end in the order in which they began.
fn ring(set: &Receiver<(Instant, Arc<Mutex<Alarm>>)>) {
    for (at, alarm) in set {
        thread::sleep(at.saturating_duration_since(Instant::now()));
        let mut alarm = alarm.lock().unwrap();
        alarm.has_rung = true;
        if let Some(waker) = alarm.waker.take() {
            waker.wake();
        }
    }
}

impl AccountData for DistantStore {
    async fn get(&self, event_type: &str) -> Result<Option<Content>, AccountDataError> {
        self.wait().await;
        self.inner.get(event_type).await
    }

    async fn put(&self, event_type: &str, content: &Content) -> Result<(), AccountDataError> {
        self.wait().await;
        self.inner.put(event_type, content).await
    }

    async fn enumerate(&self) -> Result<Listing, AccountDataError> {
        self.wait().await;
        self.inner.enumerate().await
    }
}
