//! The description of a secret storage key.

use std::fmt;

use rand_core::CryptoRng;
use ssss_crypto::{CostError, CostLimits, KeyCheck, KeyCheckShapeError, MatchedForm};

use crate::encrypted_secret::EncryptedSecret;
use crate::event_state::{EventState, Malformed};
use crate::key_id::KeyId;
use crate::lenient_base64;
use crate::object::{self, Object, Part, Value};
use crate::passphrase::{self, Passphrase, PassphraseFault, PassphraseState};
use crate::unchecked_key::UncheckedKey;
use crate::unverified_key::{KeyOrigin, UnverifiedKey};
use crate::verified_key::{Evidence, VerifiedKey};

/// The only algorithm: `m.secret_storage.v1.aes-hmac-sha2`.
pub(crate) const AES_HMAC_SHA2: &str = "m.secret_storage.v1.aes-hmac-sha2";

/// The content of an `m.secret_storage.key.*` event, with the id that the event's type states
/// ("Key storage").
#[derive(Debug, Clone)]
pub struct KeyDescription {
    id: KeyId,
    object: Object,
    algorithm: String,
    name: Option<String>,
    check: CheckState,
    passphrase: PassphraseState,
}

/// The `iv` and `mac` of a key description, by which a key is told from another.
#[derive(Debug, Clone)]
pub enum CheckState {
    /// One or both are absent. No key can be told to be this one or not; see [`UncheckedKey`].
    None,
    /// They cannot be what they claim to be.
    Damaged(CheckFault),
    /// A key can be checked.
    Usable(KeyCheck),
}

/// Why the `iv` and `mac` of a key description check nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum CheckFault {
    /// The field is not base64 text.
    NotBase64(&'static str),
    /// The IV has this many bytes; it should have 16 (or 32, of which the first 16 count).
    IvLength(usize),
    /// The MAC has this many bytes; it should have 32.
    MacLength(usize),
}

/// What became of a key that was held against a description.
#[derive(Debug)]
pub enum Verification {
    /// It is the key that the description describes.
    Verified(VerifiedKey),
    /// The description has no check, so nobody can tell yet.
    Unchecked(UncheckedKey),
}

/// Why a key is not the one that a description describes.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum VerifyError {
    /// It is another key.
    WrongKey,
    /// The description is for an algorithm that is not implemented, which is named.
    UnsupportedAlgorithm(String),
    /// The description's check cannot check anything.
    DamagedCheck(CheckFault),
}

/// A key that was refused, given back so that it can be held against the next description.
#[derive(Debug)]
pub struct RejectedKey {
    /// The key.
    pub key: UnverifiedKey,
    /// Why it was refused.
    pub reason: VerifyError,
}

/// Why no key was derived from a passphrase.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum DeriveError {
    /// This key was not made from a passphrase.
    NoPassphrase,
    /// The description says that it was, in a way that cannot be followed.
    Unusable(PassphraseFault),
    /// The cost that the description asks for lies outside the limits.
    Cost(CostError),
}

/// How a description is spelled otherwise than clients do today, and reads all the same.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum DescriptionOddity {
    /// `iv` or `mac` is base64 of the URL-safe alphabet, or with white space in it.
    Base64,
    /// `iv` has 32 bytes, of which the first 16 count, as old Nheko versions wrote it.
    LongIv,
    /// `iterations` or `bits` is a whole number that is spelled as a float.
    Numbers,
}

impl KeyDescription {
    /// Reads the content of the event. `{}` is a [tombstone](EventState::Tombstone).
    ///
    /// Optional fields of the wrong type count as absent: they cannot take the key from a person
    /// who holds it.
    #[must_use]
    pub fn parse(id: &KeyId, object: &Object) -> EventState<Self> {
        if object.is_empty() {
            return EventState::Tombstone;
        }
        let Some(algorithm) = object
            .get("algorithm")
            .filter(|value| !object::is_null(value))
        else {
            return EventState::Malformed(Malformed::Absent("algorithm"));
        };
        let Some(algorithm) = object::string(algorithm) else {
            return EventState::Malformed(Malformed::WrongType("algorithm"));
        };
        EventState::Present(Self {
            id: id.clone(),
            object: object.clone(),
            algorithm: algorithm.into_owned(),
            name: object.get("name").and_then(object::string).map(Into::into),
            check: CheckState::parse(object),
            passphrase: PassphraseState::parse(object.get("passphrase")),
        })
    }

    /// A description that says nothing but the algorithm there is.
    #[must_use]
    pub fn bare(id: &KeyId) -> Self {
        Self {
            id: id.clone(),
            object: Object::empty().with("algorithm", &Value::string(AES_HMAC_SHA2)),
            algorithm: AES_HMAC_SHA2.to_owned(),
            name: None,
            check: CheckState::None,
            passphrase: PassphraseState::None,
        }
    }

    /// The id of the key.
    #[must_use]
    pub fn id(&self) -> &KeyId {
        &self.id
    }

    /// The content of the event.
    #[must_use]
    pub fn object(&self) -> &Object {
        &self.object
    }

    /// The algorithm, as the description names it.
    #[must_use]
    pub fn algorithm(&self) -> &str {
        &self.algorithm
    }

    /// Whether the algorithm is `m.secret_storage.v1.aes-hmac-sha2`, the only one there is.
    #[must_use]
    pub fn is_supported(&self) -> bool {
        self.algorithm == AES_HMAC_SHA2
    }

    /// The name that a person gave the key. It comes from the server: escape it before showing it.
    #[must_use]
    pub fn name(&self) -> Option<&str> {
        self.name.as_deref()
    }

    /// By what a key is told to be this one.
    #[must_use]
    pub fn check_state(&self) -> &CheckState {
        &self.check
    }

    /// How the key was made from a passphrase, if it was.
    #[must_use]
    pub fn passphrase(&self) -> &PassphraseState {
        &self.passphrase
    }

    /// Derives this key from a passphrase: `iterations` rounds of PBKDF2-HMAC-SHA-512, which take
    /// about half a second at the usual 500,000.
    ///
    /// The description, and so the cost, is the server's word: the limits bound it on both sides.
    pub fn derive(
        &self,
        passphrase: &Passphrase,
        limits: CostLimits,
    ) -> Result<UnverifiedKey, DeriveError> {
        match &self.passphrase {
            PassphraseState::None => Err(DeriveError::NoPassphrase),
            PassphraseState::Unusable(fault) => Err(DeriveError::Unusable(*fault)),
            PassphraseState::Usable(info) => {
                let key = info.derive(passphrase, limits).map_err(DeriveError::Cost)?;
                Ok(UnverifiedKey::new(key, KeyOrigin::Passphrase))
            }
        }
    }

    /// Whether a key is the described one, and in which form it matched; `None` if the description
    /// has no check. (The reference calls this `checkKey`, and answers yes in that case.)
    pub fn check(&self, key: &UnverifiedKey) -> Result<Option<MatchedForm>, VerifyError> {
        if !self.is_supported() {
            return Err(VerifyError::UnsupportedAlgorithm(self.algorithm.clone()));
        }
        match &self.check {
            CheckState::None => Ok(None),
            CheckState::Damaged(fault) => Err(VerifyError::DamagedCheck(*fault)),
            CheckState::Usable(check) => check
                .verify(key.bytes())
                .map(Some)
                .map_err(|_| VerifyError::WrongKey),
        }
    }

    /// Whether a key opens a secret that is sealed for this one: what can be told where there is no
    /// check.
    #[must_use]
    pub fn is_proven_by(&self, key: &UnverifiedKey, secret: &EncryptedSecret) -> bool {
        self.is_supported() && secret.authenticates(&self.id, key.bytes())
    }

    /// Turns a key into evidence: the only way to a [`VerifiedKey`] for a key that exists.
    pub fn verify(&self, key: UnverifiedKey) -> Result<Verification, Box<RejectedKey>> {
        match self.check(&key) {
            Ok(Some(form)) => Ok(Verification::Verified(VerifiedKey::new(
                self.id.clone(),
                key.into_bytes(),
                Evidence::Matched(form),
            ))),
            Ok(None) => Ok(Verification::Unchecked(UncheckedKey::new(
                self.id.clone(),
                key,
            ))),
            Err(reason) => Err(Box::new(RejectedKey { key, reason })),
        }
    }

    /// Proves a key by a secret that is sealed for this id, where the description has no check or a
    /// damaged one: nobody but the key's owner can have made an entry that it authenticates. Gives
    /// the key back if it does not, or if there is a check, which then decides.
    pub fn prove(
        &self,
        key: UnverifiedKey,
        secret: &EncryptedSecret,
    ) -> Result<VerifiedKey, UnverifiedKey> {
        if matches!(self.check, CheckState::Usable(_)) || !self.is_proven_by(&key, secret) {
            return Err(key);
        }
        let evidence = Evidence::ProvenBySecret(secret.name().clone());
        Ok(VerifiedKey::new(
            self.id.clone(),
            key.into_bytes(),
            evidence,
        ))
    }

    /// How the description is spelled otherwise than clients do today, and reads all the same.
    #[must_use]
    pub fn oddities(&self) -> Vec<DescriptionOddity> {
        let text = |name| self.object.get(name).and_then(object::string);
        let mut oddities = Vec::new();
        if let CheckState::Usable(check) = &self.check {
            let is_odd = |name| {
                let text = text(name);
                text.and_then(|text| lenient_base64::decode_into(&mut Vec::new(), &text))
            };
            if is_odd("iv") == Some(true) || is_odd("mac") == Some(true) {
                oddities.push(DescriptionOddity::Base64);
            }
            if check.iv().len() != 16 {
                oddities.push(DescriptionOddity::LongIv);
            }
        }
        if let PassphraseState::Usable(_) = self.passphrase
            && passphrase::has_odd_numbers(self.object.get("passphrase"))
        {
            oddities.push(DescriptionOddity::Numbers);
        }
        oddities
    }

    /// The description with a check of this key as clients write it today, made anew, and with whole
    /// numbers in the passphrase block. Every other field stays. `None` if the key is another one.
    #[must_use]
    pub fn with_check(&self, key: &VerifiedKey, rng: &mut impl CryptoRng) -> Option<Object> {
        if *key.id() != self.id {
            return None;
        }
        let check = KeyCheck::create(key.key(), rng);
        let mut object = self.object.clone();
        if self.oddities().contains(&DescriptionOddity::Numbers)
            && let Some(passphrase) = passphrase::with_whole_numbers(object.get("passphrase"))
        {
            object = object.with("passphrase", &Value::object(&passphrase));
        }
        Some(with_check(&object, &check))
    }
}

/// A description with this check; every other field stays.
pub(crate) fn with_check(object: &Object, check: &KeyCheck) -> Object {
    let fields = [
        ("iv", Part::Base64(check.iv())),
        ("mac", Part::Base64(check.mac())),
    ];
    object.view().with_all(&fields).into()
}

impl CheckState {
    fn parse(object: &Object) -> Self {
        // js-sdk takes an empty `mac` for none, and who lacks one of the two cannot check.
        let field = |name| {
            object
                .get(name)
                .filter(|value| !object::is_null(value) && *value != "\"\"")
        };
        let (Some(iv), Some(mac)) = (field("iv"), field("mac")) else {
            return Self::None;
        };
        let decode = |name, value| {
            let mut bytes = Vec::new();
            object::string(value)
                .and_then(|text| lenient_base64::decode_into(&mut bytes, &text))
                .map(|_| bytes)
                .ok_or(CheckFault::NotBase64(name))
        };
        let check = decode("iv", iv).and_then(|iv| {
            let mac = decode("mac", mac)?;
            KeyCheck::from_parts(&iv, &mac).map_err(|error| match error {
                KeyCheckShapeError::MacLength(len) => CheckFault::MacLength(len),
                _ => CheckFault::IvLength(iv.len()),
            })
        });
        match check {
            Ok(check) => Self::Usable(check),
            Err(fault) => Self::Damaged(fault),
        }
    }
}

impl fmt::Display for DescriptionOddity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Base64 => "its check is base64 of an odd spelling",
            Self::LongIv => "the IV of its check has 32 bytes, not 16",
            Self::Numbers => "its passphrase block has numbers that are spelled as floats",
        })
    }
}

impl fmt::Display for CheckFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotBase64(field) => write!(f, "`{field}` is not base64"),
            Self::IvLength(len) => write!(f, "`iv` has {len} bytes, not 16"),
            Self::MacLength(len) => write!(f, "`mac` has {len} bytes, not 32"),
        }
    }
}

impl fmt::Display for VerifyError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::WrongKey => f.write_str("this is another key"),
            Self::UnsupportedAlgorithm(name) => {
                write!(
                    f,
                    "the key is for the algorithm {name:?}, which is not supported"
                )
            }
            Self::DamagedCheck(fault) => write!(f, "the key's check is damaged: {fault}"),
        }
    }
}

impl core::error::Error for VerifyError {}

impl fmt::Display for RejectedKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.reason.fmt(f)
    }
}

impl core::error::Error for RejectedKey {}

impl fmt::Display for DeriveError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoPassphrase => f.write_str("this key was not made from a passphrase"),
            Self::Unusable(fault) => fault.fmt(f),
            Self::Cost(error) => error.fmt(f),
        }
    }
}

impl core::error::Error for DeriveError {}
