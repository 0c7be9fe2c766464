//! Who plays against the server, and what comes of it.

use std::cell::RefCell;
use std::fmt::Display;

use pollster::block_on;
use ssss_client::SecretStorage;
use ssss_client::ssss_model::SecretName;

use crate::script::{Script, Scripted, Seen};
use crate::weak;
use crate::work::{self, Person, Work};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Client {
    Ours,
    /// Does as js-sdk does.
    Weak,
}

/// What the person at the client was told.
#[derive(Default)]
pub(crate) struct Told {
    opened: RefCell<Vec<(String, String)>>,
    created: RefCell<Vec<Vec<u8>>>,
    shown: RefCell<Vec<String>>,
}

/// Everything that happened.
pub(crate) struct Played {
    pub(crate) seen: Seen,
    pub(crate) opened: Vec<(String, String)>,
    /// Keys that were made on the way.
    pub(crate) created: Vec<Vec<u8>>,
    /// What was shown on a terminal.
    pub(crate) shown: Vec<String>,
}

impl Told {
    pub(crate) fn opened(&self, name: &SecretName, value: &str) {
        let opened = (name.to_string(), value.to_owned());
        self.opened.borrow_mut().push(opened);
    }

    pub(crate) fn created(&self, key: &[u8]) {
        self.created.borrow_mut().push(key.to_vec());
    }

    pub(crate) fn has_said(&self) -> bool {
        !self.shown.borrow().is_empty()
    }

    /// Everything that was said, in lines.
    pub(crate) fn text(&self) -> String {
        self.shown.borrow().join("\n")
    }

    pub(crate) fn say(&self, text: &impl Display) {
        self.shown.borrow_mut().push(text.to_string());
    }
}

pub(crate) fn run(client: Client, script: &Script, work: Work) -> Played {
    let server = Scripted::new(script);
    let told = Told::default();
    let typed = &script.truth.typed;
    match client {
        Client::Ours => {
            let storage = SecretStorage::new(&server, Person(typed.clone()));
            if let Err(error) = block_on(work::run(work, &storage, typed, &told)) {
                told.say(&error);
            }
        }
        Client::Weak => block_on(weak::run(work, &server, typed, &told)),
    }
    Played {
        seen: server.seen(),
        opened: told.opened.into_inner(),
        created: told.created.into_inner(),
        shown: told.shown.into_inner(),
    }
}
