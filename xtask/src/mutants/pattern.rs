//! Patterns that one mutant fits and no other.

/// What means something in a pattern and may stand in a mutant's name. Not everything may be escaped: `\<` is the
/// beginning of a word.
const SPECIAL: &str = r"\.+*?()|[]{}^$";

/// Of a mutant's name as it is listed: file, line, column, and what is changed.
pub(super) fn pattern(mutant: &str) -> String {
    let mut pattern = String::from("^");
    for c in mutant.chars() {
        if SPECIAL.contains(c) {
            pattern.push('\\');
        }
        pattern.push(c);
    }
    pattern + "$"
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_means_something_is_escaped_and_the_rest_is_not() {
        for (mutant, expected) in [
            (
                "src/a.rs:1:2: replace || with && in f",
                r"^src/a\.rs:1:2: replace \|\| with && in f$",
            ),
            (
                "src/a.rs:1:2: replace <impl A for &[B; 2]>::f -> Option<C> with Ok(\"x-\")",
                r#"^src/a\.rs:1:2: replace <impl A for &\[B; 2\]>::f -> Option<C> with Ok\("x-"\)$"#,
            ),
            (
                r"src/a.rs:1:2: delete match arm {'^' | '\\' | '$'} + *a? in f",
                r"^src/a\.rs:1:2: delete match arm \{'\^' \| '\\\\' \| '\$'\} \+ \*a\? in f$",
            ),
        ] {
            assert_eq!(pattern(mutant), expected);
        }
    }
}
