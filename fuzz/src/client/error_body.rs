//! Answers that are no success.

use std::time::Duration;

use http::header::RETRY_AFTER;
use http::{HeaderMap, HeaderValue, StatusCode};
use ssss_client::AccountDataErrorKind as Kind;

use crate::json::{self, Json};

#[path = "../../../crates/ssss-client/src/homeserver/failure.rs"]
mod failure;

/// Reads a status, a `Retry-After` and a body, with bytes `FF` between them.
pub fn classify(data: &[u8]) {
    let mut parts = data.splitn(3, |byte| *byte == 0xff);
    let mut part = || parts.next().unwrap_or_default();
    let Ok(status) = StatusCode::from_bytes(part()) else {
        return;
    };
    let (header, body) = (part(), part());
    let mut headers = HeaderMap::new();
    if let Some(value) = HeaderValue::from_bytes(header)
        .ok()
        .filter(|_| !header.is_empty())
    {
        headers.insert(RETRY_AFTER, value);
    }
    let failure = failure::refusal(SERVER, status, &headers, body.to_vec());

    let said = Said::read(body);
    let status = status.as_u16();
    let code = said.errcode.as_deref().unwrap_or_default();
    let is_challenge = status == 401 && said.has_flows;
    let kind = kind(status, code, is_challenge, said.errcode.is_some());
    assert_eq!(failure.error.kind(), kind);
    assert_eq!(failure.status, Some(status));
    assert_eq!(failure.errcode, said.errcode);
    assert_eq!(
        failure.is_not_found(),
        status == 404 && code == "M_NOT_FOUND"
    );
    let is_unsupported = code == "M_UNRECOGNIZED" || kind == Kind::Forbidden;
    assert_eq!(failure.is_unsupported(), is_unsupported);
    assert_eq!(failure.challenge, is_challenge.then(|| body.to_vec()));
    let in_body = said.retry_after_ms.map(Duration::from_millis);
    match seconds(&headers) {
        Pause::Seconds(seconds) => {
            assert_eq!(failure.retry_after, Some(Duration::from_secs(seconds)));
        }
        // Who reads dates is not asked here; that there is none without "GMT" is known.
        Pause::Date => {}
        Pause::None => assert_eq!(failure.retry_after, in_body),
    }

    let message = failure.error.to_string();
    assert!(message.starts_with(SERVER), "{message}");
    assert!(message.contains(&status.to_string()), "{message}");
    assert!(message.chars().count() < 5000, "{message}");
    let obeyed =
        |c: char| c.is_control() || matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    assert!(!message.contains(obeyed), "{message:?}");
}

const SERVER: &str = "https://example.org";

/// What a server has said, each part by itself: one that is of the wrong type hides none of the others.
#[derive(Default)]
struct Said {
    errcode: Option<String>,
    retry_after_ms: Option<u64>,
    has_flows: bool,
}

impl Said {
    fn read(body: &[u8]) -> Self {
        let text = core::str::from_utf8(body).unwrap_or_default();
        let Json::Object(fields) = json::read(text) else {
            return Self::default();
        };
        Self {
            errcode: fields.get("errcode").and_then(json::string),
            retry_after_ms: fields
                .get("retry_after_ms")
                .and_then(|number| number.parse().ok()),
            has_flows: fields.some("flows").is_some(),
        }
    }
}

/// The first that applies.
fn kind(status: u16, code: &str, is_challenge: bool, is_matrix: bool) -> Kind {
    let is = |codes: &[&str]| codes.contains(&code);
    let stories = [
        (
            status == 429 || is(&["M_LIMIT_EXCEEDED"]),
            Kind::RateLimited,
        ),
        (is_challenge, Kind::ApprovalNeeded),
        (
            is(&["M_UNKNOWN_TOKEN", "M_MISSING_TOKEN"]),
            Kind::LoginNeeded,
        ),
        (
            is(&["M_USER_LOCKED", "M_USER_SUSPENDED", "M_USER_DEACTIVATED"]),
            Kind::Forbidden,
        ),
        (status == 403, Kind::Forbidden),
        (status == 401, Kind::LoginNeeded),
        (status == 413 || is(&["M_TOO_LARGE"]), Kind::TooLarge),
        (status / 100 == 5, Kind::Unreachable),
        (is_matrix, Kind::Refused),
    ];
    let story = stories.into_iter().find(|(applies, _)| *applies);
    story.map_or(Kind::NotAHomeserver, |(_, kind)| kind)
}

/// What the header says.
enum Pause {
    None,
    Seconds(u64),
    Date,
}

fn seconds(headers: &HeaderMap) -> Pause {
    let Some(text) = headers
        .get(RETRY_AFTER)
        .and_then(|value| value.to_str().ok())
    else {
        return Pause::None;
    };
    if text.bytes().all(|byte| byte.is_ascii_digit()) {
        return text.parse().map_or(Pause::None, Pause::Seconds);
    }
    if text.contains("GMT") {
        return Pause::Date;
    }
    Pause::None
}
