//! An account on a server that publishes, too.

use std::cell::RefCell;
use std::collections::BTreeMap;

use ssss_client::ssss_model::{Secret, SecretName, Snapshot};
use ssss_client::{MemoryStore, Publication};

use super::account::snapshot;

/// An account, and what is published of it.
#[derive(Default)]
pub(crate) struct Server {
    pub(crate) data: MemoryStore,
    published: RefCell<Option<Published>>,
}

/// What was published, and when.
#[derive(Clone)]
pub(crate) struct Published {
    /// Private halves, each standing for its public one.
    pub(crate) halves: BTreeMap<SecretName, String>,
    /// The account at that moment.
    pub(crate) account: Snapshot,
    /// What is wrong with how it was published.
    pub(crate) faults: Vec<String>,
}

impl Server {
    pub(crate) fn new(data: MemoryStore) -> Self {
        Self {
            data,
            published: RefCell::default(),
        }
    }

    /// The same with another account's data.
    pub(crate) fn with_data(&self, data: MemoryStore) -> Self {
        Self {
            data,
            published: self.published.clone(),
        }
    }

    pub(crate) fn published(&self) -> Option<Published> {
        self.published.borrow().clone()
    }

    /// Publishes what is not published yet. `is_read_back` says whether the account was read since it
    /// was written.
    pub(crate) fn publish(&self, publication: Publication, secrets: &[Secret], is_read_back: bool) {
        let mut published = self.published.borrow_mut();
        let published = published.get_or_insert_with(|| Published {
            halves: BTreeMap::new(),
            account: snapshot(&self.data),
            faults: Vec::new(),
        });
        let mut fault = |what: String| published.faults.push(what);
        if !is_read_back {
            fault("what was written was not read back".to_owned());
        }
        for name in names(publication) {
            let Some(secret) = secrets.iter().find(|secret| *secret.name() == name) else {
                fault(format!("the private half {name} was not handed over"));
                continue;
            };
            let value = secret.expose().to_owned();
            let before = published.halves.insert(name.clone(), value.clone());
            if before.is_some_and(|before| before != value) {
                fault(format!("{name} was published anew, as another"));
            }
        }
    }
}

/// The secrets of which a publication publishes the public halves.
pub(crate) fn names(publication: Publication) -> Vec<SecretName> {
    let mut names = Vec::new();
    if publication.identity {
        names.extend(SecretName::CROSS_SIGNING);
    }
    if publication.backup {
        names.push(SecretName::MEGOLM_BACKUP);
    }
    names
}
