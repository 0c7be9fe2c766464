//! Pieces of work whose instructions are counted: `instructions NAME` does one, `instructions` lists them.
//!
//! What is counted is what happens within [`measured`]. Nothing there depends on chance.

#![forbid(unsafe_code)]

use std::hint::black_box;

use ssss_client::{
    Content, KeyCallbacks, KeyRequest, MemoryStore, OldKey, Plan, ProvidedKey, Report, Rotate,
    SecretStorage, UnlockScope, unlock,
};
use ssss_model::ssss_crypto::{CostLimits, KeyCheck, Label, Pbkdf2, SecretStorageKey};
use ssss_model::zeroize::Zeroizing;
use ssss_model::{
    DefaultKey, EncryptedSecret, KeyDescription, KeyId, NewKey, Object, Secret, SecretName,
    Snapshot, TypedKey, UnverifiedKey,
};
use ssss_probes::counting::Counting;
use ssss_recovery_key::RecoveryKey;

/// How often each is done, which `cargo xtask instructions` divides by.
const TIMES: u32 = 10;

const KEY: [u8; 32] = *b"an example of a key of 32 bytes.";
/// As long as a cross-signing key in base64.
const TEXT: &str = "bm90IGEga2V5LCBidXQgYXMgbG9uZyBhcyBvbmUhISE";

type Work = Box<dyn FnMut()>;

/// Prepares a piece of work.
type Prepare = fn() -> Work;

const WORK: &[(&str, Prepare)] = &[
    ("derive-1000", derive),
    ("seal-43", seal),
    ("open-43", open),
    ("open-in-place-64k", open_in_place),
    ("key-check", key_check),
    ("recovery-key-parse", parse),
    ("recovery-key-format", format),
    ("seal-json", seal_json),
    ("open-json", open_json),
    ("key-description", key_description),
    ("snapshot", snapshot),
    ("report-400", || report(400)),
    ("report-2000", || report(2_000)),
    ("rotate-400", || rotate(400)),
    ("rotate-2000", || rotate(2_000)),
    ("unlock-400", || unlock_all(400)),
    ("unlock-2000", || unlock_all(2_000)),
    ("restore-200", || restore(200)),
    ("restore-1000", || restore(1_000)),
];

fn main() {
    let Some(name) = std::env::args().nth(1) else {
        for (name, _) in WORK {
            println!("{name} {TIMES}");
        }
        return;
    };
    let (_, prepare) = WORK
        .iter()
        .find(|(known, _)| *known == name)
        .expect("a piece of work that is listed");
    let mut work = prepare();
    // The first time may set something up.
    work();
    for _ in 0..TIMES {
        measured(&mut work);
    }
}

/// callgrind knows this function by its name.
#[inline(never)]
fn measured(work: &mut dyn FnMut()) {
    black_box(work)();
}

/// Work whose result is dropped, and so wiped, within it.
fn repeated<R: 'static>(mut work: impl FnMut() -> R + 'static) -> Work {
    Box::new(move || drop(black_box(work())))
}

fn derive() -> Work {
    let cost = Pbkdf2::admit(1_000, 256, CostLimits::default()).unwrap();
    repeated(move || cost.derive(black_box(b"correct horse battery staple"), b"a salt"))
}

fn seal() -> Work {
    let (key, mut rng) = (key(), Counting(0));
    repeated(move || key.seal(label(), black_box(TEXT.as_bytes()), &mut rng))
}

fn open() -> Work {
    let key = key();
    let sealed = key.seal(label(), TEXT.as_bytes(), &mut Counting(0));
    repeated(move || key.open(label(), black_box(&sealed)).unwrap())
}

/// Long enough for what a byte costs to be seen.
fn open_in_place() -> Work {
    let key = key();
    let sealed = key.seal(label(), &vec![7; 1 << 16], &mut Counting(0));
    repeated(move || key.open_in_place(label(), sealed.clone()).unwrap())
}

fn key_check() -> Work {
    let check = KeyCheck::create(&key(), &mut Counting(0));
    repeated(move || {
        let key = SecretStorageKey::from_array(black_box(&KEY));
        check.verify(&key).unwrap()
    })
}

fn parse() -> Work {
    let text = RecoveryKey::from_bytes(&KEY).format().expose().to_owned();
    repeated(move || RecoveryKey::parse(black_box(&text)).unwrap())
}

fn format() -> Work {
    let key = RecoveryKey::from_bytes(&KEY);
    repeated(move || black_box(&key).format())
}

fn seal_json() -> Work {
    let (new, secret, mut rng) = (new_key(), secret(), Counting(0));
    repeated(move || {
        let entry = new.key().seal(black_box(&secret), &mut rng).unwrap();
        EncryptedSecret::content(secret.name(), None, &[entry]).unwrap()
    })
}

fn open_json() -> Work {
    let (new, json) = (new_key(), sealed_json());
    repeated(move || {
        let object = Object::parse(black_box(json.as_json())).unwrap();
        let secret = EncryptedSecret::parse(&SecretName::CROSS_SIGNING[0], &object);
        new.key().open(secret.present().unwrap()).unwrap()
    })
}

fn key_description() -> Work {
    let new = new_key();
    repeated(move || {
        let object = Object::parse(black_box(new.description().as_json())).unwrap();
        let description = KeyDescription::parse(new.key().id(), &object);
        let key = UnverifiedKey::from_key(key());
        description.present().unwrap().verify(key).unwrap()
    })
}

/// What an account has: a key, the pointer to it, and four secrets.
fn snapshot() -> Work {
    let mut names = SecretName::CROSS_SIGNING.to_vec();
    names.push(SecretName::MEGOLM_BACKUP);
    let events = account(&names);
    repeated(move || Snapshot::new(black_box(events.clone())))
}

/// An account with so many secrets, seen without its key.
fn report(secrets: u32) -> Work {
    let name = |index| SecretName::new(&format!("org.example.secret.{index:06}")).unwrap();
    let names: Vec<SecretName> = (0..secrets).map(name).collect();
    let snapshot = Snapshot::new(account(&names));
    repeated(move || Report::new(black_box(&snapshot), &[], CostLimits::default()))
}

/// A rotation that is refused, of an account with so many keys, and as many secrets that seem to be sealed
/// for one of them each: what a server can make up.
fn rotate(count: u32) -> Work {
    let events = (0..count).flat_map(|index| {
        let id = KeyId::new(&format!("for-nothing-here-{index:06}")).unwrap();
        let sealed = format!(r#"{{"encrypted":{{"{id}":{{{SOUND}}}}}}}"#);
        let name = format!("org.example.secret.{index:06}");
        [(id.event_type(), raw(NO_CHECK)), (name, raw(&sealed))]
    });
    let events = events.chain(account(std::slice::from_ref(&SecretName::CROSS_SIGNING[0])));
    let store: MemoryStore = events.collect();
    let storage = SecretStorage::new(store, OneKey);
    repeated(move || {
        let mut create_key = async || None;
        let options = Rotate {
            create_key: &mut create_key,
            old_key: OldKey::Kept,
            abandon: &[],
        };
        pollster::block_on(storage.rotate(options, &mut Counting(0))).unwrap_err()
    })
}

/// A recovery key that is tried on so many keys without a check, beside as many entries that are none of theirs.
fn unlock_all(count: u32) -> Work {
    let entries = (0..count).map(|n| format!("\"for-no-key-here-{n:06}\":{{{SOUND}}}"));
    let entries: Vec<_> = entries.collect();
    let sealed = entries.chunks(100).enumerate().map(|(n, entries)| {
        let content = format!(r#"{{"encrypted":{{{}}}}}"#, entries.join(","));
        (format!("org.example.secret.{n:06}"), raw(&content))
    });
    let keys = (0..count).map(|n| {
        let id = KeyId::new(&format!("for-nothing-here-{n:06}")).unwrap();
        (id.event_type(), raw(NO_CHECK))
    });
    let snapshot = Snapshot::new(sealed.chain(keys).chain(account(&[])));
    let text = RecoveryKey::from_bytes(&KEY).format().expose().to_owned();
    let typed = ProvidedKey::Typed(TypedKey::read(Zeroizing::new(text)));
    repeated(move || {
        unlock(
            black_box(&snapshot),
            snapshot.descriptions(),
            &typed,
            UnlockScope::Every,
            CostLimits::default(),
        )
        .unwrap()
    })
}

/// Has the account's key, whatever it is asked for.
struct OneKey;

impl KeyCallbacks for OneKey {
    async fn secret_storage_key(&self, _: &KeyRequest<'_>) -> Option<ProvidedKey> {
        Some(ProvidedKey::Cached(new_key().key().id().clone(), key()))
    }
}

/// A description without a check.
const NO_CHECK: &str = r#"{"algorithm":"m.secret_storage.v1.aes-hmac-sha2"}"#;

/// What looks like an entry.
const SOUND: &str = r#""iv":"AAAAAAAAAAAAAAAAAAAAAA","ciphertext":"AAAA","mac":"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA""#;

/// A secret with so many entries that nobody can read, which comes back as it is.
fn restore(entries: u32) -> Work {
    let entries: Vec<_> = (0..entries).map(|n| format!("\"k{n:06}\":{{}}")).collect();
    let content = format!(r#"{{"encrypted":{{{}}}}}"#, entries.join(","));
    let event = ("org.example.secret".to_owned(), raw(&content));
    let snapshot = Snapshot::new([event]);
    repeated(move || {
        let earlier = black_box(&snapshot);
        Plan::restore(&snapshot, earlier, &[], &[], &[]).unwrap()
    })
}

fn raw(json: &str) -> Content {
    Content::from_json_string(json.to_owned()).unwrap()
}

fn account(names: &[SecretName]) -> Vec<(String, Content)> {
    let new = new_key();
    let id = new.key().id();
    let pointer = DefaultKey::content(None, id);
    let mut events = vec![
        (id.event_type(), new.description().to_raw()),
        (DefaultKey::EVENT_TYPE.to_owned(), pointer.to_raw()),
    ];
    for name in names {
        let secret = Secret::from_key(name.clone(), &[7; 32]);
        let entry = new.key().seal(&secret, &mut Counting(0)).unwrap();
        let content = EncryptedSecret::content(name, None, &[entry]).unwrap();
        events.push((name.as_str().to_owned(), content.to_raw()));
    }
    events
}

fn key() -> SecretStorageKey {
    SecretStorageKey::from_array(&KEY)
}

fn label() -> Label<'static> {
    Label::new("m.cross_signing.master").unwrap()
}

fn new_key() -> NewKey {
    let id = KeyId::new("AnIdOf32Characters0123456789abcd").unwrap();
    NewKey::from_key(key()).id(id).build(&mut Counting(0))
}

fn secret() -> Secret {
    let name = SecretName::CROSS_SIGNING[0].clone();
    Secret::new(name, Zeroizing::new(TEXT.to_owned())).unwrap()
}

fn sealed_json() -> Object {
    let entry = new_key().key().seal(&secret(), &mut Counting(0));
    EncryptedSecret::content(secret().name(), None, &[entry.unwrap()]).unwrap()
}
