//! What must hold whatever the server does.

use std::collections::BTreeSet;

use serde_json::Value;
use ssss_client::ssss_model::ruma_common::serde::Base64;
use ssss_client::ssss_model::ruma_common::serde::base64::{Standard, UrlSafe};
use ssss_client::ssss_model::ssss_crypto::{KeyCheck, Label, SecretStorageKey};

use crate::client::{Client, Played, run};
use crate::json;
use crate::script::Script;
use crate::truth::Truth;
use crate::work::{OTHER, OTHER_VALUE, Work};

/// Plays a script, and says what is wrong with what happened, if anything is.
pub(crate) fn verdict(client: Client, script: &Script, work: Work) -> Result<(), String> {
    let played = run(client, script, work);
    let truth = &script.truth;
    nothing_secret_is_sent(truth, &played)?;
    nothing_is_written_under_an_unproven_key(truth, &played)?;
    nothing_else_is_accepted(truth, &played)?;
    nothing_is_made_up(work, &played)?;
    nothing_speaks_to_a_terminal(&played)
}

/// A key, a passphrase or a secret in a request, in any spelling.
fn nothing_secret_is_sent(truth: &Truth, played: &Played) -> Result<(), String> {
    let mut canaries = vec![truth.typed.clone(), truth.typed.replace(' ', "")];
    canaries.push(OTHER_VALUE.to_owned());
    canaries.extend(truth.values.iter().map(|(_, value)| value.clone()));
    let mut texts: Vec<String> = canaries
        .iter()
        .flat_map(|text| spellings(text.as_bytes()))
        .collect();
    texts.extend(canaries);
    let keys = truth.trusted.iter().chain(&played.created);
    texts.extend(keys.flat_map(|key| spellings(key)));
    let written = played.seen.written.iter();
    let sent = written.flat_map(|(name, content)| [name, content]);
    for sent in sent.chain(&played.seen.asked) {
        if let Some(canary) = texts.iter().find(|canary| sent.contains(canary.as_str())) {
            return Err(format!("a secret is sent: {canary} in {sent}"));
        }
    }
    Ok(())
}

pub(crate) fn spellings(bytes: &[u8]) -> Vec<String> {
    let hex = |upper: bool| {
        let digits = bytes.iter();
        digits.fold(String::new(), |text, byte| {
            text + &if upper {
                format!("{byte:02X}")
            } else {
                format!("{byte:02x}")
            }
        })
    };
    let percent = bytes.iter();
    let percent = percent.fold(String::new(), |text, byte| text + &format!("%{byte:02X}"));
    vec![
        Base64::<Standard, _>::new(bytes).encode(),
        Base64::<UrlSafe, _>::new(bytes).encode(),
        hex(false),
        hex(true),
        percent,
    ]
}

/// Whatever is sealed opens with a key that may be written under; whatever checks a key, checks one.
fn nothing_is_written_under_an_unproven_key(truth: &Truth, played: &Played) -> Result<(), String> {
    let keys = truth.trusted.iter().chain(&played.created);
    let keys: Vec<_> = keys
        .map(|key| SecretStorageKey::from_bytes(key).unwrap())
        .collect();
    for (event_type, content) in &played.seen.written {
        let said: Vec<&String> = played
            .seen
            .said
            .iter()
            .filter(|(of, _)| of == event_type)
            .map(|(_, said)| said)
            .collect();
        if said.contains(&content) {
            continue;
        }
        if event_type.starts_with("m.secret_storage.key.") {
            check_is_of_a_trusted_key(content, &said, &keys)?;
        } else {
            let known: BTreeSet<String> = said
                .iter()
                .flat_map(|said| json::entries(said))
                .map(|(entry, _)| entry.to_string())
                .collect();
            for (entry, sealed) in json::entries(content) {
                let sealed = match sealed {
                    _ if known.contains(&entry.to_string()) => continue,
                    Some(sealed) => sealed,
                    None => return Err(format!("what is no entry is written: {entry}")),
                };
                let label = Label::new(event_type).unwrap();
                if !keys.iter().any(|key| key.open(label, &sealed).is_ok()) {
                    return Err(format!("{event_type} is written under an unproven key"));
                }
            }
        }
    }
    Ok(())
}

fn check_is_of_a_trusted_key(
    content: &str,
    said: &[&String],
    keys: &[SecretStorageKey],
) -> Result<(), String> {
    let parse = |text: &str| serde_json::from_str::<Value>(text).unwrap_or_default();
    let content = parse(content);
    let is_said = |said: &&String| {
        let said = parse(said);
        (&said["iv"], &said["mac"]) == (&content["iv"], &content["mac"])
    };
    if content["mac"].is_null() || said.iter().any(is_said) {
        return Ok(());
    }
    let (iv, mac) = (json::bytes(&content["iv"]), json::bytes(&content["mac"]));
    let check = iv
        .zip(mac)
        .and_then(|(iv, mac)| KeyCheck::from_parts(&iv, &mac).ok());
    let check = check.ok_or("what is no check is written")?;
    if keys.iter().any(|key| check.verify(key).is_ok()) {
        Ok(())
    } else {
        Err("a check of an unproven key is written".to_owned())
    }
}

/// What is taken for a secret of the account is one, or was.
fn nothing_else_is_accepted(truth: &Truth, played: &Played) -> Result<(), String> {
    match played
        .opened
        .iter()
        .find(|opened| !truth.values.contains(opened))
    {
        Some((name, value)) => Err(format!("{value:?} is accepted as {name}")),
        None => Ok(()),
    }
}

/// What is seen to have no value any more gets one from nobody but who is asked to give it one.
fn nothing_is_made_up(work: Work, played: &Played) -> Result<(), String> {
    let is_asked = |event_type: &str| match event_type {
        "m.secret_storage.default_key" => matches!(
            work,
            Work::SetUpNew
                | Work::Bootstrap
                | Work::Rotate
                | Work::Revoke
                | Work::SetDefault
                | Work::RepairDefault
        ),
        "m.megolm_backup.v1" => work == Work::StoreKnown,
        OTHER => work == Work::StoreOther,
        _ if event_type.starts_with("m.secret_storage.key.") => work == Work::RepairCheck,
        _ => false,
    };
    let mut made_up = played.seen.made_up.iter();
    match made_up.find(|event_type| !is_asked(event_type)) {
        Some(event_type) => Err(format!("{event_type} is made up")),
        None => Ok(()),
    }
}

fn nothing_speaks_to_a_terminal(played: &Played) -> Result<(), String> {
    let speaking = played.shown.iter().find(|text| text.chars().any(speaks));
    match speaking {
        Some(text) => Err(format!("it is shown as it is: {text:?}")),
        None => Ok(()),
    }
}

/// C0 with the line break, after which anything could be said, C1, and what turns text round or hides in it.
pub(crate) fn speaks(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | '\u{feff}')
}

/// The oracle sees each thing that it is there for.
#[test]
fn what_is_wrong_is_seen() {
    use crate::account::Account;
    use crate::script::Seen;
    use crate::truth::REAL;
    let truth = Truth::recovery_key(REAL);
    let played = |written: &str, opened: &str, shown: &str| Played {
        seen: Seen {
            asked: Vec::new(),
            written: vec![("m.megolm_backup.v1".to_owned(), written.to_owned())],
            said: BTreeSet::new(),
            made_up: vec!["m.megolm_backup.v1".to_owned()],
        },
        opened: vec![("m.megolm_backup.v1".to_owned(), opened.to_owned())],
        created: Vec::new(),
        shown: vec![shown.to_owned()],
    };
    let (_, value) = truth
        .values
        .iter()
        .find(|(name, _)| name == "m.megolm_backup.v1")
        .unwrap();
    let account = |of: &str| {
        let account = Account::standard(of);
        let events = account.events().into_iter();
        let mut events = events.filter(|(name, _)| name == "m.megolm_backup.v1");
        events.next().unwrap().1.json().get().to_owned()
    };
    let good = played(&account(REAL), value, "quoted \"\\u{1b}\"");
    assert_eq!(nothing_secret_is_sent(&truth, &good), Ok(()));
    assert_eq!(
        nothing_is_written_under_an_unproven_key(&truth, &good),
        Ok(())
    );
    assert_eq!(nothing_else_is_accepted(&truth, &good), Ok(()));
    assert_eq!(nothing_speaks_to_a_terminal(&good), Ok(()));
    assert_eq!(nothing_is_made_up(Work::StoreKnown, &good), Ok(()));
    assert!(nothing_is_made_up(Work::Rotate, &good).is_err());
    for spelling in spellings(truth.typed.as_bytes())
        .iter()
        .chain([&truth.typed, value])
    {
        let bad = played(&format!(r#"{{"x":"{spelling}"}}"#), value, "");
        assert!(nothing_secret_is_sent(&truth, &bad).is_err(), "{spelling}");
    }
    let bad = played(&account("other"), "something else", "\u{1b}]52;c;AA\u{7}");
    assert!(nothing_is_written_under_an_unproven_key(&truth, &bad).is_err());
    assert!(nothing_else_is_accepted(&truth, &bad).is_err());
    assert!(nothing_speaks_to_a_terminal(&bad).is_err());
}
