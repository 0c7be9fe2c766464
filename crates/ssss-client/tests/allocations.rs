//! What a report over a large account takes. In a binary of its own, whose allocator counts: that tells how
//! the work grows without a clock.

use std::hint::black_box;

use allocation_counter::{AllocationInfo, measure};
use ssss_client::ssss_model::rand_core::UnwrapErr;
use ssss_client::ssss_model::ssss_crypto::CostLimits;
use ssss_client::ssss_model::zeroize::Zeroizing;
use ssss_client::ssss_model::{
    DefaultKey, EncryptedSecret, NewKey, Secret, SecretName, Snapshot, VerifiedKey,
};
use ssss_client::{Content, Report};

/// Secrets, each for both keys: what is read, and the keys.
fn account(secrets: u32) -> (Vec<(String, Content)>, [NewKey; 2]) {
    let rng = &mut UnwrapErr(getrandom::SysRng);
    let keys = [(); 2].map(|()| NewKey::random(rng).build(rng));
    let describe = |key: &NewKey| (key.key().id().event_type(), key.description().to_raw());
    let mut events: Vec<(String, Content)> = keys.iter().map(describe).collect();
    let pointer = DefaultKey::content(None, keys[0].key().id());
    events.push((DefaultKey::EVENT_TYPE.to_owned(), pointer.to_raw()));
    for index in 0..secrets {
        let name = SecretName::new(&format!("org.example.secret.{index:06}")).unwrap();
        let value = Zeroizing::new(format!("{index:043}"));
        let secret = Secret::new(name.clone(), value).unwrap();
        let entries = keys.each_ref().map(|key| key.key().seal(&secret, rng));
        let entries = entries.map(Result::unwrap);
        let content = EncryptedSecret::content(&name, None, &entries).unwrap();
        events.push((name.as_str().to_owned(), content.to_raw()));
    }
    (events, keys)
}

/// Reads all of it and looks at it, with and without its keys at hand.
fn report(secrets: u32, with_keys: bool) -> AllocationInfo {
    let (events, keys) = account(secrets);
    let keys: Vec<&VerifiedKey> = keys.iter().map(NewKey::key).collect();
    let keys = if with_keys { &keys[..] } else { &[] };
    let mut events = Some(events);
    measure(|| {
        let snapshot = Snapshot::new(events.take().unwrap());
        let report = Report::new(&snapshot, keys, CostLimits::default());
        assert!(report.secrets.len() >= secrets as usize);
        drop(black_box(report));
    })
}

/// Twice as many secrets take twice the allocations and twice the bytes, in all and at once.
#[test]
fn what_a_report_takes_grows_with_the_account_and_no_faster() {
    for with_keys in [false, true] {
        let [small, large] = [2_000, 10_000].map(|secrets| report(secrets, with_keys));
        for (what, small, large) in [
            ("allocations", small.count_total, large.count_total),
            ("bytes", small.bytes_total, large.bytes_total),
            ("bytes at once", small.bytes_max, large.bytes_max),
        ] {
            assert!(small > 0);
            // Vectors that grow by doubling have room for more, or have not.
            let limit = small * 5 + small * 5 / 4;
            assert!(large <= limit, "{what}: {large}, and {small} for a fifth");
            say(&format!(
                "{what}, keys at hand: {with_keys}: {small} for 2,000 secrets, {large} for 10,000"
            ));
        }
    }
}

/// The text itself is one of them; what is read of it, three and a half; what is found, one and a quarter. Four
/// are aimed at (docs/performance.md).
const MOST: u64 = 6;

#[test]
fn the_most_memory_at_once_is_a_small_multiple_of_the_text() {
    let (events, keys) = account(10_000);
    let keys: Vec<&VerifiedKey> = keys.iter().map(NewKey::key).collect();
    let json = json(&events);
    drop(events);
    for keys in [&[][..], &keys] {
        let info = measure(|| {
            // As it comes: an object of all events.
            let events: std::collections::BTreeMap<String, Content> =
                serde_json::from_str(&json).unwrap();
            let snapshot = Snapshot::new(events);
            drop(black_box(Report::new(
                &snapshot,
                keys,
                CostLimits::default(),
            )));
        });
        let text = json.len() as u64;
        let most = info.bytes_max + text;
        say(&format!(
            "{} keys at hand: {most} bytes at once, the text of {text} among them",
            keys.len()
        ));
        assert!(most <= MOST * text, "{most} bytes for {text} of JSON");
    }
}

fn json(events: &[(String, Content)]) -> String {
    let events: std::collections::BTreeMap<&String, &Content> = events
        .iter()
        .map(|(name, content)| (name, content))
        .collect();
    serde_json::to_string(&events).unwrap()
}

/// Says something also where the test passes.
fn say(text: &str) {
    use std::io::Write as _;
    let line = format!("{text}\n");
    std::io::stderr().write_all(line.as_bytes()).unwrap();
}
