//! Files of every shape that account data comes in, and what is no account data.

use std::path::{Path, PathBuf};

use pollster::block_on;
use proptest::prelude::*;
use serde_json::{Value as Json, json};
use ssss_client::ssss_model::Snapshot;
use ssss_client::ssss_model::ruma_common::serde::Raw;
use ssss_client::{AccountData as _, AccountDataErrorKind, FileStore};

use crate::account::{Account, key, opens, secret};

/// The same account in every shape, each with things around it that are nobody's business here.
fn shapes(account: &str) -> Vec<(&'static str, String)> {
    let map: Json = serde_json::from_str(account).unwrap();
    let events: Vec<Json> = map
        .as_object()
        .unwrap()
        .iter()
        .map(|(name, content)| json!({"type": name, "content": content, "origin_server_ts": 1.5}))
        .collect();
    let pretty = |json: &Json| serde_json::to_string_pretty(json).unwrap();
    let sync = json!({
        "next_batch": "s1", "rooms": {"join": {}},
        "account_data": {"events": events},
        "device_one_time_keys_count": {"signed_curve25519": 50},
    });
    let admin = json!({"account_data": {"global": map, "rooms": {"!a:b": {"m.tag": {}}}}});
    let export = json!({"user_data": admin, "rooms": {}});
    let sliding_sync = json!({"pos": "1", "extensions": {"account_data": {"global": events}}});
    vec![
        ("map", pretty(&map)),
        ("compact map", account.to_owned()),
        ("list", pretty(&Json::from(events))),
        ("sync", pretty(&sync)),
        ("admin", pretty(&admin)),
        ("export", pretty(&export)),
        ("sliding sync", pretty(&sliding_sync)),
        (
            "noted",
            pretty(&json!({"note": [1, 2], "account_data": map, "keys": {}})),
        ),
    ]
}

fn file(folder: &tempfile::TempDir, text: &str) -> PathBuf {
    let path = folder.path().join("account.json");
    std::fs::write(&path, text).unwrap();
    path
}

fn read(path: &Path) -> Snapshot {
    block_on(FileStore::open(path).unwrap().enumerate())
        .unwrap()
        .into_snapshot()
}

fn put(path: &Path, event_type: &str, content: &str) {
    let store = FileStore::open(path).unwrap();
    let content = Raw::from_json_string(content.to_owned()).unwrap();
    block_on(store.put(event_type, &content)).unwrap();
    let back = block_on(store.get(event_type)).unwrap().unwrap();
    assert_eq!(back.json().get(), content.json().get());
}

#[test]
fn every_shape_is_read_and_written_in_that_shape() {
    let account = Account::standard("a")
        .event("m.direct", r#"{"@a:b":["!c:d"]}"#)
        .json();
    for (shape, text) in shapes(&account) {
        let folder = tempfile::tempdir().unwrap();
        let path = file(&folder, &text);
        assert_eq!(opens(&read(&path), key("a").key()).len(), 4, "{shape}");

        // Changing an event and changing it back leaves the file as it was.
        let before = block_on(FileStore::open(&path).unwrap().get("m.direct"))
            .unwrap()
            .unwrap();
        put(&path, "m.direct", r#"{"changed":1}"#);
        let changed = std::fs::read_to_string(&path).unwrap();
        assert_ne!(changed, text, "{shape}");
        put(&path, "m.direct", before.json().get());
        assert_eq!(std::fs::read_to_string(&path).unwrap(), text, "{shape}");

        // A new event comes in the shape of the others, which stay.
        put(&path, "org.example.\u{e9}/new", r#"{"added":1}"#);
        let after: Json = serde_json::from_str(&std::fs::read_to_string(&path).unwrap()).unwrap();
        let before: Json = serde_json::from_str(&text).unwrap();
        assert_eq!(without_new(&after), before, "{shape}");
        assert_eq!(opens(&read(&path), key("a").key()).len(), 4, "{shape}");
    }
}

/// The file without the event that was added.
fn without_new(json: &Json) -> Json {
    let name = "org.example.\u{e9}/new";
    match json {
        Json::Object(map) => map
            .iter()
            .filter(|(key, _)| *key != name)
            .map(|(k, v)| (k.clone(), without_new(v)))
            .collect(),
        Json::Array(items) => items
            .iter()
            .filter(|item| item.get("type") != Some(&name.into()))
            .map(without_new)
            .collect(),
        other => other.clone(),
    }
}

#[test]
fn one_event_that_no_parser_takes_hides_none_of_the_others() {
    // Synapse stores and returns lone surrogates.
    let account = Account::standard("a")
        .event("org.example.odd", r#"{"a":"\ud800"}"#)
        .json();
    let folder = tempfile::tempdir().unwrap();
    let path = file(&folder, &account);
    assert_eq!(opens(&read(&path), key("a").key()).len(), 4);
    put(&path, "m.direct", "{}");
    assert!(
        std::fs::read_to_string(&path)
            .unwrap()
            .contains(r#"{"a":"\ud800"}"#)
    );
}

#[test]
fn what_is_no_account_data() {
    let deep = format!("{{\"a\":{}1{}}}", "[".repeat(5000), "]".repeat(5000));
    let nested = format!(
        "{{\"m.x\":{}{{}}{}}}",
        "{\"a\":".repeat(100),
        "}".repeat(100)
    );
    let whole = Account::standard("a").json();
    let cut = &whole[..whole.len() - 7];
    for text in [
        "",
        " ",
        "hello",
        "null",
        "1",
        "\"{}\"",
        "{",
        "{\"a\"",
        "[1,2]",
        "[{}]",
        "[null]",
        cut,
        deep.as_str(),
        nested.as_str(),
        r#"{"m.x":{},"m.x":{}}"#,
        r#"{"m.x":{"iv":"a","iv":"b"}}"#,
        r#"{"m.x":{"a":[{"b":1,"b":2}]}}"#,
        r#"[{"type":"m.x","type":"m.y","content":{}}]"#,
        r#"{"m.x":1}"#,
        r#"{"m.x":[]}"#,
        r#"{"account_data":1}"#,
        r#"{"account_data":[1]}"#,
        r#"{"account_data":{"events":1}}"#,
        r#"{"account_data":{"events":[{"type":"m.x"}]}}"#,
        r#"{"account_data":{"events":[{"type":"m.x","content":1}]}}"#,
        r#"{"account_data":{"global":[1]}}"#,
        r#"[{"type":5,"content":{}}]"#,
        r#"{"extensions":{"user_data":{"account_data":{"global":{"m.direct":{}}}}}}"#,
        r#"{"events":{"events":{"events":{"events":[]}}}}"#,
        "{}{}",
        "{} x",
        r#"{"dependencies":{"a":"1"},"scripts":{}}"#,
    ] {
        let folder = tempfile::tempdir().unwrap();
        let path = file(&folder, text);
        let error = FileStore::open(&path).unwrap_err();
        assert_eq!(
            error.kind(),
            AccountDataErrorKind::Damaged,
            "{text:.40}: {error}"
        );
        assert_eq!(std::fs::read_to_string(&path).unwrap(), text);
    }
}

#[test]
fn bytes_that_are_no_text() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("account.json");
    std::fs::write(&path, b"{\"m.x\":{\"a\":\"\xff\"}}").unwrap();
    let error = FileStore::open(&path).unwrap_err();
    assert_eq!(error.kind(), AccountDataErrorKind::Damaged);
}

#[test]
fn a_large_file_is_read_and_one_beyond_the_limit_refused() {
    let filler = "x".repeat(10 << 20);
    let account =
        Account::standard("a").event("org.example.big", &format!("{{\"a\":\"{filler}\"}}"));
    let folder = tempfile::tempdir().unwrap();
    let path = file(&folder, &account.json());
    assert_eq!(opens(&read(&path), key("a").key()).len(), 4);
    put(&path, "m.direct", "{}");

    let huge = std::fs::File::create(&path).unwrap();
    huge.set_len(FileStore::MAX_LEN + 1).unwrap();
    let error = FileStore::open(&path).unwrap_err();
    assert_eq!(error.kind(), AccountDataErrorKind::TooLarge);
}

/// The largest that the process has been, in KiB.
fn most_memory() -> usize {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find(|line| line.starts_with("VmHWM:"));
    line.unwrap()
        .split_whitespace()
        .nth(1)
        .unwrap()
        .parse()
        .unwrap()
}

/// Each level of a file is as long as the whole: a copy a level would be a gigabyte here.
#[test]
fn long_texts_that_are_nested_deeply_are_not_copied_for_each_level() {
    let long = "x".repeat(16 << 20);
    let nested = format!("{}\"{long}\"{}", r#"{"a":"#.repeat(60), "}".repeat(60));
    let folder = tempfile::tempdir().unwrap();
    let path = file(&folder, &format!(r#"{{"m.direct":{nested}}}"#));
    let before = most_memory();
    assert_eq!(
        block_on(FileStore::open(&path).unwrap().enumerate())
            .unwrap()
            .events
            .len(),
        1
    );
    let more = most_memory() - before;
    assert!(more < 400 << 10, "{more} KiB");
}

/// Such names are those of wrappers, too, and the file of a snapshot must not be taken for one.
#[test]
fn a_secret_may_be_named_like_what_stands_around_events() {
    for of in [
        "events",
        "global",
        "user_data",
        "extensions",
        "account_data",
    ] {
        let account = Account::standard("a").secret(&secret(of, "value"), &["a"]);
        let folder = tempfile::tempdir().unwrap();
        for (shape, text) in shapes(&account.json()) {
            let path = file(&folder, &text);
            let opened = opens(&read(&path), key("a").key());
            assert_eq!(opened.len(), 5, "{of} in {shape}");
            assert_eq!(opened[of], "value", "{of} in {shape}");
            put(&path, "m.direct", "{}");
            assert_eq!(
                opens(&read(&path), key("a").key()).len(),
                5,
                "{of} in {shape}"
            );
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(500))]

    #[test]
    fn no_text_makes_it_panic(text in "[\\[\\]{}\",:a-c0-9 \\\\.]{0,60}") {
        let folder = tempfile::tempdir().unwrap();
        let path = file(&folder, &text);
        if let Ok(store) = FileStore::open(&path) {
            let json: Json = serde_json::from_str(&text).expect("what is opened is JSON");
            let found = block_on(store.enumerate()).unwrap().events.len();
            prop_assert!(json.is_array() || found <= json.as_object().unwrap().len());
        }
    }
}
