//! What stands in an event's place, read plainly.

use std::fmt::Debug;

use ssss_model::{EventState, Malformed};

/// What stands in an event's place, if anything does.
#[derive(Debug, PartialEq)]
pub(crate) enum State<T> {
    Tombstone,
    Malformed(Malformed),
    Present(T),
}

/// The crate's reading is the plain one; of what is present, `parts` are compared.
pub(crate) fn agree<T, P: PartialEq + Debug>(
    found: &EventState<T>,
    expected: impl Into<Option<State<P>>>,
    parts: impl FnOnce(&T) -> P,
) {
    let found = match found {
        EventState::Missing => None,
        EventState::Tombstone => Some(State::Tombstone),
        EventState::Malformed(why) => Some(State::Malformed(*why)),
        EventState::Present(content) => Some(State::Present(parts(content))),
    };
    assert_eq!(found, expected.into());
}
