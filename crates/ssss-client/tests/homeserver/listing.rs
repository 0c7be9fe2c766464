//! Finding every event of an account.

use serde_json::json;
use ssss_client::ssss_model::SecretName;
use ssss_client::{AccountData as _, Listing};

use crate::server::{FakeServer, Fault};
use crate::{account, block_on};

fn server() -> FakeServer {
    let server = FakeServer::start();
    let mut state = server.state();
    for (event_type, content) in [
        ("m.secret_storage.default_key", json!({"key": "a/b"})),
        ("m.secret_storage.key.a/b", json!({"algorithm": "x"})),
        ("m.secret_storage.key.other", json!({"algorithm": "x"})),
        (
            "m.cross_signing.master",
            json!({"encrypted": {"other": {}}}),
        ),
        ("org.example.secret", json!({"encrypted": {}})),
        ("m.tombstone", json!({})),
        (
            "m.lone_surrogate",
            serde_json::from_str("{\"a\":1e400,\"b\":\"x\"}").unwrap_or(json!({})),
        ),
    ] {
        state.account_data.insert(event_type.to_owned(), content);
    }
    drop(state);
    server
}

fn listed(server: &FakeServer) -> Listing {
    block_on(async { account(server).await.enumerate().await }).unwrap()
}

/// The names of all events, which the account says they are.
fn names(server: &FakeServer) -> Vec<String> {
    let listing = listed(server);
    assert!(listing.is_whole);
    sorted(listing)
}

fn sorted(listing: Listing) -> Vec<String> {
    let names = listing.events.into_iter().map(|(name, _)| name);
    let mut names: Vec<_> = names.collect();
    names.sort();
    names
}

#[test]
fn sliding_sync_lists_everything_in_one_request() {
    let server = server();
    assert_eq!(names(&server).len(), 7);
    let seen = server.take_seen();
    assert_eq!(seen.len(), 2, "/versions, and one more");
    assert!(
        seen[1].target.contains("set_presence=offline"),
        "{}",
        seen[1].target
    );
    assert!(!seen[1].target.contains("pos="));
    let body = String::from_utf8(seen[1].body.clone()).unwrap();
    assert!(
        !body.contains("to_device") && !body.contains("\"lists\""),
        "{body}"
    );
}

#[test]
fn a_filtered_first_sync_lists_everything_where_there_is_no_sliding_sync() {
    let server = server();
    server.state().has_sliding_sync = false;
    assert_eq!(names(&server).len(), 7);
    assert_eq!(names(&server).len(), 7);
    let syncs: Vec<_> = server
        .take_seen()
        .into_iter()
        .map(|seen| seen.target)
        .filter(|target| target.contains("/sync"))
        .collect();
    assert_eq!(syncs.len(), 2);
    assert_ne!(
        syncs[0], syncs[1],
        "servers answer the same filter from a cache"
    );
    for sync in syncs {
        assert!(
            sync.contains("set_presence=offline") && !sync.contains("since="),
            "{sync}"
        );
        assert!(sync.contains("%22rooms%22%3A%5B%5D"), "no rooms: {sync}");
    }
}

#[test]
fn an_announced_sliding_sync_that_does_not_work_is_no_obstacle() {
    let server = server();
    server.fail(|seen| {
        let body = r#"{"errcode":"M_UNRECOGNIZED"}"#;
        seen.target
            .contains("msc3575")
            .then_some(Fault::Answer(404, &[], body))
    });
    assert_eq!(names(&server).len(), 7);
    server.fail(|seen| {
        let body = r#"{"pos":"1","extensions":{}}"#;
        seen.target
            .contains("msc3575")
            .then_some(Fault::Answer(200, &[], body))
    });
    assert_eq!(names(&server).len(), 7);
}

/// What a server answers that gives no list.
pub(crate) const UNLISTED: [Fault; 5] = [
    Fault::Answer(403, &[], r#"{"errcode":"M_FORBIDDEN","error":"no"}"#),
    Fault::Answer(403, &[], "{}"),
    Fault::Answer(404, &[], r#"{"errcode":"M_UNRECOGNIZED"}"#),
    Fault::Answer(413, &[], ""),
    // More than is read.
    Fault::Endless,
];

#[test]
fn a_server_that_lists_nothing_is_asked_for_what_is_known_by_name_and_that_is_not_all() {
    for fault in UNLISTED {
        let server = server();
        for name in SecretName::KNOWN {
            let sealed = json!({"encrypted": {"other": {}}});
            let mut state = server.state();
            state.account_data.insert(name.as_str().to_owned(), sealed);
        }
        let failing = fault.clone();
        server.fail(move |seen| seen.target.contains("/sync").then(|| failing.clone()));
        let listing = listed(&server);
        assert!(!listing.is_whole, "{fault:?}");
        let snapshot = listing.clone().into_snapshot();
        assert!(!snapshot.is_whole(), "{fault:?}");
        assert_eq!(
            sorted(listing),
            [
                "m.cross_signing.master",
                "m.cross_signing.self_signing",
                "m.cross_signing.user_signing",
                "m.megolm_backup.v1",
                "m.secret_storage.default_key",
                "m.secret_storage.key.a/b",
                "m.secret_storage.key.other",
                "org.matrix.msc3814",
            ],
            "{fault:?}"
        );
    }
}

#[test]
fn a_list_that_was_lost_is_not_an_empty_account() {
    let server = server();
    server.fail(|seen| {
        seen.target
            .contains("/sync")
            .then_some(Fault::Answer(200, &[], "{}"))
    });
    let listed = block_on(async { account(&server).await.enumerate().await });
    assert!(listed.is_err(), "{listed:?}");
}
