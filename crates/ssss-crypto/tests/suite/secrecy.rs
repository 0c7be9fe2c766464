//! What the types do not do, checked by the compiler, and what they do not show.

use std::borrow::Borrow;
use std::fmt::{Debug, Display};
use std::ops::Deref;

use getrandom::SysRng;
use serde::{Deserialize, Serialize};
use ssss_crypto::rand_core::UnwrapErr;
use ssss_crypto::{KeyCheck, Label, Pbkdf2, Plaintext, Sealed, SecretStorageKey};

use crate::rng::Chosen;

/// Does not compile if the type has one of the traits: then there are two `Ambiguous` for it, and the
/// compiler cannot say which is meant.
macro_rules! has_none_of {
    ($type:ty: $($trait:path),+) => {
        const _: fn() = || {
            trait Ambiguous<Which> {
                fn unique() {}
            }
            impl<T: ?Sized> Ambiguous<()> for T {}
            $({
                struct Has;
                impl<T: ?Sized + $trait> Ambiguous<Has> for T {}
            })+
            let _ = <$type as Ambiguous<_>>::unique;
        };
    };
}

has_none_of!(SecretStorageKey: Clone, Copy, Default, PartialEq, PartialOrd, std::hash::Hash);
has_none_of!(SecretStorageKey: Deref, AsRef<[u8]>, Borrow<[u8]>, Into<Vec<u8>>, IntoIterator);
has_none_of!(SecretStorageKey: Display, std::fmt::LowerHex, Serialize, Deserialize<'static>);
has_none_of!(Plaintext: Clone, Copy, Default, PartialEq, PartialOrd, std::hash::Hash);
has_none_of!(Plaintext: Deref, AsRef<[u8]>, Borrow<[u8]>, Into<Vec<u8>>, IntoIterator);
has_none_of!(Plaintext: Display, std::fmt::LowerHex, Serialize, Deserialize<'static>);
has_none_of!(Sealed: PartialEq, Default);
has_none_of!(KeyCheck: PartialEq, Default);
has_none_of!(Pbkdf2: Default, Deserialize<'static>);

const _: fn() = || {
    fn usable_in_any_thread<T: Send + Sync + Unpin + 'static>() {}
    fn can_be_copied_when_asked<T: Clone + Debug>() {}
    fn is_a_value<T: Copy + Debug>() {}
    usable_in_any_thread::<SecretStorageKey>();
    usable_in_any_thread::<Plaintext>();
    usable_in_any_thread::<KeyCheck>();
    usable_in_any_thread::<Sealed>();
    can_be_copied_when_asked::<Sealed>();
    can_be_copied_when_asked::<KeyCheck>();
    is_a_value::<Label<'static>>();
    is_a_value::<Pbkdf2>();
};

#[test]
fn a_key_shows_nothing_of_itself() {
    for len in [16, 32, 64] {
        let key = SecretStorageKey::from_bytes(&[b'k'; 64][..len]).unwrap();
        assert_eq!(format!("{key:?}"), "SecretStorageKey(..)");
        assert_eq!(format!("{key:#?}"), "SecretStorageKey(..)");
    }
}

#[test]
fn a_plaintext_shows_nothing_of_itself() {
    let key = SecretStorageKey::from_array(&[1; 32]);
    let label = Label::new("m.example").unwrap();
    let sealed = key.seal(label, b"seen", &mut UnwrapErr(SysRng));
    let opened = key.open(label, &sealed).unwrap();
    assert_eq!(
        format!("{opened:?} {opened:#?}"),
        "Plaintext(..) Plaintext(..)"
    );
    assert_eq!(opened.into_bytes(), b"seen");
}

#[test]
fn errors_are_sentences_without_input() {
    let [key, other] = [b'S', b'E'].map(|byte| SecretStorageKey::from_array(&[byte; 32]));
    let (label, rng) = (Label::new("SEEN").unwrap(), &mut Chosen(&[0; 32]));
    let check = KeyCheck::create(&key, rng);
    let sealed = key.seal(label, b"SEEN", rng);
    let errors: [Box<dyn std::error::Error>; 8] = [
        Box::new(SecretStorageKey::from_bytes(b"SEEN").unwrap_err()),
        Box::new(Label::new("").unwrap_err()),
        Box::new(KeyCheck::from_parts(b"SEEN", &[0; 32]).unwrap_err()),
        Box::new(KeyCheck::from_parts(&[0; 16], b"SEEN").unwrap_err()),
        Box::new(Pbkdf2::admit(0, 256, ssss_crypto::CostLimits::default()).unwrap_err()),
        Box::new(Pbkdf2::admit(1, 7, ssss_crypto::CostLimits::default()).unwrap_err()),
        Box::new(check.verify(&other).unwrap_err()),
        Box::new(other.open(label, &sealed).unwrap_err()),
    ];
    for error in errors {
        let text = error.to_string();
        assert!(text.len() > 15 && !text.contains("SEEN"), "{text}");
        assert!(!text.contains("83") && !text.contains("53"), "{text}");
        assert!(error.source().is_none());
    }
}
