//! The secrets of an account that has never had any.

use ssss_client::ssss_model::rand_core::UnwrapErr;
use ssss_client::ssss_model::{EventState, Secret, SecretName, Snapshot};
use ssss_client::{
    BackupKey, CrossSigningKeys, IdentityState, Publication, Published, SecretSource,
};

use crate::code::Code;
use crate::failure::Failure;

/// A new cross-signing identity's three seeds and a new backup key, for an account that has never had
/// any; for any other, nothing. And what of an account's keys is to be published.
///
/// Where there is a default key, or secrets, even blanked ones, or where the homeserver publishes an
/// identity, there is one somewhere, and a second one would break its trust with everybody. A key of
/// which nothing more came is what a bootstrap leaves that was stopped at its first write; the next one
/// goes on from there.
#[derive(Debug)]
pub(super) struct Identity {
    secrets: Vec<Secret>,
    names: Vec<SecretName>,
    pub(super) publish: Publication,
}

impl Identity {
    pub(super) fn for_account(
        snapshot: &Snapshot,
        published: Option<&Published>,
        no_backup: bool,
    ) -> Result<Self, Failure> {
        let has_identity = published.is_some_and(|p| p.identity.state() != IdentityState::Missing);
        let has_backup = published.is_some_and(|p| p.backup.is_some());
        let is_untouched = matches!(snapshot.default_key(), EventState::Missing)
            && snapshot
                .keys()
                .all(|(_, state)| matches!(state, EventState::Present(_)))
            && snapshot.secrets().next().is_none();
        let is_stored = |name: &SecretName| snapshot.secret(name).present().is_some();
        if has_identity && !SecretName::CROSS_SIGNING.iter().any(is_stored) {
            return Err(Failure::new(
                Code::Refused,
                "identity-elsewhere",
                "this account has a cross-signing identity, and its private keys are not here",
            )
            .because("they are on another device; a new identity would break its trust with everybody")
            .try_this(
                "set up secure backup (recovery) on a signed-in device that is verified; it stores its keys",
            ));
        }
        let mut secrets = Vec::new();
        let mut names = SecretName::CROSS_SIGNING.to_vec();
        let rng = &mut UnwrapErr(getrandom::SysRng);
        if is_untouched {
            secrets.extend(CrossSigningKeys::random(rng).into_secrets());
        }
        if !no_backup {
            names.push(SecretName::MEGOLM_BACKUP);
            // The key of a backup that there is has somebody else.
            if is_untouched && !has_backup {
                secrets.push(BackupKey::random(rng).into_secret());
            }
        }
        let will_be_stored =
            |name: &SecretName| is_stored(name) || secrets.iter().any(|s| s.name() == name);
        let is_online = published.is_some();
        let publish = Publication {
            identity: is_online
                && !has_identity
                && SecretName::CROSS_SIGNING.iter().all(will_be_stored),
            backup: is_online
                && !has_backup
                && !no_backup
                && will_be_stored(&SecretName::MEGOLM_BACKUP),
        };
        Ok(Self {
            secrets,
            names,
            publish,
        })
    }
}

impl SecretSource for Identity {
    fn names(&self) -> Vec<SecretName> {
        self.names.clone()
    }

    async fn secret(&self, name: &SecretName) -> Option<Secret> {
        self.secrets.as_slice().secret(name).await
    }
}
