//! Objects keep every byte, and find every field.

use std::collections::HashMap;

use super::view::FEW;
use super::*;

fn object(text: &str) -> Object {
    Object::parse(text).unwrap()
}

#[test]
fn patching_keeps_every_other_byte() {
    let text = "{ \"a\" : 1.0e2 ,\n\t\"b\":[ 1,{\"c\" :null}], \"\\u0064\" : \"\\ud800\" }";
    let patched = object(text).with("b", &Value::string("x"));
    assert_eq!(
        patched.as_json(),
        text.replace("[ 1,{\"c\" :null}]", "\"x\"")
    );
    assert_eq!(patched.get("d"), Some("\"\\ud800\""));
}

#[test]
fn a_new_field_is_laid_out_like_its_neighbour() {
    let patched = object("{\n  \"a\": 1\n}").with("b", &Value::number(2));
    assert_eq!(patched.as_json(), "{\n  \"a\": 1,\n  \"b\": 2\n}");
    assert_eq!(
        object("{ }").with("b", &Value::number(2)).as_json(),
        "{\"b\":2 }"
    );
    assert_eq!(
        Object::empty().with("b", &Value::number(2)).as_json(),
        "{\"b\":2}"
    );
}

#[test]
fn several_changes_at_once() {
    let changes = [
        ("z", &Value::number(9)),
        ("a", &Value::number(7)),
        ("y", &Value::number(8)),
    ];
    assert_eq!(
        object(r#"{"a":1,"b":2}"#).with_all(changes).as_json(),
        r#"{"a":7,"b":2,"z":9,"y":8}"#
    );
}

#[test]
fn the_last_of_a_repeated_name_counts() {
    let twice = object(r#"{"a":1,"b":2,"a":3}"#);
    assert_eq!(twice.get("a"), Some("3"));
    assert_eq!(twice.duplicate(), Some("a"));
    assert_eq!(twice.iter().collect::<Vec<_>>(), [("b", "2"), ("a", "3")]);
    assert_eq!(twice.with("a", &Value::number(4)).get("a"), Some("4"));
}

/// On both sides of where a search begins to use an index.
#[test]
fn many_fields_are_found_as_few_are() {
    for count in [FEW - 2, FEW - 1, FEW, 500] {
        let fields: Vec<_> = (0..count)
            .map(|index| ((index * 7 % 97).to_string(), index.to_string()))
            .chain([("zz".to_owned(), "2".to_owned())])
            .collect();
        let texts: Vec<_> = fields
            .iter()
            .map(|(n, v)| format!(r#""{n}":{v}"#))
            .collect();
        let many = object(&format!(r#"{{"\ud800":1,{}}}"#, texts.join(",")));
        let mut expected: HashMap<_, _> = fields
            .iter()
            .map(|(n, v)| (n.as_str(), v.as_str()))
            .collect();
        let changed = many.with("new", &Value::number(9)).without(&["zz"]);
        let mut expected_of_changed = expected.clone();
        expected_of_changed.remove("zz");
        expected_of_changed.insert("new", "9");
        for (object, expected) in [(&many, &mut expected), (&changed, &mut expected_of_changed)] {
            for name in (0..100).map(|name| name.to_string()) {
                assert_eq!(object.get(&name), expected.get(&*name).copied(), "{name}");
            }
            for name in ["", "-", "9999", "{", "zz", "new"] {
                assert_eq!(object.get(name), expected.get(name).copied(), "{name}");
            }
            assert_eq!(object.iter().count(), expected.len());
            assert!(
                object
                    .iter()
                    .all(|(name, value)| expected.remove(name) == Some(value))
            );
            assert_eq!(object.duplicate().is_some(), count > 97);
        }
    }
}

/// As a server does that reads and prints what it stores.
#[test]
fn json_that_is_printed_anew_is_the_same() {
    for text in [
        r#"{"a":17000000000000901234567890}"#,
        r#"{"a":0.1234567890123456789, "b":1e23,"c":5e-324}"#,
        r#"{"b":"\u00e9\/","a":[1.0,true,null]}"#,
    ] {
        let printed: serde_json::Value = serde_json::from_str(text).unwrap();
        let printed = object(&format!("{printed:#}"));
        assert!(object(text).is_same_json(&printed), "{text}");
    }
    assert!(!object(r#"{"a":1}"#).is_same_json(&object(r#"{"a":2}"#)));
    assert!(!object(r#"{"a":1}"#).is_same_json(&object(r#"{"b":1}"#)));
}

#[test]
fn what_is_not_an_object() {
    for text in ["[1]", "null", "\"{}\"", "1"] {
        assert_eq!(
            Object::parse(text).unwrap_err(),
            ObjectError::NotAnObject,
            "{text}"
        );
    }
    for text in ["", "{", "{\"a\":1", "{\"a\"}", "{} {}", "nul", "{\"a\":1,}"] {
        let error = Object::parse(text).unwrap_err();
        assert!(
            matches!(error, ObjectError::NotJson { .. }),
            "{text}: {error}"
        );
    }
}

#[test]
fn a_name_that_is_no_text_is_kept() {
    let odd = object(r#"{"\ud800":1,"a":2}"#);
    assert_eq!(odd.iter().count(), 1);
    assert_eq!(
        odd.with("a", &Value::number(3)).as_json(),
        r#"{"\ud800":1,"a":3}"#
    );
}
