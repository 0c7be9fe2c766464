//! What a person typed into the one field that takes a recovery key or a passphrase.

use ssss_recovery_key::{ParseError, RecoveryKey};
use zeroize::Zeroizing;

use crate::passphrase::Passphrase;

/// What a person typed into the one field that takes either.
///
/// A text with the shape, the prefix and the parity of a recovery key is one, so that no passphrase
/// derivation runs for it.
#[derive(Debug)]
pub enum TypedKey {
    /// A recovery key.
    RecoveryKey(RecoveryKey),
    /// Anything else, which can only be a passphrase, with the reason why it is no recovery key.
    Passphrase(Passphrase, ParseError),
}

impl TypedKey {
    /// Decides by shape.
    #[must_use]
    pub fn read(text: Zeroizing<String>) -> Self {
        match RecoveryKey::parse(&text) {
            Ok(key) => Self::RecoveryKey(key),
            Err(reason) => Self::Passphrase(Passphrase::new(text), reason),
        }
    }
}
