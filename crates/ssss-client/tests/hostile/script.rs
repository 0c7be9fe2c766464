//! What the server says, and when.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};

use ssss_client::{AccountData, AccountDataError, AccountDataErrorKind, Content, Listing};

use crate::account::Account;
use crate::json;
use crate::truth::Truth;

/// A game of the server, against somebody who types one thing.
#[derive(Clone)]
pub(crate) struct Script {
    pub(crate) name: String,
    pub(crate) truth: Truth,
    /// What is there at first.
    pub(crate) account: Account,
    pub(crate) turns: Vec<Turn>,
}

/// From when on an event is something else.
#[derive(Clone)]
pub(crate) struct Turn {
    pub(crate) at: At,
    pub(crate) event_type: String,
    /// `None`: there is none.
    pub(crate) content: Option<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum At {
    /// Before this reading, from 1, is answered.
    Read(usize),
    /// After this write, from 1.
    Write(usize),
}

impl Script {
    pub(crate) fn new(name: impl Into<String>, truth: Truth, account: Account) -> Self {
        Self {
            name: name.into(),
            truth,
            account,
            turns: Vec::new(),
        }
    }

    pub(crate) fn turn(mut self, at: At, event_type: &str, content: Option<&str>) -> Self {
        self.turns.push(Turn {
            at,
            event_type: event_type.to_owned(),
            content: content.map(ToOwned::to_owned),
        });
        self
    }
}

/// A store that follows a script.
pub(crate) struct Scripted {
    turns: Vec<Turn>,
    state: RefCell<State>,
}

#[derive(Default)]
struct State {
    events: BTreeMap<String, String>,
    reads: usize,
    /// What was asked for by name.
    asked: Vec<String>,
    written: Vec<(String, String)>,
    /// Everything that was ever said of an event.
    said: BTreeSet<(String, String)>,
    /// What has no value any more: whether that was said.
    blanked: BTreeMap<String, bool>,
    made_up: Vec<String>,
}

/// What the server has seen.
pub(crate) struct Seen {
    pub(crate) asked: Vec<String>,
    pub(crate) written: Vec<(String, String)>,
    pub(crate) said: BTreeSet<(String, String)>,
    /// Events that were given a value after it had been said that they have none any more.
    pub(crate) made_up: Vec<String>,
}

impl Scripted {
    pub(crate) fn new(script: &Script) -> Self {
        let events = script.account.events().into_iter();
        let events = events.map(|(name, content)| (name, content.json().get().to_owned()));
        let state = State {
            events: events.collect(),
            ..State::default()
        };
        state.check_in();
        Self {
            turns: script.turns.clone(),
            state: RefCell::new(state),
        }
    }

    pub(crate) fn seen(self) -> Seen {
        let state = self.state.into_inner();
        Seen {
            asked: state.asked,
            written: state.written,
            said: state.said,
            made_up: state.made_up,
        }
    }

    fn turn(&self, now: At) {
        let mut state = self.state.borrow_mut();
        for turn in self.turns.iter().filter(|turn| turn.at == now) {
            let event_type = &turn.event_type;
            let content = turn.content.as_deref();
            if content.is_some_and(|content| json::has_value(event_type, content)) {
                state.blanked.remove(event_type);
            } else {
                state.blanked.insert(event_type.clone(), false);
            }
            match &turn.content {
                Some(content) => state
                    .events
                    .insert(turn.event_type.clone(), content.clone()),
                None => state.events.remove(&turn.event_type),
            };
        }
    }

    fn read(&self) {
        let mut state = self.state.borrow_mut();
        state.reads += 1;
        let now = At::Read(state.reads);
        drop(state);
        self.turn(now);
        let mut state = self.state.borrow_mut();
        let said = state.events.clone();
        state.said.extend(said);
    }
}

impl State {
    fn check_in(&self) {
        // What is no JSON at all no store can hand out.
        for content in self.events.values() {
            assert!(Content::from_json_string(content.clone()).is_ok());
        }
    }
}

fn content(json: &str) -> Result<Content, AccountDataError> {
    Content::from_json_string(json.to_owned())
        .map_err(|_| AccountDataError::new(AccountDataErrorKind::Damaged, "no JSON"))
}

impl AccountData for Scripted {
    async fn get(&self, event_type: &str) -> Result<Option<Content>, AccountDataError> {
        self.read();
        let mut state = self.state.borrow_mut();
        state.asked.push(event_type.to_owned());
        if let Some(is_said) = state.blanked.get_mut(event_type) {
            *is_said = true;
        }
        let json = state.events.get(event_type);
        json.map(|json| content(json)).transpose()
    }

    async fn put(&self, event_type: &str, content: &Content) -> Result<(), AccountDataError> {
        let mut state = self.state.borrow_mut();
        let json = content.json().get().to_owned();
        let is_said = state.blanked.remove(event_type);
        if is_said == Some(true) && json::has_value(event_type, &json) {
            state.made_up.push(event_type.to_owned());
        }
        state.events.insert(event_type.to_owned(), json.clone());
        state.written.push((event_type.to_owned(), json));
        let now = At::Write(state.written.len());
        drop(state);
        self.turn(now);
        Ok(())
    }

    async fn enumerate(&self) -> Result<Listing, AccountDataError> {
        self.read();
        let mut state = self.state.borrow_mut();
        state
            .blanked
            .values_mut()
            .for_each(|is_said| *is_said = true);
        let events = state.events.iter();
        let events: Result<Vec<_>, AccountDataError> = events
            .map(|(name, json)| Ok((name.clone(), content(json)?)))
            .collect();
        Ok(events?.into())
    }
}
