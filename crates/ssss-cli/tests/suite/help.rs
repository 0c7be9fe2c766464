//! Help, completions and man pages.

use std::fs;

use crate::sandbox::Sandbox;

#[test]
fn topics_and_commands() {
    let sandbox = Sandbox::new();
    for (topic, contains) in [
        (
            "exit-codes",
            "  23  `status`, `doctor`, `list` or `bootstrap` found problems\n",
        ),
        ("keys", "--key-fd 3 3<"),
        ("homeserver", "--access-token-file FILE"),
        ("environment", "SSSS_KEY_FILE"),
        ("glossary", "recovery key    a key, written as 12 groups"),
        ("get", "Usage: ssss get [OPTIONS] <NAME>"),
        ("key convert", "--to <FORM>"),
    ] {
        let run = sandbox.run(&format!("help {topic}")).expect(0);
        assert!(run.stdout().contains(contains), "{}", run.stdout());
        assert!(run.stdout().lines().all(|line| line.chars().count() <= 100));
    }
    let all = sandbox.run("help").expect(0);
    for command in [
        "status",
        "list",
        "unlock",
        "which-key",
        "get",
        "put",
        "rm",
        "bootstrap",
        "doctor",
        "rotate",
        "add-key",
        "remove-key",
        "set-default",
        "repair",
        "gc",
        "disable",
        "snapshot",
        "restore",
        "undo",
        "resume",
        "key",
        "help",
    ] {
        assert!(
            all.stdout().contains(&format!("\n  {command} ")),
            "{command}"
        );
    }
    for hidden in ["completions", "  man "] {
        assert!(!all.stdout().contains(hidden));
    }
    assert!(all.stdout().contains("exit-codes"));
    sandbox.run("--version").expect(0);
    sandbox.run("--help").expect(0);
}

#[test]
fn every_exit_code_of_these_tests_is_explained() {
    let text = Sandbox::new().run("help exit-codes").expect(0);
    for code in [
        0, 1, 2, 10, 11, 12, 13, 14, 20, 21, 22, 23, 24, 33, 40, 41, 130, 143,
    ] {
        let line = format!("\n{code:4}  ");
        assert!(text.stdout().contains(&line), "{code}");
    }
}

#[test]
fn no_option_takes_a_secret() {
    let sandbox = Sandbox::new();
    for command in ["", "get", "put", "rm", "bootstrap", "unlock", "key convert"] {
        let help = sandbox.run(format!("help {command}").trim_end()).expect(0);
        for word in [
            "--key ",
            "--key=",
            "--passphrase <",
            "--value",
            "--secret",
            "--password ",
            "--password=",
            "--access-token ",
            "--access-token=",
        ] {
            assert!(!help.stdout().contains(word), "{word} in help {command}");
        }
    }
}

#[test]
fn completions_for_every_shell() {
    let sandbox = Sandbox::new();
    for shell in ["bash", "zsh", "fish", "powershell", "elvish"] {
        let run = sandbox.run(&format!("completions {shell}")).expect(0);
        for word in ["ssss", "which-key", "max-kdf-iterations"] {
            assert!(run.stdout().contains(word), "{shell}: {word}");
        }
    }
    sandbox.run("completions tcsh").expect(2);
}

#[test]
fn man_pages() {
    let sandbox = Sandbox::new();
    sandbox.run("man .").expect(0);
    for page in ["ssss.1", "ssss-status.1", "ssss-key-convert.1"] {
        let text = fs::read_to_string(sandbox.path(page)).unwrap();
        assert!(text.contains(".TH"), "{page}");
    }
    sandbox.run("man no-such-folder").expect(1);
}
