//! Our command is killed, and its connection cut, at each request of a change: js-sdk can always unlock
//! with the key that the account names, nothing is lost, and the change can be finished.

mod case;
mod change;
mod verdict;

use self::case::Case;
use self::change::{CHANGES, Change};
use super::ground::Ground;
use super::proxy::{FAULTS, Fault, Proxy};
use crate::Result;

/// What is done in one go.
pub(super) struct Cut {
    change: &'static Change,
    fault: Fault,
    at: usize,
}

/// What all of it is called.
pub(super) const NAME: &str = "cuts and kills";

/// Every request of every change, each disturbed in every way; and what a change does wrong that is not
/// disturbed.
pub(super) fn list(ground: &Ground<'_>) -> Result<(Vec<Cut>, Vec<String>)> {
    let proxy = Proxy::start(ground.site.synapse.address())?;
    verdict::control(ground)?;
    let mut cuts = Vec::new();
    let mut wrong = Vec::new();
    for change in CHANGES {
        let name = change.name;
        match case::undisturbed(ground, &proxy, change) {
            Err(error) => wrong.push(format!("{name}, undisturbed: {error}")),
            Ok(requests) => {
                println!("e2e: {name} takes {} requests", requests.len());
                for at in 1..=requests.len() {
                    cuts.extend(FAULTS.map(|fault| Cut { change, fault, at }));
                }
            }
        }
    }
    Ok((cuts, wrong))
}

impl Cut {
    pub(super) fn name(&self) -> String {
        format!(
            "{}: {:?} at request {}",
            self.change.name, self.fault, self.at
        )
    }

    /// Fails if something is wrong afterwards.
    pub(super) fn run(&self, ground: &Ground<'_>, proxy: &Proxy) -> Result {
        Case::new(ground, self.change)?.run_disturbed(proxy, self.at, self.fault)
    }
}
