//! What a document promises, something that runs must show.

use super::Complaint;

/// The document whose tables are promises, one a row.
pub(super) const DOCUMENT: &str = "docs/security.md";

/// Rows that must be there: threats that were met, and must not be forgotten.
const THREATS: &[u32] = &[
    1, 2, 3, 4, 5, 7, 8, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 22, 23, 24, 25, 26,
];

/// Rows of the tables of threats and promises that name nothing that runs, and threats without a row.
/// `names` are `file::function` of every test, `commands` those of xtask.
pub(super) fn unshown(text: &str, names: &[String], commands: &[String]) -> Vec<Complaint> {
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
        let mut quoted = shown_by.split('`').skip(1).step_by(2);
        if !quoted.any(|quoted| runs(quoted, names, commands)) {
            complaints.push(format!(
                "{DOCUMENT}: {row} names no test and no command of xtask"
            ));
        }
    }
    for threat in THREATS {
        let row = format!("T{threat}");
        if !rows.contains(&row) {
            complaints.push(format!("{DOCUMENT}: there is no row {row}"));
        }
    }
    complaints
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

fn runs(quoted: &str, names: &[String], commands: &[String]) -> bool {
    if let Some(command) = quoted.strip_prefix("cargo xtask ") {
        return commands.iter().any(|known| known == command);
    }
    let Some((module, function)) = quoted.split_once("::") else {
        return false;
    };
    let function = function.strip_prefix("tests::").unwrap_or(function);
    names.iter().any(|name| {
        name.split_once("::").is_some_and(|(file, test)| {
            file == module && (test == function || matches!(function, "*" | "tests"))
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names() -> Vec<String> {
        ["stops::at_every_moment", "name::refused"]
            .map(ToOwned::to_owned)
            .to_vec()
    }

    fn table(row: &str) -> String {
        let others = THREATS.iter().filter(|threat| **threat != 1);
        let rows: Vec<_> = others
            .map(|threat| format!("| T{threat} | `stops::*` |"))
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
        ] {
            assert_eq!(
                unshown(&table(good), &names(), &commands),
                [""; 0],
                "{good}"
            );
        }
        for bad in [
            "| T1 | HS | a | b | types |",
            "| T1 | HS | a | `stops::*` | vectors `key-check` |",
            "| T1 | `stops::renamed` |",
            "| T1 | `cargo xtask gone` |",
            "| T1 | |",
            "no row",
        ] {
            let found = unshown(&table(bad), &names(), &commands);
            assert_eq!(found.len(), 1, "{bad}: {found:?}");
        }
        let promise = format!("{}| P9 | types |", table("| T1 | `stops::*` |"));
        assert_eq!(unshown(&promise, &names(), &commands).len(), 1);
    }

    #[test]
    fn commands_that_documents_name_are_there() {
        let commands = ["ci".to_owned()];
        let check = |text| dangling_commands("a.md", text, &commands).len();
        assert_eq!(check("`cargo xtask ci` and cargo xtask help"), 0);
        assert_eq!(check("cargo xtask gone --now"), 1);
    }
}
