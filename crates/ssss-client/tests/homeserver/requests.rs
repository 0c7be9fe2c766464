//! How many requests and round trips operations take.

use std::time::Duration;

use getrandom::SysRng;
use ssss_client::ssss_model::rand_core::UnwrapErr;
use ssss_client::ssss_model::zeroize::Zeroizing;
use ssss_client::ssss_model::{NewKey, Secret, SecretName, TypedKey};
use ssss_client::{
    BackupKey, Bootstrap, CrossSigningKeys, KeyCallbacks, KeyRequest, NoKeys, ProvidedKey,
    Publication, SecretStorage,
};

use crate::server::{FakeServer, Seen};
use crate::{account, block_on};

struct Person(Zeroizing<String>);

impl KeyCallbacks for Person {
    async fn secret_storage_key(&self, _: &KeyRequest<'_>) -> Option<ProvidedKey> {
        Some(ProvidedKey::Typed(TypedKey::read(self.0.clone())))
    }
}

fn names() -> Vec<SecretName> {
    [&SecretName::CROSS_SIGNING[..], &[SecretName::MEGOLM_BACKUP]].concat()
}

fn report(operation: &str, seen: &[Seen]) -> (usize, usize) {
    let rounds = round_trips(seen);
    println!("{operation}: {} requests, {rounds} round trips", seen.len());
    (seen.len(), rounds)
}

#[test]
fn setting_up_and_unlocking_stay_within_their_bounds() {
    let server = FakeServer::start();
    server.state().delay = Duration::from_millis(20);
    block_on(async {
        let account = account(&server).await;
        let mut secrets: Vec<Secret> = CrossSigningKeys::random(&mut UnwrapErr(SysRng))
            .into_secrets()
            .into();
        secrets.push(BackupKey::random(&mut UnwrapErr(SysRng)).into_secret());
        server.take_seen();

        let mut wrote_down = Zeroizing::new(String::new());
        let mut create_key = async || {
            let key = NewKey::random(&mut UnwrapErr(SysRng)).build(&mut UnwrapErr(SysRng));
            wrote_down.push_str(key.key().recovery_key()?.format().expose());
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
        let storage = SecretStorage::new(&account, NoKeys);
        storage
            .bootstrap(options, &mut UnwrapErr(SysRng))
            .await
            .unwrap();
        let (requests, rounds) = report(
            "set up with identity and backup, all of it verified",
            &server.take_seen(),
        );
        assert!(requests <= 22, "{requests}");
        assert!(rounds <= 9, "{rounds}");

        let storage = SecretStorage::new(&account, Person(wrote_down));
        for (name, secret) in storage.get_all(&names()).await.unwrap() {
            assert!(secret.unwrap().is_some(), "{name}");
        }
        let (requests, rounds) = report("unlock four secrets", &server.take_seen());
        assert!(requests <= 6, "{requests}");
        assert!(rounds <= 3, "{rounds}");
    });
}

/// How many requests had to wait for another one's answer, in the longest chain: the round trips.
fn round_trips(seen: &[Seen]) -> usize {
    let mut rounds: Vec<usize> = Vec::new();
    for request in seen {
        let before = seen.iter().zip(&rounds);
        let answered =
            before.filter(|(other, _)| other.ended.is_some_and(|end| end <= request.began));
        rounds.push(1 + answered.map(|(_, round)| *round).max().unwrap_or(0));
    }
    rounds.into_iter().max().unwrap_or(0)
}
