#![doc = include_str!("../README.md")]
#![cfg_attr(
    not(test),
    deny(clippy::unwrap_used, clippy::expect_used, clippy::panic)
)]

mod ascii;
mod default_key;
mod encrypted_secret;
mod event_state;
mod key_description;
mod key_id;
mod lenient_base64;
mod new_key;
mod object;
mod open_error;
mod passphrase;
mod ruma;
mod secret;
mod secret_name;
mod snapshot;
mod typed_key;
mod unchecked_key;
mod unverified_key;
mod verified_key;

pub use rand_core;
pub use ruma_common;
pub use ruma_events;
pub use ssss_crypto;
pub use ssss_recovery_key;
pub use zeroize;

pub use crate::default_key::DefaultKey;
pub use crate::encrypted_secret::{AddEntryError, EncryptedSecret, SealedEntry};
pub use crate::event_state::{EventState, Malformed};
pub use crate::key_description::{
    CheckFault, CheckState, DeriveError, DescriptionOddity, KeyDescription, RejectedKey,
    Verification, VerifyError,
};
pub use crate::key_id::{KeyId, KeyIdError};
pub use crate::new_key::{NewKey, NewKeyBuilder};
pub use crate::object::{Object, ObjectError, Value};
pub use crate::open_error::{EntryFault, OpenError};
pub use crate::passphrase::{Passphrase, PassphraseFault, PassphraseInfo, PassphraseState};
pub use crate::ruma::RumaConversionError;
pub use crate::secret::{KeySpelling, Secret, SecretValueError};
pub use crate::secret_name::{SecretName, SecretNameError};
pub use crate::snapshot::Snapshot;
pub use crate::typed_key::TypedKey;
pub use crate::unchecked_key::UncheckedKey;
pub use crate::unverified_key::{KeyOrigin, UnverifiedKey};
pub use crate::verified_key::{Evidence, ShortKeyError, VerifiedKey};
