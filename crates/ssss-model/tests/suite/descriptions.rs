//! What a key description tells.

use ssss_model::{DescriptionOddity, KeyDescription, KeyId, Object, PassphraseState};

fn description(fields: &str) -> KeyDescription {
    let json = format!(r#"{{"algorithm":"m.secret_storage.v1.aes-hmac-sha2",{fields}}}"#);
    let object = Object::parse(&json).unwrap();
    let state = KeyDescription::parse(&KeyId::new("k").unwrap(), &object);
    state.present().unwrap().clone()
}

#[test]
fn what_is_spelled_oddly() {
    use DescriptionOddity::{Base64, LongIv, Numbers};
    let (iv, mac) = ("+".repeat(22), "+".repeat(43));
    let (odd_iv, odd_mac) = (iv.replace('+', "-"), mac.replace('+', "-"));
    for (iv, mac, iterations, expected) in [
        (&iv, &mac, "1", &[] as &[_]),
        (&odd_iv, &mac, "1", &[Base64]),
        (&iv, &odd_mac, "1", &[Base64]),
        (&odd_iv, &odd_mac, "1", &[Base64]),
        (&mac, &mac, "1", &[LongIv]),
        (&iv, &mac, "1.0", &[Numbers]),
    ] {
        let description = description(&format!(
            r#""iv":"{iv}","mac":"{mac}","passphrase":{{"algorithm":"m.pbkdf2","salt":"s","iterations":{iterations}}}"#
        ));
        assert_eq!(description.oddities(), expected, "{iv} {mac} {iterations}");
    }
}

#[test]
fn how_a_passphrase_is_stretched() {
    for (bits, expected) in [("", 256), (r#","bits":512"#, 512)] {
        let description = description(&format!(
            r#""passphrase":{{"algorithm":"m.pbkdf2","salt":"some salt","iterations":1000{bits}}}"#
        ));
        let PassphraseState::Usable(info) = description.passphrase() else {
            panic!("{:?}", description.passphrase());
        };
        let told = (info.salt(), info.iterations(), info.bits());
        assert_eq!(told, ("some salt", 1_000, expected));
    }
}
