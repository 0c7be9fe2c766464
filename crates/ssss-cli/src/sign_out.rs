//! Ending a session that is for one command only, however the command ends.

use std::future::pending;
use std::sync::{Arc, Mutex, PoisonError, mpsc};
use std::thread;

use ssss_client::ssss_model::ruma_common::OwnedUserId;
use ssss_client::{
    AccountDataError, Homeserver, HomeserverAccount, HomeserverOptions, LoggedIn, Tokens,
};
use tokio::runtime::Builder;
use tokio::signal::unix::{Signal, SignalKind, signal};

/// Ends a session when the process is told to stop. Nothing that is written needs finishing then:
/// whatever moment a change is stopped at, the account is whole.
#[derive(Debug, Clone, Default)]
pub(crate) struct SignOut(Arc<Mutex<Option<Session>>>);

#[derive(Debug)]
struct Session {
    url: String,
    options: HomeserverOptions,
    user: OwnedUserId,
    tokens: Tokens,
}

impl SignOut {
    /// Listens for signals, from before there is a session. It waits on a thread of its own: the others
    /// may be busy, or ask a person.
    pub(crate) fn listen() -> Self {
        let sign_out = Self::default();
        let session = Arc::clone(&sign_out.0);
        let (ready, is_ready) = mpsc::channel();
        thread::spawn(move || {
            let Ok(runtime) = Builder::new_current_thread().enable_all().build() else {
                return;
            };
            let code = runtime.block_on(async {
                let mut interrupt = signal(SignalKind::interrupt()).ok()?;
                let mut terminate = signal(SignalKind::terminate()).ok()?;
                let mut hangup = if is_hangup_ignored() {
                    None
                } else {
                    Some(signal(SignalKind::hangup()).ok()?)
                };
                // Nobody may be waiting for it any more.
                _ = ready.send(());
                let code = tokio::select! {
                    _ = interrupt.recv() => 130,
                    _ = terminate.recv() => 143,
                    () = hung_up(hangup.as_mut()) => 129,
                };
                let begun = session
                    .lock()
                    .unwrap_or_else(PoisonError::into_inner)
                    .take();
                if let Some(session) = begun {
                    _ = session.end().await;
                }
                Some(code)
            });
            if let Some(code) = code {
                std::process::exit(code);
            }
        });
        // Where the thread could not listen, it has hung up.
        _ = is_ready.recv();
        sign_out
    }

    /// There is a session.
    pub(crate) fn begun(&self, url: &str, options: HomeserverOptions, session: &LoggedIn) {
        let session = Session {
            url: url.to_owned(),
            options,
            user: session.user_id.clone(),
            tokens: session.tokens.clone(),
        };
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(session);
    }
}

/// Waits until the terminal is gone; for ever where that does not matter.
async fn hung_up(hangup: Option<&mut Signal>) {
    match hangup {
        Some(hangup) => _ = hangup.recv().await,
        None => pending().await,
    }
}

/// Whether whoever started the command wants it to outlive its terminal, as `nohup` does. Where a system does not
/// say so, nobody does.
fn is_hangup_ignored() -> bool {
    const HANGUP: u64 = 1;
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let ignored = status.lines().find_map(|line| line.strip_prefix("SigIgn:"));
    let ignored = ignored.and_then(|set| u64::from_str_radix(set.trim(), 16).ok());
    ignored.is_some_and(|set| set & HANGUP != 0)
}

impl Session {
    /// Over a connection of its own: those of the command may be in the middle of something.
    async fn end(self) -> Result<(), AccountDataError> {
        let server = Homeserver::connect(&self.url, &self.options).await?;
        let account = HomeserverAccount::new(server, self.user, None, self.tokens);
        account.log_out().await
    }
}
