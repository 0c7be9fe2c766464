//! Where bootstrap finds the secrets to store.

use ssss_model::zeroize::Zeroizing;
use ssss_model::{Secret, SecretName};

/// Hands secrets to [`bootstrap`](crate::SecretStorage::bootstrap): the private keys that a client
/// has in its own store, or makes when they are asked for.
#[expect(
    async_fn_in_trait,
    reason = "futures are as `Send` as the source makes them"
)]
pub trait SecretSource {
    /// The secrets that should be in secret storage: the three cross-signing keys and the backup
    /// key, unless a source says otherwise.
    fn names(&self) -> Vec<SecretName> {
        let mut names = SecretName::CROSS_SIGNING.to_vec();
        names.push(SecretName::MEGOLM_BACKUP);
        names
    }

    /// Hands over a secret; `None` if there is none. Asked only for what is to be stored.
    async fn secret(&self, name: &SecretName) -> Option<Secret>;
}

/// Secrets at hand. Others that should be stored are reported as missing.
impl SecretSource for [Secret] {
    fn names(&self) -> Vec<SecretName> {
        let mut names = SecretName::CROSS_SIGNING.to_vec();
        names.push(SecretName::MEGOLM_BACKUP);
        for secret in self {
            if !names.contains(secret.name()) {
                names.push(secret.name().clone());
            }
        }
        names
    }

    async fn secret(&self, name: &SecretName) -> Option<Secret> {
        let secret = self.iter().find(|secret| secret.name() == name)?;
        let text = Zeroizing::new(secret.expose().to_owned());
        Secret::new(name.clone(), text).ok()
    }
}
