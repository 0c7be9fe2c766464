//! Something about an account that somebody should know.

use std::fmt;

use ssss_model::{CheckFault, EntryFault, KeyId, Malformed, PassphraseFault, SecretName};

/// Something about an account that somebody should know.
///
/// Each kind has a [code](Self::code) that stays the same, a [severity](Self::severity), and a
/// sentence for a person ([`Display`](fmt::Display)), in which whatever the server chose is escaped.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Finding {
    /// Secret storage was never set up, or was blanked.
    NotSetUp,
    /// There are keys or secrets, but no pointer to the default key.
    NoDefaultKey,
    /// The pointer to the default key cannot be read.
    DefaultKeyMalformed(Malformed),
    /// The default key has no description, or a blanked one.
    DefaultKeyDangling(KeyId),
    /// The description of the default key cannot be read.
    DefaultKeyDescriptionMalformed(KeyId, Malformed),
    /// The default key is for an algorithm that is not supported.
    DefaultKeyUnsupported(KeyId, String),
    /// The description of a key that is not the default cannot be read.
    KeyDescriptionMalformed(KeyId, Malformed),
    /// A key is for an algorithm that is not supported.
    KeyUnsupported(KeyId, String),
    /// A key's description has no check.
    KeyWithoutCheck(KeyId),
    /// A key's check cannot check anything.
    KeyCheckDamaged(KeyId, CheckFault),
    /// A key's passphrase block cannot be followed; the recovery key still opens it.
    PassphraseUnusable(KeyId, PassphraseFault),
    /// A passphrase costs so few iterations that guessing it is cheap.
    PassphraseCheap(KeyId, u64),
    /// A passphrase costs more iterations than are allowed unless asked for.
    PassphraseExpensive(KeyId, u64),
    /// A passphrase gives a key of another length than 256 bits.
    PassphraseBits(KeyId, u64),
    /// A key has no secrets and is not the default.
    KeyUnused(KeyId),
    /// A secret that a set-up account has is not there, or was blanked.
    SecretMissing(SecretName),
    /// A secret's event cannot be read.
    SecretMalformed(SecretName, Malformed),
    /// What is sealed for the default key cannot be read.
    EntryMalformed(SecretName, KeyId, EntryFault),
    /// What is sealed for another key cannot be read.
    OtherEntryMalformed(SecretName, KeyId, EntryFault),
    /// A secret is there, but not for the default key.
    SecretNotUnderDefault(SecretName, Vec<KeyId>),
    /// A secret is sealed for a key that no description describes.
    SecretUnderUnknownKey(SecretName, KeyId),
}

/// How bad a [`Finding`] is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// Good to know.
    Note,
    /// Works, and may not for ever or everywhere.
    Warning,
    /// Something does not work.
    Problem,
}

impl Finding {
    /// A passphrase of fewer iterations is called cheap.
    pub const CHEAP_ITERATIONS: u64 = 100_000;

    /// The name of this kind of finding, for programs. It stays the same.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::NotSetUp => "not-set-up",
            Self::NoDefaultKey => "no-default-key",
            Self::DefaultKeyMalformed(_) => "default-key-malformed",
            Self::DefaultKeyDangling(_) => "default-key-dangling",
            Self::DefaultKeyDescriptionMalformed(..) => "default-key-description-malformed",
            Self::DefaultKeyUnsupported(..) => "default-key-unsupported",
            Self::KeyDescriptionMalformed(..) => "key-description-malformed",
            Self::KeyUnsupported(..) => "key-unsupported",
            Self::KeyWithoutCheck(_) => "key-without-check",
            Self::KeyCheckDamaged(..) => "key-check-damaged",
            Self::PassphraseUnusable(..) => "passphrase-unusable",
            Self::PassphraseCheap(..) => "passphrase-cheap",
            Self::PassphraseExpensive(..) => "passphrase-expensive",
            Self::PassphraseBits(..) => "passphrase-bits",
            Self::KeyUnused(_) => "key-unused",
            Self::SecretMissing(_) => "secret-missing",
            Self::SecretMalformed(..) => "secret-malformed",
            Self::EntryMalformed(..) => "entry-malformed",
            Self::OtherEntryMalformed(..) => "other-entry-malformed",
            Self::SecretNotUnderDefault(..) => "secret-not-under-default",
            Self::SecretUnderUnknownKey(..) => "secret-under-unknown-key",
        }
    }

    /// How bad it is.
    #[must_use]
    pub fn severity(&self) -> Severity {
        match self {
            Self::NotSetUp
            | Self::NoDefaultKey
            | Self::DefaultKeyMalformed(_)
            | Self::DefaultKeyDangling(_)
            | Self::DefaultKeyDescriptionMalformed(..)
            | Self::DefaultKeyUnsupported(..)
            | Self::KeyCheckDamaged(..)
            | Self::SecretMissing(_)
            | Self::SecretMalformed(..)
            | Self::EntryMalformed(..)
            | Self::SecretNotUnderDefault(..) => Severity::Problem,
            Self::KeyDescriptionMalformed(..)
            | Self::KeyUnsupported(..)
            | Self::KeyWithoutCheck(_)
            | Self::PassphraseUnusable(..)
            | Self::PassphraseCheap(..)
            | Self::PassphraseExpensive(..)
            | Self::OtherEntryMalformed(..)
            | Self::SecretUnderUnknownKey(..) => Severity::Warning,
            Self::PassphraseBits(..) | Self::KeyUnused(_) => Severity::Note,
        }
    }

    /// The key it is about.
    #[must_use]
    pub fn key_id(&self) -> Option<&KeyId> {
        match self {
            Self::DefaultKeyDangling(id)
            | Self::DefaultKeyDescriptionMalformed(id, _)
            | Self::DefaultKeyUnsupported(id, _)
            | Self::KeyDescriptionMalformed(id, _)
            | Self::KeyUnsupported(id, _)
            | Self::KeyWithoutCheck(id)
            | Self::KeyCheckDamaged(id, _)
            | Self::PassphraseUnusable(id, _)
            | Self::PassphraseCheap(id, _)
            | Self::PassphraseExpensive(id, _)
            | Self::PassphraseBits(id, _)
            | Self::KeyUnused(id)
            | Self::EntryMalformed(_, id, _)
            | Self::OtherEntryMalformed(_, id, _)
            | Self::SecretUnderUnknownKey(_, id) => Some(id),
            _ => None,
        }
    }

    /// The secret it is about.
    #[must_use]
    pub fn secret(&self) -> Option<&SecretName> {
        match self {
            Self::SecretMissing(name)
            | Self::SecretMalformed(name, _)
            | Self::EntryMalformed(name, ..)
            | Self::OtherEntryMalformed(name, ..)
            | Self::SecretNotUnderDefault(name, _)
            | Self::SecretUnderUnknownKey(name, _) => Some(name),
            _ => None,
        }
    }
}

impl Severity {
    /// `note`, `warning` or `problem`.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Note => "note",
            Self::Warning => "warning",
            Self::Problem => "problem",
        }
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let key = |id: &KeyId| format!("key {}", quoted(id.as_str()));
        let secret = |name: &SecretName| quoted(name.as_str());
        match self {
            Self::NotSetUp => f.write_str("secret storage is not set up"),
            Self::NoDefaultKey => f.write_str("no key is named as the default"),
            Self::DefaultKeyMalformed(why) => {
                write!(f, "the pointer to the default key cannot be read: {why}")
            }
            Self::DefaultKeyDangling(id) => {
                write!(f, "the default is {}, which nothing describes", key(id))
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
        }
    }
}

/// What a server chose, so that no terminal obeys it: quoted, everything odd escaped.
#[must_use]
pub fn quoted(text: &str) -> String {
    let plain = !text.is_empty()
        && text
            .chars()
            .all(|c| c.is_ascii_graphic() && c != '"' && c != '\\')
        || text
            .chars()
            .all(|c| c.is_alphanumeric() || "._-/+=:@".contains(c))
            && !text.is_empty();
    if plain {
        text.to_owned()
    } else {
        format!("{text:?}")
    }
}
