//! Over sockets: what stands in a URL, what is not there, and what never ends.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use serde_json::json;
use ssss_client::ssss_model::zeroize::Zeroizing;
use ssss_client::{
    AccountDataErrorKind, Error, Finding, Homeserver, HomeserverAccount, HomeserverOptions,
    PlanError, SecretStorage, Tokens,
};

use crate::account::{Account, key, secret};
use crate::client::Told;
use crate::server::{DEVICE, FakeServer, Fault, Seen, TOKEN, USER};
use crate::truth::{REAL, Truth};
use crate::work::{self, Person, Work};

pub(crate) fn block_on<F: Future>(future: F) -> F::Output {
    tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap()
        .block_on(future)
}

/// Quick to give up.
pub(crate) fn options() -> HomeserverOptions {
    HomeserverOptions {
        timeout: Duration::from_millis(800),
        max_answer: 1 << 20,
        ..HomeserverOptions::default()
    }
}

pub(crate) async fn account(server: &FakeServer) -> HomeserverAccount {
    let homeserver = Homeserver::connect(&server.url, &options()).await.unwrap();
    let tokens = Tokens {
        access_token: Zeroizing::new(TOKEN.to_owned()),
        refresh_token: None,
    };
    let user = USER.parse().unwrap();
    HomeserverAccount::new(homeserver, user, Some(DEVICE.into()), tokens)
}

fn serve(account: &Account) -> FakeServer {
    let server = FakeServer::start();
    let events = account.events().into_iter();
    server.state().account_data = events
        .map(|(name, content)| (name, serde_json::from_str(content.json().get()).unwrap()))
        .collect();
    server
}

fn work(server: &FakeServer, work: Work) -> Result<(), Error> {
    work_telling(server, work, &Told::default())
}

fn work_telling(server: &FakeServer, work: Work, told: &Told) -> Result<(), Error> {
    let typed = Truth::recovery_key(REAL).typed;
    block_on(async {
        let account = account(server).await;
        let storage = SecretStorage::new(&account, Person(typed.clone()));
        work::run(work, &storage, &typed, told).await
    })
}

/// Ids that mean something in a path, a query, or to a server that decodes twice.
fn ids() -> Vec<String> {
    let ids = [
        "../../../../../v3/logout",
        "..",
        ".",
        "../x",
        "/",
        "//",
        "a/../../b",
        "%2e%2e",
        "%2e%2e%2f",
        "%252e",
        "..%2f..",
        "a\\b",
        "..\\..\\x",
        "a\nb",
        "a\r\nX-Evil: 1",
        "a\tb",
        "a?b=c",
        "a#b",
        "a;b=c",
        "a\0b",
        "a%00b",
        "a b",
        "a+b",
        "a&b=c",
        "\u{202e}x",
        "名前",
        "é\u{301}",
        "@evil.example.org",
        ":80",
        "{",
        "%",
        "%zz",
        "\u{fffd}",
    ];
    let mut ids: Vec<String> = ids.iter().map(ToString::to_string).collect();
    ids.push("x".repeat(4096));
    // Longer than any id, so it is the id of no key; what is there stays.
    ids.push("x".repeat(10_000));
    ids
}

/// Every request is one of ours, and what stands in its path is, decoded, the type of an event that is
/// there or of a key that was made.
#[test]
fn an_id_stays_in_the_one_place_of_a_path_that_is_its_own() {
    let before = format!("/_matrix/client/v3/user/{USER}/account_data/");
    let mut requests = 0;
    for id in ids() {
        let key_event = format!("m.secret_storage.key.{id}");
        let real = key(REAL);
        let seal = json!({ "encrypted": { &*id: { "iv": "AAAA" } } }).to_string();
        let pointer = json!({ "key": id }).to_string();
        let honest = Account::standard(REAL)
            .event(&key_event, real.description().as_json())
            .event("org.example.x", &seal);
        for account in [
            honest.clone(),
            honest.event("m.secret_storage.default_key", &pointer),
        ] {
            for what in [
                Work::Open,
                Work::StoreOther,
                Work::Rotate,
                Work::RemoveKey,
                Work::RepairEntry,
            ] {
                let server = serve(&account);
                let known: BTreeSet<String> = server.state().account_data.keys().cloned().collect();
                _ = work(&server, what);
                for seen in server.take_seen() {
                    requests += 1;
                    let path = seen.target.split('?').next().unwrap_or_default();
                    let Some(segment) = path.strip_prefix(&before) else {
                        let is_ours = ["/versions", "/sync", "/.well-known/matrix/client"];
                        assert!(
                            is_ours.iter().any(|end| path.ends_with(end)),
                            "{id:?}: {path}"
                        );
                        continue;
                    };
                    assert!(!segment.contains('/'), "{id:?}: {segment}");
                    assert!(
                        !segment.is_empty() && segment != "." && segment != "..",
                        "{id:?}"
                    );
                    let Some(decoded) = decoded(segment) else {
                        panic!("{id:?}: {segment}");
                    };
                    let is_new = decoded
                        .strip_prefix("m.secret_storage.key.")
                        .is_some_and(|id| {
                            id.len() == 32 && id.chars().all(|c| c.is_ascii_alphanumeric())
                        });
                    let is_asked = work::opened_names()
                        .iter()
                        .any(|name| name.as_str() == decoded);
                    let is_pointed =
                        decoded == key_event || decoded == "m.secret_storage.default_key";
                    assert!(
                        is_new || is_asked || is_pointed || known.contains(&decoded),
                        "{id:?}: {decoded:?}"
                    );
                }
            }
        }
    }
    println!("paths: {} ids, {requests} requests", ids().len());
}

/// What a segment of a path means, if nothing stands in it that a server may take for something else.
fn decoded(segment: &str) -> Option<String> {
    let mut bytes = Vec::new();
    let mut rest = segment.bytes();
    while let Some(byte) = rest.next() {
        if byte == b'%' {
            let hex = [rest.next()?, rest.next()?];
            let hex = str::from_utf8(&hex).ok()?;
            bytes.push(u8::from_str_radix(hex, 16).ok()?);
        } else if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            bytes.push(byte);
        } else {
            return None;
        }
    }
    String::from_utf8(bytes).ok()
}

/// The control: were it put together as text, as other clients do, this would be seen.
#[test]
fn a_path_that_is_put_together_as_text_is_seen() {
    let is_odd = |id: &&String| {
        !id.bytes()
            .all(|b| b.is_ascii_alphanumeric() || b"-._~".contains(&b))
    };
    let ids = ids();
    let odd: Vec<_> = ids.iter().filter(is_odd).collect();
    assert!(odd.len() > 25);
    for id in odd {
        let segment = format!("m.secret_storage.key.{id}");
        assert_ne!(decoded(&segment), Some(segment), "{id:?}");
    }
}

/// Whatever looks like absence and is none: nothing is written, and nothing is set up anew.
#[test]
fn what_is_hidden_is_not_taken_for_absent() {
    let hidden: &[(u16, &str)] = &[
        (404, "<html>"),
        (404, ""),
        (404, "{}"),
        (404, r#"{"errcode":"M_UNRECOGNIZED"}"#),
        (404, r#"{"errcode":"M_UNKNOWN"}"#),
        (403, r#"{"errcode":"M_FORBIDDEN","error":"no"}"#),
        (403, "<html>"),
        (200, "<html>"),
        (200, ""),
        (200, "[]"),
        (200, "null"),
        (200, r#"{"account_data":{"events":null}}"#),
        (401, "{}"),
        (410, r#"{"errcode":"M_NOT_FOUND"}"#),
        (503, "<html>"),
    ];
    let mut cases = 0;
    for &(status, body) in hidden {
        for what in work::ALL {
            let server = serve(&Account::standard(REAL).describe("b"));
            let before = server.state().account_data.clone();
            server.fail(move |seen| is_reading(seen).then_some(Fault::Answer(status, &[], body)));
            let told = Told::default();
            let done = work_telling(&server, *what, &told);
            cases += 1;
            let case = format!("{status} {body}: {what:?}: {done:?}");
            assert_eq!(server.state().account_data, before, "{case}");
            let written = server
                .take_seen()
                .into_iter()
                .filter(|seen| seen.method == "PUT");
            assert_eq!(written.count(), 0, "{case}");
            // Some go on with the next secret, and say each error.
            assert!(done.is_err() || told.has_said(), "{case}");
        }
    }
    println!("hidden: {cases} cases");
}

/// Reads account data, and does not ask what the server can do.
fn is_reading(seen: &Seen) -> bool {
    is_listing(seen) || seen.method == "GET" && seen.target.contains("account_data")
}

/// Only the list is kept back, and what is asked for by name is given: that is not taken for all.
#[test]
fn what_is_not_listed_is_not_taken_for_absent() {
    let unlisted = [
        Fault::Answer(403, &[], "{}"),
        Fault::Answer(403, &[], r#"{"errcode":"M_FORBIDDEN","error":"no"}"#),
        Fault::Answer(404, &[], r#"{"errcode":"M_UNRECOGNIZED"}"#),
        Fault::Answer(413, &[], ""),
        Fault::Endless,
    ];
    for fault in unlisted {
        for what in work::ALL {
            let server = serve(&rich());
            let before = server.state().account_data.clone();
            let failing = fault.clone();
            server.fail(move |seen| is_listing(seen).then(|| failing.clone()));
            let told = Told::default();
            let done = work_telling(&server, *what, &told);
            let after = server.state().account_data.clone();
            let case = format!("{fault:?}: {what:?}: {done:?}: {:?}", told.text());
            match what {
                // What needs all of them.
                Work::SetUpNew
                | Work::Rotate
                | Work::Revoke
                | Work::RepairDefault
                | Work::Gc
                | Work::Disable => {
                    assert_eq!(done, Err(Error::Plan(PlanError::NotListed)), "{case}");
                    assert_eq!(after, before, "{case}");
                    let written = server.take_seen().into_iter();
                    assert_eq!(
                        written.filter(|seen| seen.method == "PUT").count(),
                        0,
                        "{case}"
                    );
                }
                // The same, for each key.
                Work::SetDefault | Work::RemoveKey => {
                    assert!(told.text().contains("does not give the list"), "{case}");
                    assert_eq!(after, before, "{case}");
                }
                Work::Doctor => {
                    assert!(told.text().contains("only what is known by name"), "{case}");
                    assert_eq!(after, before, "{case}");
                }
                // What needs what it was told, by name.
                Work::Open
                | Work::StoreOther
                | Work::StoreKnown
                | Work::Bootstrap
                | Work::AddKey
                | Work::RepairEntry
                | Work::RepairCheck => {
                    assert_eq!(done, Ok(()), "{case}");
                    for (name, content) in &before {
                        let is_meant = *what == Work::StoreKnown && name == "m.megolm_backup.v1";
                        assert!(after.get(name) == Some(content) || is_meant, "{case}");
                    }
                }
            }
        }
    }
}

/// An account of which nothing is known by name, and which is not listed, is not set up anew.
#[test]
fn an_account_that_seems_empty_and_is_not_listed_is_not_set_up() {
    let server = FakeServer::start();
    let x = json!({"encrypted": {"lost": {"iv": "AAAA", "ciphertext": "AAAA", "mac": "AAAA"}}});
    server
        .state()
        .account_data
        .insert("org.example.x".to_owned(), x);
    let before = server.state().account_data.clone();
    server.fail(|seen| is_listing(seen).then_some(Fault::Answer(403, &[], "{}")));
    let done = work(&server, Work::Bootstrap);
    assert_eq!(done, Err(Error::Plan(PlanError::NotListed)));
    assert_eq!(server.state().account_data, before);
    let report = block_on(async {
        let account = account(&server).await;
        SecretStorage::new(&account, Person(String::new()))
            .status()
            .await
            .unwrap()
    });
    assert!(report.is_set_up() && report.has_problems());
    assert_eq!(report.findings.first(), Some(&Finding::NotListed));
}

/// The control: with the list, those that refuse do it, and of the secrets nothing is left behind.
#[test]
fn what_is_listed_is_carried_over() {
    for what in [
        Work::SetUpNew,
        Work::Rotate,
        Work::Revoke,
        Work::SetDefault,
        Work::RemoveKey,
        Work::RepairDefault,
        Work::Gc,
        Work::Disable,
    ] {
        let server = serve(&rich());
        let before = server.state().account_data.clone();
        let told = Told::default();
        work_telling(&server, what, &told).unwrap();
        let after = server.state().account_data.clone();
        for name in [DEHYDRATED, X] {
            let entries = |account: &BTreeMap<String, serde_json::Value>| {
                let entries = account[name]["encrypted"].as_object();
                entries.map_or(0, serde_json::Map::len)
            };
            let expected = match what {
                Work::Disable => 0,
                Work::SetUpNew | Work::Rotate => entries(&before) + 1,
                _ => entries(&before),
            };
            assert_eq!(entries(&after), expected, "{what:?}: {name}");
        }
        assert!(!told.text().contains("does not give the list"), "{what:?}");
        let is_nothing = matches!(what, Work::SetDefault | Work::RepairDefault);
        assert_eq!(after == before, is_nothing, "{what:?}");
    }
}

const DEHYDRATED: &str = "org.matrix.msc3814";
const X: &str = "org.example.x";

/// Everything that a standard account has, a key that nothing needs, and two secrets that js-sdk does not
/// know of.
fn rich() -> Account {
    Account::standard(REAL)
        .describe("b")
        .secret(&secret(DEHYDRATED, "canary-dehydrated"), &[REAL])
        .secret(&secret(X, "canary-custom"), &[REAL])
}

fn is_listing(seen: &Seen) -> bool {
    seen.target.contains("sync")
}

/// The control: where they are told apart rightly, an account that is empty is set up.
#[test]
fn what_is_certainly_absent_is_set_up() {
    let server = FakeServer::start();
    work(&server, Work::Bootstrap).unwrap();
    let written = server
        .take_seen()
        .into_iter()
        .filter(|seen| seen.method == "PUT");
    assert!(written.count() > 0);
}

/// Bodies that never end, or end too soon, or are more than is read.
#[test]
fn a_body_without_end_ends() {
    for fault in [
        Fault::Endless,
        Fault::CutLength,
        Fault::CutChunk,
        Fault::Drip,
    ] {
        for what in [Work::Open, Work::Rotate, Work::StoreOther, Work::Doctor] {
            let server = serve(&Account::standard(REAL));
            let failing = fault.clone();
            server.fail(move |seen| is_reading(seen).then(|| failing.clone()));
            let begun = std::time::Instant::now();
            let error = match work(&server, what) {
                Err(Error::Store(error)) => error,
                done => panic!("{fault:?}: {what:?}: {done:?}"),
            };
            assert!(begun.elapsed() < crate::DEADLINE, "{fault:?}: {what:?}");
            let kinds = [
                AccountDataErrorKind::Unreachable,
                AccountDataErrorKind::Damaged,
                AccountDataErrorKind::TooLarge,
                AccountDataErrorKind::Truncated,
            ];
            assert!(kinds.contains(&error.kind()), "{fault:?}: {error:?}");
        }
    }
}
