//! Event types in URLs.

use http::Uri;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use reqwest::Url;

/// An event type as one segment of a path. ruma encodes what must not stand in a URL, but leaves `%`,
/// which may be part of a key's id; what is encoded already it leaves, too.
pub(super) fn segment(event_type: &str) -> String {
    const KEPT: &AsciiSet = &NON_ALPHANUMERIC
        .remove(b'-')
        .remove(b'.')
        .remove(b'_')
        .remove(b'~');
    utf8_percent_encode(event_type, KEPT).to_string()
}

/// The URL of a request, byte for byte. A URL parser may take `/../` or a backslash for something
/// else than the server does; what it does not leave as it is has no URL.
pub(super) fn exact(uri: &Uri) -> Option<Url> {
    let url = Url::parse(&uri.to_string()).ok()?;
    (url.path() == uri.path() && url.query() == uri.query()).then_some(url)
}
