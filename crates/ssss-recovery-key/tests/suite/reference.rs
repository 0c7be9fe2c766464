//! A second recovery key parser and formatter, on top of `bs58`. Plain, and not constant time.

use ssss_recovery_key::ParseError;

/// Every character that is to be ignored: the properties `White_Space`, `Dash` and `Bidi_Control`
/// of Unicode 16, the soft hyphen, zero-width spaces and joiners, and the byte order mark.
pub(crate) const IGNORED: &str = concat!(
    "\t\n\u{b}\u{c}\r \u{85}\u{a0}\u{1680}",
    "\u{2000}\u{2001}\u{2002}\u{2003}\u{2004}\u{2005}\u{2006}\u{2007}\u{2008}\u{2009}\u{200a}",
    "\u{2028}\u{2029}\u{202f}\u{205f}\u{3000}",
    "\u{2d}\u{58a}\u{5be}\u{1400}\u{1806}\u{2010}\u{2011}\u{2012}\u{2013}\u{2014}\u{2015}",
    "\u{2053}\u{207b}\u{208b}\u{2212}\u{2e17}\u{2e1a}\u{2e3a}\u{2e3b}\u{2e40}\u{2e5d}\u{301c}",
    "\u{3030}\u{30a0}\u{fe31}\u{fe32}\u{fe58}\u{fe63}\u{ff0d}\u{10d6e}\u{10ead}",
    "\u{61c}\u{200e}\u{200f}\u{202a}\u{202b}\u{202c}\u{202d}\u{202e}",
    "\u{2066}\u{2067}\u{2068}\u{2069}",
    "\u{ad}\u{200b}\u{200c}\u{200d}\u{2060}\u{feff}",
);

/// The 58 characters, from 0 to 57.
pub(crate) const ALPHABET: &str = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz";

pub(crate) fn parse(text: &str) -> Result<[u8; 32], ParseError> {
    let significant: Vec<char> = text.chars().filter(|&c| !is_ignored(c)).collect();
    if significant.is_empty() {
        return Err(ParseError::Empty);
    }
    if let Some(at) = significant.iter().position(|&c| !ALPHABET.contains(c)) {
        return Err(ParseError::Character {
            character: significant[at],
            position: at + 1,
        });
    }
    if significant.len() != 48 {
        return Err(ParseError::Length {
            found: significant.len(),
        });
    }
    let bytes = bs58::decode(String::from_iter(significant))
        .into_vec()
        .unwrap();
    if bytes.len() != 35 || !bytes.starts_with(&[0x8b, 0x01]) {
        return Err(ParseError::Prefix);
    }
    if parity(&bytes) != 0 {
        return Err(ParseError::Parity);
    }
    Ok(bytes[2..34].try_into().unwrap())
}

pub(crate) fn format(key: &[u8; 32]) -> String {
    let mut bytes = vec![0x8b, 0x01];
    bytes.extend(key);
    bytes.push(parity(&bytes));
    let mut text = String::new();
    for (at, character) in bs58::encode(bytes).into_string().char_indices() {
        if at > 0 && at % 4 == 0 {
            text.push(' ');
        }
        text.push(character);
    }
    text
}

fn is_ignored(character: char) -> bool {
    // The first half only saves a fuzzer time.
    !character.is_ascii_alphanumeric() && IGNORED.contains(character)
}

fn parity(bytes: &[u8]) -> u8 {
    bytes.iter().fold(0, |sum, byte| sum ^ byte)
}
