//! Ending a session that is for one command only, however the command ends.

use std::thread;

use ssss_client::ssss_model::ruma_common::OwnedUserId;
use ssss_client::{
    AccountDataError, Homeserver, HomeserverAccount, HomeserverOptions, LoggedIn, Tokens,
};
use tokio::runtime::Builder;
use tokio::signal::unix::{SignalKind, signal};

/// Ends the session when the process is told to stop. Nothing that is written needs finishing then:
/// whatever moment a change is stopped at, the account is whole.
///
/// It waits on a thread of its own: the others may be busy, or ask a person.
pub(crate) fn on_signals(url: &str, options: HomeserverOptions, session: &LoggedIn) {
    let url = url.to_owned();
    let user = session.user_id.clone();
    let tokens = session.tokens.clone();
    thread::spawn(move || {
        let Ok(runtime) = Builder::new_current_thread().enable_all().build() else {
            return;
        };
        let code = runtime.block_on(async {
            let code = told_to_stop().await?;
            _ = end(&url, &options, user, tokens).await;
            Some(code)
        });
        if let Some(code) = code {
            std::process::exit(code);
        }
    });
}

/// Waits for SIGINT or SIGTERM, and gives what a shell makes of it.
async fn told_to_stop() -> Option<i32> {
    let mut interrupt = signal(SignalKind::interrupt()).ok()?;
    let mut terminate = signal(SignalKind::terminate()).ok()?;
    tokio::select! {
        _ = interrupt.recv() => Some(130),
        _ = terminate.recv() => Some(143),
    }
}

/// Over a connection of its own: those of the command may be in the middle of something.
async fn end(
    url: &str,
    options: &HomeserverOptions,
    user: OwnedUserId,
    tokens: Tokens,
) -> Result<(), AccountDataError> {
    let server = Homeserver::connect(url, options).await?;
    let account = HomeserverAccount::new(server, user, None, tokens);
    account.log_out().await
}
