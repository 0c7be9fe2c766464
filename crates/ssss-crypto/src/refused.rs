//! What must not compile. Only doc-tests can say that without another dependency.
//!
//! Each has the lines of this one, which does compile, before the one that does not:
//!
//! ```
//! # use ssss_crypto::{Label, SecretStorageKey};
//! let key = SecretStorageKey::from_array(&[1; 32]);
//! let other = SecretStorageKey::from_array(&[1; 32]);
//! let label = Label::new("m.example").unwrap();
//! let mut rng = ssss_crypto::rand_core::UnwrapErr(getrandom::SysRng);
//! let one = key.seal(label, b"", &mut rng);
//! let another = other.seal(label, b"", &mut rng);
//! assert_eq!(format!("{key:?}"), "SecretStorageKey(..)");
//! ```

/// No `Clone`.
///
/// ```compile_fail,E0599
/// # use ssss_crypto::SecretStorageKey;
/// let key = SecretStorageKey::from_array(&[1; 32]);
/// let copy = key.clone();
/// ```
///
/// No `PartialEq`.
///
/// ```compile_fail,E0369
/// # use ssss_crypto::SecretStorageKey;
/// let key = SecretStorageKey::from_array(&[1; 32]);
/// let other = SecretStorageKey::from_array(&[1; 32]);
/// let same = key == other;
/// ```
///
/// No `Display`.
///
/// ```compile_fail,E0277
/// # use ssss_crypto::SecretStorageKey;
/// let key = SecretStorageKey::from_array(&[1; 32]);
/// let text = format!("{key}");
/// ```
///
/// No `Deref`.
///
/// ```compile_fail,E0614
/// # use ssss_crypto::SecretStorageKey;
/// let key = SecretStorageKey::from_array(&[1; 32]);
/// let bytes = &*key;
/// ```
///
/// No `AsRef`.
///
/// ```compile_fail,E0599
/// # use ssss_crypto::SecretStorageKey;
/// let key = SecretStorageKey::from_array(&[1; 32]);
/// let bytes: &[u8] = key.as_ref();
/// ```
struct SecretStorageKey;

/// No `PartialEq`.
///
/// ```compile_fail,E0369
/// # use ssss_crypto::{Label, SecretStorageKey};
/// let key = SecretStorageKey::from_array(&[1; 32]);
/// let other = SecretStorageKey::from_array(&[1; 32]);
/// let label = Label::new("m.example").unwrap();
/// let mut rng = ssss_crypto::rand_core::UnwrapErr(getrandom::SysRng);
/// let one = key.seal(label, b"", &mut rng);
/// let another = other.seal(label, b"", &mut rng);
/// let same = one == another;
/// ```
struct Sealed;
