//! An account on a homeserver, which is in this process and fails as it is told to.

mod faults;
mod listing;
mod operations;
mod publishing;
mod requests;
mod server;
mod sessions;
mod urls;

use std::time::Duration;

use ssss_client::ssss_model::zeroize::Zeroizing;
use ssss_client::{Homeserver, HomeserverAccount, HomeserverOptions, Tokens};

use crate::server::{DEVICE, FakeServer, TOKEN, USER};

/// Waits for a future.
fn block_on<F: Future>(future: F) -> F::Output {
    tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap()
        .block_on(future)
}

/// Quick to give up.
fn options() -> HomeserverOptions {
    HomeserverOptions {
        timeout: Duration::from_millis(800),
        max_answer: 1 << 20,
        ..HomeserverOptions::default()
    }
}

fn tokens() -> Tokens {
    Tokens {
        access_token: Zeroizing::new(TOKEN.to_owned()),
        refresh_token: None,
    }
}

/// The account, connected.
async fn account(server: &FakeServer) -> HomeserverAccount {
    let homeserver = Homeserver::connect(&server.url, &options()).await.unwrap();
    HomeserverAccount::new(
        homeserver,
        USER.parse().unwrap(),
        Some(DEVICE.into()),
        tokens(),
    )
}
