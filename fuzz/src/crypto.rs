//! `ssss-crypto` against the second implementation of its own tests.

use ssss_crypto::{
    CostError, CostLimits, KeyCheck, KeyCheckShapeError, Label, MatchedForm, Pbkdf2, Plaintext,
    Sealed, SecretStorageKey,
};

use crate::input::{Input, Same};

#[path = "../../crates/ssss-crypto/tests/reference/aes_hmac_sha2.rs"]
pub(crate) mod reference;

/// Reads a key, a name, an IV, changes and a plaintext: what the reference seals opens, what was changed
/// opens where the reference says so, and what is sealed here opens there.
pub fn open(data: &[u8]) {
    let mut input = Input(data);
    let Some(bytes) = key_bytes(&mut input) else {
        return;
    };
    let key = SecretStorageKey::from_bytes(bytes).unwrap();
    let name = String::from_utf8_lossy(input.counted()).into_owned();
    let Ok(label) = Label::new(&name) else {
        assert!(name.is_empty());
        return;
    };
    let mut iv: [u8; 16] = input.array();
    let changes: Vec<[u8; 3]> = (0..input.below(4)).map(|_| input.array()).collect();
    let plaintext = input.0;

    let (mut ciphertext, mut mac) = reference::seal(bytes, &name, &iv, plaintext);
    for [part, place, by] in changes {
        let part: &mut [u8] = match part % 3 {
            0 => &mut iv,
            1 => &mut mac,
            _ => &mut ciphertext,
        };
        let place = usize::from(place) % part.len().max(1);
        if let Some(byte) = part.get_mut(place) {
            *byte ^= by;
        }
    }
    let expected = reference::open(bytes, &name, &iv, &ciphertext, &mac);
    let mac = mac.try_into().unwrap();
    let sealed = Sealed {
        iv,
        ciphertext,
        mac,
    };
    let opened = key.open(label, &sealed).ok().map(Plaintext::into_bytes);
    assert_eq!(opened, expected);
    let opened = key.open_in_place(label, sealed).ok();
    assert_eq!(opened.map(Plaintext::into_bytes), expected);

    let Sealed {
        iv,
        ciphertext,
        mac,
    } = key.seal(label, plaintext, &mut Same::default());
    assert_eq!(iv[8] & 0x80, 0, "bit 63 is set");
    let opened = reference::open(bytes, &name, &iv, &ciphertext, &mac);
    assert_eq!(opened.as_deref(), Some(plaintext));
}

/// Reads a key, an IV, and a MAC or which of the forms it is of, with changes: a key matches in the form,
/// and only in the form, that the reference finds.
pub fn key_check(data: &[u8]) {
    let mut input = Input(data);
    let Some(bytes) = key_bytes(&mut input) else {
        return;
    };
    let key = SecretStorageKey::from_bytes(bytes).unwrap();
    let iv = input.counted();
    let mac = match input.byte() % 4 {
        0 => input.counted().to_vec(),
        form => {
            let mut used = [0; 16];
            let len = iv.len().min(16);
            used[..len].copy_from_slice(&iv[..len]);
            if form == 2 {
                used = without_bit_63(used);
            }
            let mut mac = reference::check_mac(bytes, &used);
            let [place, by] = input.array();
            mac[usize::from(place) % 32] ^= by;
            mac
        }
    };
    let expected = match (iv.len(), mac.len()) {
        (_, len) if len != 32 => Err(KeyCheckShapeError::MacLength(len)),
        (16 | 32, _) => Ok(form_of(bytes, iv, &mac)),
        (len, _) => Err(KeyCheckShapeError::IvLength(len)),
    };
    let check = KeyCheck::from_parts(iv, &mac);
    if let Ok(check) = &check {
        assert_eq!((check.iv(), &check.mac()[..]), (iv, &mac[..]));
    }
    assert_eq!(check.map(|check| check.verify(&key).ok()), expected);

    let made = KeyCheck::create(&key, &mut Same::default());
    assert_eq!(made.iv()[8] & 0x80, 0, "bit 63 is set");
    assert_eq!(made.mac()[..], reference::check_mac(bytes, made.iv()));
    assert_eq!(made.verify(&key), Ok(MatchedForm::AsStored));
    let mut other = bytes.to_vec();
    let [place, by] = input.array();
    let place = usize::from(place) % other.len();
    other[place] ^= by;
    let is_same = by == 0;
    let other = SecretStorageKey::from_bytes(&other).unwrap();
    assert_eq!(made.verify(&other).is_ok(), is_same);
}

/// Reads limits, a cost, a passphrase and a salt: what is admitted is what the limits say, and the key is
/// the reference's.
pub fn passphrase(data: &[u8]) {
    let mut input = Input(data);
    let limits = CostLimits {
        floor: number(&mut input).try_into().unwrap_or(u32::MAX),
        ceiling: number(&mut input).try_into().unwrap_or(u32::MAX),
    };
    let (iterations, bits) = (number(&mut input), number(&mut input));
    let (passphrase, salt) = (input.counted(), input.0);

    let expected = match iterations {
        0 => Err(CostError::ZeroIterations),
        _ if u128::from(iterations) < u128::from(limits.floor) => Err(CostError::BelowFloor {
            iterations,
            floor: limits.floor,
        }),
        _ if u128::from(iterations) > u128::from(limits.ceiling) => Err(CostError::AboveCeiling {
            iterations,
            ceiling: limits.ceiling,
        }),
        _ if bits % 8 != 0 || !(128..=512).contains(&bits) => Err(CostError::Bits(bits)),
        _ => Ok((iterations, bits)),
    };
    let admitted = Pbkdf2::admit(iterations, bits, limits);
    let parts = admitted.map(|cost| (u64::from(cost.iterations()), u64::from(cost.bits())));
    assert_eq!(parts, expected);
    if let Ok(cost) = admitted
        && iterations <= MOST_ITERATIONS
    {
        let len = usize::try_from(bits / 8).unwrap();
        let expected = reference::pbkdf2_hmac_sha512(passphrase, salt, iterations, len);
        assert_eq!(cost.derive(passphrase, salt).expose(), expected);
    }
}

/// The form in which the reference says that a check matches.
pub(crate) fn form_of(key: &[u8], iv: &[u8], mac: &[u8]) -> Option<MatchedForm> {
    let (first, rest) = iv.split_first_chunk::<16>()?;
    if reference::check_mac(key, first) == mac {
        let as_stored = [MatchedForm::AsStored, MatchedForm::First16Bytes];
        return Some(as_stored[usize::from(!rest.is_empty())]);
    }
    let cleared = without_bit_63(*first);
    let matches = rest.is_empty() && reference::check_mac(key, &cleared) == mac;
    matches.then_some(MatchedForm::Bit63Cleared)
}

/// More are only slower.
const MOST_ITERATIONS: u64 = 20;

/// A key of 16 to 64 bytes; no other length is one.
fn key_bytes<'a>(input: &mut Input<'a>) -> Option<&'a [u8]> {
    let len = input.below(80);
    let bytes = input.take(len);
    let is_key = (16..=64).contains(&bytes.len());
    assert_eq!(SecretStorageKey::from_bytes(bytes).is_ok(), is_key);
    is_key.then_some(bytes)
}

fn without_bit_63(mut iv: [u8; 16]) -> [u8; 16] {
    iv[8] &= 0x7f;
    iv
}

/// A number of one byte; or, after a byte of 250 and more, of as many bytes more as that says.
fn number(input: &mut Input<'_>) -> u64 {
    match input.byte() {
        more @ 250.. => {
            let len = usize::from(more - 249) + 2;
            let mut number = [0; 8];
            let taken = input.take(len);
            number[..taken.len()].copy_from_slice(taken);
            u64::from_le_bytes(number)
        }
        few => few.into(),
    }
}
