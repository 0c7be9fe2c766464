//! A file is replaced whole or not at all, and stays whose it was.

use std::fs;
use std::os::unix::fs::{PermissionsExt as _, symlink};
use std::path::Path;

use pollster::block_on;
use ssss_client::ssss_model::ruma_common::serde::Raw;
use ssss_client::{AccountData as _, AccountDataError, AccountDataErrorKind, Content, FileStore};

use crate::account::Account;

fn content(json: &str) -> Content {
    Raw::from_json_string(json.to_owned()).unwrap()
}

fn put(store: &FileStore) -> Result<(), AccountDataError> {
    block_on(store.put("m.x", &content(r#"{"a":1}"#)))
}

fn mode(path: &Path) -> u32 {
    fs::metadata(path).unwrap().permissions().mode() & 0o777
}

/// Nothing but these is in the folder: no leftovers.
fn assert_only(folder: &Path, files: &[&str]) {
    let mut found: Vec<_> = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    found.sort();
    assert_eq!(found, files);
}

#[test]
fn permissions_stay_and_new_files_are_their_owners() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("account.json");
    put(&FileStore::open_or_create(&path).unwrap()).unwrap();
    assert_eq!(mode(&path), 0o600);
    for permissions in [0o600, 0o640, 0o644] {
        fs::set_permissions(&path, fs::Permissions::from_mode(permissions)).unwrap();
        let text = fs::read_to_string(&path).unwrap();
        put(&FileStore::open(&path).unwrap()).unwrap();
        assert_eq!(mode(&path), permissions);
        assert_eq!(fs::read_to_string(&path).unwrap(), text);
    }
    assert_only(folder.path(), &["account.json"]);
}

#[test]
fn a_file_that_is_not_to_be_written() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("account.json");
    fs::write(&path, "{}").unwrap();
    fs::set_permissions(&path, fs::Permissions::from_mode(0o400)).unwrap();
    let error = put(&FileStore::open(&path).unwrap()).unwrap_err();
    assert_eq!(error.kind(), AccountDataErrorKind::ReadOnly, "{error}");
    assert_eq!(fs::read_to_string(&path).unwrap(), "{}");
    assert_only(folder.path(), &["account.json"]);
}

#[test]
fn what_is_no_file() {
    let folder = tempfile::tempdir().unwrap();
    let error = FileStore::open(folder.path()).unwrap_err();
    assert_eq!(error.kind(), AccountDataErrorKind::Io, "{error}");

    let missing = folder.path().join("missing.json");
    let error = FileStore::open(&missing).unwrap_err();
    assert_eq!(error.kind(), AccountDataErrorKind::Absent, "{error}");
    assert!(!missing.exists());

    let nowhere = folder.path().join("no/such/folder.json");
    let error = put(&FileStore::open_or_create(&nowhere).unwrap()).unwrap_err();
    assert_eq!(error.kind(), AccountDataErrorKind::Io, "{error}");
}

#[test]
fn a_link_stays_and_its_target_is_written() {
    let folder = tempfile::tempdir().unwrap();
    let (path, link) = (
        folder.path().join("account.json"),
        folder.path().join("link.json"),
    );
    fs::write(&path, "{}").unwrap();
    symlink(&path, &link).unwrap();
    put(&FileStore::open(&link).unwrap()).unwrap();
    assert!(fs::symlink_metadata(&link).unwrap().is_symlink());
    assert_eq!(fs::read_to_string(&path).unwrap(), r#"{"m.x":{"a":1}}"#);
}

#[test]
fn what_others_write_meanwhile_is_seen_and_kept() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("account.json");
    fs::write(&path, Account::standard("a").json()).unwrap();
    let (ours, theirs) = (
        FileStore::open(&path).unwrap(),
        FileStore::open(&path).unwrap(),
    );
    block_on(theirs.put("m.theirs", &content("{}"))).unwrap();
    assert!(block_on(ours.get("m.theirs")).unwrap().is_some());
    block_on(ours.put("m.ours", &content("{}"))).unwrap();
    assert!(block_on(theirs.get("m.ours")).unwrap().is_some());
    assert!(
        block_on(ours.get("m.theirs")).unwrap().is_some(),
        "not overwritten"
    );

    fs::write(&path, "{ cut off").unwrap();
    let error = block_on(ours.put("m.x", &content("{}"))).unwrap_err();
    assert_eq!(error.kind(), AccountDataErrorKind::Damaged);
    assert_eq!(fs::read_to_string(&path).unwrap(), "{ cut off");
}

#[test]
fn many_writers_lose_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("account.json");
    fs::write(&path, "{}").unwrap();
    std::thread::scope(|scope| {
        for thread in 0..4 {
            let path = &path;
            scope.spawn(move || {
                for round in 0..10 {
                    let store = FileStore::open(path).unwrap();
                    let name = format!("m.{thread}.{round}");
                    block_on(store.put(&name, &content("{}"))).unwrap();
                }
            });
        }
    });
    let store = FileStore::open(&path).unwrap();
    assert_eq!(block_on(store.enumerate()).unwrap().events.len(), 40);
    assert_only(folder.path(), &["account.json"]);
}

#[test]
fn a_new_file_that_somebody_else_makes_first_is_not_lost() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("account.json");
    let store = FileStore::open_or_create(&path).unwrap();
    fs::write(&path, r#"{"m.theirs":{}}"#).unwrap();
    put(&store).unwrap();
    assert_eq!(
        fs::read_to_string(&path).unwrap(),
        r#"{"m.theirs":{},"m.x":{"a":1}}"#
    );
}

#[test]
fn events_that_do_not_depend_on_each_other_are_written_at_once() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("account.json");
    let store = FileStore::open_or_create(&path).unwrap();
    let events: Vec<_> = (0..5).map(|n| (format!("m.{n}"), content("{}"))).collect();
    block_on(store.put_all(&events)).unwrap();
    let text = r#"{"m.0":{},"m.1":{},"m.2":{},"m.3":{},"m.4":{}}"#;
    assert_eq!(fs::read_to_string(&path).unwrap(), text);
}

#[test]
fn what_a_killed_process_left_behind_is_removed() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("account.json");
    fs::write(&path, "{}").unwrap();
    fs::write(
        folder.path().join(".account.json.ssss-abc123"),
        "{ half of it",
    )
    .unwrap();
    fs::write(
        folder.path().join(".other.json.ssss-abc123"),
        "somebody else's",
    )
    .unwrap();
    put(&FileStore::open(&path).unwrap()).unwrap();
    assert_only(folder.path(), &[".other.json.ssss-abc123", "account.json"]);
}

#[test]
fn what_somebody_else_changed_since_it_was_looked_at_is_not_overwritten() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("account.json");
    fs::write(&path, r#"{"m.x":{"a":0}}"#).unwrap();
    let (ours, theirs) = (
        FileStore::open(&path).unwrap(),
        FileStore::open(&path).unwrap(),
    );
    block_on(theirs.put("m.x", &content(r#"{"a":2}"#))).unwrap();
    let error = put(&ours).unwrap_err();
    assert_eq!(error.kind(), AccountDataErrorKind::Conflict, "{error}");
    assert_eq!(fs::read_to_string(&path).unwrap(), r#"{"m.x":{"a":2}}"#);
    // Whoever looks again, knows.
    block_on(ours.get("m.x")).unwrap();
    put(&ours).unwrap();
    assert_eq!(fs::read_to_string(&path).unwrap(), r#"{"m.x":{"a":1}}"#);
}

#[test]
fn looking_at_another_event_is_not_looking_at_this_one() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("account.json");
    fs::write(&path, r#"{"m.x":{"a":0},"m.y":{}}"#).unwrap();
    let (ours, theirs) = (
        FileStore::open(&path).unwrap(),
        FileStore::open(&path).unwrap(),
    );
    block_on(ours.get("m.x")).unwrap();
    block_on(theirs.put("m.x", &content(r#"{"a":2}"#))).unwrap();
    block_on(ours.get("m.y")).unwrap();
    // Trying again without looking is no better.
    for _ in 0..2 {
        let error = put(&ours).unwrap_err();
        assert_eq!(error.kind(), AccountDataErrorKind::Conflict, "{error}");
    }
    block_on(ours.enumerate()).unwrap();
    put(&ours).unwrap();
    put(&ours).unwrap();
}
