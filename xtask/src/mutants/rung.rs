//! The libraries: how many of their mutants are caught, and by which tests soon.

use crate::Result;
use crate::tidy::LIBRARIES;

/// What holds of a library.
pub(super) struct Rung {
    pub(super) name: &'static str,
    /// The fewest mutants that are caught, in percent of those that compile.
    pub(super) floor: f64,
    /// What catches most of them soon; what these miss, all tests are tried on. `None` if all are quick.
    pub(super) quick: Option<Quick>,
}

/// Tests that need neither long to build nor long to run.
pub(super) struct Quick {
    pub(super) targets: &'static [&'static str],
    /// All of these targets but those with this in their names: they derive keys from passphrases, wait,
    /// measure time, or write files by the thousand.
    pub(super) skipped: &'static [&'static str],
}

pub(super) const RUNGS: &[Rung] = &[
    Rung {
        name: "ssss-crypto",
        floor: 100.0,
        quick: None,
    },
    Rung {
        name: "ssss-recovery-key",
        floor: 100.0,
        quick: None,
    },
    Rung {
        name: "ssss-model",
        floor: 95.0,
        quick: None,
    },
    Rung {
        name: "ssss-client",
        floor: 90.0,
        quick: Some(Quick {
            targets: &["--lib", "--test=suite", "--test=homeserver"],
            skipped: &[
                "a_damaged_journal_is_told",
                "a_fault_that_passes",
                "::a_passphrase_",
                "a_secret_that_is_full",
                "connecting_to_what_is_no_homeserver",
                "every_fault_at_every",
                "no_text_makes_it_panic",
                "requests_go_on_while_a_key_is_derived",
                "taken_back_half_way",
                "what_comes_back_is_not_filled",
            ],
        }),
    },
];

pub(super) fn chosen(libraries: &[String]) -> Result<Vec<&'static Rung>> {
    if let Some(name) = libraries
        .iter()
        .find(|name| !LIBRARIES.contains(&name.as_str()))
    {
        return Err(format!("{name} is none of {}", LIBRARIES.join(", ")).into());
    }
    let is_chosen =
        |rung: &&Rung| libraries.is_empty() || libraries.iter().any(|name| name == rung.name);
    Ok(RUNGS.iter().filter(is_chosen).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_library_has_a_rung() {
        let names: Vec<_> = RUNGS.iter().map(|rung| rung.name).collect();
        assert_eq!(names, LIBRARIES);
        assert_eq!(chosen(&[]).unwrap().len(), LIBRARIES.len());
        assert_eq!(chosen(&["ssss-model".to_owned()]).unwrap().len(), 1);
        assert!(chosen(&["ssss-cli".to_owned()]).is_err());
    }
}
