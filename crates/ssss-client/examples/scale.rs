//! How time and memory grow with an account: looking at it, and rotating its key.
//!
//! `cargo run --release -p ssss-client --example scale` runs itself once for each size, so that
//! each has its own peak of memory. Figures of one machine are of use beside each other only: what
//! counts is the ratio, which stays near 1 where the cost of a secret does not depend on how many
//! there are.

use std::env;
use std::error::Error;
use std::fs;
use std::hint::black_box;
use std::process::Command;
use std::time::{Duration, Instant};

use pollster::block_on;
use ssss_client::ssss_model::rand_core::UnwrapErr;
use ssss_client::ssss_model::ssss_crypto::{CostLimits, SecretStorageKey};
use ssss_client::ssss_model::zeroize::Zeroizing;
use ssss_client::ssss_model::{
    DefaultKey, EncryptedSecret, NewKey, Secret, SecretName, VerifiedKey,
};
use ssss_client::{
    AccountData as _, Content, FileStore, Finding, JournalFolder, KeyCallbacks, KeyRequest,
    MemoryStore, OldKey, Plan, ProvidedKey, Report, Rotate, SecretStorage, apply,
};

/// Secrets, and the keys that each is sealed for.
const SIZES: [(u32, usize); 6] = [
    (1_000, 2),
    (2_000, 2),
    (4_000, 2),
    (10_000, 2),
    (20_000, 2),
    (1_000, 10),
];

/// Runs for each size, of which the fastest counts.
const RUNS: usize = 3;

const STEPS: [&str; 8] = [
    "snapshot",
    "report",
    "plan",
    "apply",
    "to JSON",
    "from JSON",
    "undo",
    "file",
];

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = env::args().skip(1).collect();
    if let [secrets, keys] = arguments.as_slice() {
        return one(secrets.parse()?, keys.parse()?);
    }
    println!("Time for each secret and key, in µs, and its ratio to that of the smallest account:");
    print!("{:>7} {:>4}", "secrets", "keys");
    for step in STEPS {
        print!("{step:>17}");
    }
    println!("{:>10} {:>17}", "entries", "peak KiB / secret");
    let mut smallest: Option<Vec<f64>> = None;
    for (secrets, keys) in SIZES {
        let mut figures = run(secrets, keys)?;
        // What else the machine does only ever makes it slower.
        for _ in 1..RUNS {
            let again = run(secrets, keys)?;
            for (least, figure) in figures.iter_mut().zip(again) {
                *least = least.min(figure);
            }
        }
        let smallest = smallest.get_or_insert_with(|| figures.clone());
        print!("{secrets:>7} {keys:>4}");
        for (figure, least) in figures.iter().zip(smallest.iter()).take(STEPS.len()) {
            print!("{figure:>10.2} ×{:>5.2}", figure / least);
        }
        let memory = figures.last().copied().unwrap_or_default();
        println!(
            "{:>10} {memory:>17.1}",
            f64::from(secrets) * keys_as_float(keys)
        );
    }
    Ok(())
}

/// Runs this program for one account, in a process of its own.
fn run(secrets: u32, keys: usize) -> Result<Vec<f64>, Box<dyn Error>> {
    let output = Command::new(env::current_exe()?)
        .args([secrets.to_string(), keys.to_string()])
        .output()?;
    if !output.status.success() {
        return Err(String::from_utf8_lossy(&output.stderr).into());
    }
    let text = String::from_utf8(output.stdout)?;
    let figures = text.split_whitespace().map(str::parse);
    Ok(figures.collect::<Result<_, _>>()?)
}

fn keys_as_float(keys: usize) -> f64 {
    f64::from(u32::try_from(keys).unwrap_or(u32::MAX))
}

/// One account: prints, for each step, the microseconds for each secret and key; and the growth of
/// the peak of memory, in KiB for each secret.
fn one(secrets: u32, count: usize) -> Result<(), Box<dyn Error>> {
    let mut rng = UnwrapErr(getrandom::SysRng);
    let keys: Vec<NewKey> = (0..count)
        .map(|_| NewKey::random(&mut rng).build(&mut rng))
        .collect();
    let store = account(secrets, &keys)?;
    let verified: Vec<&VerifiedKey> = keys.iter().map(NewKey::key).collect();
    let default = verified.first().ok_or("there are no keys")?.id().clone();
    let new = NewKey::random(&mut rng).build(&mut rng);
    let before_rotation = block_on(store.enumerate())?.events;
    let before = peak()?;

    let mut times = Vec::new();
    let snapshot = timed(&mut times, || {
        Ok::<_, Box<dyn Error>>(block_on(store.enumerate())?.into_snapshot())
    })?;
    let report = timed(&mut times, || {
        Ok::<_, Box<dyn Error>>(Report::new(&snapshot, &verified, CostLimits::default()))
    })?;
    let unexpected = |finding: &&Finding| finding.code() != "secret-missing";
    if let Some(finding) = report.findings.iter().find(unexpected) {
        return Err(finding.to_string().into());
    }
    let old = OldKey::Revoked(default);
    let plan = timed(&mut times, || {
        Plan::rotate(&snapshot, &new, &verified, &old, &[], &mut rng)
    })?;
    let mut all = verified.clone();
    all.push(new.key());
    timed(&mut times, || block_on(apply(&store, &plan, &all, |_| {})))?;
    let json = timed(&mut times, || Ok::<_, Box<dyn Error>>(plan.to_json()))?;
    let plan = timed(&mut times, || Plan::from_json(&json))?;
    let after = block_on(store.enumerate())?.into_snapshot();
    black_box(timed(&mut times, || plan.undo(&after, &[]))?);

    timed(&mut times, || in_a_file(&before_rotation, verified.first()))?;

    let entries = f64::from(secrets) * keys_as_float(count);
    for time in times {
        print!("{} ", time.as_secs_f64() * 1e6 / entries);
    }
    println!("{}", (peak()? - before) / f64::from(secrets));
    Ok(())
}

/// The same in a file, with a journal, as the command does it.
fn in_a_file(
    events: &[(String, Content)],
    key: Option<&&VerifiedKey>,
) -> Result<(), Box<dyn Error>> {
    let folder = tempfile::tempdir()?;
    let store = FileStore::open_or_create(folder.path().join("account.json"))?;
    block_on(store.put_all(events))?;
    let key = key.ok_or("there are no keys")?;
    let journal = JournalFolder::new(folder.path().join("changes"));
    let storage = SecretStorage::new(store, Cached(key)).with_journal(journal);
    let mut rng = UnwrapErr(getrandom::SysRng);
    let new = NewKey::random(&mut rng).build(&mut rng);
    let mut new = Some(new);
    let mut create_key = async || new.take();
    let options = Rotate {
        create_key: &mut create_key,
        old_key: OldKey::Revoked(key.id().clone()),
        abandon: &[],
    };
    block_on(storage.rotate(options, &mut rng))?;
    Ok(())
}

/// Supplies the key that is the default.
struct Cached<'a>(&'a VerifiedKey);

impl KeyCallbacks for Cached<'_> {
    async fn secret_storage_key(&self, _: &KeyRequest<'_>) -> Option<ProvidedKey> {
        let bytes = SecretStorageKey::from_bytes(self.0.key().expose()).ok()?;
        Some(ProvidedKey::Cached(self.0.id().clone(), bytes))
    }
}

fn timed<T, E>(times: &mut Vec<Duration>, step: impl FnOnce() -> Result<T, E>) -> Result<T, E> {
    let start = Instant::now();
    let done = step();
    times.push(start.elapsed());
    done
}

/// Secrets, each sealed for every key; the first is the default.
fn account(secrets: u32, keys: &[NewKey]) -> Result<MemoryStore, Box<dyn Error>> {
    let mut rng = UnwrapErr(getrandom::SysRng);
    let mut events: Vec<(String, Content)> = Vec::new();
    for key in keys {
        events.push((key.key().id().event_type(), key.description().to_raw()));
    }
    let default = keys.first().ok_or("there are no keys")?.key().id();
    let pointer = DefaultKey::content(None, default).to_raw();
    events.push((DefaultKey::EVENT_TYPE.to_owned(), pointer));
    for index in 0..secrets {
        let name = SecretName::new(&format!("org.example.secret.{index:06}"))?;
        let value = Zeroizing::new(format!("{index:043}"));
        let secret = Secret::new(name.clone(), value)?;
        let mut entries = Vec::new();
        for key in keys {
            entries.push(key.key().seal(&secret, &mut rng)?);
        }
        let content = EncryptedSecret::content(&name, None, &entries)?;
        events.push((name.as_str().to_owned(), content.to_raw()));
    }
    Ok(events.into_iter().collect())
}

/// The most memory that this process has had so far, in KiB; 0 where the system does not say.
fn peak() -> Result<f64, Box<dyn Error>> {
    let Ok(status) = fs::read_to_string("/proc/self/status") else {
        return Ok(0.0);
    };
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    let number = line.and_then(|line| line.split_whitespace().next());
    Ok(number.unwrap_or("0").parse()?)
}
