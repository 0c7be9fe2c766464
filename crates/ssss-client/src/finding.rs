//! Something about an account that somebody should know.

mod text;

use ssss_model::ssss_crypto::MatchedForm;
use ssss_model::{
    CheckFault, DescriptionOddity, EntryFault, KeyId, KeySpelling, Malformed, OpenError,
    PassphraseFault, SecretName,
};

use crate::identity::PublicKey;
use crate::published::PublishedKey;
use crate::repair::Repair;

/// Something about an account that somebody should know.
///
/// Each kind has a [code](Self::code) that stays the same, a [severity](Self::severity), and a
/// sentence for a person ([`Display`](std::fmt::Display)), in which whatever the server chose is escaped.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Finding {
    /// Secret storage was never set up, or was blanked.
    NotSetUp,
    /// The store does not give the list of the account's events: only those were looked at that are known
    /// by name, and there may be others.
    NotListed,
    /// There are keys or secrets, but no pointer to the default key.
    NoDefaultKey,
    /// The pointer to the default key cannot be read.
    DefaultKeyMalformed(Malformed),
    /// The default key has no description.
    DefaultKeyDangling(KeyId),
    /// The description of the default key was blanked.
    DefaultKeyBlanked(KeyId),
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
    /// A key at hand matches its check only in a form that not every client accepts.
    KeyCheckTolerated(KeyId, MatchedForm),
    /// A key's description is spelled as no client does today.
    KeyOddlySpelled(KeyId, DescriptionOddity),
    /// A key's id has characters that some clients do not send rightly.
    KeyIdOdd(KeyId),
    /// A key has no secrets and is not the default.
    KeyUnused(KeyId),
    /// A change from one key to another stopped on its way, or a client changed the default key alone:
    /// of the secrets that are sealed for the one, only some are for the other.
    ChangeUnfinished {
        /// The key that has them all.
        from: KeyId,
        /// The key that has some.
        to: KeyId,
        /// How many are sealed for both.
        done: usize,
        /// How many are sealed for the first.
        of: usize,
    },
    /// A secret that a set-up account has is not there, or was blanked.
    SecretMissing(SecretName),
    /// A secret's event cannot be read.
    SecretMalformed(SecretName, Malformed),
    /// What is sealed for the default key cannot be read.
    EntryMalformed(SecretName, KeyId, EntryFault),
    /// What is sealed for another key cannot be read.
    OtherEntryMalformed(SecretName, KeyId, EntryFault),
    /// What is sealed for a key at hand, which is the default, does not open with it.
    EntryDoesNotOpen(SecretName, KeyId, OpenError),
    /// What is sealed for another key at hand does not open with it.
    OtherEntryDoesNotOpen(SecretName, KeyId, OpenError),
    /// A key at hand opens a secret to another value than the default key does.
    ValuesDiffer(SecretName, KeyId),
    /// A secret opens to a key that is spelled as clients did years ago.
    ValueOddlySpelled(SecretName, KeySpelling),
    /// What is sealed for a key is spelled as no client does today.
    EntryOddlySpelled(SecretName, KeyId),
    /// A secret is there, but not for the default key.
    SecretNotUnderDefault(SecretName, Vec<KeyId>),
    /// A secret is sealed for a key that no description describes.
    SecretUnderUnknownKey(SecretName, KeyId),
    /// The account has no cross-signing keys, neither published nor stored.
    NoIdentity,
    /// Cross-signing keys are stored, and none are published.
    IdentityNotPublished,
    /// Of the published cross-signing keys, the one that this secret is of is not sound.
    IdentityBroken(SecretName, PublishedKey),
    /// A cross-signing key is published, and its private half, this secret, is not stored.
    IdentityKeyNotStored(SecretName),
    /// A secret opens, and is the private half of this key, where another one is published.
    IdentityKeyDiffers(SecretName, PublicKey),
    /// The key of a key backup is stored, and there is no key backup.
    BackupNotPublished,
    /// There is a key backup, of this version, and its key is not stored.
    BackupKeyNotStored(String),
    /// The stored backup key opens, and is not that of the key backup, which is of this version.
    BackupKeyDiffers(String, PublicKey),
    /// The public key of the key backup, of this version, cannot be read.
    BackupMalformed(String),
    /// The key backup is of an algorithm that is not supported.
    BackupUnsupported(String),
    /// Neither the identity nor a device that it has signed has signed the key backup, of this version.
    BackupNotSigned(String),
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
            Self::NotListed => "not-listed",
            Self::NoDefaultKey => "no-default-key",
            Self::DefaultKeyMalformed(_) => "default-key-malformed",
            Self::DefaultKeyDangling(_) => "default-key-dangling",
            Self::DefaultKeyBlanked(_) => "default-key-blanked",
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
            Self::KeyCheckTolerated(..) => "key-check-tolerated",
            Self::KeyOddlySpelled(..) => "key-oddly-spelled",
            Self::KeyIdOdd(_) => "key-id-odd",
            Self::KeyUnused(_) => "key-unused",
            Self::ChangeUnfinished { .. } => "change-unfinished",
            Self::SecretMissing(_) => "secret-missing",
            Self::SecretMalformed(..) => "secret-malformed",
            Self::EntryMalformed(..) => "entry-malformed",
            Self::OtherEntryMalformed(..) => "other-entry-malformed",
            Self::EntryDoesNotOpen(..) => "entry-does-not-open",
            Self::OtherEntryDoesNotOpen(..) => "other-entry-does-not-open",
            Self::ValuesDiffer(..) => "values-differ",
            Self::ValueOddlySpelled(..) => "value-oddly-spelled",
            Self::EntryOddlySpelled(..) => "entry-oddly-spelled",
            Self::SecretNotUnderDefault(..) => "secret-not-under-default",
            Self::SecretUnderUnknownKey(..) => "secret-under-unknown-key",
            Self::NoIdentity => "no-identity",
            Self::IdentityNotPublished => "identity-not-published",
            Self::IdentityBroken(..) => "identity-broken",
            Self::IdentityKeyNotStored(_) => "identity-key-not-stored",
            Self::IdentityKeyDiffers(..) => "identity-key-differs",
            Self::BackupNotPublished => "backup-not-published",
            Self::BackupKeyNotStored(_) => "backup-key-not-stored",
            Self::BackupKeyDiffers(..) => "backup-key-differs",
            Self::BackupMalformed(_) => "backup-malformed",
            Self::BackupUnsupported(_) => "backup-unsupported",
            Self::BackupNotSigned(_) => "backup-not-signed",
        }
    }

    /// How bad it is.
    #[must_use]
    pub fn severity(&self) -> Severity {
        match self {
            Self::NotSetUp
            | Self::NotListed
            | Self::NoDefaultKey
            | Self::DefaultKeyMalformed(_)
            | Self::DefaultKeyDangling(_)
            | Self::DefaultKeyBlanked(_)
            | Self::DefaultKeyDescriptionMalformed(..)
            | Self::DefaultKeyUnsupported(..)
            | Self::KeyCheckDamaged(..)
            | Self::EntryDoesNotOpen(..)
            | Self::SecretMissing(_)
            | Self::SecretMalformed(..)
            | Self::EntryMalformed(..)
            | Self::SecretNotUnderDefault(..)
            | Self::NoIdentity
            | Self::IdentityNotPublished
            | Self::IdentityBroken(..)
            | Self::IdentityKeyNotStored(_)
            | Self::IdentityKeyDiffers(..)
            | Self::BackupKeyNotStored(_)
            | Self::BackupKeyDiffers(..)
            | Self::BackupMalformed(_) => Severity::Problem,
            Self::KeyDescriptionMalformed(..)
            | Self::KeyUnsupported(..)
            | Self::KeyWithoutCheck(_)
            | Self::PassphraseUnusable(..)
            | Self::PassphraseCheap(..)
            | Self::PassphraseExpensive(..)
            | Self::OtherEntryMalformed(..)
            | Self::OtherEntryDoesNotOpen(..)
            | Self::ValuesDiffer(..)
            | Self::ValueOddlySpelled(..)
            | Self::ChangeUnfinished { .. }
            | Self::SecretUnderUnknownKey(..)
            | Self::BackupNotPublished
            | Self::BackupUnsupported(_) => Severity::Warning,
            Self::PassphraseBits(..)
            | Self::KeyCheckTolerated(..)
            | Self::KeyOddlySpelled(..)
            | Self::KeyIdOdd(_)
            | Self::EntryOddlySpelled(..)
            | Self::KeyUnused(_)
            | Self::BackupNotSigned(_) => Severity::Note,
        }
    }

    /// The key it is about.
    #[must_use]
    pub fn key_id(&self) -> Option<&KeyId> {
        match self {
            Self::DefaultKeyDangling(id)
            | Self::DefaultKeyBlanked(id)
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
            | Self::KeyCheckTolerated(id, _)
            | Self::KeyOddlySpelled(id, _)
            | Self::KeyIdOdd(id)
            | Self::KeyUnused(id)
            | Self::ChangeUnfinished { to: id, .. }
            | Self::EntryDoesNotOpen(_, id, _)
            | Self::OtherEntryDoesNotOpen(_, id, _)
            | Self::ValuesDiffer(_, id)
            | Self::EntryOddlySpelled(_, id)
            | Self::EntryMalformed(_, id, _)
            | Self::OtherEntryMalformed(_, id, _)
            | Self::SecretUnderUnknownKey(_, id) => Some(id),
            _ => None,
        }
    }

    /// The secret it is about.
    #[must_use]
    pub fn secret(&self) -> Option<&SecretName> {
        const BACKUP: &SecretName = &SecretName::MEGOLM_BACKUP;
        match self {
            Self::SecretMissing(name)
            | Self::SecretMalformed(name, _)
            | Self::EntryMalformed(name, ..)
            | Self::OtherEntryMalformed(name, ..)
            | Self::EntryDoesNotOpen(name, ..)
            | Self::OtherEntryDoesNotOpen(name, ..)
            | Self::ValuesDiffer(name, _)
            | Self::ValueOddlySpelled(name, _)
            | Self::EntryOddlySpelled(name, _)
            | Self::SecretNotUnderDefault(name, _)
            | Self::SecretUnderUnknownKey(name, _)
            | Self::IdentityBroken(name, _)
            | Self::IdentityKeyNotStored(name)
            | Self::IdentityKeyDiffers(name, _) => Some(name),
            Self::BackupNotPublished | Self::BackupKeyNotStored(_) | Self::BackupKeyDiffers(..) => {
                Some(BACKUP)
            }
            _ => None,
        }
    }

    /// What puts it right, where something does.
    #[must_use]
    pub fn repair(&self) -> Option<Repair> {
        Some(match self {
            Self::NotSetUp
            | Self::NoIdentity
            | Self::IdentityNotPublished
            | Self::BackupNotPublished => Repair::Bootstrap,
            Self::NoDefaultKey | Self::DefaultKeyMalformed(_) | Self::DefaultKeyUnsupported(..) => {
                Repair::DefaultKey
            }
            Self::DefaultKeyDangling(id)
            | Self::DefaultKeyBlanked(id)
            | Self::DefaultKeyDescriptionMalformed(id, _)
            | Self::KeyWithoutCheck(id)
            | Self::KeyCheckDamaged(id, _)
            | Self::KeyCheckTolerated(id, _)
            | Self::KeyOddlySpelled(id, _)
            | Self::SecretUnderUnknownKey(_, id) => Repair::KeyCheck(id.clone()),
            Self::PassphraseCheap(id, _)
            | Self::PassphraseExpensive(id, _)
            | Self::PassphraseBits(id, _) => Repair::Passphrase(id.clone()),
            Self::PassphraseUnusable(..) => Repair::Rotate,
            Self::KeyUnused(_) => Repair::Gc,
            Self::ChangeUnfinished { .. } => Repair::Resume,
            // A device that is signed in has it.
            Self::SecretMissing(name)
            | Self::IdentityKeyNotStored(name)
            | Self::IdentityKeyDiffers(name, _) => Repair::Put(name.clone()),
            Self::BackupKeyNotStored(_) | Self::BackupKeyDiffers(..) | Self::BackupMalformed(_) => {
                Repair::BackupKey
            }
            // A new identity is another client's business, an unsigned backup works, and a backup of an
            // algorithm to come is not for us to replace.
            Self::SecretMalformed(_, Malformed::Object(_))
            | Self::KeyDescriptionMalformed(..)
            | Self::KeyUnsupported(..)
            | Self::KeyIdOdd(_)
            | Self::IdentityBroken(..)
            | Self::BackupUnsupported(_)
            | Self::BackupNotSigned(_)
            // That is the server's.
            | Self::NotListed => return None,
            Self::SecretMalformed(name, _) => Repair::Remove(name.clone()),
            Self::EntryMalformed(name, ..)
            | Self::EntryDoesNotOpen(name, ..)
            | Self::SecretNotUnderDefault(name, _) => Repair::Entry(name.clone(), None),
            Self::OtherEntryDoesNotOpen(name, id, _) | Self::ValuesDiffer(name, id) => {
                Repair::Entry(name.clone(), Some(id.clone()))
            }
            Self::OtherEntryMalformed(name, id, _) => Repair::DropEntry(name.clone(), id.clone()),
            Self::ValueOddlySpelled(name, _) | Self::EntryOddlySpelled(name, _) => {
                Repair::Legacy(name.clone())
            }
        })
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
