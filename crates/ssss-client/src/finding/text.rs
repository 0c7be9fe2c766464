//! Findings as sentences.

use std::fmt;

use ssss_model::ssss_crypto::MatchedForm;
use ssss_model::{KeyId, KeySpelling, SecretName};

use super::Finding;
use crate::published::PublishedKey;
use crate::quoted::quoted;

impl fmt::Display for Finding {
    #[expect(clippy::too_many_lines, reason = "a table")]
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let key = |id: &KeyId| format!("key {}", quoted(id.as_str()));
        let secret = |name: &SecretName| quoted(name.as_str());
        match self {
            Self::NotSetUp => f.write_str("secret storage is not set up"),
            Self::NotListed => f.write_str(
                "the homeserver does not give the list of the account's data, so only what is known by \
                 name was looked at; there may be other secrets and keys",
            ),
            Self::NoDefaultKey => f.write_str("no key is named as the default"),
            Self::DefaultKeyMalformed(why) => {
                write!(f, "the pointer to the default key cannot be read: {why}")
            }
            Self::DefaultKeyDangling(id) => {
                write!(f, "the default is {}, which nothing describes", key(id))
            }
            Self::DefaultKeyBlanked(id) => {
                write!(
                    f,
                    "the default is {}, whose description was blanked",
                    key(id)
                )
            }
            Self::DefaultKeyDescriptionMalformed(id, why) => {
                write!(
                    f,
                    "the description of the default, {}, cannot be read: {why}",
                    key(id)
                )
            }
            Self::DefaultKeyUnsupported(id, algorithm) => write!(
                f,
                "the default, {}, is for the algorithm {}, which is not supported",
                key(id),
                quoted(algorithm)
            ),
            Self::KeyDescriptionMalformed(id, why) => {
                write!(f, "the description of {} cannot be read: {why}", key(id))
            }
            Self::KeyUnsupported(id, algorithm) => write!(
                f,
                "{} is for the algorithm {}, which is not supported",
                key(id),
                quoted(algorithm)
            ),
            Self::KeyWithoutCheck(id) => write!(
                f,
                "{} has no check, so only opening a secret shows whether a key is the right one",
                key(id)
            ),
            Self::KeyCheckDamaged(id, why) => {
                write!(f, "the check of {} is damaged: {why}", key(id))
            }
            Self::PassphraseUnusable(id, why) => {
                write!(f, "{} opens by its recovery key only: {why}", key(id))
            }
            Self::PassphraseCheap(id, iterations) => write!(
                f,
                "the passphrase of {} is cheap to guess: {iterations} iterations, fewer than {}",
                key(id),
                Self::CHEAP_ITERATIONS
            ),
            Self::PassphraseExpensive(id, iterations) => write!(
                f,
                "the passphrase of {} costs {iterations} iterations, more than are allowed unless \
                 asked for",
                key(id)
            ),
            Self::PassphraseBits(id, bits) => {
                write!(
                    f,
                    "the passphrase of {} gives {bits} bits, not 256",
                    key(id)
                )
            }
            Self::KeyCheckTolerated(id, form) => write!(
                f,
                "{} matches its check only {}, which some clients refuse",
                key(id),
                match form {
                    MatchedForm::Bit63Cleared => "with bit 63 of the IV cleared",
                    MatchedForm::First16Bytes => "by the first 16 bytes of the IV",
                    _ => "in an odd form",
                }
            ),
            Self::KeyOddlySpelled(id, oddity) => {
                write!(f, "the description of {} is old: {oddity}", key(id))
            }
            Self::KeyIdOdd(id) => write!(
                f,
                "{} has an id that some clients do not send rightly",
                key(id)
            ),
            Self::ChangeUnfinished { from, to, done, of } => write!(
                f,
                "of {of} secrets for {}, {done} are also sealed for {}: a change stopped on its way, \
                 or a client left some out",
                key(from),
                key(to)
            ),
            Self::KeyUnused(id) => write!(f, "nothing is sealed for {}", key(id)),
            Self::SecretMissing(name) => write!(f, "{} is not stored", secret(name)),
            Self::SecretMalformed(name, why) => {
                write!(f, "{} cannot be read: {why}", secret(name))
            }
            Self::EntryMalformed(name, id, why) => write!(
                f,
                "what {} has for the default, {}, is {why}",
                secret(name),
                key(id)
            ),
            Self::OtherEntryMalformed(name, id, why) => {
                write!(f, "what {} has for {} is {why}", secret(name), key(id))
            }
            Self::EntryDoesNotOpen(name, id, why) => write!(
                f,
                "{} does not open with the default, {}: {why}",
                secret(name),
                key(id)
            ),
            Self::OtherEntryDoesNotOpen(name, id, why) => {
                write!(f, "{} does not open with {}: {why}", secret(name), key(id))
            }
            Self::ValuesDiffer(name, id) => write!(
                f,
                "{} opens to another value with {} than with the default key",
                secret(name),
                key(id)
            ),
            Self::ValueOddlySpelled(name, spelling) => write!(
                f,
                "{} holds a key that is spelled {}",
                secret(name),
                match spelling {
                    KeySpelling::UrlSafeBase64 => "in URL-safe base64",
                    KeySpelling::DoubleBase64 => "in base64 of base64",
                    KeySpelling::Decimal => "in decimal numbers",
                    _ => "oddly",
                }
            ),
            Self::EntryOddlySpelled(name, id) => write!(
                f,
                "what {} has for {} is base64 of an odd spelling",
                secret(name),
                key(id)
            ),
            Self::SecretNotUnderDefault(name, keys) => {
                let keys: Vec<_> = keys.iter().map(key).collect();
                write!(
                    f,
                    "{} is not sealed for the default key, only for: ",
                    secret(name)
                )?;
                f.write_str(&if keys.is_empty() {
                    "none".to_owned()
                } else {
                    keys.join(", ")
                })
            }
            Self::SecretUnderUnknownKey(name, id) => {
                write!(
                    f,
                    "{} is sealed for {}, which nothing describes",
                    secret(name),
                    key(id)
                )
            }
            Self::NoIdentity => f.write_str(
                "the account has no cross-signing keys, neither on the server nor in secret storage",
            ),
            Self::IdentityNotPublished => f.write_str(
                "the server has no cross-signing keys of this account, though their private halves are \
                 stored",
            ),
            Self::IdentityBroken(name, state) => write!(
                f,
                "the server's identity is broken: the public half of {} {}",
                secret(name),
                match state {
                    PublishedKey::Missing => "is missing",
                    PublishedKey::NotSigned(_) => "is not signed by the master key",
                    _ => "cannot be read",
                }
            ),
            Self::IdentityKeyNotStored(name) => write!(
                f,
                "{} is not stored, and the server has its public half: a device that is signed in may \
                 have it",
                secret(name)
            ),
            Self::IdentityKeyDiffers(name, own) => write!(
                f,
                "{} opens, and is not the private half of the server's identity, but of {own}",
                secret(name)
            ),
            Self::BackupNotPublished => write!(
                f,
                "{} is stored, and the server has no key backup",
                secret(&SecretName::MEGOLM_BACKUP)
            ),
            Self::BackupKeyNotStored(version) => write!(
                f,
                "{} is not stored, and the server has key backup {}: a device that is signed in may \
                 have its key",
                secret(&SecretName::MEGOLM_BACKUP),
                quoted(version)
            ),
            Self::BackupKeyDiffers(version, own) => write!(
                f,
                "{} opens, and is not the key of the server's key backup, {}, but of one for {own}",
                secret(&SecretName::MEGOLM_BACKUP),
                quoted(version)
            ),
            Self::BackupMalformed(version) => write!(
                f,
                "the public key of the server's key backup, {}, cannot be read",
                quoted(version)
            ),
            Self::BackupUnsupported(algorithm) => write!(
                f,
                "the server's key backup is for the algorithm {}, which is not supported",
                quoted(algorithm)
            ),
            Self::BackupNotSigned(version) => write!(
                f,
                "the server's key backup, {}, is signed neither by the identity nor by a device of it, \
                 so clients trust it only for its key",
                quoted(version)
            ),
        }
    }
}
