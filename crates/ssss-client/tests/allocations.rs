//! What a report over a large account takes. In a binary of its own, whose allocator counts: that tells how
//! the work grows without a clock.

use std::collections::BTreeMap;
use std::hint::black_box;
use std::io::Write as _;

use allocation_counter::{AllocationInfo, measure};
use ssss_client::ssss_model::rand_core::UnwrapErr;
use ssss_client::ssss_model::ssss_crypto::CostLimits;
use ssss_client::ssss_model::zeroize::Zeroizing;
use ssss_client::ssss_model::{
    DefaultKey, EncryptedSecret, NewKey, Secret, SecretName, Snapshot, VerifiedKey,
};
use ssss_client::{Content, FileStore, OldKey, Plan, Report};

/// An account as JSON, with secrets, each for both of its keys.
fn account(secrets: u32) -> (String, [NewKey; 2]) {
    let rng = &mut UnwrapErr(getrandom::SysRng);
    let keys = [(); 2].map(|()| NewKey::random(rng).build(rng));
    let describe = |key: &NewKey| (key.key().id().event_type(), key.description().to_raw());
    let mut events: BTreeMap<String, Content> = keys.iter().map(describe).collect();
    let pointer = DefaultKey::content(None, keys[0].key().id());
    events.insert(DefaultKey::EVENT_TYPE.to_owned(), pointer.to_raw());
    for index in 0..secrets {
        let name = SecretName::new(&format!("org.example.secret.{index:06}")).unwrap();
        let value = Zeroizing::new(format!("{index:043}"));
        let secret = Secret::new(name.clone(), value).unwrap();
        let entries = keys.each_ref().map(|key| key.key().seal(&secret, rng));
        let entries = entries.map(Result::unwrap);
        let content = EncryptedSecret::content(&name, None, &entries).unwrap();
        events.insert(name.as_str().to_owned(), content.to_raw());
    }
    (serde_json::to_string(&events).unwrap(), keys)
}

/// Reads an account as it comes, an object of all events, and looks at it.
fn report(json: &str, keys: &[&VerifiedKey]) -> AllocationInfo {
    let info = measure(|| {
        let events: BTreeMap<String, Content> = serde_json::from_str(json).unwrap();
        let count = events.len();
        let snapshot = Snapshot::new(events);
        let report = black_box(Report::new(&snapshot, keys, CostLimits::default()));
        // All but the keys and the pointer; and four that are always told of.
        assert_eq!(report.secrets.len(), count - 3 + 4);
    });
    assert_eq!(info.bytes_current, 0, "all is given back");
    info
}

/// Five times as many secrets take five times the allocations and five times the bytes, in all and at once.
#[test]
fn what_a_report_takes_grows_with_the_account_and_no_faster() {
    let accounts = [2_000, 10_000].map(account);
    for with_keys in [false, true] {
        let [small, large] = accounts.each_ref().map(|(json, keys)| {
            let keys: Vec<&VerifiedKey> = keys.iter().map(NewKey::key).collect();
            report(json, if with_keys { &keys } else { &[] })
        });
        for (what, small, large) in [
            ("allocations", small.count_total, large.count_total),
            ("bytes", small.bytes_total, large.bytes_total),
            ("bytes at once", small.bytes_max, large.bytes_max),
        ] {
            say(&format!(
                "{what}, keys at hand: {with_keys}: {small} for 2,000 secrets, {large} for 10,000"
            ));
            // Vectors that grow by doubling have room for more, or have not.
            let limit = small * 5 * 11 / 10;
            assert!(large <= limit, "{what}: {large}, and {small} for a fifth");
        }
    }
}

/// What is read of the text takes less than three times as much; what is found, less than once. The text itself is
/// the caller's, and comes on top.
const MOST: u64 = 4;

#[test]
fn the_most_memory_at_once_is_a_small_multiple_of_the_text() {
    let (json, keys) = account(10_000);
    let keys: Vec<&VerifiedKey> = keys.iter().map(NewKey::key).collect();
    let text = json.len() as u64;
    for keys in [&[][..], &keys] {
        let most = report(&json, keys).bytes_max;
        say(&format!(
            "{} keys at hand: {most} bytes at once, for a text of {text}",
            keys.len()
        ));
        assert!(most <= MOST * text, "{most} bytes for {text} of JSON");
    }
}

/// What Synapse exports is the deepest of the shapes that there are: three objects around the events. They and
/// the events are kept, beside the text and what is being looked at.
const MOST_OF_A_FILE: u64 = 7;

#[test]
fn a_file_takes_a_small_multiple_of_its_size_whatever_stands_around_the_events() {
    let long = "x".repeat(1 << 20);
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("account.json");
    let around = |names: &[&str]| {
        let open: Vec<_> = names.iter().map(|name| format!("{{\"{name}\":")).collect();
        let event = format!(r#"{{"m.direct":{{"a":"{long}"}}}}"#);
        let text = [open.concat(), event, "}".repeat(names.len())].concat();
        std::fs::write(&path, &text).unwrap();
        let mut is_opened = false;
        let info = measure(|| is_opened = black_box(FileStore::open(&path)).is_ok());
        let (most, text) = (info.bytes_max, text.len() as u64);
        say(&format!(
            "{} around: {most} bytes at once, for a text of {text}",
            names.len()
        ));
        assert!(most <= MOST_OF_A_FILE * text, "{most} bytes for {text}");
        is_opened
    };
    assert!(around(&[]));
    assert!(around(&["user_data", "account_data", "global"]));
    for name in ["events", "global", "user_data"] {
        assert!(!around(&[name; 60]));
    }
}

/// A secret with so many entries that nobody can read comes back as it is, from a snapshot that has the same.
fn restore(entries: usize) -> AllocationInfo {
    let entries: Vec<_> = (0..entries).map(|n| format!("\"k{n:06}\":{{}}")).collect();
    let content = format!(r#"{{"encrypted":{{{}}}}}"#, entries.join(","));
    let content = Content::from_json_string(content).unwrap();
    let snapshot = Snapshot::new([("org.example.x".to_owned(), content)]);
    measure(|| {
        let plan = Plan::restore(&snapshot, &snapshot, &[], &[], &[]);
        assert!(black_box(plan.unwrap()).is_empty());
    })
}

/// An account has a new key, which it is all sealed for.
fn rotate(secrets: u32) -> AllocationInfo {
    let (json, keys) = account(secrets);
    let events: BTreeMap<String, Content> = serde_json::from_str(&json).unwrap();
    let snapshot = Snapshot::new(events);
    let keys: Vec<&VerifiedKey> = keys.iter().map(NewKey::key).collect();
    let rng = &mut UnwrapErr(getrandom::SysRng);
    let new = NewKey::random(rng).build(rng);
    measure(|| {
        let plan = Plan::rotate(&snapshot, &new, &keys, &OldKey::Kept, &[], rng);
        // Each secret, the new key's description, and the pointer.
        assert_eq!(
            black_box(plan.unwrap()).writes().count(),
            secrets as usize + 2
        );
    })
}

#[test]
fn what_planning_takes_grows_with_the_account_and_no_faster() {
    for (what, small, large) in [
        ("restore", restore(200), restore(1_000)),
        ("rotate", rotate(200), rotate(1_000)),
    ] {
        for (of, small, large) in [
            ("allocations", small.count_total, large.count_total),
            ("bytes", small.bytes_total, large.bytes_total),
        ] {
            say(&format!(
                "{what}, {of}: {small}, {large} for five times as much"
            ));
            let limit = small * 5 * 11 / 10;
            assert!(
                large <= limit,
                "{what}, {of}: {large}, and {small} for a fifth"
            );
        }
    }
}

/// Says something also where the test passes.
fn say(text: &str) {
    let line = format!("{text}\n");
    std::io::stderr().write_all(line.as_bytes()).unwrap();
}
