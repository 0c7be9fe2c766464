//! Keys from passphrases.

use core::fmt;

use crate::key::SecretStorageKey;

mod rounds;

/// How many iterations of PBKDF2 are admitted.
///
/// The number comes from the server. Too few let it guess a passphrase that it makes somebody use;
/// too many keep a client busy for ever.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CostLimits {
    /// The fewest iterations. Zero is refused whatever stands here.
    pub floor: u32,
    /// The most iterations. If that is fewer than the floor, nothing is admitted.
    pub ceiling: u32,
}

/// Parameters of PBKDF2-HMAC-SHA-512 that have been [admitted](Self::admit).
///
/// `m.pbkdf2` of the client-server API, "Deriving keys from passphrases".
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Pbkdf2 {
    iterations: u32,
    key_len: u8,
}

/// Why parameters are not admitted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum CostError {
    /// No iterations at all, which PBKDF2 does not have and some libraries take for one.
    ZeroIterations,
    /// Fewer iterations than the floor.
    BelowFloor {
        /// The iterations asked for.
        iterations: u64,
        /// The floor.
        floor: u32,
    },
    /// More iterations than the ceiling.
    AboveCeiling {
        /// The iterations asked for.
        iterations: u64,
        /// The ceiling.
        ceiling: u32,
    },
    /// Bits that are not 128 to 512 in whole bytes.
    Bits(u64),
}

impl Pbkdf2 {
    /// The iterations that clients use for new keys.
    pub const DEFAULT_ITERATIONS: u32 = 500_000;
    /// What clients use for new keys: 500,000 iterations, 256 bits.
    pub const DEFAULT: Self = Self {
        iterations: Self::DEFAULT_ITERATIONS,
        key_len: 32,
    };

    /// Admits parameters within limits, or returns the first [`CostError`] in the order of its
    /// variants: the number of iterations, and the length of the key in bits, 128 to 512 in whole
    /// bytes.
    pub fn admit(iterations: u64, bits: u64, limits: CostLimits) -> Result<Self, CostError> {
        let CostLimits { floor, ceiling } = limits;
        if iterations == 0 {
            return Err(CostError::ZeroIterations);
        }
        if iterations < u64::from(floor) {
            return Err(CostError::BelowFloor { iterations, floor });
        }
        let iterations = match u32::try_from(iterations) {
            Ok(admitted) if admitted <= ceiling => admitted,
            _ => {
                return Err(CostError::AboveCeiling {
                    iterations,
                    ceiling,
                });
            }
        };
        let key_len = match bits {
            128..=512 if bits.is_multiple_of(8) => {
                u8::try_from(bits / 8).map_err(|_| CostError::Bits(bits))
            }
            _ => Err(CostError::Bits(bits)),
        }?;
        Ok(Self {
            iterations,
            key_len,
        })
    }

    /// The iterations.
    #[must_use]
    pub fn iterations(&self) -> u32 {
        self.iterations
    }

    /// The length of the key in bits.
    #[must_use]
    pub fn bits(&self) -> u32 {
        u32::from(self.key_len).saturating_mul(8)
    }

    /// Derives a key of [`bits`](Self::bits) from a passphrase and a salt, both of any length and as
    /// they are: nothing is trimmed or normalised.
    ///
    /// Takes a fraction of a second at the default cost, and as much longer as there are more
    /// iterations. The number of bits does not matter.
    #[must_use]
    pub fn derive(&self, passphrase: &[u8], salt: &[u8]) -> SecretStorageKey {
        SecretStorageKey::fill(self.key_len.into(), |key| {
            rounds::derive(passphrase, salt, self.iterations, key);
        })
    }
}

impl Default for CostLimits {
    /// One to ten million iterations: what any client may have written, within a few seconds.
    fn default() -> Self {
        Self {
            floor: 1,
            ceiling: 10_000_000,
        }
    }
}

impl fmt::Display for CostError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::ZeroIterations => f.write_str("it asks for no iterations of PBKDF2"),
            Self::BelowFloor { iterations, floor } => {
                write!(
                    f,
                    "it asks for {iterations} iterations of PBKDF2, and at least {floor} are required"
                )
            }
            Self::AboveCeiling {
                iterations,
                ceiling,
            } => {
                write!(
                    f,
                    "it asks for {iterations} iterations of PBKDF2, and at most {ceiling} are allowed"
                )
            }
            Self::Bits(bits) => write!(
                f,
                "it asks for a key of {bits} bits, and 128 to 512 in whole bytes are allowed"
            ),
        }
    }
}

impl core::error::Error for CostError {}
