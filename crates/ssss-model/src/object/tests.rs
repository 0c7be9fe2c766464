//! Objects keep every byte, and find every field.

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

#[test]
fn many_fields_are_found_as_few_are() {
    for count in [FEW - 2, FEW - 1, FEW, 500] {
        let fields: Vec<_> = (0..count)
            .map(|index| format!(r#""{}":{index}"#, index * 7 % 97))
            .collect();
        let text = format!(r#"{{"\ud800":1,{},"zz":2}}"#, fields.join(","));
        let many = object(&text);
        assert_eq!(many.by_name.is_some(), count + 2 > FEW);
        let changed = many.with("new", &Value::number(9)).without(&["zz"]);
        for object in [&many, &changed] {
            let named = object.fields.iter().filter_map(|field| {
                Some((field.name.as_deref()?, &object.text[field.value.clone()]))
            });
            let expected: HashMap<&str, &str> = named.collect();
            for name in expected.keys().copied().chain(["", "-", "98", "9999", "{"]) {
                assert_eq!(object.get(name), expected.get(name).copied(), "{name}");
            }
        }
        assert_eq!((changed.get("zz"), changed.get("new")), (None, Some("9")));
    }
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
