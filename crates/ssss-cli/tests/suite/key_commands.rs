//! `ssss key`

use crate::sandbox::Sandbox;

const FORMS: [(&str, &str); 3] = [
    (
        "recovery-key",
        "EsT1 H3Wm yHnZ VYce KwM9 c6Gk nX71 3FkR Yz9x vary hjQh 5m7X",
    ),
    (
        "hex",
        "0102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f20",
    ),
    ("base64", "AQIDBAUGBwgJCgsMDQ4PEBESExQVFhcYGRobHB0eHyA="),
];

#[test]
fn new_keys_are_well_formed_and_differ() {
    let sandbox = Sandbox::new();
    let one = sandbox.run("key new --json").expect(0).json();
    let other = sandbox.run("key new").expect(0);
    let one = one["recovery_key"].as_str().unwrap();
    assert_ne!(one, other.stdout().trim_end());
    for key in [one, other.stdout()] {
        sandbox.run_with("--key-stdin key check", key).expect(0);
    }
}

#[test]
fn a_key_is_taken_from_a_pipe_without_being_told() {
    let sandbox = Sandbox::new();
    sandbox.run_with("key check", FORMS[0].1).expect(0);
    sandbox.run_with("key check", "EsT1").expect(11);
    sandbox.run_with("key check", "").expect(10);
    let hex = sandbox.run_with("key convert --to hex", FORMS[0].1);
    assert_eq!(hex.expect(0).stdout().trim_end(), FORMS[1].1);
}

#[test]
fn check_says_where_a_key_is_wrong() {
    let sandbox = Sandbox::new();
    let key = FORMS[0].1;
    let run = sandbox.run_with("--key-stdin --json key check", key);
    assert_eq!(run.expect(0).json()["valid"], true);
    for (text, because) in [
        (
            key.replace("KwM9", "KwM0"),
            "character 4 of group 5 (character 20 in all)",
        ),
        (key.replace("KwM9", "Kw9M"), "check does not match"),
        (key.replace("KwM9 ", ""), "44 characters instead of 48"),
        (
            "EsTT qPME mVyg 9rIF 53yT Zqn3 r9Mb 6diL".to_owned(),
            "character 3 of group 4",
        ),
        (String::new(), "nothing in it"),
    ] {
        let run = sandbox
            .run_with("--key-stdin --json key check", &text)
            .expect(11);
        let actual = run.error()["because"].as_str().unwrap().to_owned();
        assert!(actual.contains(because), "{actual}");
        for group in text.split(' ').filter(|group| group.len() == 4) {
            assert!(!run.stderr.contains(group), "{}", run.stderr);
        }
    }
}

#[test]
fn convert_reads_and_writes_every_form() {
    let sandbox = Sandbox::new();
    for (from, text) in FORMS {
        for (to, expected) in FORMS {
            for option in [String::new(), format!(" --from {from}")] {
                let arguments = format!("--key-stdin key convert --to {to}{option}");
                let run = sandbox.run_with(&arguments, format!("{text}\n"));
                assert_eq!(run.expect(0).stdout(), format!("{expected}\n"));
            }
        }
    }
    let json = sandbox.run_with("--key-stdin --json key convert --to hex", FORMS[0].1);
    assert_eq!(json.expect(0).json()["key"], FORMS[1].1);
}

#[test]
fn convert_refuses_what_is_not_32_bytes() {
    let sandbox = Sandbox::new();
    for (from, text) in FORMS {
        let arguments = format!("--key-stdin --json key convert --to hex --from {from}");
        for wrong in [format!("{text}A"), text[1..].to_owned(), "?".to_owned()] {
            let run = sandbox.run_with(&arguments, &wrong).expect(11);
            assert!(wrong == "?" || !run.stderr.contains(&wrong));
        }
    }
}
