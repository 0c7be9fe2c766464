//! Nothing that is secret stands in any log, at whatever level, nor in any error.
//!
//! In a binary of its own, with one test: there is one logger in a process.

#[path = "../homeserver/server.rs"]
#[expect(dead_code, reason = "not all of what it can do is needed here")]
mod server;

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use getrandom::SysRng;
use log::{LevelFilter, Log, Metadata, Record};
use ssss_client::ssss_model::rand_core::UnwrapErr;
use ssss_client::ssss_model::ruma_common::OwnedUserId;
use ssss_client::ssss_model::zeroize::Zeroizing;
use ssss_client::ssss_model::{NewKey, Secret, SecretName, TypedKey, VerifiedKey};
use ssss_client::{
    AccountData as _, BackupKey, Bootstrap, CrossSigningKeys, Homeserver, HomeserverAccount,
    HomeserverOptions, KeyCallbacks, KeyRequest, NoKeys, OldKey, ProvidedKey, Publication, Rotate,
    SecretStorage,
};

use crate::server::{FakeServer, Fault, REFRESH, TOKEN, USER};

const PASSWORD: &str = "canary-password";

/// Keeps every line.
struct Lines(Mutex<Vec<String>>);

static LINES: Lines = Lines(Mutex::new(Vec::new()));

impl Log for Lines {
    fn enabled(&self, _: &Metadata<'_>) -> bool {
        true
    }

    fn log(&self, record: &Record<'_>) {
        let line = format!("{} {}", record.target(), record.args());
        self.0
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .push(line);
    }

    fn flush(&self) {}
}

/// Says an error in every way that there is.
fn say(error: &dyn std::error::Error) {
    let mut next = Some(error);
    while let Some(error) = next {
        log::error!("{error} {error:?} {error:#?}");
        next = error.source();
    }
}

struct Person(Mutex<Vec<String>>);

impl KeyCallbacks for &Person {
    async fn secret_storage_key(&self, _: &KeyRequest<'_>) -> Option<ProvidedKey> {
        let text = self.0.lock().unwrap().last()?.clone();
        Some(ProvidedKey::Typed(TypedKey::read(Zeroizing::new(text))))
    }
}

#[test]
fn no_secret_is_in_any_log_or_error() {
    log::set_logger(&LINES).unwrap();
    log::set_max_level(LevelFilter::Trace);
    let server = FakeServer::start();
    let person = Person(Mutex::new(Vec::new()));
    let secrets = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap()
        .block_on(a_life(&server, &person));

    let mut canaries = vec![
        TOKEN.to_owned(),
        REFRESH.to_owned(),
        PASSWORD.to_owned(),
        "wrong-canary".to_owned(),
    ];
    canaries.extend(secrets.iter().map(|secret| secret.expose().to_owned()));
    for text in person.0.lock().unwrap().iter() {
        canaries.push(text.clone());
        canaries.push(text.replace(' ', ""));
    }
    let canaries: Vec<String> = canaries.iter().flat_map(|text| spellings(text)).collect();

    let lines = LINES.0.lock().unwrap().clone();
    // Otherwise there would be nothing to find anything in.
    for target in ["hyper_util::client", "reqwest::"] {
        let count = lines.iter().filter(|line| line.starts_with(target)).count();
        assert!(count > 20, "{target} says {count} lines");
    }
    println!("{} lines, {} canaries", lines.len(), canaries.len());
    for line in &lines {
        assert_eq!(found(line, &canaries), None, "{line}");
    }
    // The control: each of them would be found.
    for canary in &canaries {
        assert!(found(&format!("x{canary}y"), &canaries).is_some());
    }
}

/// How a text may stand in a log.
fn spellings(text: &str) -> Vec<String> {
    let hex = text
        .bytes()
        .fold(String::new(), |hex, byte| format!("{hex}{byte:02x}"));
    let list = format!("{:?}", text.as_bytes());
    let list = list.trim_matches(['[', ']']).to_owned();
    vec![text.to_owned(), hex.to_uppercase(), hex, list]
}

fn found<'a>(line: &str, canaries: &'a [String]) -> Option<&'a String> {
    canaries
        .iter()
        .find(|canary| line.contains(canary.as_str()))
}

/// Logs in, sets up, opens, rotates, fails in many ways, and logs out.
async fn a_life(server: &FakeServer, person: &Person) -> Vec<Secret> {
    let options = HomeserverOptions {
        timeout: Duration::from_millis(800),
        ..HomeserverOptions::default()
    };
    let user: OwnedUserId = USER.parse().unwrap();
    let homeserver = Homeserver::connect(&server.url, &options).await.unwrap();
    let wrong = homeserver.log_in_by_password(&user, "wrong-canary", "test", true);
    say(&wrong.await.unwrap_err());
    let logged_in = homeserver
        .log_in_by_password(&user, PASSWORD, "test", true)
        .await
        .unwrap();
    log::info!("{logged_in:?} {homeserver:?}");
    let account = HomeserverAccount::new(
        homeserver,
        user,
        Some(logged_in.device_id),
        logged_in.tokens,
    );
    log::info!("{account:?}");

    let rng = &mut UnwrapErr(SysRng);
    let mut secrets: Vec<Secret> = CrossSigningKeys::random(rng).into_secrets().into();
    secrets.push(BackupKey::random(rng).into_secret());
    log::info!("{secrets:?}");
    let write_down = |key: &VerifiedKey| {
        let text = key.recovery_key().unwrap().format().expose().to_owned();
        person.0.lock().unwrap().push(text);
    };
    let mut create_key = async || {
        let key = NewKey::random(&mut UnwrapErr(SysRng)).build(&mut UnwrapErr(SysRng));
        write_down(key.key());
        log::info!("{key:?}");
        Some(key)
    };
    let options = Bootstrap {
        create_key: &mut create_key,
        secrets: secrets.as_slice(),
        set_up_new: false,
        abandon: &[],
        publish: Publication {
            identity: true,
            backup: true,
        },
    };
    SecretStorage::new(&account, NoKeys)
        .bootstrap(options, rng)
        .await
        .unwrap();

    let storage = SecretStorage::new(&account, person);
    let names = [&SecretName::CROSS_SIGNING[..], &[SecretName::MEGOLM_BACKUP]].concat();
    let opened = storage.get_all(&names).await.unwrap();
    assert!(
        opened
            .iter()
            .all(|(_, secret)| matches!(secret, Ok(Some(_))))
    );
    log::info!("{opened:?}");
    let mut create_key = async || {
        let key = NewKey::random(&mut UnwrapErr(SysRng)).build(&mut UnwrapErr(SysRng));
        // The old one is asked for until the new one is there.
        Some(key)
    };
    let rotate = Rotate {
        create_key: &mut create_key,
        old_key: OldKey::Kept,
        abandon: &[],
    };
    let rotated = storage.rotate(rotate, rng).await.unwrap();
    log::info!("{rotated:?}");
    write_down(rotated.new_key.key());

    for fault in [
        Fault::Answer(500, &[], "<html>"),
        Fault::Answer(
            401,
            &[],
            r#"{"errcode":"M_UNKNOWN_TOKEN","error":"canary"}"#,
        ),
        Fault::Answer(302, &[("location", "http://127.0.0.1:1/")], ""),
        Fault::Answer(200, &[("content-type", "text/html")], "<html>"),
        Fault::Reset,
        Fault::CutLength,
        Fault::Endless,
    ] {
        let failing = fault.clone();
        server.fail(move |_| Some(failing.clone()));
        say(&storage.get_all(&names).await.unwrap_err());
        say(&account.published().await.unwrap_err());
        say(&account.enumerate().await.unwrap_err());
    }
    server.fail(|_| None);
    account.log_out().await.unwrap();
    say(&account.who_am_i().await.unwrap_err());
    secrets
}
