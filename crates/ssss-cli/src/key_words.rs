//! Recovery keys that stand on the command line, where they do not belong.

use std::borrow::Cow;
use std::fmt;

use ssss_client::quoted;
use ssss_client::ssss_model::ssss_recovery_key::RecoveryKey;
use ssss_client::ssss_model::zeroize::Zeroizing;

use crate::session::shell_quoted;

/// The recovery keys that somebody has put where something else belongs, in every spelling in which a
/// text may repeat them. Others read over shoulders, and logs keep what was printed.
pub(crate) struct KeyWords(Vec<Zeroizing<String>>);

/// What stands for a key that is not repeated.
const HIDDEN: &str = "(a recovery key)";

impl KeyWords {
    /// Those on the command line, and in the variables that are for something else.
    pub(crate) fn given() -> Self {
        let arguments = std::env::args_os().skip(1);
        let variables = ["SSSS_USER", "SSSS_HOMESERVER"].map(std::env::var_os);
        let words = arguments.chain(variables.into_iter().flatten());
        Self::among(words.filter_map(|word| word.into_string().ok()))
    }

    fn among(words: impl Iterator<Item = String>) -> Self {
        let mut found = Vec::new();
        for word in words.map(Zeroizing::new) {
            let after_equals = word.split_once('=').map(|(_, value)| value);
            // As in `-uVALUE`.
            let after_letter = word.strip_prefix('-').and_then(|rest| rest.get(1..));
            let texts = [Some(word.as_str()), after_equals, after_letter];
            for text in texts.into_iter().flatten() {
                if RecoveryKey::parse(text).is_ok() {
                    found.extend(spellings(text).map(Zeroizing::new));
                }
            }
        }
        Self(found)
    }

    /// A text without them.
    pub(crate) fn hide<'t>(&self, text: &'t str) -> Cow<'t, str> {
        let mut text = Cow::Borrowed(text);
        for key in &self.0 {
            if text.contains(key.as_str()) {
                text = Cow::Owned(text.replace(key.as_str(), HIDDEN));
            }
        }
        text
    }
}

/// How a text stands by itself, in quotes, for a shell, and in the path of a URL. What holds another
/// one comes first.
fn spellings(text: &str) -> impl Iterator<Item = String> {
    let spaced = text.replace(' ', "%20");
    [shell_quoted(text), quoted(text), text.to_owned(), spaced].into_iter()
}

/// Says nothing of them.
impl fmt::Debug for KeyWords {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "KeyWords({})", self.0.len())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const KEY: &str = "EsT1 H3Wm yHnZ VYce KwM9 c6Gk nX71 3FkR Yz9x vary hjQh 5m7X";

    #[test]
    fn keys_are_hidden_wherever_they_stood() {
        let joined = KEY.replace(' ', "");
        let odd = KEY.replace(' ', "\u{200b}");
        for word in [KEY, &joined, &odd] {
            for given in [
                word.to_owned(),
                format!("--offline={word}"),
                format!("-u{word}"),
            ] {
                let keys = KeyWords::among([given].into_iter());
                for text in [
                    word.to_owned(),
                    quoted(word),
                    shell_quoted(word),
                    format!("/folder/{word}"),
                    format!("/path/{}", word.replace(' ', "%20")),
                ] {
                    let text = format!("before {text} after");
                    let hidden = keys.hide(&text);
                    assert!(hidden.contains(HIDDEN), "{hidden}");
                    assert!(!hidden.contains("5m7X"), "{hidden}");
                }
            }
        }
    }

    #[test]
    fn what_is_no_key_stays() {
        let nearly = KEY.replace("5m7X", "5m7Y");
        let words = [nearly.clone(), "account.json".to_owned(), "-u".to_owned()];
        let keys = KeyWords::among(words.into_iter());
        assert_eq!(keys.hide(&nearly), nearly);
        assert_eq!(keys.hide("account.json"), "account.json");
    }
}
