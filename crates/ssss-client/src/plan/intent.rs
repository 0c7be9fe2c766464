//! What a change is for.

/// What a change is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Intent {
    /// Secret storage is set up, or completed.
    Bootstrap,
    /// A key is added.
    AddKey,
    /// A new key takes the default key's place.
    Rotate,
    /// A key goes.
    RemoveKey,
    /// Another key becomes the default, or none.
    SetDefaultKey,
    /// A secret is stored.
    PutSecret,
    /// A secret goes.
    RemoveSecret,
    /// A new key backup takes the place of the one that there may be.
    ResetBackup,
    /// Something that was found wrong is put right.
    Repair,
    /// Descriptions that nothing needs go.
    Gc,
    /// Secret storage goes.
    Disable,
    /// What a snapshot kept comes back.
    Restore,
    /// An earlier change is taken back.
    Undo,
}

impl Intent {
    /// Every intent.
    pub const ALL: [Self; 13] = [
        Self::Bootstrap,
        Self::AddKey,
        Self::Rotate,
        Self::RemoveKey,
        Self::SetDefaultKey,
        Self::PutSecret,
        Self::RemoveSecret,
        Self::ResetBackup,
        Self::Repair,
        Self::Gc,
        Self::Disable,
        Self::Restore,
        Self::Undo,
    ];

    /// Its name, for programs and journals. It stays the same.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Bootstrap => "bootstrap",
            Self::AddKey => "add-key",
            Self::Rotate => "rotate",
            Self::RemoveKey => "remove-key",
            Self::SetDefaultKey => "set-default",
            Self::PutSecret => "put",
            Self::RemoveSecret => "rm",
            Self::ResetBackup => "reset-backup",
            Self::Repair => "repair",
            Self::Gc => "gc",
            Self::Disable => "disable",
            Self::Restore => "restore",
            Self::Undo => "undo",
        }
    }
}
