//! What a document promises, something that runs must show.

use super::Complaint;

/// The document whose tables are promises, one a row.
pub(super) const DOCUMENT: &str = "docs/security.md";

/// Rows that must be there: threats that were met, and must not be forgotten, those that a homeserver adds, and
/// what is promised.
const ROWS: &[(char, &[u32])] = &[
    (
        'T',
        &[
            1, 2, 3, 4, 5, 7, 8, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26,
        ],
    ),
    ('H', &[1, 2, 3, 4, 5, 6, 7, 8, 9, 10]),
    ('P', &[1, 2, 3, 4, 5, 6]),
];

/// Rows of the tables of threats and promises that name nothing that runs, or something that does not, and
/// rows that are not there. `tests` are `file::function` of every test, `commands` those of xtask.
pub(super) fn unshown(text: &str, tests: &[String], commands: &[String]) -> Vec<Complaint> {
    let mut complaints = Vec::new();
    let mut rows = Vec::new();
    for line in text.lines() {
        let cells: Vec<_> = line.split('|').map(str::trim).collect();
        let (Some(row), Some(shown_by)) = (cells.get(1), cells.iter().rev().nth(1)) else {
            continue;
        };
        if !is_promise(row) {
            continue;
        }
        rows.push((*row).to_owned());
        let quoted = || shown_by.split('`').skip(1).step_by(2);
        if !quoted().any(|quoted| runs(quoted, tests, commands)) {
            complaints.push(format!(
                "{DOCUMENT}: {row} names no test and no command of xtask"
            ));
        }
        let cited = line.split('`').skip(1).step_by(2);
        let missing = cited.filter(|cited| is_citation(cited) && !runs(cited, tests, commands));
        complaints.extend(
            missing.map(|cited| format!("{DOCUMENT}: {row} names {cited}, which is no test")),
        );
    }
    for row in required_rows() {
        if !rows.contains(&row) {
            complaints.push(format!("{DOCUMENT}: there is no row {row}"));
        }
    }
    complaints
}

fn required_rows() -> impl Iterator<Item = String> {
    ROWS.iter()
        .flat_map(|(kind, numbers)| numbers.iter().map(move |number| format!("{kind}{number}")))
}

/// Commands of xtask that a document names, and that are not there.
pub(super) fn dangling_commands(file: &str, text: &str, commands: &[String]) -> Vec<Complaint> {
    let named = text.split("cargo xtask ").skip(1);
    let named = named.map(|rest| {
        let end = rest.find(|c: char| !c.is_ascii_lowercase() && !c.is_ascii_digit() && c != '-');
        rest.get(..end.unwrap_or(rest.len())).unwrap_or_default()
    });
    let is_there = |name: &str| name == "help" || commands.iter().any(|known| known == name);
    let dangling = named.filter(|name| !name.is_empty() && !is_there(name));
    dangling
        .map(|name| format!("{file}: there is no command cargo xtask {name}"))
        .collect()
}

/// The commands that xtask's `main.rs` declares.
pub(super) fn commands(main: &str) -> Vec<String> {
    let declared = main
        .lines()
        .filter_map(|line| line.trim().strip_prefix("cmd "));
    declared
        .filter_map(|rest| rest.split_whitespace().next())
        .map(ToOwned::to_owned)
        .collect()
}

/// `T1`, `H1`, `P1`.
fn is_promise(cell: &str) -> bool {
    cell.strip_prefix(['T', 'H', 'P'])
        .is_some_and(|rest| !rest.is_empty() && rest.bytes().all(|byte| byte.is_ascii_digit()))
}

/// Whether a command of xtask, or at least one test, is what is quoted.
fn runs(quoted: &str, tests: &[String], commands: &[String]) -> bool {
    if let Some(command) = quoted.strip_prefix("cargo xtask ") {
        return commands.iter().any(|known| known == command);
    }
    is_citation(quoted) && tests.iter().any(|test| cites(quoted, test))
}

/// `file::test`, `file::*` or `file::tests`: what is in no other case than the names of functions are.
pub(super) fn is_citation(quoted: &str) -> bool {
    let is_name = |part: &str| {
        !part.is_empty()
            && part
                .chars()
                .all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || "_:*".contains(c))
    };
    quoted
        .split_once("::")
        .is_some_and(|(module, function)| is_name(module) && is_name(function))
}

/// Whether a test, `file::function`, is one that is cited.
pub(super) fn cites(quoted: &str, test: &str) -> bool {
    let (Some((module, cited)), Some((file, function))) =
        (quoted.split_once("::"), test.split_once("::"))
    else {
        return false;
    };
    let cited = cited.strip_prefix("tests::").unwrap_or(cited);
    file == module && (cited == function || matches!(cited, "*" | "tests"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tests() -> Vec<String> {
        ["stops::at_every_moment", "name::refused"]
            .map(ToOwned::to_owned)
            .to_vec()
    }

    /// A row, and all others that must be there.
    fn table(row: &str) -> String {
        let others = required_rows().filter(|other| other != "T1");
        let rows: Vec<_> = others
            .map(|other| format!("| {other} | `stops::*` |"))
            .collect();
        format!("| | shown by |\n|---|---|\n{row}\n{}\n", rows.join("\n"))
    }

    #[test]
    fn every_row_names_something_that_runs() {
        let commands = commands("cmd xtask {\n    cmd kills {\n    cmd ci {}\n");
        assert_eq!(commands, ["xtask", "kills", "ci"]);
        for good in [
            "| T1 | HS | a | b | `stops::at_every_moment` |",
            "| T1 | words, and `stops::*` (ssss-cli) |",
            "| T1 | `name::tests::refused` |",
            "| T1 | `cargo xtask kills` |",
            "| T1 | `Type::method` | `cargo xtask kills`, `a.b` |",
        ] {
            assert_eq!(
                unshown(&table(good), &tests(), &commands),
                [""; 0],
                "{good}"
            );
        }
        for bad in [
            "| T1 | HS | a | b | types |",
            "| T1 | HS | a | `stops::*` | vectors `key-check` |",
            "| T1 | `cargo xtask gone` |",
            "| T1 | |",
            "no row",
            // One that is there does not make up for one that is not.
            "| T1 | `stops::*`, `stops::renamed` |",
            "| T1 | `cargo xtask kills`, `gone::*` |",
            "| T1 | `stops::renamed` | `stops::*` |",
        ] {
            let found = unshown(&table(bad), &tests(), &commands);
            assert_eq!(found.len(), 1, "{bad}: {found:?}");
        }
        let renamed = unshown(&table("| T1 | `stops::renamed` |"), &tests(), &commands);
        assert_eq!(renamed.len(), 2, "{renamed:?}");
        let promise = format!("{}| P9 | types |", table("| T1 | `stops::*` |"));
        assert_eq!(unshown(&promise, &tests(), &commands).len(), 1);
    }

    #[test]
    fn no_row_is_forgotten() {
        let all = table("| T1 | `stops::*` |");
        for row in required_rows() {
            let without = all.replace(&format!("| {row} |"), "| |");
            let found = unshown(&without, &tests(), &[]);
            assert_eq!(found, [format!("{DOCUMENT}: there is no row {row}")]);
        }
        assert_eq!(required_rows().count(), 24 + 10 + 6);
    }

    #[test]
    fn commands_that_documents_name_are_there() {
        let commands = ["ci".to_owned()];
        let check = |text| dangling_commands("a.md", text, &commands).len();
        assert_eq!(check("`cargo xtask ci` and cargo xtask help"), 0);
        assert_eq!(check("cargo xtask gone --now"), 1);
    }
}
