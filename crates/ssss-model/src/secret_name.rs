//! The name of a secret.

use std::borrow::Cow;
use std::fmt;

use ruma_events::GlobalAccountDataEventType;
use ruma_events::secret::request::SecretName as RumaSecretName;
use ssss_crypto::Label;

/// The name of a secret, which is also the type of the account-data event that holds it ("Secrets").
///
/// It cannot be empty (that name belongs to the key check), start with `m.secret_storage.`, or be
/// the type of an event that the specification gives other data.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SecretName(Cow<'static, str>);

/// Why a text cannot name a secret.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum SecretNameError {
    /// It is empty.
    Empty,
    /// It is longer than [`SecretName::MAX_LEN`] bytes.
    TooLong,
    /// It has a control character, or is `.` or `..`, which no URL path carries faithfully.
    Unusable,
    /// It is the type of an event that holds other data; a secret there would overwrite it.
    Reserved,
}

impl SecretName {
    /// The longest name, in bytes of UTF-8.
    pub const MAX_LEN: usize = 4096;

    /// `m.cross_signing.master`: seed of the cross-signing master key.
    pub const CROSS_SIGNING_MASTER: Self = Self(Cow::Borrowed("m.cross_signing.master"));
    /// `m.cross_signing.self_signing`: seed of the key that signs the user's own devices.
    pub const CROSS_SIGNING_SELF_SIGNING: Self =
        Self(Cow::Borrowed("m.cross_signing.self_signing"));
    /// `m.cross_signing.user_signing`: seed of the key that signs other users.
    pub const CROSS_SIGNING_USER_SIGNING: Self =
        Self(Cow::Borrowed("m.cross_signing.user_signing"));
    /// `m.megolm_backup.v1`: the private key of the key backup. Ruma calls it `RecoveryKey`; it is
    /// not the recovery key that a person holds.
    pub const MEGOLM_BACKUP: Self = Self(Cow::Borrowed("m.megolm_backup.v1"));
    /// `org.matrix.msc3814`: the key of a dehydrated device (MSC3814).
    pub const DEHYDRATED_DEVICE: Self = Self(Cow::Borrowed("org.matrix.msc3814"));

    /// The three cross-signing keys, in the order in which they are made and stored.
    pub const CROSS_SIGNING: [Self; 3] = [
        Self::CROSS_SIGNING_MASTER,
        Self::CROSS_SIGNING_SELF_SIGNING,
        Self::CROSS_SIGNING_USER_SIGNING,
    ];
    /// Every secret that has a meaning of its own here.
    pub const KNOWN: [Self; 5] = [
        Self::CROSS_SIGNING_MASTER,
        Self::CROSS_SIGNING_SELF_SIGNING,
        Self::CROSS_SIGNING_USER_SIGNING,
        Self::MEGOLM_BACKUP,
        Self::DEHYDRATED_DEVICE,
    ];

    /// Reads a name.
    pub fn new(name: &str) -> Result<Self, SecretNameError> {
        if name.is_empty() {
            return Err(SecretNameError::Empty);
        }
        if name.len() > Self::MAX_LEN {
            return Err(SecretNameError::TooLong);
        }
        if name.chars().any(char::is_control) || matches!(name, "." | "..") {
            return Err(SecretNameError::Unusable);
        }
        if name.starts_with("m.secret_storage.") || RESERVED.contains(&name) {
            return Err(SecretNameError::Reserved);
        }
        let known = Self::KNOWN.into_iter().find(|known| known.0 == name);
        Ok(known.unwrap_or_else(|| Self(Cow::Owned(name.to_owned()))))
    }

    /// The name of a secret that is already there, or was: `None` for the type of an event that holds
    /// other data. Servers keep events of any type, and a secret under a name that nobody should have
    /// chosen is still one that must not be lost.
    #[must_use]
    pub fn of_event(event_type: &str) -> Option<Self> {
        match Self::new(event_type) {
            Ok(name) => Some(name),
            Err(SecretNameError::Unusable | SecretNameError::TooLong) => {
                Some(Self(Cow::Owned(event_type.to_owned())))
            }
            Err(_) => None,
        }
    }

    /// The name as text, which is the event's type.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// What the keys for this secret are derived with.
    pub(crate) fn label(&self) -> Label<'_> {
        #[expect(clippy::expect_used, reason = "checked when the name was made")]
        Label::new(&self.0).expect("the name of a secret is not empty")
    }

    /// Whether the value is a 32-byte key in base64: the cross-signing seeds and the backup key.
    #[must_use]
    pub fn holds_key(&self) -> bool {
        *self == Self::MEGOLM_BACKUP || Self::CROSS_SIGNING.contains(self)
    }
}

/// Events of the specification (or that its clients rely on) which hold other data.
const RESERVED: &[&str] = &[
    "im.vector.setting.breadcrumbs",
    "im.vector.web.settings",
    "io.element.recent_emoji",
    "m.accepted_terms",
    "m.direct",
    "m.fully_read",
    "m.identity_server",
    "m.ignored_user_list",
    "m.image_pack.rooms",
    "m.invite_permission_config",
    "m.key_backup",
    "m.marked_unread",
    "m.media_preview_config",
    "m.org.matrix.custom.backup_disabled",
    "m.push_rules",
    "m.recent_emoji",
    "m.tag",
    "m.widgets",
];

impl From<&SecretName> for GlobalAccountDataEventType {
    fn from(name: &SecretName) -> Self {
        Self::from(name.as_str())
    }
}

impl From<&SecretName> for RumaSecretName {
    fn from(name: &SecretName) -> Self {
        Self::from(name.as_str())
    }
}

impl TryFrom<&RumaSecretName> for SecretName {
    type Error = SecretNameError;

    fn try_from(name: &RumaSecretName) -> Result<Self, SecretNameError> {
        Self::new(name.as_str())
    }
}

impl fmt::Display for SecretName {
    /// The name as it is. A server may have chosen it: escape it before a terminal sees it.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Display for SecretNameError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Empty => f.write_str("the name of a secret cannot be empty"),
            Self::TooLong => {
                write!(
                    f,
                    "the name of a secret has at most {} bytes",
                    SecretName::MAX_LEN
                )
            }
            Self::Unusable => f.write_str(
                "the name of a secret has no control characters and is not a dot or two",
            ),
            Self::Reserved => f.write_str("this is the type of an event that holds other data"),
        }
    }
}

impl core::error::Error for SecretNameError {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names() {
        for name in SecretName::KNOWN {
            assert_eq!(SecretName::new(name.as_str()), Ok(name));
        }
        for good in [
            "org.example.x",
            "org.exämple.ünicode.名前",
            "a/b c",
            "m.secret_storage",
        ] {
            assert_eq!(SecretName::new(good).unwrap().as_str(), good);
        }
        let long = "x".repeat(SecretName::MAX_LEN + 1);
        for (bad, why) in [
            ("", SecretNameError::Empty),
            (long.as_str(), SecretNameError::TooLong),
            ("a\0b", SecretNameError::Unusable),
            ("a\nb", SecretNameError::Unusable),
            ("\u{9b}", SecretNameError::Unusable),
            ("..", SecretNameError::Unusable),
            ("m.secret_storage.default_key", SecretNameError::Reserved),
            ("m.secret_storage.key.abc", SecretNameError::Reserved),
            ("m.direct", SecretNameError::Reserved),
            ("m.push_rules", SecretNameError::Reserved),
            ("m.fully_read", SecretNameError::Reserved),
        ] {
            assert_eq!(SecretName::new(bad), Err(why), "{bad:?}");
        }
    }

    #[test]
    fn rumas_recovery_key_is_the_backup_key() {
        assert_eq!(
            SecretName::try_from(&RumaSecretName::RecoveryKey),
            Ok(SecretName::MEGOLM_BACKUP)
        );
        assert_eq!(
            RumaSecretName::from(&SecretName::CROSS_SIGNING_MASTER),
            RumaSecretName::CrossSigningMasterKey
        );
    }
}
