//! What a target has done.

use std::fmt::Write as _;

/// What libFuzzer says at its end.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Report {
    pub(super) executions: u64,
    per_second: u64,
    slowest_seconds: u64,
    memory_mb: u64,
}

impl Report {
    pub(super) fn read(text: &str) -> Option<Self> {
        let number = |name: &str| {
            let lines = text.lines();
            let mut values =
                lines.filter_map(|line| line.strip_prefix("stat::")?.strip_prefix(name));
            values.next()?.strip_prefix(':')?.trim().parse().ok()
        };
        Some(Self {
            executions: number("number_of_executed_units")?,
            per_second: number("average_exec_per_sec")?,
            slowest_seconds: number("slowest_unit_time_sec")?,
            memory_mb: number("peak_rss_mb")?,
        })
    }
}

/// A row for each target.
pub(super) fn table(reports: &[(&str, u64, Report)]) -> String {
    let mut table = format!(
        "{:<24}{:>12}{:>10}{:>10}{:>12}{:>8}\n",
        "target", "executions", "at least", "a second", "slowest (s)", "MB"
    );
    for (target, floor, report) in reports {
        let Report {
            executions,
            per_second,
            slowest_seconds,
            memory_mb,
        } = report;
        // Writing to a string does not fail.
        _ = writeln!(
            table,
            "{target:<24}{executions:>12}{floor:>10}{per_second:>10}{slowest_seconds:>12}{memory_mb:>8}"
        );
    }
    table
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_libfuzzer_says_is_read() {
        let text = "Done 11 runs\nstat::number_of_executed_units: 1234\n\
                    stat::average_exec_per_sec:     617\nstat::new_units_added:          3\n\
                    stat::slowest_unit_time_sec:    0\nstat::peak_rss_mb:              57\n";
        let expected = Report {
            executions: 1234,
            per_second: 617,
            slowest_seconds: 0,
            memory_mb: 57,
        };
        assert_eq!(Report::read(text), Some(expected));
        assert_eq!(Report::read("Done 11 runs\n"), None);
        assert!(table(&[("a", 7, Report::read(text).unwrap())]).contains("1234         7"));
    }
}
