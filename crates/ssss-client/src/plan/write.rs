//! One event to be written.

use ssss_model::{KeyId, Object, SecretName};

/// One event to be written.
#[derive(Debug, Clone)]
pub struct Write {
    pub(crate) event_type: String,
    pub(crate) before: Option<Object>,
    pub(crate) after: Object,
    pub(crate) purpose: Purpose,
}

/// What an event is written for, and so what must hold once it is.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Purpose {
    /// A key is described. The description reads back as it was written.
    DescribeKey(KeyId),
    /// A key's description is blanked.
    BlankKey(KeyId),
    /// A secret is sealed for keys. Each of them opens it.
    StoreSecret(SecretName, Vec<KeyId>),
    /// What is sealed for some keys goes. Each of these others opens the secret, before and after.
    StripSecret(SecretName, Vec<KeyId>),
    /// A secret is blanked.
    RemoveSecret(SecretName),
    /// A key becomes the default. It is described, and opens each secret of the account, before and
    /// after, also one that another client has stored meanwhile.
    SetDefaultKey {
        /// The key.
        id: KeyId,
        /// The secrets that it opens.
        opens: Vec<SecretName>,
        /// Secrets that are there and that it need not open, as long as they stay what they are.
        passes_over: Vec<SecretName>,
    },
    /// No key is the default any more.
    UnsetDefaultKey,
    /// An event becomes what it was.
    Restore,
}

impl Purpose {
    /// The keys that are needed to see that it was done.
    pub(crate) fn keys(&self) -> &[KeyId] {
        match self {
            Self::StoreSecret(_, ids) | Self::StripSecret(_, ids) => ids,
            Self::SetDefaultKey { id, opens, .. } if !opens.is_empty() => std::slice::from_ref(id),
            _ => &[],
        }
    }

    /// The kind of purpose, for programs. It stays the same.
    #[must_use]
    pub fn as_str(&self) -> &'static str {
        match self {
            Self::DescribeKey(_) => "describe-key",
            Self::BlankKey(_) => "blank-key",
            Self::StoreSecret(..) => "store-secret",
            Self::StripSecret(..) => "strip-secret",
            Self::RemoveSecret(_) => "remove-secret",
            Self::SetDefaultKey { .. } => "set-default-key",
            Self::UnsetDefaultKey => "unset-default-key",
            Self::Restore => "restore",
        }
    }
}

impl Write {
    /// The type of the event.
    #[must_use]
    pub fn event_type(&self) -> &str {
        &self.event_type
    }

    /// The content that the plan was made for; `None` if there was no such event.
    #[must_use]
    pub fn before(&self) -> Option<&Object> {
        self.before.as_ref()
    }

    /// The content to be written.
    #[must_use]
    pub fn after(&self) -> &Object {
        &self.after
    }

    /// What it is written for.
    #[must_use]
    pub fn purpose(&self) -> &Purpose {
        &self.purpose
    }

    /// Whether it makes something else of the event than the plan was made for.
    pub(crate) fn changes(&self) -> bool {
        let before = self.before.as_ref().map(Object::as_json);
        before != Some(self.after.as_json())
    }
}
