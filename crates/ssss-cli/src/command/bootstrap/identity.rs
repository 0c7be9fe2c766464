//! The secrets of an account that has never had any.

use ssss_client::SecretSource;
use ssss_client::ssss_model::zeroize::Zeroizing;
use ssss_client::ssss_model::{EventState, Secret, SecretName, Snapshot};

use crate::failure::Failure;

/// A new cross-signing identity's three seeds and a new backup key, for an account that has never
/// had secret storage; for any other, nothing.
///
/// Where there is a default key, or secrets, even blanked ones, there is an identity somewhere, and a
/// second one would break its trust with everybody. A key of which nothing more came is what a
/// bootstrap leaves that was stopped at its first write; the next one goes on from there.
#[derive(Debug)]
pub(super) struct Identity(Vec<Secret>);

impl Identity {
    pub(super) fn for_account(snapshot: &Snapshot) -> Result<Self, Failure> {
        let is_untouched = matches!(snapshot.default_key(), EventState::Missing)
            && snapshot
                .keys()
                .all(|(_, state)| matches!(state, EventState::Present(_)))
            && snapshot.secrets().next().is_none();
        if !is_untouched {
            return Ok(Self(Vec::new()));
        }
        let mut names = SecretName::CROSS_SIGNING.to_vec();
        names.push(SecretName::MEGOLM_BACKUP);
        let secrets = names.into_iter().map(random_key);
        Ok(Self(secrets.collect::<Result<_, _>>()?))
    }
}

impl SecretSource for Identity {
    async fn secret(&self, name: &SecretName) -> Option<Secret> {
        self.0.as_slice().secret(name).await
    }
}

fn random_key(name: SecretName) -> Result<Secret, Failure> {
    let mut key = Box::new(Zeroizing::new([0; 32]));
    getrandom::fill(&mut **key).map_err(|error| {
        Failure::local(
            "the system has no random numbers",
            &std::io::Error::other(error),
        )
    })?;
    Ok(Secret::from_key(name, &key))
}
