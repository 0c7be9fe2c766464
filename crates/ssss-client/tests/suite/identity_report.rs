//! The report, held against what a homeserver publishes.

use serde_json::json;
use ssss_client::ssss_model::ssss_crypto::CostLimits;
use ssss_client::ssss_model::{Secret, SecretName, Snapshot, VerifiedKey};
use ssss_client::{
    CrossSigningKeys, Finding, Pairing, Published, PublishedKey, Repair, Report, Severity,
    public_half,
};

use crate::account::{Account, rng, standard_secrets};
use crate::broken::{at_hand, codes};
use crate::published_answers::Answers;

const BACKUP: SecretName = SecretName::MEGOLM_BACKUP;
const MASTER: SecretName = SecretName::CROSS_SIGNING_MASTER;

/// An account with these secrets, sealed for its default key.
fn account(secrets: &[Secret]) -> Account {
    let account = Account::new().describe("a").default_key("a");
    secrets
        .iter()
        .fold(account, |account, secret| account.secret(secret, &["a"]))
}

/// The report of an account, unlocked.
fn unlocked(account: &Account, published: &Published) -> Report {
    let snapshot = Snapshot::new(account.events());
    let key = at_hand(&snapshot, "a");
    let keys: [&VerifiedKey; 1] = [&key];
    Report::with_published(&snapshot, &keys, CostLimits::default(), published)
}

/// The report of an account, without a key.
fn locked(account: &Account, published: &Published) -> Report {
    let snapshot = Snapshot::new(account.events());
    Report::with_published(&snapshot, &[], CostLimits::default(), published)
}

/// One of each kind of finding that only the homeserver's side shows, as reports found them.
pub(crate) fn every_finding() -> Vec<Finding> {
    let standard = Account::standard("a");
    let mut answers = Answers::nothing();
    let nothing = answers.published();
    answers.keys = Answers::standard().keys;
    let without_backup = answers.published();
    let spoilt = |spoil: &dyn Fn(&mut Answers)| {
        let mut answers = Answers::standard();
        spoil(&mut answers);
        locked(&standard, &answers.published())
    };
    let mut others = CrossSigningKeys::random(&mut rng())
        .into_secrets()
        .into_iter()
        .collect::<Vec<_>>();
    others.push(Secret::from_key(BACKUP, &[9; 32]));
    let published = Answers::standard().published();
    let reports = [
        locked(&account(&[]), &nothing),
        locked(&account(&[]), &published),
        locked(&standard, &nothing),
        locked(&standard, &without_backup),
        unlocked(&account(&others), &published),
        spoilt(&|answers| *answers.key("user_signing_keys") = json!(1)),
        spoilt(&|answers| answers.auth_data()["public_key"] = json!(1)),
        spoilt(&|answers| answers.auth_data()["signatures"] = json!(1)),
        spoilt(&|answers| answers.backup.as_mut().unwrap()["algorithm"] = json!("org.example")),
    ];
    let findings = reports.into_iter().flat_map(|report| report.findings);
    findings.collect()
}

/// The only finding.
fn only(report: &Report) -> &Finding {
    let [finding] = &report.findings[..] else {
        panic!("{:?}", report.findings);
    };
    finding
}

fn pairings(report: &Report) -> Vec<Option<Pairing>> {
    report.secrets.iter().map(|secret| secret.pairing).collect()
}

#[test]
fn a_healthy_account_has_the_private_halves_of_what_is_published() {
    let published = Answers::standard().published();
    let report = unlocked(&Account::standard("a"), &published);
    assert_eq!(codes(&report), Vec::<&str>::new());
    assert!(report.is_ready());
    assert_eq!(pairings(&report), [Some(Pairing::Matches); 4]);
    // Nobody knows without a key.
    let report = locked(&Account::standard("a"), &published);
    assert_eq!(codes(&report), Vec::<&str>::new());
    assert_eq!(pairings(&report), [None; 4]);
}

#[test]
fn without_the_servers_side_nothing_is_said_of_it() {
    let snapshot = Snapshot::new(Account::standard("a").events());
    let key = at_hand(&snapshot, "a");
    let report = Report::new(&snapshot, &[&key], CostLimits::default());
    assert_eq!(pairings(&report), [None; 4]);
    assert!(report.findings.is_empty());
}

#[test]
fn keys_are_stored_and_none_are_published() {
    let mut answers = Answers::nothing();
    answers.backup = Answers::standard().backup;
    // The master key that signed the backup is not there to tell.
    let report = unlocked(&Account::standard("a"), &answers.published());
    assert_eq!(
        codes(&report),
        ["identity-not-published", "backup-not-signed"]
    );
    let finding = &report.findings[0];
    assert_eq!(finding.severity(), Severity::Problem);
    assert_eq!(finding.repair(), Some(Repair::Bootstrap));
    let [identity @ .., backup] = &pairings(&report)[..] else {
        panic!();
    };
    assert_eq!(identity, [Some(Pairing::NotPublished); 3]);
    assert_eq!(*backup, Some(Pairing::Matches));
}

#[test]
fn keys_are_neither_stored_nor_published() {
    let account = account(&[]);
    let published = Answers::nothing().published();
    let report = locked(&account, &published);
    assert_eq!(*only(&report), Finding::NoIdentity);
    assert_eq!(only(&report).repair(), Some(Repair::Bootstrap));
    assert_eq!(only(&report).severity(), Severity::Problem);
    assert!(!report.is_ready());
}

#[test]
fn keys_are_published_and_not_stored() {
    for missing in 0..3 {
        let mut secrets = standard_secrets();
        let name = secrets.remove(missing).name().clone();
        let report = unlocked(&account(&secrets), &Answers::standard().published());
        // It is not said twice that it is not stored.
        assert_eq!(*only(&report), Finding::IdentityKeyNotStored(name.clone()));
        assert_eq!(only(&report).repair(), Some(Repair::Put(name.clone())));
        assert_eq!(only(&report).secret(), Some(&name));
        assert_eq!(only(&report).severity(), Severity::Problem);
    }
}

#[test]
fn a_stored_key_is_not_the_private_half_of_the_identity() {
    let others = CrossSigningKeys::random(&mut rng()).into_secrets();
    for (place, other) in others.into_iter().enumerate() {
        let name = other.name().clone();
        let own = public_half(&other).unwrap();
        let mut secrets = standard_secrets();
        secrets[place] = other;
        let account = account(&secrets);
        let published = Answers::standard().published();
        let report = unlocked(&account, &published);
        assert_eq!(
            *only(&report),
            Finding::IdentityKeyDiffers(name.clone(), own)
        );
        assert_eq!(only(&report).repair(), Some(Repair::Put(name.clone())));
        assert_eq!(only(&report).severity(), Severity::Problem);
        assert_eq!(report.secrets[place].pairing, Some(Pairing::Other(own)));
        // A sealed secret does not tell.
        assert!(locked(&account, &published).findings.is_empty());
    }
}

#[test]
fn the_published_identity_is_broken() {
    let [_, self_signing, user_signing] = SecretName::CROSS_SIGNING;
    let of = |spoil: &dyn Fn(&mut Answers)| {
        let mut answers = Answers::standard();
        spoil(&mut answers);
        unlocked(&Account::standard("a"), &answers.published())
    };
    let unsigned = of(&|answers| answers.key("self_signing_keys")["signatures"] = json!({}));
    let public = public_half(&standard_secrets()[1]).unwrap();
    let state = PublishedKey::NotSigned(public);
    let expected = Finding::IdentityBroken(self_signing.clone(), state);
    assert_eq!(*only(&unsigned), expected);
    assert_eq!(expected.code(), "identity-broken");
    assert_eq!(expected.severity(), Severity::Problem);
    // A new identity is nothing that a repair makes.
    assert_eq!(expected.repair(), None);
    assert_eq!(pairings(&unsigned), [Some(Pairing::Matches); 4]);

    let missing = of(&|answers| answers.keys["user_signing_keys"] = json!({}));
    let expected = Finding::IdentityBroken(user_signing.clone(), PublishedKey::Missing);
    assert_eq!(*only(&missing), expected);

    let malformed = of(&|answers| *answers.key("master_keys") = json!(1));
    let found: Vec<_> = malformed.findings.iter().map(Finding::secret).collect();
    let all = SecretName::CROSS_SIGNING.each_ref().map(Some);
    assert_eq!(found, [&all[..], &[None]].concat());
    let expected = Finding::IdentityBroken(MASTER, PublishedKey::Malformed);
    assert_eq!(malformed.findings[0], expected);
}

#[test]
fn a_backup_key_is_stored_and_there_is_no_backup() {
    let mut answers = Answers::standard();
    answers.backup = None;
    for report in [locked, unlocked] {
        let report = report(&Account::standard("a"), &answers.published());
        assert_eq!(*only(&report), Finding::BackupNotPublished);
        assert_eq!(only(&report).repair(), Some(Repair::Bootstrap));
        assert_eq!(only(&report).severity(), Severity::Warning);
    }
}

#[test]
fn there_is_neither_a_backup_nor_its_key() {
    let mut answers = Answers::standard();
    answers.backup = None;
    let report = locked(&account(&standard_secrets()[..3]), &answers.published());
    assert!(report.findings.is_empty() && report.is_ready());
}

#[test]
fn there_is_a_backup_and_its_key_is_not_stored() {
    let published = Answers::standard().published();
    let report = unlocked(&account(&standard_secrets()[..3]), &published);
    assert_eq!(*only(&report), Finding::BackupKeyNotStored("7".to_owned()));
    assert_eq!(only(&report).repair(), Some(Repair::BackupKey));
    assert_eq!(only(&report).severity(), Severity::Problem);
    assert_eq!(only(&report).secret(), Some(&BACKUP));
    assert!(!report.is_ready());
}

#[test]
fn the_stored_key_is_that_of_another_backup() {
    let mut secrets = standard_secrets();
    secrets[3] = Secret::from_key(BACKUP, &[9; 32]);
    let own = public_half(&secrets[3]).unwrap();
    let report = unlocked(&account(&secrets), &Answers::standard().published());
    assert_eq!(
        *only(&report),
        Finding::BackupKeyDiffers("7".to_owned(), own)
    );
    assert_eq!(only(&report).repair(), Some(Repair::BackupKey));
    assert_eq!(only(&report).severity(), Severity::Problem);
    assert_eq!(report.secrets[3].pairing, Some(Pairing::Other(own)));
}

#[test]
fn the_backup_cannot_be_read() {
    let mut answers = Answers::standard();
    answers.auth_data()["public_key"] = json!("AAAA");
    let report = unlocked(&Account::standard("a"), &answers.published());
    assert_eq!(*only(&report), Finding::BackupMalformed("7".to_owned()));
    assert_eq!(only(&report).repair(), Some(Repair::BackupKey));
    assert_eq!(only(&report).severity(), Severity::Problem);
}

#[test]
fn the_backup_is_of_an_unknown_algorithm() {
    let mut answers = Answers::standard();
    answers.backup.as_mut().unwrap()["algorithm"] = json!("org.example.\u{1b}");
    let published = answers.published();
    let report = unlocked(&Account::standard("a"), &published);
    let algorithm = "org.example.\u{1b}".to_owned();
    assert_eq!(*only(&report), Finding::BackupUnsupported(algorithm));
    assert_eq!(only(&report).repair(), None);
    assert_eq!(only(&report).severity(), Severity::Warning);
    assert!(!only(&report).to_string().contains('\u{1b}'));
    // Whether its key must be stored, nobody knows.
    let report = locked(&account(&standard_secrets()[..3]), &published);
    assert!(report.is_ready() && report.findings.len() == 1);
}

#[test]
fn the_backup_is_signed_by_nobody() {
    let mut answers = Answers::standard();
    let auth_data = answers.auth_data().as_object_mut().unwrap();
    auth_data.remove("signatures");
    let report = unlocked(&Account::standard("a"), &answers.published());
    assert_eq!(*only(&report), Finding::BackupNotSigned("7".to_owned()));
    assert_eq!(only(&report).severity(), Severity::Note);
    assert_eq!(only(&report).repair(), None);
    assert!(report.is_ready() && !report.has_problems());
    assert_eq!(pairings(&report), [Some(Pairing::Matches); 4]);
}

#[test]
fn where_nothing_is_set_up_that_says_it_all() {
    let report = locked(&Account::new(), &Answers::standard().published());
    assert_eq!(codes(&report), ["not-set-up"]);
    let report = locked(&Account::new(), &Answers::nothing().published());
    assert_eq!(codes(&report), ["not-set-up"]);
}

/// As clients do, which read what is sealed for the default key.
#[test]
fn where_keys_open_other_values_the_default_keys_counts() {
    let other = Secret::from_key(MASTER, &[9; 32]);
    let right = &standard_secrets()[0];
    // Neither the first key nor the last is the default.
    let of = |default: &Secret, another: &Secret| {
        let stored = Account::new()
            .describe("a")
            .describe("b")
            .describe("c")
            .default_key("b")
            .secret(another, &["a"])
            .secret(default, &["b"])
            .secret(another, &["c"]);
        let snapshot = Snapshot::new(stored.events());
        let keys = ["a", "b", "c"].map(|id| at_hand(&snapshot, id));
        let keys: Vec<&VerifiedKey> = keys.iter().collect();
        let published = Answers::standard().published();
        let report = Report::with_published(&snapshot, &keys, CostLimits::default(), &published);
        report.secrets[0].pairing
    };
    assert_eq!(of(right, &other), Some(Pairing::Matches));
    let own = public_half(&other).unwrap();
    assert_eq!(of(&other, right), Some(Pairing::Other(own)));
}

#[test]
fn every_sentence_names_what_it_is_about() {
    let own = public_half(&standard_secrets()[3]).unwrap();
    for (finding, words) in [
        (Finding::IdentityKeyDiffers(MASTER, own), own.to_string()),
        (Finding::BackupKeyNotStored("7".to_owned()), "7".to_owned()),
        (
            Finding::BackupKeyDiffers("7".to_owned(), own),
            own.to_string(),
        ),
        (Finding::BackupMalformed("7".to_owned()), "7".to_owned()),
        (
            Finding::IdentityBroken(MASTER, PublishedKey::Missing),
            "missing".to_owned(),
        ),
    ] {
        assert!(finding.to_string().contains(&words), "{finding}");
    }
}
