//! Every fault at every call: an error of the right kind, or success, in time.

use std::time::{Duration, Instant};

use ssss_client::ssss_model::Object;
use ssss_client::ssss_model::ruma_common::OwnedUserId;
use ssss_client::{
    AccountData as _, AccountDataError, AccountDataErrorKind as Kind, Content, Homeserver,
    HomeserverAccount,
};

use crate::server::{FakeServer, Fault, TOKEN, USER};
use crate::{account, block_on, options};

/// As many seconds, or milliseconds, as anybody can ask for.
const FOR_EVER: &str = "18446744073709551615";
/// The last second that has a name.
const LATE: &str = "Fri, 31 Dec 9999 23:59:59 GMT";

fn content(json: &str) -> Content {
    Content::from_json_string(json.to_owned()).unwrap()
}

/// Each fault, and what it may come to if it never ends.
pub(crate) fn faults() -> Vec<(Fault, &'static [Kind])> {
    vec![
        (
            Fault::Answer(429, &[("retry-after", "0")], "{}"),
            &[Kind::RateLimited],
        ),
        (
            Fault::Answer(
                429,
                &[("retry-after", "Fri, 31 Dec 1999 23:59:59 GMT")],
                "<html>",
            ),
            &[Kind::RateLimited],
        ),
        (
            Fault::Answer(
                429,
                &[],
                r#"{"errcode":"M_LIMIT_EXCEEDED","retry_after_ms":1}"#,
            ),
            &[Kind::RateLimited],
        ),
        (
            Fault::Answer(429, &[("retry-after", "3600")], "{}"),
            &[Kind::RateLimited],
        ),
        // More than there is time, in each of the three spellings: 2^64 - 1.
        (
            Fault::Answer(429, &[("retry-after", FOR_EVER)], "{}"),
            &[Kind::RateLimited],
        ),
        (
            Fault::Answer(
                429,
                &[],
                r#"{"errcode":"M_LIMIT_EXCEEDED","retry_after_ms":18446744073709551615}"#,
            ),
            &[Kind::RateLimited],
        ),
        (
            Fault::Answer(503, &[("retry-after", LATE)], ""),
            &[Kind::Unreachable],
        ),
        (Fault::Answer(500, &[], "<html>oops"), &[Kind::Unreachable]),
        (
            Fault::Answer(502, &[], "<html>bad gateway"),
            &[Kind::Unreachable],
        ),
        (
            Fault::Answer(503, &[("retry-after", "0")], ""),
            &[Kind::Unreachable],
        ),
        (
            Fault::Answer(
                200,
                &[("content-type", "text/html")],
                "<html>Log in to this network",
            ),
            &[Kind::NotAHomeserver],
        ),
        (Fault::Answer(200, &[], ""), &[Kind::NotAHomeserver]),
        (
            Fault::Answer(302, &[("location", "http://127.0.0.1:1/")], ""),
            &[Kind::NotAHomeserver],
        ),
        (
            Fault::Answer(404, &[], "<html>nothing here"),
            &[Kind::NotAHomeserver],
        ),
        (
            Fault::Answer(401, &[], r#"{"errcode":"M_UNKNOWN_TOKEN"}"#),
            &[Kind::LoginNeeded],
        ),
        (
            Fault::Answer(403, &[], r#"{"errcode":"M_FORBIDDEN"}"#),
            &[Kind::Forbidden],
        ),
        (Fault::Reset, &[Kind::Unreachable]),
        (Fault::LostReply, &[Kind::Unreachable]),
        (Fault::CutLength, &[Kind::Truncated]),
        (Fault::CutChunk, &[Kind::Truncated]),
        (Fault::Drip, &[Kind::Unreachable]),
        (Fault::Endless, &[Kind::TooLarge]),
        (Fault::Silence, &[Kind::Unreachable]),
    ]
}

/// A call, by name.
type Call = (
    &'static str,
    fn(&HomeserverAccount) -> Result<(), AccountDataError>,
);

const CALLS: &[Call] = &[
    ("GET account data", |account| {
        block_on(account.get("m.x")).map(drop)
    }),
    ("PUT account data", |account| {
        block_on(account.put("m.x", &content("{}")))
    }),
    ("whoami", |account| block_on(account.who_am_i()).map(drop)),
    ("list", |account| block_on(account.enumerate()).map(drop)),
    ("what is published", |account| {
        block_on(account.published()).map(drop)
    }),
    ("upload signatures", |account| {
        block_on(account.upload_signatures(&Object::empty()))
    }),
    ("delete a backup", |account| {
        block_on(account.delete_backup("1"))
    }),
    ("logout", |account| block_on(account.log_out())),
];

/// A connection belongs to the runtime that opened it, so each call has an account of its own.
fn fresh(server: &FakeServer) -> HomeserverAccount {
    block_on(account(server))
}

#[test]
fn every_fault_at_every_call_is_an_error_of_its_kind_in_time() {
    let mut cases = 0;
    for (name, call) in CALLS {
        for (fault, kinds) in faults() {
            let server = FakeServer::start();
            let account = fresh(&server);
            let failing = fault.clone();
            server.fail(move |_| Some(failing.clone()));
            let begun = Instant::now();
            let error = call(&account).expect_err(&format!("{name}: {fault:?}"));
            assert!(
                begun.elapsed() < Duration::from_secs(3),
                "{name}: {fault:?}"
            );
            // Where listing is forbidden, what is known by name is asked for, which is forbidden, too.
            assert!(
                kinds.contains(&error.kind()),
                "{name}: {fault:?}: {error:?}"
            );
            let text = format!("{error} {error:?}");
            assert!(!text.contains(TOKEN), "{text}");
            cases += 1;
        }
    }
    println!("{cases} faults at calls");
}

#[test]
fn a_fault_that_passes_is_not_noticed() {
    for (name, call) in CALLS {
        for (fault, _) in faults() {
            let passes = match &fault {
                // One that asks for more time than there is does not.
                Fault::Answer(429 | 500..=599, headers, body) => {
                    let mut asks = headers.iter().map(|(_, value)| *value);
                    let is_long = |value: &str| ["3600", FOR_EVER, LATE].contains(&value);
                    !asks.any(is_long) && !body.contains(FOR_EVER)
                }
                Fault::Reset | Fault::LostReply | Fault::CutLength | Fault::CutChunk => true,
                _ => false,
            };
            // What was logged out is logged out.
            let is_lost = *name == "logout" && !matches!(fault, Fault::Answer(..) | Fault::Reset);
            if !passes || is_lost {
                continue;
            }
            let server = FakeServer::start();
            server
                .state()
                .account_data
                .insert("m.x".to_owned(), serde_json::json!({}));
            let account = fresh(&server);
            let mut once = Some(fault.clone());
            server.fail(move |_| once.take());
            call(&account).unwrap_or_else(|error| panic!("{name}: {fault:?}: {error}"));
        }
    }
}

#[test]
fn connecting_to_what_is_no_homeserver_says_what_is_there() {
    for (fault, kinds) in faults() {
        let server = FakeServer::start();
        let failing = fault.clone();
        server.fail(move |_| Some(failing.clone()));
        let error = block_on(Homeserver::connect(&server.url, &options())).unwrap_err();
        assert!(kinds.contains(&error.kind()), "{fault:?}: {error:?}");
        assert!(error.to_string().contains(&server.url), "{error}");
    }
    let server = FakeServer::start();
    server.fail(|_| Some(Fault::Answer(200, &[], r#"{"hello":"world"}"#)));
    let error = block_on(Homeserver::connect(&server.url, &options())).unwrap_err();
    assert_eq!(error.kind(), Kind::NotAHomeserver);
}

#[test]
fn a_server_that_has_never_answered_is_tried_once() {
    let server = FakeServer::start();
    server.fail(|_| Some(Fault::Reset));
    let error = block_on(Homeserver::connect(&server.url, &options())).unwrap_err();
    assert_eq!(error.kind(), Kind::Unreachable);
    assert!(error.to_string().contains(&server.url));
    assert_eq!(server.take_seen().len(), 1);

    let nobody = std::net::TcpListener::bind(("127.0.0.1", 0)).unwrap();
    let url = format!("http://{}", nobody.local_addr().unwrap());
    drop(nobody);
    let error = block_on(Homeserver::connect(&url, &options())).unwrap_err();
    assert_eq!(error.kind(), Kind::Unreachable);
    assert!(error.to_string().contains(&url));
}

#[test]
fn what_must_not_be_done_twice_is_not_sent_twice_when_its_answer_is_lost() {
    for fault in [
        Fault::LostReply,
        Fault::CutLength,
        Fault::Answer(502, &[], ""),
    ] {
        let server = FakeServer::start();
        let failing = fault.clone();
        server.fail(move |seen| seen.target.ends_with("/login").then(|| failing.clone()));
        let user = USER.parse::<OwnedUserId>().unwrap();
        let error = block_on(async {
            let homeserver = Homeserver::connect(&server.url, &options()).await.unwrap();
            homeserver
                .log_in_by_password(&user, "canary-password", "ssss", false)
                .await
                .unwrap_err()
        });
        assert!(!format!("{error:?}").contains("canary"), "{error:?}");
        let logins = server.take_seen();
        let logins = logins.iter().filter(|seen| seen.target.ends_with("/login"));
        assert_eq!(logins.count(), 1, "{fault:?}");
    }
}

#[test]
fn a_token_never_follows_a_redirect() {
    let elsewhere = FakeServer::start();
    let server = FakeServer::start();
    let location: &'static str = Box::leak(elsewhere.url.clone().into_boxed_str());
    let headers: &'static [_] = Box::leak(vec![("location", location)].into_boxed_slice());
    let account = fresh(&server);
    server.fail(move |_| Some(Fault::Answer(307, headers, "")));
    for (name, call) in CALLS {
        assert_eq!(
            call(&account).unwrap_err().kind(),
            Kind::NotAHomeserver,
            "{name}"
        );
    }
    assert!(elsewhere.take_seen().is_empty());
}

#[test]
fn the_token_stands_in_one_header_only() {
    let server = FakeServer::start();
    let account = fresh(&server);
    for (_, call) in CALLS {
        _ = call(&account);
    }
    for seen in server.take_seen() {
        assert!(!seen.target.contains(TOKEN), "{}", seen.target);
        assert!(!String::from_utf8_lossy(&seen.body).contains(TOKEN));
        let is_known = seen.target.ends_with("/versions")
            || seen.authorization == Some(format!("Bearer {TOKEN}"));
        assert!(is_known, "{}", seen.target);
    }
    assert!(!format!("{account:?}").contains("canary"));
}
