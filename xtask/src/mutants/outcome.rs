//! What became of mutants.

use std::fmt;
use std::path::Path;

use serde_json::Value;

use super::excluded::Excluded;
use crate::Result;

/// What became of those that compile.
#[derive(Debug)]
pub(super) struct Outcome {
    /// Noticed by a test, which failed or did not end.
    caught: u64,
    /// Not noticed: where, and what was changed.
    pub(super) missed: Vec<String>,
    /// Not noticed, and for a reason.
    excused: usize,
    /// Those that do not compile.
    unviable: u64,
    /// All that were tried, by name.
    tried: Vec<String>,
}

impl Outcome {
    /// Of the folder that cargo-mutants writes.
    pub(super) fn read(folder: &Path) -> Result<Self> {
        let text = std::fs::read_to_string(folder.join("outcomes.json"))
            .map_err(|error| format!("cargo-mutants got nowhere: {error}"))?;
        let outcomes: Value = serde_json::from_str(&text)?;
        let missed = std::fs::read_to_string(folder.join("missed.txt"))?;
        let made: Value = serde_json::from_slice(&std::fs::read(folder.join("mutants.json"))?)?;
        let made = made.as_array().ok_or("cargo-mutants lists no mutants")?;
        let made = made.iter().filter_map(|mutant| mutant["name"].as_str());
        Self::of(made.map(str::to_owned).collect(), &outcomes, &missed)
    }

    /// `made` are those that were to be tried.
    fn of(made: Vec<String>, outcomes: &Value, missed: &str) -> Result<Self> {
        let count = |of: &str| {
            let count = outcomes[of].as_u64();
            count.ok_or_else(|| format!("cargo-mutants does not say what is {of}"))
        };
        let outcome = Self {
            caught: count("caught")? + count("timeout")?,
            missed: missed.lines().map(str::to_owned).collect(),
            excused: 0,
            unviable: count("unviable")?,
            tried: made,
        };
        let told = outcome.caught + outcome.missed.len() as u64 + outcome.unviable;
        if told != outcome.tried.len() as u64 {
            return Err("cargo-mutants did not get to the end".into());
        }
        Ok(outcome)
    }

    /// With those that were missed tried again, on more tests. What else was tried again counts once.
    pub(super) fn retried(self, again: &Self) -> Result<Self> {
        if let Some(mutant) = self.missed.iter().find(|of| !again.tried.contains(of)) {
            return Err(format!("it was not tried again: {mutant}").into());
        }
        let is_missed = |mutant: &String| again.missed.contains(mutant);
        let (missed, caught): (Vec<_>, Vec<_>) = self.missed.into_iter().partition(is_missed);
        Ok(Self {
            caught: self.caught + caught.len() as u64,
            missed,
            ..self
        })
    }

    pub(super) fn exclude(&mut self, excluded: &Excluded) {
        let before = self.missed.len();
        self.missed.retain(|mutant| !excluded.has(mutant));
        self.excused += before - self.missed.len();
    }

    /// What is wrong, if something is: fewer are caught than should be, in percent of those that compile and
    /// have no excuse.
    pub(super) fn complaint(&self, floor: f64) -> Option<String> {
        if self.viable() == 0 {
            return (self.excused == 0 && self.unviable == 0).then(|| "no mutants".to_owned());
        }
        (self.percent() < floor)
            .then(|| format!("{:.1} % are caught, not {floor} %", self.percent()))
    }

    pub(super) fn viable(&self) -> u64 {
        self.caught + self.missed.len() as u64
    }

    #[expect(clippy::cast_precision_loss, reason = "there are not that many")]
    fn percent(&self) -> f64 {
        self.caught as f64 * 100.0 / self.viable() as f64
    }
}

impl fmt::Display for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (caught, viable) = (self.caught, self.viable());
        write!(
            f,
            "{caught} of {viable} mutants caught, {} excused, {} do not compile",
            self.excused, self.unviable
        )
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn outcome(caught: usize, missed: &str) -> Outcome {
        let made = (0..caught + 3).map(|count| count.to_string());
        let made = made.chain(missed.lines().map(str::to_owned)).collect();
        let json = json!({"caught": caught, "timeout": 1, "unviable": 2});
        Outcome::of(made, &json, missed).unwrap()
    }

    #[test]
    fn fewer_than_the_floor_is_wrong() {
        assert_eq!(outcome(9, "").complaint(100.0), None);
        assert_eq!(outcome(8, "a").complaint(90.0), None);
        assert!(outcome(8, "a").complaint(100.0).is_some());
        assert_eq!(
            outcome(8, "a").to_string(),
            "9 of 10 mutants caught, 0 excused, 2 do not compile"
        );
    }

    #[test]
    fn what_more_tests_catch_is_caught() {
        let mut again = outcome(2, "a\nc");
        again.tried.push("b".to_owned());
        let retried = outcome(8, "a\nb").retried(&again).unwrap();
        assert_eq!((retried.caught, retried.missed), (10, vec!["a".to_owned()]));
        assert!(outcome(8, "d").retried(&again).is_err());
    }

    #[test]
    fn what_was_stopped_tells_nothing() {
        let json = json!({"caught": 1, "timeout": 0, "unviable": 0});
        let made = ["a", "b"].map(str::to_owned);
        assert!(Outcome::of(made.to_vec(), &json, "").is_err());
        assert!(Outcome::of(made.to_vec(), &json, "a").is_ok());
        assert!(Outcome::of(Vec::new(), &json!({}), "").is_err());
    }
}
