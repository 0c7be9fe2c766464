//! What is disturbed.

use std::pin::Pin;

use getrandom::SysRng;
use ssss_client::ssss_model::rand_core::UnwrapErr;
use ssss_client::ssss_model::zeroize::Zeroizing;
use ssss_client::ssss_model::{NewKey, Secret, SecretName};
use ssss_client::{
    BACKUP_KEYS, BackupKey, Bootstrap, Error, OldKey, Overwrite, Pairing, Publication, ResetBackup,
    Rotate,
};

use super::subject::{Storage, Subject};

type Running<'a> = Pin<Box<dyn Future<Output = Result<(), Error>> + 'a>>;

/// An operation of the library, on an account.
pub(super) struct Work {
    pub(super) name: &'static str,
    /// Whether the account has been set up before.
    pub(super) is_set_up: bool,
    pub(super) prepare: fn(&Subject<'_>),
    pub(super) run: for<'a> fn(&'a Subject<'_>, &'a Storage<'_>) -> Running<'a>,
    pub(super) outcome: Outcome,
}

/// What becomes of an account.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Outcome {
    /// Everything opens with the newest key, and is what it was.
    Kept,
    /// The same, and there is one backup more.
    NewBackup,
    /// Nothing is left.
    Disabled,
    /// `org.example.x` is "after".
    Changed,
}

const BOTH: Publication = Publication {
    identity: true,
    backup: true,
};

pub(super) const BOOTSTRAP: Work = Work {
    name: "bootstrap",
    is_set_up: false,
    prepare: |_| {},
    run: |subject, storage| {
        Box::pin(async {
            let mut create_key = async || Some(new_key(subject));
            let options = Bootstrap {
                create_key: &mut create_key,
                secrets: subject.secrets.as_slice(),
                set_up_new: false,
                abandon: &[],
                publish: BOTH,
            };
            storage.bootstrap(options, &mut UnwrapErr(SysRng)).await?;
            Ok(())
        })
    },
    outcome: Outcome::Kept,
};

pub(super) const WORKS: &[Work] = &[
    BOOTSTRAP,
    Work {
        name: "rotate",
        is_set_up: true,
        prepare: |_| {},
        run: |subject, storage| Box::pin(rotate(subject, storage, false)),
        outcome: Outcome::Kept,
    },
    Work {
        name: "rotate and revoke",
        is_set_up: true,
        prepare: |_| {},
        run: |subject, storage| Box::pin(rotate(subject, storage, true)),
        outcome: Outcome::Kept,
    },
    Work {
        name: "new backup",
        is_set_up: true,
        prepare: |_| {},
        run: |_, storage| {
            Box::pin(async {
                let key = BackupKey::random(&mut UnwrapErr(SysRng));
                let options = ResetBackup {
                    key: key.secret(),
                    version: Some("1"),
                    abandon: &[],
                };
                storage
                    .reset_backup(options, &mut UnwrapErr(SysRng))
                    .await?;
                Ok(())
            })
        },
        outcome: Outcome::NewBackup,
    },
    Work {
        name: "the backup key comes back",
        is_set_up: true,
        prepare: hide_backup_key,
        run: |_, storage| {
            Box::pin(async {
                let published = storage.account_data().published().await?;
                let is_current =
                    |secret: &Secret| published.pairing(secret) == Some(Pairing::Matches);
                let rng = &mut UnwrapErr(SysRng);
                storage.repair_backup_key(is_current, &[], rng).await?;
                Ok(())
            })
        },
        outcome: Outcome::Kept,
    },
    Work {
        name: "disable",
        is_set_up: true,
        prepare: |_| {},
        run: |_, storage| Box::pin(async { storage.disable(&[]).await.map(drop) }),
        outcome: Outcome::Disabled,
    },
    Work {
        name: "store",
        is_set_up: true,
        prepare: |subject| {
            subject
                .with_storage(async |storage| store(storage, "before").await)
                .unwrap();
        },
        run: |_, storage| Box::pin(store(storage, "after")),
        outcome: Outcome::Changed,
    },
    Work {
        name: "open four secrets",
        is_set_up: true,
        prepare: |_| {},
        run: |_, storage| {
            Box::pin(async {
                let names = [&SecretName::CROSS_SIGNING[..], &[SecretName::MEGOLM_BACKUP]].concat();
                for (name, secret) in storage.get_all(&names).await? {
                    assert!(secret?.is_some(), "{name} is taken for absent");
                }
                Ok(())
            })
        },
        outcome: Outcome::Kept,
    },
];

/// The name of the secret that is none of the known ones.
pub(super) fn custom() -> SecretName {
    SecretName::new("org.example.x").unwrap()
}

fn new_key(subject: &Subject<'_>) -> NewKey {
    let rng = &mut UnwrapErr(SysRng);
    let key = NewKey::random(rng).build(rng);
    subject.person.write_down(key.key());
    key
}

async fn rotate(subject: &Subject<'_>, storage: &Storage<'_>, revoke: bool) -> Result<(), Error> {
    let old = storage.default_key_id().await?.unwrap();
    let mut create_key = async || Some(new_key(subject));
    let options = Rotate {
        create_key: &mut create_key,
        old_key: if revoke {
            OldKey::Revoked(old)
        } else {
            OldKey::Kept
        },
        abandon: &[],
    };
    storage.rotate(options, &mut UnwrapErr(SysRng)).await?;
    Ok(())
}

async fn store(storage: &Storage<'_>, text: &str) -> Result<(), Error> {
    let secret = Secret::new(custom(), Zeroizing::new(text.to_owned())).unwrap();
    let rng = &mut UnwrapErr(SysRng);
    storage
        .store(&secret, &[], Overwrite::Readable, rng)
        .await?;
    Ok(())
}

/// Puts the backup key under the name of an archive, and another one in its place.
fn hide_backup_key(subject: &Subject<'_>) {
    let moved = subject.with_storage(async |storage| {
        let rng = &mut UnwrapErr(SysRng);
        let key = storage.get(&SecretName::MEGOLM_BACKUP).await?.unwrap();
        let name = SecretName::new(&format!("{BACKUP_KEYS}1")).unwrap();
        let kept = Secret::from_key(name, &key.key().unwrap());
        storage.store(&kept, &[], Overwrite::Readable, rng).await?;
        let other = BackupKey::random(rng).into_secret();
        storage.store(&other, &[], Overwrite::Readable, rng).await?;
        Ok(())
    });
    moved.unwrap();
}
