//! JSON that is deep, long, or has very many parts, wherever something is read.

use crate::account::{Account, key};
use crate::client::Client;
use crate::script::{At, Script};
use crate::truth::{REAL, Truth};
use crate::work;

fn scripts() -> Vec<Script> {
    let deep = format!("{}{}", "[".repeat(100_000), "]".repeat(100_000));
    let objects = format!("{}1{}", r#"{"a":"#.repeat(100_000), "}".repeat(100_000));
    let long = format!("\"{}\"", "x".repeat(5_000_000));
    let entries: Vec<_> = (0..200_000).map(|n| format!("\"k{n}\":{{}}")).collect();
    let many = format!("{{{}}}", entries.join(","));
    let escaped = format!("\"{}\"", "\\u001b".repeat(100_000));
    let mut scripts = Vec::new();
    for (what, value) in [
        ("deep", &deep),
        ("deep objects", &objects),
        ("long", &long),
        ("many", &many),
        ("escaped", &escaped),
    ] {
        let description = key(REAL).description().as_json().to_owned();
        let in_description = |field: &str| {
            let mut text = description.clone();
            text.insert_str(1, &format!(r#""{field}":{value},"#));
            text
        };
        let key_event = format!("m.secret_storage.key.{REAL}");
        let cases = [
            (
                "a field of a description",
                key_event.clone(),
                in_description("x"),
            ),
            (
                "the name of a key",
                key_event.clone(),
                in_description("name"),
            ),
            (
                "the passphrase block",
                key_event,
                in_description("passphrase"),
            ),
            (
                "the pointer",
                "m.secret_storage.default_key".to_owned(),
                format!(r#"{{"key":{value}}}"#),
            ),
            (
                "`encrypted`",
                "m.megolm_backup.v1".to_owned(),
                format!(r#"{{"encrypted":{value}}}"#),
            ),
            (
                "an entry",
                "m.megolm_backup.v1".to_owned(),
                format!(r#"{{"encrypted":{{"{REAL}":{value}}}}}"#),
            ),
            (
                "a ciphertext",
                "m.megolm_backup.v1".to_owned(),
                format!(
                    r#"{{"encrypted":{{"{REAL}":{{"iv":{value},"mac":{value},"ciphertext":{value}}}}}}}"#
                ),
            ),
            (
                "another event",
                "m.direct".to_owned(),
                format!(r#"{{"x":{value}}}"#),
            ),
        ];
        for (place, of, content) in cases {
            let name = format!("{what} as {place}");
            let honest = Account::standard(REAL);
            let script = Script::new(name, Truth::recovery_key(REAL), honest);
            scripts.push(script.turn(At::Read(1), &of, Some(&content)));
        }
    }
    scripts.push(Script::new(
        "many keys",
        Truth::recovery_key(REAL),
        many_keys(),
    ));
    scripts
}

/// Keys without a check, and secrets that seem to be sealed for all of them.
fn many_keys() -> Account {
    let mut account = Account::standard(REAL);
    let entries: Vec<_> = (0..900)
        .map(|n| format!(r#""k{n}":{{"iv":"AAAAAAAAAAAAAAAAAAAAAA","ciphertext":"AAAA","mac":"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"}}"#))
        .collect();
    for n in 0..900 {
        let event_type = format!("m.secret_storage.key.k{n}");
        account = account.event(
            &event_type,
            r#"{"algorithm":"m.secret_storage.v1.aes-hmac-sha2"}"#,
        );
    }
    for n in 0..20 {
        let secret = format!(r#"{{"encrypted":{{{}}}}}"#, entries.join(","));
        account = account.event(&format!("org.example.s{n}"), &secret);
    }
    account
}

/// Of the process, in KiB.
fn most_memory() -> usize {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status
        .lines()
        .find(|line| line.starts_with("VmHWM:"))
        .unwrap();
    line.split_whitespace().nth(1).unwrap().parse().unwrap()
}

#[test]
fn no_shape_takes_long_or_much_memory() {
    let scripts = scripts();
    let before = most_memory();
    let complaints = crate::play(Client::Ours, work::ALL, &scripts);
    println!(
        "shapes: {} cases, at most {} MiB of memory, {} MiB before",
        scripts.len() * work::ALL.len(),
        most_memory() >> 10,
        before >> 10
    );
    assert!(complaints.is_empty(), "{complaints:#?}");
    // The tests beside this one are in it, too.
    assert!(
        most_memory() < before + (512 << 10),
        "{} KiB",
        most_memory()
    );
}
