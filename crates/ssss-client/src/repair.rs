//! What puts a finding right.

use ssss_model::{KeyId, SecretName};

/// What puts a [`Finding`](crate::Finding) right. Each is an operation of
/// [`SecretStorage`](crate::SecretStorage), and a command of `ssss`.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Repair {
    /// Setting secret storage up.
    Bootstrap,
    /// Making a key that opens everything the default.
    DefaultKey,
    /// Sealing a secret for this key, or for the default key, from another key that opens it.
    Entry(SecretName, Option<KeyId>),
    /// Taking away what a secret has for a key.
    DropEntry(SecretName, KeyId),
    /// Giving a key's description a check, or a new one, or a description at all.
    KeyCheck(KeyId),
    /// Writing a secret in today's spelling.
    Legacy(SecretName),
    /// A new key from the same passphrase, at today's cost, in the place of this key.
    Passphrase(KeyId),
    /// A new key.
    Rotate,
    /// Blanking descriptions that nothing needs.
    Gc,
    /// Finishing a change, or taking it back.
    Resume,
    /// Storing the secret: a signed-in device has it.
    Put(SecretName),
    /// A key backup whose key is stored: a new version, or the right key for the one that there is.
    BackupKey,
    /// Removing what cannot be read.
    Remove(SecretName),
}
