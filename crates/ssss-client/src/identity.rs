//! Cross-signing keys and the key backup's key: their private halves, and what is made of them.

mod backup_key;
mod cross_signing_keys;
mod private_half;
mod public_key;
mod signed_json;
mod stack;

pub use self::backup_key::BackupKey;
pub use self::cross_signing_keys::CrossSigningKeys;
pub use self::private_half::{WrongSecret, public_half};
pub use self::public_key::PublicKey;

pub(crate) use self::private_half::{signing_key, verifying_half};
pub(crate) use self::signed_json::{SignedJson, body, object};
pub(crate) use self::stack::wiped_after;
