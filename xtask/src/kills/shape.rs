//! What two runs of one command have in common, whose keys and ciphertexts are random.

use serde_json::Value;

/// What comes before the id of a key in the type of its event.
const KEY: &str = "m.secret_storage.key.";
/// The fields that random numbers go into.
const RANDOM: [&str; 4] = ["ciphertext", "iv", "mac", "salt"];

/// A text of account data without what is random and was not there before: ids of keys, of which
/// several are as one, and what is sealed, of which the length stays. An error is why it is no such
/// text.
pub(super) fn shape(text: &str, before: Option<&str>) -> Result<String, String> {
    if before == Some(text) {
        return Ok("as before".to_owned());
    }
    let before = before.unwrap_or_default();
    let parse = |text: &str| {
        serde_json::from_str::<Value>(text)
            .map_err(|error| format!("{} bytes, not JSON: {error}", text.len()))
    };
    let mut text = text.to_owned();
    let events = parse(&text)?;
    let names = events.as_object().ok_or("no map of events")?.keys();
    for id in names.filter_map(|name| name.strip_prefix(KEY)) {
        if !before.contains(id) {
            text = text.replace(id, "new");
        }
    }
    let mut events = parse(&text)?;
    blank(&mut events, before);
    Ok(events.to_string())
}

fn blank(value: &mut Value, before: &str) {
    match value {
        Value::Object(fields) => {
            for (name, value) in fields {
                match value {
                    Value::String(text) if RANDOM.contains(&name.as_str()) => {
                        if !before.contains(text.as_str()) {
                            *text = format!("new, {} long", text.len());
                        }
                    }
                    _ => blank(value, before),
                }
            }
        }
        Value::Array(values) => values.iter_mut().for_each(|value| blank(value, before)),
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const BEFORE: &str = r#"{"m.secret_storage.key.old":{"iv":"AAAA"},
        "s":{"encrypted":{"old":{"iv":"BBBB"}}},"m.secret_storage.default_key":{"key":"old"}}"#;

    fn with_key(id: &str, iv: &str) -> String {
        BEFORE.replace(
            r#""s""#,
            &format!(
                r#""m.secret_storage.key.{id}":{{"iv":"{iv}"}},"t":{{"encrypted":{{"{id}":{{"iv":"{iv}"}}}}}},"s""#
            ),
        )
    }

    #[test]
    fn what_is_random_does_not_count() {
        let found = shape(&with_key("qwerty", "CCCC"), Some(BEFORE)).unwrap();
        assert_eq!(
            shape(&with_key("uiopas", "DDDD"), Some(BEFORE)).unwrap(),
            found
        );
        assert_eq!(shape(BEFORE, Some(BEFORE)).unwrap(), "as before");
        for other in [
            BEFORE.to_owned(),
            BEFORE.replace("BBBB", "CCCC"),
            BEFORE.replace('\n', ""),
            BEFORE.replace(r#""key":"old""#, r#""key":"older""#),
            with_key("qwerty", "CCCCC"),
            with_key("qwerty", "AAAA"),
        ] {
            assert_ne!(shape(&other, Some(BEFORE)).unwrap(), found, "{other}");
        }
        for damaged in ["", "[]", BEFORE.trim_end_matches('}')] {
            assert!(shape(damaged, Some(BEFORE)).is_err(), "{damaged}");
            assert!(shape(damaged, None).is_err(), "{damaged}");
        }
    }
}
