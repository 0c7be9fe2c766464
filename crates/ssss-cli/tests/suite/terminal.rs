//! What a server or another client chose does not speak to the terminal of whoever looks.

use serde_json::{Value, json};

use crate::sandbox::Sandbox;

/// Colours, the title, the clipboard, C1, bidi, what cannot be seen, and lines of its own.
const TEXTS: [&str; 6] = [
    "\u{1b}[35mpurple\u{1b}[2J",
    "\u{1b}]52;c;ZWNobw==\u{7}",
    "\u{9b}2J\u{9d}0;x\u{9c}",
    "abc\u{202e}fed\u{2066}\u{200f}",
    "a\rb\u{8}\u{7f}\u{0}",
    "\u{200b}\u{feff}\u{2028}",
];

fn speaks(c: char) -> bool {
    c != '\n'
        && (c.is_control()
            || matches!(c, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | '\u{feff}'))
}

/// The labels of warnings and errors are bold, and red or yellow.
fn without_our_colours(text: &str) -> String {
    let colours = [
        "\u{1b}[1m",
        "\u{1b}[0m",
        "\u{1b}[31m",
        "\u{1b}[33m",
        "\u{1b}[36m",
    ];
    colours
        .iter()
        .fold(text.to_owned(), |text, colour| text.replace(colour, ""))
}

/// Accounts with a text in each place that somebody else chooses.
fn accounts(account: &Value, id: &str, text: &str) -> Vec<(&'static str, Value)> {
    let key_event = format!("m.secret_storage.key.{id}");
    let with = |change: &dyn Fn(&mut Value)| {
        let mut account = account.clone();
        change(&mut account);
        account
    };
    let entry = json!({ "encrypted": { text: { "iv": 1 }, "gone": {} } });
    vec![
        (
            "the name of a key",
            with(&|account| account[&key_event]["name"] = text.into()),
        ),
        (
            "an algorithm",
            with(&|account| account[&key_event]["algorithm"] = text.into()),
        ),
        (
            "another key's id",
            with(&|account| {
                account[format!("m.secret_storage.key.{text}")] = account[&key_event].clone();
            }),
        ),
        (
            "the pointer",
            with(&|account| account["m.secret_storage.default_key"]["key"] = text.into()),
        ),
        (
            "the name of a secret",
            with(&|account| account[text] = entry.clone()),
        ),
        (
            "the id of an entry",
            with(&|account| account["org.example.x"] = entry.clone()),
        ),
        (
            "an event's type",
            with(&|account| account[format!("org.{text}")] = json!({ text: text })),
        ),
        (
            "a passphrase block",
            with(&|account| {
                account[&key_event]["passphrase"] =
                    json!({ "algorithm": text, "salt": text, "iterations": text });
            }),
        ),
    ]
}

#[test]
fn no_command_shows_what_speaks_to_a_terminal() {
    let sandbox = Sandbox::with("clients/js-sdk-random");
    let honest = sandbox.account();
    let id = honest["m.secret_storage.default_key"]["key"]
        .as_str()
        .unwrap()
        .to_owned();
    let (mut cases, mut is_coloured) = (0, false);
    for text in TEXTS {
        for (place, account) in accounts(&honest, &id, text) {
            for command in [
                "status",
                "list",
                "doctor",
                "unlock",
                "which-key",
                "gc --dry-run",
                "--dry-run rotate --yes",
                "get org.example.x",
            ] {
                sandbox.write("account.json", account.to_string());
                // As at a terminal: to a pipe nothing is written that a terminal would obey, whatever is shown.
                let run = sandbox.key_run(&format!("--color always {command}"));
                is_coloured |= run.stderr.contains("\u{1b}[1m");
                for shown in [run.stdout(), &run.stderr] {
                    let shown = without_our_colours(shown);
                    assert!(!shown.contains(speaks), "{place}: {command}: {shown:?}");
                }
                // For programs everything is as it is, and is JSON.
                let run = sandbox.key_run(&format!("--json {command}"));
                for shown in [run.stdout(), &run.stderr] {
                    for line in shown.lines() {
                        let _: Value = serde_json::from_str(line).unwrap_or_else(|error| {
                            panic!("{place}: {command}: {error}: {shown:?}");
                        });
                        assert!(!line.chars().any(|c| c.is_ascii_control()), "{shown:?}");
                    }
                }
                cases += 1;
            }
        }
    }
    println!("{cases} cases");
    // The controls: escapes are let through, and what is looked for is there to be found.
    assert!(is_coloured);
    assert!(TEXTS.iter().all(|text| text.contains(speaks)));
}
