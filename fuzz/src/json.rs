//! JSON read once more, plainly, by the grammar of RFC 8259 and nothing else: where an object's fields
//! stand, and what strings say. And objects with fields put in and taken out, by cutting text.

use std::ops::Range;

/// What a text is.
#[derive(Debug)]
pub(crate) enum Json<'t> {
    Invalid,
    NotAnObject,
    Object(Fields<'t>),
}

/// The text of an object, without white space around it, and its fields in order.
#[derive(Debug)]
pub(crate) struct Fields<'t> {
    pub(crate) text: &'t str,
    fields: Vec<Field>,
}

#[derive(Debug)]
struct Field {
    /// `None` for one with a lone surrogate, which is no Unicode text.
    name: Option<String>,
    key: Range<usize>,
    value: Range<usize>,
}

pub(crate) fn read(text: &str) -> Json<'_> {
    let text = text.trim_matches(WHITE_SPACE);
    let mut reader = Reader { text, at: 0 };
    if text.starts_with('{') {
        let fields = reader.object().filter(|_| reader.at == text.len());
        return fields.map_or(Json::Invalid, |fields| {
            Json::Object(Fields { text, fields })
        });
    }
    match reader.value() {
        Some(()) if reader.at == text.len() => Json::NotAnObject,
        _ => Json::Invalid,
    }
}

/// The fields of an object; `None` of anything else.
pub(crate) fn object(text: &str) -> Option<Fields<'_>> {
    match read(text) {
        Json::Object(fields) => Some(fields),
        _ => None,
    }
}

/// The texts of the elements of a list.
pub(crate) fn list(text: &str) -> Option<Vec<&str>> {
    let text = text.trim_matches(WHITE_SPACE);
    let mut reader = Reader { text, at: 0 };
    let places = reader.array().filter(|_| reader.at == text.len())?;
    Some(places.into_iter().map(|place| &text[place]).collect())
}

/// What a string says; `None` of anything else, and of one with a lone surrogate.
pub(crate) fn string(value: &str) -> Option<String> {
    let inner = value.strip_prefix('"')?.strip_suffix('"')?;
    let mut units = Vec::new();
    let mut characters = inner.chars();
    while let Some(character) = characters.next() {
        let read = if character == '\\' {
            match characters.next()? {
                'b' => '\u{8}',
                'f' => '\u{c}',
                'n' => '\n',
                'r' => '\r',
                't' => '\t',
                'u' => {
                    let hex: String = characters.by_ref().take(4).collect();
                    units.push(u16::from_str_radix(&hex, 16).ok()?);
                    continue;
                }
                other => other,
            }
        } else {
            character
        };
        units.extend_from_slice(read.encode_utf16(&mut [0; 2]));
    }
    // What stands in the text is no half of anything, so only escapes can be lone.
    String::from_utf16(&units).ok()
}

/// A JSON string that says this.
pub(crate) fn quoted(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}

impl<'t> Fields<'t> {
    pub(crate) fn is_empty(&self) -> bool {
        self.fields.is_empty()
    }

    /// The text of the last field of a name.
    pub(crate) fn get(&self, name: &str) -> Option<&'t str> {
        let of_name = |field: &&Field| field.name.as_deref() == Some(name);
        let last = self.fields.iter().rfind(of_name)?;
        Some(&self.text[last.value.clone()])
    }

    /// The same, of a field that is not `null`.
    pub(crate) fn some(&self, name: &str) -> Option<&'t str> {
        self.get(name).filter(|value| *value != "null")
    }

    /// Names with texts, in order, each as often as it stands.
    pub(crate) fn all(&self) -> impl Iterator<Item = (&str, &'t str)> {
        self.fields
            .iter()
            .filter_map(|field| Some((field.name.as_deref()?, &self.text[field.value.clone()])))
    }

    /// Texts, in order, also of fields whose name is no text.
    pub(crate) fn values(&self) -> impl Iterator<Item = &'t str> {
        let values = self.fields.iter().map(|field| field.value.clone());
        values.map(|value| &self.text[value])
    }

    /// Names with texts, in order; of fields of one name only the last.
    pub(crate) fn last_of_each(&self) -> Vec<(&str, &'t str)> {
        let is_last = |(place, field): &(usize, &Field)| {
            let mut later = self.fields[place + 1..].iter();
            later.all(|other| other.name != field.name)
        };
        let fields = self.fields.iter().enumerate().filter(is_last);
        fields
            .filter_map(|(_, field)| {
                Some((field.name.as_deref()?, &self.text[field.value.clone()]))
            })
            .collect()
    }

    /// The first name that comes again.
    pub(crate) fn duplicate(&self) -> Option<&str> {
        let mut fields = self.fields.iter().enumerate();
        fields.find_map(|(place, field)| {
            let mut later = self.fields[place + 1..].iter();
            let name = field.name.as_deref()?;
            later
                .any(|other| other.name.as_deref() == Some(name))
                .then_some(name)
        })
    }

    /// The text with values put in: in the place of the last field of each name, or at the end, laid out as
    /// the last field. Each name stands once among the changes.
    pub(crate) fn with(&self, changes: &[(&str, &str)]) -> String {
        let mut text = self.text.to_owned();
        let end = self.fields.last().map_or(1, |field| field.value.end);
        let (lead, colon) = match self.fields.last() {
            None => ("", ":"),
            Some(last) => (self.lead(last), &self.text[last.key.end..last.value.start]),
        };
        let mut added = String::new();
        for (name, value) in changes.iter().filter(|(name, _)| self.get(name).is_none()) {
            if !self.is_empty() || !added.is_empty() {
                added.push(',');
            }
            added += &[lead, &quoted(name), colon, value].concat();
        }
        text.insert_str(end, &added);
        // From the end, so that places stay.
        for (place, field) in self.fields.iter().enumerate().rev() {
            let mut later = self.fields[place + 1..].iter();
            if later.any(|other| other.name == field.name) {
                continue;
            }
            let change = changes
                .iter()
                .find(|(name, _)| Some(*name) == field.name.as_deref());
            if let Some((_, value)) = change {
                text.replace_range(field.value.clone(), value);
            }
        }
        text
    }

    /// The text without the fields of these names.
    pub(crate) fn without(&self, names: &[&str]) -> String {
        let is_kept = |field: &&Field| {
            let name = field.name.as_deref();
            name.is_none_or(|name| !names.contains(&name))
        };
        let kept = self.fields.iter().filter(is_kept);
        let kept: Vec<_> = kept
            .map(|field| {
                let text = &self.text[field.key.start..field.value.end];
                [self.lead(field), text].concat()
            })
            .collect();
        match self.fields.last() {
            Some(last) if !kept.is_empty() => {
                ["{", &kept.join(","), &self.text[last.value.end..]].concat()
            }
            _ => "{}".to_owned(),
        }
    }

    /// White space before a field's name.
    fn lead(&self, field: &Field) -> &str {
        let before = &self.text[..field.key.start];
        &before[before.trim_end_matches(WHITE_SPACE).len()..]
    }
}

const WHITE_SPACE: [char; 4] = [' ', '\t', '\n', '\r'];

/// Reads on, or gives nothing.
struct Reader<'t> {
    text: &'t str,
    at: usize,
}

impl Reader<'_> {
    fn peek(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    fn take(&mut self, byte: u8) -> Option<()> {
        (self.peek()? == byte).then(|| self.at += 1)
    }

    fn white_space(&mut self) {
        while self.peek().is_some_and(|byte| b" \t\n\r".contains(&byte)) {
            self.at += 1;
        }
    }

    fn value(&mut self) -> Option<()> {
        match self.peek()? {
            b'{' => self.object().map(drop),
            b'[' => self.array().map(drop),
            b'"' => self.string(),
            b'-' | b'0'..=b'9' => self.number(),
            _ => ["true", "false", "null"].iter().find_map(|word| {
                let is_here = self.text.as_bytes()[self.at..].starts_with(word.as_bytes());
                is_here.then(|| self.at += word.len())
            }),
        }
    }

    fn object(&mut self) -> Option<Vec<Field>> {
        self.take(b'{')?;
        self.separated(b'}', |reader| {
            let start = reader.at;
            reader.string()?;
            let key = start..reader.at;
            reader.white_space();
            reader.take(b':')?;
            reader.white_space();
            let start = reader.at;
            reader.value()?;
            Some(Field {
                name: string(&reader.text[key.clone()]),
                key,
                value: start..reader.at,
            })
        })
    }

    fn array(&mut self) -> Option<Vec<Range<usize>>> {
        self.take(b'[')?;
        self.separated(b']', |reader| {
            let start = reader.at;
            reader.value()?;
            Some(start..reader.at)
        })
    }

    fn separated<T>(&mut self, end: u8, one: impl Fn(&mut Self) -> Option<T>) -> Option<Vec<T>> {
        let mut all = Vec::new();
        self.white_space();
        if self.take(end).is_some() {
            return Some(all);
        }
        loop {
            self.white_space();
            all.push(one(self)?);
            self.white_space();
            if self.take(end).is_some() {
                return Some(all);
            }
            self.take(b',')?;
        }
    }

    fn string(&mut self) -> Option<()> {
        self.take(b'"')?;
        loop {
            let byte = self.peek()?;
            self.at += 1;
            match byte {
                b'"' => return Some(()),
                b'\\' => {
                    let escaped = self.peek()?;
                    self.at += 1;
                    if escaped == b'u' {
                        let digits = self.text.as_bytes().get(self.at..self.at + 4)?;
                        digits.iter().all(u8::is_ascii_hexdigit).then_some(())?;
                        self.at += 4;
                    } else if !b"\"\\/bfnrt".contains(&escaped) {
                        return None;
                    }
                }
                0..0x20 => return None,
                _ => {}
            }
        }
    }

    fn number(&mut self) -> Option<()> {
        let _ = self.take(b'-');
        if self.take(b'0').is_none() {
            self.digits()?;
        }
        if self.take(b'.').is_some() {
            self.digits()?;
        }
        if self.take(b'e').or_else(|| self.take(b'E')).is_some() {
            let _ = self.take(b'+').or_else(|| self.take(b'-'));
            self.digits()?;
        }
        Some(())
    }

    fn digits(&mut self) -> Option<()> {
        let start = self.at;
        while self.peek().is_some_and(|byte| byte.is_ascii_digit()) {
            self.at += 1;
        }
        (self.at > start).then_some(())
    }
}
