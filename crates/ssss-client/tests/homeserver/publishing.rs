//! Publishing an identity and a key backup: looked at first, approved where that is wanted, and never
//! done twice.

use std::future::ready;
use std::sync::{Arc, Mutex};

use getrandom::SysRng;
use ssss_client::ssss_model::rand_core::UnwrapErr;
use ssss_client::ssss_model::ruma_common::UserId;
use ssss_client::ssss_model::zeroize::Zeroizing;
use ssss_client::ssss_model::{Object, Secret};
use ssss_client::{
    AccountData as _, AccountDataError, AccountDataErrorKind as Kind, Approval, Asked, BackupKey,
    CrossSigningKeys, HomeserverAccount, IdentityState, Pairing, Publication,
};

use crate::server::{FakeServer, Fault, USER};
use crate::{account, block_on};

const BOTH: Publication = Publication {
    identity: true,
    backup: true,
};

fn secrets() -> Vec<Secret> {
    let rng = &mut UnwrapErr(SysRng);
    let mut secrets: Vec<Secret> = CrossSigningKeys::random(rng).into_secrets().into();
    secrets.push(BackupKey::random(rng).into_secret());
    secrets
}

fn publish(server: &FakeServer, secrets: &[Secret]) -> Result<(), AccountDataError> {
    publish_as(server, secrets, |account| account)
}

fn publish_as(
    server: &FakeServer,
    secrets: &[Secret],
    with: impl FnOnce(HomeserverAccount) -> HomeserverAccount,
) -> Result<(), AccountDataError> {
    block_on(async {
        let account = with(account(server).await);
        account.publish(BOTH, secrets).await?;
        let published = account.published().await?;
        assert_eq!(published.identity.state(), IdentityState::Sound);
        assert!(published.backup.as_ref().unwrap().is_signed_by_master);
        for secret in secrets {
            assert_eq!(published.pairing(secret), Some(Pairing::Matches));
        }
        Ok(())
    })
}

fn posts(server: &FakeServer) -> Vec<String> {
    let seen = server.take_seen();
    let posts = seen.iter().filter(|seen| seen.method == "POST");
    let targets = posts.map(|seen| seen.target.clone());
    targets
        .filter(|target| !target.ends_with("/keys/query"))
        .collect()
}

#[test]
fn what_is_not_published_is_and_what_is_published_is_not_again() {
    let (server, secrets) = (FakeServer::start(), secrets());
    publish(&server, &secrets).unwrap();
    assert_eq!(posts(&server).len(), 2);
    publish(&server, &secrets).unwrap();
    assert_eq!(posts(&server), [""; 0]);
    assert_eq!(server.state().backups.len(), 1);
}

#[test]
fn another_clients_identity_is_not_replaced() {
    let server = FakeServer::start();
    publish(&server, &secrets()).unwrap();
    let before = server.state().identity.clone();
    posts(&server);
    let error = publish(&server, &secrets()).unwrap_err();
    assert_eq!(error.kind(), Kind::Conflict);
    assert_eq!(server.state().identity, before);
    assert!(
        posts(&server)
            .iter()
            .all(|target| !target.ends_with("device_signing/upload"))
    );
}

#[test]
fn a_lost_answer_does_not_make_a_second_backup() {
    for (fault, expected) in [
        (Fault::LostReply, 1),
        (Fault::CutLength, 1),
        // Not acted on, so there is no backup when it is looked for, and it is asked for again.
        (Fault::Reset, 1),
        (Fault::Answer(502, &[], "<html>"), 1),
    ] {
        let (server, secrets) = (FakeServer::start(), secrets());
        let mut once = Some(fault.clone());
        server.fail(move |seen| {
            let is_post = seen.method == "POST" && seen.target.ends_with("/room_keys/version");
            is_post.then(|| once.take()).flatten()
        });
        publish(&server, &secrets).unwrap_or_else(|error| panic!("{fault:?}: {error}"));
        assert_eq!(server.state().backups.len(), expected, "{fault:?}");
    }
}

#[test]
fn what_cannot_be_published_is_said_and_nothing_is_sent() {
    let server = FakeServer::start();
    let mut without_master = secrets();
    without_master.remove(0);
    let error = publish(&server, &without_master).unwrap_err();
    assert_eq!(error.kind(), Kind::Damaged);
    assert!(server.state().identity.is_empty());
}

/// Somebody at a terminal.
#[derive(Debug, Default)]
struct Owner {
    password: Option<&'static str>,
    goes_there: bool,
    visited: Mutex<Vec<String>>,
}

impl Approval for Owner {
    fn password<'a>(&'a self, user: &'a UserId) -> Asked<'a, Option<Zeroizing<String>>> {
        assert_eq!(user, USER);
        Box::pin(ready(
            self.password.map(|text| Zeroizing::new(text.to_owned())),
        ))
    }

    fn visit<'a>(&'a self, url: &'a str) -> Asked<'a, bool> {
        self.visited.lock().unwrap().push(url.to_owned());
        Box::pin(ready(self.goes_there))
    }
}

const PAGE: &str = "https://account.example.org/?action=reset";

fn asking(
    stage: &'static str,
    owner: Owner,
) -> (FakeServer, Arc<Owner>, Result<(), AccountDataError>) {
    let server = FakeServer::start();
    server.state().asks_approval = Some(stage);
    server.state().approval_url = PAGE;
    let owner = Arc::new(owner);
    let approval = Arc::clone(&owner);
    let done = publish_as(&server, &secrets(), |account| {
        account.with_approval(approval)
    });
    (server, owner, done)
}

#[test]
fn the_owner_approves_with_a_password_or_on_a_page() {
    let owner = Owner {
        password: Some("canary-password"),
        ..Owner::default()
    };
    asking("m.login.password", owner).2.unwrap();
    let owner = Owner {
        goes_there: true,
        ..Owner::default()
    };
    let (_, owner, done) = asking("m.oauth", owner);
    done.unwrap();
    let visited = owner.visited.lock().unwrap();
    assert_eq!(*visited, [PAGE]);
}

/// Its address is shown to a person.
#[test]
fn a_page_whose_address_could_fool_its_reader_is_not_shown() {
    for url in [
        "http://account.example.org/",
        "javascript:alert(1)",
        "https://account.example.org/\u{1b}]52;c;ZWNobw==\u{7}",
        "https://account.example.org/\u{202e}moc.elpmaxe",
        "https://account.example.org/\nApproved? [y/N] y",
        "https://account.example.org /",
    ] {
        let server = FakeServer::start();
        server.state().asks_approval = Some("m.oauth");
        server.state().approval_url = url;
        let owner = Arc::new(Owner {
            goes_there: true,
            ..Owner::default()
        });
        let approval = Arc::clone(&owner);
        let done = publish_as(&server, &secrets(), |account| {
            account.with_approval(approval)
        });
        assert_eq!(done.unwrap_err().kind(), Kind::ApprovalNeeded, "{url:?}");
        assert!(owner.visited.lock().unwrap().is_empty(), "{url:?}");
        assert!(server.state().identity.is_empty(), "{url:?}");
    }
}

#[test]
fn without_the_owners_approval_nothing_is_published() {
    for (stage, password) in [
        ("m.login.password", None),
        ("m.login.password", Some("wrong")),
        ("m.oauth", Some("canary-password")),
        ("m.login.recaptcha", Some("canary-password")),
    ] {
        let owner = Owner {
            password,
            ..Owner::default()
        };
        let (server, _, done) = asking(stage, owner);
        let error = done.unwrap_err();
        assert_eq!(error.kind(), Kind::ApprovalNeeded, "{stage}: {error}");
        assert!(!format!("{error:?}").contains("canary"));
        assert!(server.state().identity.is_empty());
    }
}

/// What a call comes to where the server answers this.
fn answered(
    status: u16,
    body: &'static str,
    call: &impl AsyncFn(&HomeserverAccount) -> Result<(), AccountDataError>,
) -> Option<Kind> {
    let server = FakeServer::start();
    block_on(async {
        let account = account(&server).await;
        server.fail(move |_| Some(Fault::Answer(status, &[], body)));
        call(&account).await.err().map(|error| error.kind())
    })
}

#[test]
fn a_signature_is_uploaded_if_the_server_names_no_failure() {
    for (body, expected) in [
        ("{}", None),
        (r#"{"failures":{}}"#, None),
        (r#"{"failures":{"@alice:example.org":{}}}"#, None),
        (
            r#"{"failures":{"@a:b":{},"@alice:example.org":{"DEVICE":{"errcode":"M_INVALID_SIGNATURE"}}}}"#,
            Some(Kind::Refused),
        ),
        (
            r#"{"failures":{"@alice:example.org":"all"}}"#,
            Some(Kind::Refused),
        ),
    ] {
        let upload =
            async |account: &HomeserverAccount| account.upload_signatures(&Object::empty()).await;
        assert_eq!(answered(200, body, &upload), expected, "{body}");
    }
}

#[test]
fn a_backup_that_is_gone_already_is_deleted() {
    for (status, body, expected) in [
        (200, "{}", None),
        (404, r#"{"errcode":"M_NOT_FOUND"}"#, None),
        (404, r#"{"errcode":"M_UNRECOGNIZED"}"#, Some(Kind::Refused)),
        (403, r#"{"errcode":"M_FORBIDDEN"}"#, Some(Kind::Forbidden)),
    ] {
        let delete = async |account: &HomeserverAccount| account.delete_backup("1").await;
        assert_eq!(answered(status, body, &delete), expected, "{body}");
    }
}

#[test]
fn a_file_publishes_nothing() {
    let store = ssss_client::MemoryStore::new();
    let error = block_on(store.publish(BOTH, &secrets())).unwrap_err();
    assert_eq!(error.kind(), Kind::ReadOnly);
}
