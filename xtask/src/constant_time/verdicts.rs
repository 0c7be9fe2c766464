//! Where the crates branch on what they are to tell, which anybody may know.

use std::fs;

use super::memcheck::{Complaint, Kind};

/// A line that may depend on a secret.
pub(super) struct Verdict {
    /// The end of the path of its file.
    pub(super) file: &'static str,
    /// All of the line.
    pub(super) line: &'static str,
    kind: Kind,
    /// What it depends on.
    pub(super) what: &'static str,
}

const fn branch(file: &'static str, line: &'static str, what: &'static str) -> Verdict {
    Verdict {
        file,
        line,
        kind: Kind::Branch,
        what,
    }
}

const SEALED: &str = "ssss-crypto/src/sealed.rs";
const KEY_CHECK: &str = "ssss-crypto/src/key_check.rs";
const RECOVERY_KEY: &str = "ssss-recovery-key/src/key.rs";
const BASE64: &str = "/src/encoding.rs";

/// Whether the MAC matches.
const MAC: &str = "the MAC's verdict";
/// Which characters are digits of base58, all of them alike, and how many there are.
const FORM: &str = "which characters are digits";
/// Whether it is base64, and in which alphabet.
const IS_BASE64: &str = "whether it is base64";

pub(super) const VERDICTS: &[Verdict] = &[
    branch(
        SEALED,
        "if !bool::from(cipher.authenticates(ciphertext, mac)) {",
        MAC,
    ),
    branch(
        SEALED,
        "if !bool::from(cipher.authenticates(&ciphertext, &mac)) {",
        MAC,
    ),
    branch(
        KEY_CHECK,
        "CheckIv::Standard(iv) if matches(iv) => Some(MatchedForm::AsStored),",
        MAC,
    ),
    branch(
        RECOVERY_KEY,
        "if let Some(place) = digits.get_mut(found) {",
        FORM,
    ),
    Verdict {
        file: RECOVERY_KEY,
        line: "*place = *digit;",
        kind: Kind::Address,
        what: FORM,
    },
    branch(
        RECOVERY_KEY,
        "is_digits_and_spaces &= is_digit || *byte == b' ';",
        FORM,
    ),
    branch(RECOVERY_KEY, "if !is_digits_and_spaces {", FORM),
    branch(RECOVERY_KEY, "if *digit != base58::NO_DIGIT {", FORM),
    branch(RECOVERY_KEY, "match found {", FORM),
    branch(
        RECOVERY_KEY,
        "if !fits || [*first, *second] != PREFIX {",
        "whether the prefix is right",
    ),
    branch(
        RECOVERY_KEY,
        "if exclusive_or(&*bytes) != 0 {",
        "whether the parity is right",
    ),
    branch(
        "ssss-model/src/secret.rs",
        "if unpadded.len() == KEY_CHARACTERS {",
        "whether it is padded",
    ),
    branch(BASE64, "if err == 0 {", IS_BASE64),
    branch(BASE64, "if block", IS_BASE64),
];

/// Divisions that no secret reaches: the end of the path of their file, and why.
pub(super) const ALLOWED_DIVISIONS: &[(&str, &str)] = &[];

/// The number of the verdict that a complaint is of.
pub(super) fn verdict_of(complaint: &Complaint) -> Option<usize> {
    let text = fs::read_to_string(&complaint.file).ok()?;
    let line = text.lines().nth(complaint.line.checked_sub(1)?)?.trim();
    VERDICTS.iter().position(|verdict| {
        complaint.kind == verdict.kind
            && complaint.file.ends_with(verdict.file)
            && line == verdict.line
    })
}
