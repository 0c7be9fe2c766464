//! Logging in, tokens that expire, and tokens that are renewed.

use std::sync::{Arc, Mutex};

use serde_json::json;
use ssss_client::ssss_model::ruma_common::OwnedUserId;
use ssss_client::ssss_model::zeroize::Zeroizing;
use ssss_client::{
    AccountData as _, AccountDataErrorKind as Kind, Homeserver, HomeserverAccount, KeepTokens,
    Tokens,
};

use crate::server::{FakeServer, Fault, REFRESH, TOKEN, USER};
use crate::{account, block_on, options};

fn user() -> OwnedUserId {
    USER.parse().unwrap()
}

#[test]
fn a_password_logs_in_and_a_wrong_one_does_not() {
    let server = FakeServer::start();
    block_on(async {
        let homeserver = Homeserver::connect(&server.url, &options()).await.unwrap();
        let log_in = async |password, lasting| {
            homeserver
                .log_in_by_password(&user(), password, "ssss", lasting)
                .await
        };
        let begun = log_in("canary-password", false).await.unwrap();
        assert_eq!(begun.user_id, USER);
        assert_eq!(begun.tokens.access_token.as_str(), TOKEN);
        assert!(begun.tokens.refresh_token.is_none());
        assert!(!format!("{begun:?}").contains("canary"));
        let lasting = log_in("canary-password", true).await.unwrap();
        assert_eq!(lasting.tokens.refresh_token.unwrap().as_str(), REFRESH);
        let error = log_in("wrong", false).await.unwrap_err();
        assert_eq!(error.kind(), Kind::Forbidden);
        assert_eq!(homeserver.url(), server.url, "it stays where it is");
    });
}

#[test]
fn a_token_says_whose_it_is() {
    let server = FakeServer::start();
    block_on(async {
        let connect = async || Homeserver::connect(&server.url, &options()).await.unwrap();
        let token = |text: &str| Zeroizing::new(text.to_owned());
        let account = HomeserverAccount::of_token(connect().await, token(TOKEN))
            .await
            .unwrap();
        assert_eq!(account.user_id(), USER);
        assert_eq!(account.device_id().unwrap(), "DEVICE");
        let error = HomeserverAccount::of_token(connect().await, token("no"))
            .await
            .unwrap_err();
        assert_eq!(error.kind(), Kind::LoginNeeded);
        account.log_out().await.unwrap();
        assert_eq!(
            account.get("m.x").await.unwrap_err().kind(),
            Kind::LoginNeeded
        );
    });
}

/// Keeps tokens in memory.
#[derive(Debug, Clone, Default)]
struct Kept(Arc<Mutex<Option<Tokens>>>);

impl KeepTokens for Kept {
    fn keep(&self, tokens: &Tokens) -> Result<(), String> {
        *self.0.lock().unwrap() = Some(tokens.clone());
        Ok(())
    }

    fn kept(&self) -> Option<Tokens> {
        self.0.lock().unwrap().clone()
    }
}

/// Cannot keep anything.
#[derive(Debug)]
struct FullDisk;

impl KeepTokens for FullDisk {
    fn keep(&self, _: &Tokens) -> Result<(), String> {
        Err("the disk is full".to_owned())
    }

    fn kept(&self) -> Option<Tokens> {
        None
    }
}

async fn lasting(server: &FakeServer, keeper: impl KeepTokens + 'static) -> HomeserverAccount {
    let homeserver = Homeserver::connect(&server.url, &options()).await.unwrap();
    let tokens = Tokens {
        access_token: Zeroizing::new(TOKEN.to_owned()),
        refresh_token: Some(Zeroizing::new(REFRESH.to_owned())),
    };
    HomeserverAccount::new(homeserver, user(), None, tokens).keep_tokens(Box::new(keeper))
}

#[test]
fn an_expired_token_is_renewed_once_for_all_and_kept_before_it_is_used() {
    let server = FakeServer::start();
    server
        .state()
        .account_data
        .insert("m.x".to_owned(), json!({"a": 1}));
    let kept = Kept::default();
    block_on(async {
        let account = lasting(&server, kept.clone()).await;
        server.state().tokens.clear();
        let gets = (0..8).map(|_| account.get("m.x"));
        let got = futures_util::future::join_all(gets).await;
        assert!(
            got.iter()
                .all(|got| got.as_ref().is_ok_and(Option::is_some)),
            "{got:?}"
        );
    });
    let seen = server.take_seen();
    let refreshes = seen.iter().filter(|seen| seen.target.ends_with("/refresh"));
    assert_eq!(refreshes.count(), 1);
    let kept = kept.kept().unwrap();
    assert_eq!(server.state().tokens, [kept.access_token.to_string()]);
    assert_eq!(*kept.refresh_token.unwrap(), server.state().refresh_token);
}

#[test]
fn tokens_that_another_process_has_renewed_are_taken_over() {
    let server = FakeServer::start();
    let kept = Kept::default();
    kept.keep(&Tokens {
        access_token: Zeroizing::new("renewed".to_owned()),
        refresh_token: None,
    })
    .unwrap();
    server.state().tokens = vec!["renewed".to_owned()];
    block_on(async { lasting(&server, kept).await.who_am_i().await.unwrap() });
    assert!(
        server
            .take_seen()
            .iter()
            .all(|seen| !seen.target.ends_with("/refresh"))
    );
}

#[test]
fn a_session_that_cannot_be_renewed_or_kept_says_so() {
    let server = FakeServer::start();
    block_on(async {
        let account = lasting(&server, FullDisk).await;
        server.state().tokens.clear();
        let error = account.get("m.x").await.unwrap_err();
        assert_eq!(error.kind(), Kind::Io);
        let account = lasting(&server, Kept::default()).await;
        server.state().tokens.clear();
        server.state().refresh_token = "another".to_owned();
        let error = account.get("m.x").await.unwrap_err();
        assert_eq!(error.kind(), Kind::LoginNeeded);
        assert!(!format!("{error:?}").contains("canary"));
    });
}

#[test]
fn a_token_that_was_given_is_never_renewed() {
    let server = FakeServer::start();
    block_on(async {
        let account = account(&server).await;
        server.state().tokens.clear();
        assert_eq!(
            account.get("m.x").await.unwrap_err().kind(),
            Kind::LoginNeeded
        );
    });
    assert!(
        server
            .take_seen()
            .iter()
            .all(|seen| !seen.target.ends_with("/refresh"))
    );
}

#[test]
fn only_a_token_that_the_server_does_not_know_is_renewed() {
    for (status, body, renewals) in [
        (401, r#"{"errcode":"M_UNKNOWN_TOKEN"}"#, 1),
        (401, r#"{"errcode":"M_USER_LOCKED"}"#, 0),
        (401, "<html>", 0),
        (403, r#"{"errcode":"M_FORBIDDEN"}"#, 0),
        (404, r#"{"errcode":"M_NOT_FOUND"}"#, 0),
    ] {
        let server = FakeServer::start();
        block_on(async {
            let account = lasting(&server, Kept::default()).await;
            let mut once = Some(Fault::Answer(status, &[], body));
            server.fail(move |_| once.take());
            _ = account.get("m.x").await;
        });
        let seen = server.take_seen();
        let renewed = seen.iter().filter(|seen| seen.target.ends_with("/refresh"));
        assert_eq!(renewed.count(), renewals, "{status} {body}");
    }
}
