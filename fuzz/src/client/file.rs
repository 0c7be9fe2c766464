//! The shapes in which account data lies in files.

use ssss_client::Content;

use crate::input::texts;
use crate::json::{self, Fields};

#[path = "../../../crates/ssss-client/src/file_store/check.rs"]
mod check;
#[path = "../../../crates/ssss-client/src/file_store/document.rs"]
#[expect(dead_code, reason = "an empty file is for those who write one")]
mod document;
#[path = "../../../crates/ssss-client/src/file_store/list.rs"]
mod list;

use self::document::Document;

/// Reads a file and, after bytes `FF`, types of events in turn with contents to give to them.
pub fn edit(data: &[u8]) {
    let texts = texts(data).unwrap_or_default();
    let Some((text, edits)) = texts.split_first() else {
        return;
    };
    let document = Document::parse(text);
    let Some(file) = File::read(text) else {
        return assert!(document.is_err(), "{text:?}");
    };
    let document = document.unwrap_or_else(|error| panic!("{text:?}: {error}"));
    holds(&document, &file.events());

    let mut changes: Vec<(&str, &str)> = Vec::new();
    for (event_type, content) in edits
        .as_chunks::<2>()
        .0
        .iter()
        .map(|[name, value]| (name, value))
    {
        let is_new = changes.iter().all(|(other, _)| other != event_type);
        if is_new && let Some(content) = json::object(content) {
            changes.push((event_type, content.text));
        }
    }
    let written: Vec<_> = changes
        .iter()
        .map(|(event_type, content)| ((*event_type).to_owned(), raw(content)))
        .collect();
    let after = document
        .with(&written)
        .expect("it is written as it is read");
    let expected = file.with(&changes);
    assert_eq!(after, expected);
    // What is written can be read, if it was a file of account data that could be.
    if let Some(file) = File::read(&after) {
        let document = Document::parse(&after).unwrap();
        holds(&document, &file.events());
        for (event_type, content) in changes {
            let found = document.get(event_type).unwrap();
            assert_eq!(found.json().get(), content);
        }
    }
}

/// A document has these events, of which the last of a type counts.
fn holds(document: &Document, events: &[(String, &str)]) {
    let found = document.events();
    let found: Vec<_> = found
        .iter()
        .map(|(event_type, content)| (event_type.clone(), content.json().get()))
        .collect();
    assert_eq!(found, events);
    for (event_type, _) in events {
        let last = events.iter().rfind(|(other, _)| other == event_type);
        let found = document.get(event_type).unwrap();
        assert_eq!(found.json().get(), last.unwrap().1);
    }
    let none = "org.example.none of these";
    assert!(document.get(none).is_none() || events.iter().any(|(name, _)| name == none));
}

fn raw(content: &str) -> Content {
    Content::from_json_string(content.to_owned()).unwrap()
}

/// The plain reading.
struct File<'t> {
    /// The objects around the events, outermost first, with the name of the next.
    around: Vec<(Fields<'t>, &'static str)>,
    events: Events<'t>,
}

enum Events<'t> {
    Map(Fields<'t>),
    /// The whole text, and its elements.
    List(&'t str, Vec<&'t str>),
}

/// What stands around events, in the order in which it is looked for.
const AROUND: [&str; 5] = [
    "extensions",
    "user_data",
    "account_data",
    "global",
    "events",
];

/// As many stand around each other in Synapse's export, and in a body of sliding sync.
const DEEPEST: usize = 3;

impl<'t> File<'t> {
    fn read(text: &'t str) -> Option<Self> {
        is_fit(text, 0).then_some(())?;
        let mut around = Vec::new();
        let mut inner = text;
        loop {
            if let Some(elements) = json::list(inner) {
                let is_event = |element: &&str| {
                    json::object(element).is_some_and(|event| {
                        let content = event.get("content").and_then(json::object);
                        content.is_some() && event_type(&event).is_some()
                    })
                };
                let events = Events::List(inner, elements);
                let Events::List(_, elements) = &events else {
                    return None;
                };
                let is_whole = elements.iter().all(is_event);
                return is_whole.then_some(Self { around, events });
            }
            let fields = json::object(inner)?;
            // Where events of secret storage are, what has such a name is a secret beside them.
            let is_events = fields
                .all()
                .any(|(name, _)| name.starts_with("m.secret_storage."));
            let mut names = AROUND.iter().filter(|_| !is_events);
            let Some(name) = names.find(|name| fields.get(name).is_some()) else {
                let events = fields.last_of_each();
                let is_namespaced = events.iter().any(|(name, _)| name.contains('.'));
                let is_content = |(_, content): &(&str, &str)| json::object(content).is_some();
                let is_map = fields.is_empty() || is_namespaced;
                let is_whole = is_map && events.iter().all(is_content);
                let events = Events::Map(fields);
                return is_whole.then_some(Self { around, events });
            };
            (around.len() < DEEPEST).then_some(())?;
            inner = fields.get(name)?;
            around.push((fields, *name));
        }
    }

    fn events(&self) -> Vec<(String, &'t str)> {
        match &self.events {
            Events::Map(map) => {
                let events = map.last_of_each().into_iter();
                events.map(|(name, json)| (name.to_owned(), json)).collect()
            }
            Events::List(_, elements) => {
                let events = elements.iter().map(|element| {
                    let event = json::object(element).unwrap();
                    (event_type(&event).unwrap(), event.get("content").unwrap())
                });
                events.collect()
            }
        }
    }

    fn with(&self, changes: &[(&str, &str)]) -> String {
        let events = match &self.events {
            Events::Map(map) => map.with(changes),
            Events::List(text, elements) => list_with(text, elements, changes),
        };
        let around = self.around.iter().rev();
        around.fold(events, |inner, (outer, name)| {
            outer.with(&[(*name, inner.trim())])
        })
    }
}

/// A list's text with contents changed in the last events of their types, and others added at its end, laid
/// out as the last one.
fn list_with(text: &str, elements: &[&str], changes: &[(&str, &str)]) -> String {
    let place = |element: &str| element.as_ptr() as usize - text.as_ptr() as usize;
    let types: Vec<_> = elements
        .iter()
        .map(|element| event_type(&json::object(element).unwrap()).unwrap())
        .collect();
    let mut after = String::new();
    let mut copied = 0;
    for (index, element) in elements.iter().enumerate() {
        after += &text[copied..place(element)];
        copied = place(element) + element.len();
        let is_last = !types[index + 1..].contains(&types[index]);
        let change = changes
            .iter()
            .find(|(name, _)| is_last && types[index] == **name);
        after += &match change {
            Some((_, content)) => json::object(element).unwrap().with(&[("content", content)]),
            None => (*element).to_owned(),
        };
    }
    let start = text.find('[').unwrap() + 1;
    if elements.is_empty() {
        after += &text[..start];
        copied = start;
    }
    let lead = elements.last().map_or("", |last| {
        let before = &text[..place(last)];
        &before[before.trim_end_matches([' ', '\t', '\n', '\r']).len()..]
    });
    let added = changes
        .iter()
        .filter(|(name, _)| !types.iter().any(|known| known == name));
    for (index, (name, content)) in added.enumerate() {
        if index > 0 || !elements.is_empty() {
            after.push(',');
        }
        let name = json::quoted(name);
        after.extend([lead, r#"{"type":"#, &name, r#","content":"#, content, "}"]);
    }
    after + &text[copied..]
}

fn event_type(event: &Fields<'_>) -> Option<String> {
    json::string(event.get("type")?)
}

/// Whether no name stands twice in an object, and nothing is nested more deeply than 64 levels, whatever its
/// name is.
fn is_fit(value: &str, depth: usize) -> bool {
    if let Some(elements) = json::list(value) {
        return depth < 64 && elements.iter().all(|element| is_fit(element, depth + 1));
    }
    let Some(fields) = json::object(value) else {
        return !matches!(json::read(value), json::Json::Invalid);
    };
    let mut inner = fields.values();
    depth < 64 && fields.duplicate().is_none() && inner.all(|inner| is_fit(inner, depth + 1))
}
