//! The shapes in which account data lies in files.

use std::collections::HashMap;
use std::fmt;

use ssss_model::ruma_common::serde::Raw;
use ssss_model::{Object, ObjectError, Value};

use super::check::check;
use super::list::List;
use crate::account_data::Content;

/// Objects and arrays within each other, at most.
const MAX_DEPTH: usize = 64;

/// What stands around the events: in a `/sync` body `account_data.events`; in Synapse's admin API
/// `account_data.global`, and in its export that below `user_data`; in sliding sync
/// `extensions.account_data.global`; in a dump with notes `account_data`. No event has such a type, but for
/// a secret that somebody named so.
const WRAPPERS: [&str; 5] = [
    "extensions",
    "user_data",
    "account_data",
    "global",
    "events",
];

/// So many of them stand around each other in the deepest of these shapes. Each is kept whole, so that more
/// would be a way to have a file take up many times its size.
const MAX_WRAPPERS: usize = 3;

/// A file of account data, parsed as far as to find the events.
pub(super) struct Document {
    /// The objects on the way to the events, outermost first, each with the name of the next.
    path: Vec<(Object, &'static str)>,
    events: Events,
}

enum Events {
    /// `{type: content}`
    Map(Object),
    /// `[{"type": …, "content": …}]`, with the place of each type's last event.
    List(List, HashMap<String, usize>),
}

/// Why a text is not account data.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum DocumentError {
    Json(ObjectError),
    Depth,
    Duplicate(String),
    Shape,
    NotAnObject(String),
}

impl Document {
    /// A file without events: an empty `{type: content}` map.
    pub(super) fn empty() -> Self {
        Self {
            path: Vec::new(),
            events: Events::Map(Object::empty()),
        }
    }

    pub(super) fn parse(text: &str) -> Result<Self, DocumentError> {
        check(text, MAX_DEPTH)?;
        if text.trim_start().starts_with('[') {
            return Ok(Self {
                path: Vec::new(),
                events: Events::list(text)?,
            });
        }
        let mut path = Vec::new();
        let mut inner = Object::parse(text).map_err(DocumentError::Json)?;
        while let Some(name) = wrapper(&inner) {
            if path.len() == MAX_WRAPPERS {
                return Err(DocumentError::Shape);
            }
            let value = inner.get(name).unwrap_or_default();
            if value.starts_with('[') {
                let events = Events::list(value)?;
                path.push((inner, name));
                return Ok(Self { path, events });
            }
            let next = Object::parse(value).map_err(|_| DocumentError::Shape)?;
            path.push((inner, name));
            inner = next;
        }
        Ok(Self {
            path,
            events: Events::map(inner)?,
        })
    }

    pub(super) fn get(&self, event_type: &str) -> Option<Content> {
        let content = match &self.events {
            Events::Map(map) => map.get(event_type)?.to_owned(),
            Events::List(list, index) => {
                let event = list.get(*index.get(event_type)?)?;
                Object::parse(event).ok()?.get("content")?.to_owned()
            }
        };
        Raw::from_json_string(content).ok()
    }

    pub(super) fn events(&self) -> Vec<(String, Content)> {
        let content = |json: &str| Raw::from_json_string(json.to_owned()).ok();
        match &self.events {
            Events::Map(map) => map
                .iter()
                .filter_map(|(name, json)| Some((name.to_owned(), content(json)?)))
                .collect(),
            Events::List(list, _) => list
                .iter()
                .filter_map(|event| {
                    let event = Object::parse(event).ok()?;
                    Some((event_type(&event)?, content(event.get("content")?)?))
                })
                .collect(),
        }
    }

    /// The text with the contents of some events changed or added, all else as it was.
    pub(super) fn with(&self, changes: &[(String, Content)]) -> Option<String> {
        let events = match &self.events {
            Events::Map(map) => {
                let values: Vec<_> = changes
                    .iter()
                    .map(|(name, content)| (name, Value::raw(content)))
                    .collect();
                let changes = values.iter().map(|(name, value)| (name.as_str(), value));
                map.with_all(changes).as_json().to_owned()
            }
            Events::List(list, index) => {
                let mut replaced = HashMap::new();
                let mut added = Vec::new();
                for (name, content) in changes {
                    let place = index.get(name);
                    let event = match place.and_then(|place| list.get(*place)) {
                        Some(event) => Object::parse(event).ok()?,
                        None => Object::empty().with("type", &Value::string(name)),
                    };
                    let event = event.with("content", &Value::raw(content)).to_raw();
                    match place {
                        Some(place) => _ = replaced.insert(*place, event),
                        None => added.push(event),
                    }
                }
                list.with::<()>(&replaced, &added)
            }
        };
        self.path
            .iter()
            .rev()
            .try_fold(events, |inner, (outer, name)| {
                let inner: Content = Raw::from_json_string(inner).ok()?;
                Some(outer.with(name, &Value::raw(&inner)).as_json().to_owned())
            })
    }
}

/// The name of what stands around the events, if it is not the events that these are: among them may be
/// a secret with a name like that.
fn wrapper(object: &Object) -> Option<&'static str> {
    let is_account = |(name, _): (&str, &str)| name.starts_with("m.secret_storage.");
    let name = WRAPPERS
        .into_iter()
        .find(|name| object.get(name).is_some())?;
    (!object.iter().any(is_account)).then_some(name)
}

impl Events {
    fn map(map: Object) -> Result<Self, DocumentError> {
        // Event types are namespaced; an object of which no name is, is something else's file, and
        // nobody wants an account set up in it.
        if !map.is_empty() && !map.iter().any(|(name, _)| name.contains('.')) {
            return Err(DocumentError::Shape);
        }
        if let Some((name, _)) = map.iter().find(|(_, content)| !content.starts_with('{')) {
            return Err(DocumentError::NotAnObject(name.to_owned()));
        }
        Ok(Self::Map(map))
    }

    fn list(text: &str) -> Result<Self, DocumentError> {
        let list = List::parse(text).map_err(DocumentError::Json)?;
        let mut index = HashMap::new();
        for (place, event) in list.iter().enumerate() {
            let event = Object::parse(event).map_err(|_| DocumentError::Shape)?;
            let name = event_type(&event).ok_or(DocumentError::Shape)?;
            if !event
                .get("content")
                .is_some_and(|content| content.starts_with('{'))
            {
                return Err(DocumentError::NotAnObject(name));
            }
            index.insert(name, place);
        }
        Ok(Self::List(list, index))
    }
}

fn event_type(event: &Object) -> Option<String> {
    serde_json::from_str(event.get("type")?).ok()
}

impl fmt::Display for DocumentError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Json(error) => error.fmt(f),
            Self::Depth => write!(f, "values are nested more than {MAX_DEPTH} levels deep"),
            Self::Duplicate(name) => write!(f, "the name {name:?} stands twice in one object"),
            Self::Shape => f.write_str(
                "it is JSON, but none of: a {type: content} map, a /sync body, a list of events, \
                 Synapse's admin or export output",
            ),
            Self::NotAnObject(name) => {
                write!(
                    f,
                    "what stands under {name:?} is not the content of an event"
                )
            }
        }
    }
}
