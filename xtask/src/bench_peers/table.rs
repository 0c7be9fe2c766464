//! The table of `docs/performance.md`, and what is aimed at.

use std::fmt::Write as _;

use super::row::{Other, Row};

/// In the order of the table: the row, how many times ours the time of matrix-sdk-crypto and of js-sdk is to
/// be at least, and how many allocations ours is to make at most.
const TARGETS: &[Target] = &[
    Target::new("open 43 bytes", Some(1.8), Some(100.0), Some(1)),
    Target::new("open 1 KiB", None, None, Some(1)),
    Target::new("open 1 MiB", None, None, Some(1)),
    Target::new("open 64 MiB", None, None, Some(1)),
    Target::new("open 64 MiB in place", Some(1.4), None, Some(0)),
    Target::new("open from JSON", Some(1.4), Some(100.0), None),
    Target::new("seal to JSON", Some(1.6), Some(100.0), None),
    Target::new("parse a recovery key", Some(5.0), None, None),
    Target::new("format a recovery key", Some(5.0), None, None),
    Target::new("check a recovery key", Some(2.0), None, None),
    Target::new("check it against JSON", None, None, None),
    Target::new("derive", Some(1.05), Some(1.2), None),
    Target::new("unlock with a passphrase", None, None, None),
];

struct Target {
    row: &'static str,
    matrix_sdk_crypto: Option<f64>,
    js_sdk: Option<f64>,
    allocations: Option<u64>,
}

impl Target {
    const fn new(
        row: &'static str,
        matrix_sdk_crypto: Option<f64>,
        js_sdk: Option<f64>,
        allocations: Option<u64>,
    ) -> Self {
        Self {
            row,
            matrix_sdk_crypto,
            js_sdk,
            allocations,
        }
    }
}

/// As Markdown, ready to be pasted.
pub(super) fn markdown(rows: &[Row]) -> String {
    let mut text = String::from(
        "| | matrix-sdk-crypto | target | js-sdk | target | RustCrypto | allocations: ours, matrix-sdk-crypto |\n\
         |---|---|---|---|---|---|---|\n",
    );
    let mut missed = Vec::new();
    let unlisted = Target::new("", None, None, None);
    let place = |row: &Row| TARGETS.iter().position(|target| target.row == row.name);
    let mut rows: Vec<&Row> = rows.iter().collect();
    rows.sort_by_key(|row| place(row).unwrap_or(TARGETS.len()));
    for row in rows {
        let target = place(row).map_or(&unlisted, |place| &TARGETS[place]);
        let [theirs, plain, js_sdk] = &row.others;
        let mut against = |other: &Option<Other>, least: Option<f64>, who: &str| {
            let (Some(least), Some(other)) = (least, other) else {
                return String::new();
            };
            let is_met = other.ratios[1] >= least;
            if !is_met {
                missed.push(format!(
                    "{}, {who}: {}, not {least}",
                    row.name,
                    ratio(other)
                ));
            }
            format!("{least} {}", if is_met { "✓" } else { "✗" })
        };
        let first = against(theirs, target.matrix_sdk_crypto, "matrix-sdk-crypto");
        let second = against(js_sdk, target.js_sdk, "js-sdk");
        if let (Some(most), Some(count)) = (target.allocations, row.allocations)
            && count > most
        {
            missed.push(format!("{}: {count} allocations, not {most}", row.name));
        }
        let of = |other: &Option<Other>| other.as_ref().map(ratio).unwrap_or_default();
        let count = |count: Option<u64>| count.map_or("–".to_owned(), |count| count.to_string());
        let their_count = theirs.as_ref().and_then(|theirs| theirs.allocations);
        let _ = writeln!(
            text,
            "| {} | {} | {first} | {} | {second} | {} | {}, {} |",
            row.name,
            of(theirs),
            of(js_sdk),
            of(plain),
            count(row.allocations),
            count(their_count)
        );
    }
    if missed.is_empty() {
        text.push_str("\nEvery target is met.\n");
    } else {
        let _ = writeln!(text, "\nNot met: {}.", missed.join("; "));
    }
    text
}

/// The median, and between what half of the rounds lie.
fn ratio(other: &Other) -> String {
    let [low, median, high] = other.ratios;
    let digits = if median < 10.0 { 2 } else { 0 };
    format!("{median:.digits$} ({low:.digits$}–{high:.digits$})")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(name: &str, ratio: f64, allocations: u64) -> Row {
        let other = Other {
            ns: 1.0,
            ratios: [ratio - 0.5, ratio, ratio + 0.5],
            allocations: None,
        };
        Row {
            name: name.to_owned(),
            ours_ns: 1.0,
            allocations: Some(allocations),
            others: [Some(other), None, None],
        }
    }

    #[test]
    fn what_is_missed_is_told() {
        for (ratio, allocations, missed) in [
            (1.8, 1, None),
            (
                1.79,
                1,
                Some("open 43 bytes, matrix-sdk-crypto: 1.79 (1.29–2.29), not 1.8"),
            ),
            (1.8, 2, Some("open 43 bytes: 2 allocations, not 1")),
        ] {
            let text = markdown(&[row("open 43 bytes", ratio, allocations)]);
            let expected = missed.map_or("Every target is met.".to_owned(), |missed| {
                format!("Not met: {missed}.")
            });
            assert!(text.trim_end().ends_with(&expected), "{text}");
        }
    }

    #[test]
    fn rows_are_in_the_order_of_the_targets() {
        let text = markdown(&[
            row("derive", 2.0, 0),
            row("new", 2.0, 0),
            row("open 43 bytes", 2.0, 0),
        ]);
        let first: Vec<_> = text.lines().skip(2).take(3).collect();
        for (line, name) in first.iter().zip(["open 43 bytes", "derive", "new"]) {
            assert!(
                line.starts_with(&format!("| {name} | 2.00 (1.50–2.50) |")),
                "{line}"
            );
        }
    }
}
