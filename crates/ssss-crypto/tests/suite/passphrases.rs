//! PBKDF2 compared with the reference implementation, and what is admitted to it.

use proptest::collection::vec;
use proptest::prelude::*;
use ssss_crypto::{CostError, CostLimits, Pbkdf2};

use crate::reference;

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1_000))]

    #[test]
    fn the_reference_derives_the_same(
        passphrase in vec(any::<u8>(), 0..300), salt in vec(any::<u8>(), 0..300),
        iterations in 1_u64..20, bytes in 16..=64_usize,
    ) {
        let bits = u64::try_from(bytes).unwrap() * 8;
        let admitted = Pbkdf2::admit(iterations, bits, CostLimits::default()).unwrap();
        let expected = reference::pbkdf2_hmac_sha512(&passphrase, &salt, iterations, bytes);
        let key = admitted.derive(&passphrase, &salt);
        prop_assert_eq!(key.expose(), expected);
    }

    #[test]
    fn what_is_within_the_limits_is_admitted_and_nothing_else(
        iterations in prop_oneof![0..2_000_u64, any::<u64>(), any::<u32>().prop_map(u64::from)],
        floor in prop_oneof![0..1_000_u32, any::<u32>()],
        ceiling in prop_oneof![0..2_000_u32, any::<u32>(), Just(u32::MAX)],
        bits in prop_oneof![Just(256), 0..1_000_u64, any::<u64>()],
    ) {
        let admitted = Pbkdf2::admit(iterations, bits, CostLimits { floor, ceiling });
        let expected = if iterations == 0 {
            Some(CostError::ZeroIterations)
        } else if iterations < floor.into() {
            Some(CostError::BelowFloor { iterations, floor })
        } else if iterations > ceiling.into() {
            Some(CostError::AboveCeiling { iterations, ceiling })
        } else if bits % 8 != 0 || !(128..=512).contains(&bits) {
            Some(CostError::Bits(bits))
        } else {
            None
        };
        prop_assert_eq!(admitted.err(), expected);
        if let Ok(admitted) = admitted {
            prop_assert_eq!(u64::from(admitted.iterations()), iterations);
            prop_assert_eq!(u64::from(admitted.bits()), bits);
        }
    }
}

#[test]
fn every_admitted_number_of_bits_is_derived() {
    let whole = reference::pbkdf2_hmac_sha512(b"password", b"salt", 3, 64);
    let mut derived = 0;
    for bits in 0..=1_024 {
        let Ok(admitted) = Pbkdf2::admit(3, bits, CostLimits::default()) else {
            continue;
        };
        let bytes = usize::try_from(bits / 8).unwrap();
        assert_eq!(
            admitted.derive(b"password", b"salt").expose(),
            &whole[..bytes]
        );
        derived += 1;
    }
    assert_eq!(derived, 49, "128, 136, … 512");
}

#[test]
fn limits_include_their_ends() {
    let limits = CostLimits {
        floor: 10,
        ceiling: 20,
    };
    let admit = |iterations| Pbkdf2::admit(iterations, 256, limits).err();
    assert_eq!(
        admit(9),
        Some(CostError::BelowFloor {
            iterations: 9,
            floor: 10
        })
    );
    assert_eq!(admit(10), None);
    assert_eq!(admit(20), None);
    assert_eq!(
        admit(21),
        Some(CostError::AboveCeiling {
            iterations: 21,
            ceiling: 20
        })
    );
}

#[test]
fn by_default_one_to_ten_million_iterations_are_admitted() {
    let limits = CostLimits::default();
    let admit = |iterations| Pbkdf2::admit(iterations, 256, limits).err();
    assert_eq!(admit(0), Some(CostError::ZeroIterations));
    assert_eq!(admit(1), None);
    assert_eq!(admit(10_000_000), None);
    // 2^32 + 1 is not taken for 1.
    for iterations in [10_000_001, 1 << 32, (1 << 32) + 1, 1 << 53, u64::MAX] {
        let ceiling = 10_000_000;
        assert_eq!(
            admit(iterations),
            Some(CostError::AboveCeiling {
                iterations,
                ceiling
            })
        );
    }
}

#[test]
fn zero_iterations_are_refused_even_without_a_floor() {
    let limits = CostLimits {
        floor: 0,
        ceiling: 0,
    };
    assert_eq!(
        Pbkdf2::admit(0, 256, limits).unwrap_err(),
        CostError::ZeroIterations
    );
}

#[test]
fn the_default_is_what_clients_use_for_new_keys() {
    assert_eq!(Pbkdf2::DEFAULT.iterations(), 500_000);
    assert_eq!(Pbkdf2::DEFAULT.bits(), 256);
}
