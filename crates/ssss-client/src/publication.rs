//! What a change publishes besides account data.

/// The public halves of secrets that a change publishes, once their private halves lie in secret
/// storage and were seen to open.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Publication {
    /// The cross-signing identity.
    pub identity: bool,
    /// A version of the key backup.
    pub backup: bool,
}

impl Publication {
    /// Whether it is nothing at all.
    #[must_use]
    pub fn is_empty(self) -> bool {
        self == Self::default()
    }
}
