//! Descriptions of keys.

use ssss_model::ssss_crypto::MatchedForm;
use ssss_model::{
    CheckFault, CheckState, DescriptionOddity, EncryptedSecret, EventState, Evidence,
    KeyDescription, KeyId, Malformed, Object, OpenError, PassphraseFault, PassphraseState,
    SecretName, Verification, VerifyError,
};

use super::base64;
use super::key::{KEY, OTHER, unverified, verified};
use super::object::is_as_read;
use super::state::{State, agree};
use crate::crypto::form_of;
use crate::input::{Same, texts};
use crate::json::{self, Fields};

/// Reads a description; and, after a byte `FF`, a secret that may prove a key.
pub fn read(data: &[u8]) {
    let Some(texts) = texts(data) else {
        return;
    };
    let Some(fields) = json::object(texts[0]) else {
        return;
    };
    let id = KeyId::new("k1").unwrap();
    let object = Object::parse(texts[0]).unwrap();
    let state = KeyDescription::parse(&id, &object);
    agree(&state, Some(description(&fields)), parts);
    let EventState::Present(description) = state else {
        return;
    };
    assert_eq!(description.object().as_json(), fields.text);
    for key in [KEY, OTHER] {
        the_key_is_what_the_check_says(&description, &fields, &key);
    }
    writing_the_check_anew_keeps_the_rest(&description, &fields);
    let name = SecretName::new("org.example.x").unwrap();
    let secret = texts.get(1).and_then(|text| Object::parse(text).ok());
    let secret = secret.map(|object| EncryptedSecret::parse(&name, &object));
    if let Some(EventState::Present(secret)) = secret {
        only_the_key_that_opens_is_proven(&description, &secret);
    }
}

/// What a description says.
#[derive(Debug, PartialEq)]
pub(crate) struct Description {
    algorithm: String,
    name: Option<String>,
    check: Check,
    passphrase: Passphrase,
    oddities: Vec<DescriptionOddity>,
}

#[derive(Debug, PartialEq)]
enum Check {
    None,
    Damaged(CheckFault),
    Usable { iv: Vec<u8>, mac: Vec<u8> },
}

#[derive(Debug, PartialEq)]
enum Passphrase {
    None,
    Unusable(PassphraseFault),
    Usable(String, u64, u64),
}

/// The parts of what the crate has read.
pub(crate) fn parts(description: &KeyDescription) -> Description {
    Description {
        algorithm: description.algorithm().to_owned(),
        name: description.name().map(str::to_owned),
        check: match description.check_state() {
            CheckState::None => Check::None,
            CheckState::Damaged(fault) => Check::Damaged(*fault),
            CheckState::Usable(check) => Check::Usable {
                iv: check.iv().to_vec(),
                mac: check.mac().to_vec(),
            },
        },
        passphrase: match description.passphrase() {
            PassphraseState::None => Passphrase::None,
            PassphraseState::Unusable(fault) => Passphrase::Unusable(*fault),
            PassphraseState::Usable(info) => {
                Passphrase::Usable(info.salt().to_owned(), info.iterations(), info.bits())
            }
        },
        oddities: description.oddities(),
    }
}

/// The plain reading.
pub(crate) fn description(fields: &Fields<'_>) -> State<Description> {
    if fields.is_empty() {
        return State::Tombstone;
    }
    let Some(algorithm) = fields.some("algorithm") else {
        return State::Malformed(Malformed::Absent("algorithm"));
    };
    let Some(algorithm) = json::string(algorithm) else {
        return State::Malformed(Malformed::WrongType("algorithm"));
    };
    let mut oddities = Vec::new();
    let check = check(fields, &mut oddities);
    let passphrase = match fields.some("passphrase") {
        None => Passphrase::None,
        Some(block) => match passphrase(block, &mut oddities) {
            Ok((salt, iterations, bits)) => Passphrase::Usable(salt, iterations, bits),
            Err(fault) => Passphrase::Unusable(fault),
        },
    };
    State::Present(Description {
        algorithm,
        name: fields.get("name").and_then(json::string),
        check,
        passphrase,
        oddities,
    })
}

fn check(fields: &Fields<'_>, oddities: &mut Vec<DescriptionOddity>) -> Check {
    let field = |name| fields.some(name).filter(|value| *value != "\"\"");
    let (Some(iv), Some(mac)) = (field("iv"), field("mac")) else {
        return Check::None;
    };
    let decoded = |value| json::string(value).and_then(|text| base64::decoded(&text));
    let Some((iv, iv_is_odd)) = decoded(iv) else {
        return Check::Damaged(CheckFault::NotBase64("iv"));
    };
    let Some((mac, mac_is_odd)) = decoded(mac) else {
        return Check::Damaged(CheckFault::NotBase64("mac"));
    };
    if mac.len() != 32 {
        return Check::Damaged(CheckFault::MacLength(mac.len()));
    }
    if ![16, 32].contains(&iv.len()) {
        return Check::Damaged(CheckFault::IvLength(iv.len()));
    }
    if iv_is_odd || mac_is_odd {
        oddities.push(DescriptionOddity::Base64);
    }
    if iv.len() == 32 {
        oddities.push(DescriptionOddity::LongIv);
    }
    Check::Usable { iv, mac }
}

fn passphrase(
    block: &str,
    oddities: &mut Vec<DescriptionOddity>,
) -> Result<(String, u64, u64), PassphraseFault> {
    let block = json::object(block).ok_or(PassphraseFault::NotAnObject)?;
    let text = |name| block.get(name).and_then(json::string);
    if text("algorithm").is_none_or(|algorithm| algorithm != "m.pbkdf2") {
        return Err(PassphraseFault::Algorithm);
    }
    let salt = text("salt").filter(|salt| salt.len() <= 4096);
    let salt = salt.ok_or(PassphraseFault::Salt)?;
    let mut is_odd = false;
    let mut number = |text: &str| {
        let number = whole_number(text)?;
        is_odd |= text != number.to_string();
        Some(number)
    };
    let iterations = block.get("iterations").and_then(&mut number);
    let iterations = iterations.ok_or(PassphraseFault::Iterations)?;
    let bits = block.some("bits").map_or(Some(256), number);
    let bits = bits.ok_or(PassphraseFault::Bits)?;
    if is_odd {
        oddities.push(DescriptionOddity::Numbers);
    }
    Ok((salt, iterations, bits))
}

/// A number that is whole, however it is spelled; up to 2^53 where it is spelled as a float.
fn whole_number(text: &str) -> Option<u64> {
    if let Ok(number) = text.parse() {
        return Some(number);
    }
    let is_number = text.starts_with(|first: char| first == '-' || first.is_ascii_digit());
    let float: f64 = text.parse().ok().filter(|_| is_number)?;
    let most = 2_f64.powi(53);
    // Written without a fraction, it is whole.
    let whole = format!("{:.0}", float.abs());
    (float == 0.0 || (1.0..=most).contains(&float) && whole.parse() == Ok(float))
        .then(|| whole.parse().unwrap())
}

/// A wrong key is never accepted, and the right one always.
fn the_key_is_what_the_check_says(
    description: &KeyDescription,
    fields: &Fields<'_>,
    key: &[u8; 32],
) {
    let expected = match check(fields, &mut Vec::new()) {
        _ if description.algorithm() != "m.secret_storage.v1.aes-hmac-sha2" => {
            let algorithm = description.algorithm().to_owned();
            Err(VerifyError::UnsupportedAlgorithm(algorithm))
        }
        Check::None => Ok(None),
        Check::Damaged(fault) => Err(VerifyError::DamagedCheck(fault)),
        Check::Usable { iv, mac } => match form_of(key, &iv, &mac) {
            Some(form) => Ok(Some(form)),
            None => Err(VerifyError::WrongKey),
        },
    };
    assert_eq!(description.check(&unverified(key)), expected);
    match (description.verify(unverified(key)), expected) {
        (Ok(Verification::Verified(verified)), Ok(Some(form))) => {
            assert_eq!(*verified.evidence(), Evidence::Matched(form));
            assert_eq!(verified.id(), description.id());
            assert_eq!(verified.key().expose(), key);
        }
        (Ok(Verification::Unchecked(_)), Ok(None)) => {}
        (Err(rejected), Err(reason)) => assert_eq!(rejected.reason, reason),
        (found, expected) => panic!("{found:?}, and not {expected:?}"),
    }
}

fn writing_the_check_anew_keeps_the_rest(description: &KeyDescription, fields: &Fields<'_>) {
    let rng = &mut Same::default();
    let other = KeyId::new("k2").unwrap();
    assert!(
        description
            .with_check(&verified(&KEY, &other), rng)
            .is_none()
    );
    let written = description.with_check(&verified(&KEY, description.id()), rng);
    let written = written.unwrap();
    let after = json::object(written.as_json()).unwrap();
    is_as_read(&written, &after);

    let mut expected = parts(description);
    let mut changes = Vec::new();
    let passphrase;
    if expected.oddities.contains(&DescriptionOddity::Numbers) {
        let Passphrase::Usable(_, iterations, bits) = expected.passphrase else {
            panic!("{expected:?}");
        };
        let numbers = [
            ("iterations", iterations.to_string()),
            ("bits", bits.to_string()),
        ];
        let block = json::object(fields.get("passphrase").unwrap()).unwrap();
        let numbers = numbers
            .iter()
            .filter(|(name, _)| block.some(name).is_some());
        let numbers: Vec<_> = numbers.map(|(name, number)| (*name, &**number)).collect();
        passphrase = block.with(&numbers);
        changes.push(("passphrase", &*passphrase));
    }
    let [iv, mac] = ["iv", "mac"].map(|name| after.get(name).unwrap());
    changes.extend([("iv", iv), ("mac", mac)]);
    assert_eq!(written.as_json(), fields.with(&changes));

    let [iv, mac] =
        [iv, mac].map(|value| base64::decoded(&json::string(value).unwrap()).unwrap().0);
    assert_eq!(form_of(&KEY, &iv, &mac), Some(MatchedForm::AsStored));
    expected.check = Check::Usable { iv, mac };
    expected.oddities.clear();
    let state = KeyDescription::parse(description.id(), &written);
    agree(&state, Some(State::Present(expected)), parts);
}

fn only_the_key_that_opens_is_proven(description: &KeyDescription, secret: &EncryptedSecret) {
    let has_check = matches!(description.check_state(), CheckState::Usable(_));
    for key in [KEY, OTHER] {
        // What it opens to does not matter here.
        let opened = verified(&key, description.id()).open(secret);
        let opens = !matches!(
            opened,
            Err(OpenError::NotSealedForKey | OpenError::MalformedEntry(_) | OpenError::Inauthentic)
        );
        let is_proven = opens && description.is_supported();
        assert_eq!(
            description.is_proven_by(&unverified(&key), secret),
            is_proven
        );
        let proven = description.prove(unverified(&key), secret);
        assert_eq!(proven.is_ok(), is_proven && !has_check);
    }
}
