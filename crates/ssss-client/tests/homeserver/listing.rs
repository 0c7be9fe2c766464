//! Finding every event of an account.

use serde_json::json;
use ssss_client::AccountData as _;

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

fn names(server: &FakeServer) -> Vec<String> {
    let events = block_on(async { account(server).await.enumerate().await }).unwrap();
    let mut names: Vec<_> = events.into_iter().map(|(name, _)| name).collect();
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

#[test]
fn a_server_that_lists_nothing_is_asked_for_what_is_known_by_name() {
    let server = server();
    {
        let mut state = server.state();
        state.has_sliding_sync = false;
        state.has_sync = false;
    }
    let names = names(&server);
    assert_eq!(
        names,
        [
            "m.cross_signing.master",
            "m.secret_storage.default_key",
            "m.secret_storage.key.a/b",
            "m.secret_storage.key.other"
        ]
    );
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
