//! Why a call failed.

use std::time::{Duration, SystemTime};

use http::header::RETRY_AFTER;
use http::{HeaderMap, StatusCode};
use ssss_model::Object;
use ssss_model::ruma_common::api::error::RetryAfter;

use crate::account_data::{AccountDataError, AccountDataErrorKind};
use crate::quoted::quoted;

/// Why a call failed, with what only the callers within this module want to know.
#[derive(Debug)]
pub(super) struct Failure {
    pub(super) error: AccountDataError,
    /// When the server says that trying again may help.
    pub(super) retry_after: Option<Duration>,
    pub(super) status: Option<u16>,
    /// The server's own name for it.
    pub(super) errcode: Option<String>,
    /// The answer, if it says how the account's owner may approve.
    pub(super) challenge: Option<Vec<u8>>,
}

impl Failure {
    /// Whether the server says, in its own words, that there is no such thing. No other 404 does, nor these
    /// words with another status.
    pub(super) fn is_not_found(&self) -> bool {
        self.status == Some(404) && self.errcode.as_deref() == Some("M_NOT_FOUND")
    }

    /// Whether the server knows no such call, or keeps it from this user.
    pub(super) fn is_unsupported(&self) -> bool {
        self.errcode.as_deref() == Some("M_UNRECOGNIZED")
            || self.error.kind() == AccountDataErrorKind::Forbidden
    }
}

impl From<AccountDataError> for Failure {
    fn from(error: AccountDataError) -> Self {
        Self {
            error,
            retry_after: None,
            status: None,
            errcode: None,
            challenge: None,
        }
    }
}

impl From<Failure> for AccountDataError {
    fn from(failure: Failure) -> Self {
        failure.error
    }
}

/// What every Matrix error says. Any of it may be missing; and what is of another type than it should be
/// hides nothing else.
#[derive(Default)]
struct ErrorBody {
    errcode: Option<String>,
    error: Option<String>,
    retry_after_ms: Option<u64>,
    has_flows: bool,
}

impl ErrorBody {
    fn read(body: &[u8]) -> Self {
        let text = std::str::from_utf8(body).ok();
        let Some(object) = text.and_then(|text| Object::parse(text).ok()) else {
            return Self::default();
        };
        let string = |name| serde_json::from_str(object.get(name)?).ok();
        Self {
            errcode: string("errcode"),
            error: string("error"),
            retry_after_ms: object
                .get("retry_after_ms")
                .and_then(|number| number.parse().ok()),
            has_flows: object.get("flows").is_some_and(|flows| flows != "null"),
        }
    }
}

/// Tells the story of an answer that is no success.
pub(super) fn refusal(
    server: &str,
    status: StatusCode,
    headers: &HeaderMap,
    body: Vec<u8>,
) -> Failure {
    let ErrorBody {
        errcode,
        error,
        retry_after_ms,
        has_flows,
    } = ErrorBody::read(&body);
    let is_matrix = errcode.is_some();
    let code = errcode.as_deref().unwrap_or_default();
    let is_challenge = status == StatusCode::UNAUTHORIZED && has_flows;
    let kind = kind(status, code, is_challenge, is_matrix);
    let said = match (&errcode, &error) {
        (Some(errcode), Some(error)) => format!("{}: {}", brief(errcode), brief(error)),
        (Some(errcode), None) => brief(errcode),
        _ => "no Matrix error".to_owned(),
    };
    let what = match kind {
        AccountDataErrorKind::LoginNeeded => "does not accept the access token",
        AccountDataErrorKind::Forbidden => "does not allow this",
        AccountDataErrorKind::RateLimited => "has had too many requests",
        AccountDataErrorKind::TooLarge => "says that this is too large",
        AccountDataErrorKind::Unreachable => "is failing",
        AccountDataErrorKind::ApprovalNeeded => "wants the account's owner to approve this",
        AccountDataErrorKind::NotAHomeserver => "does not answer as a homeserver does",
        _ => "refuses this",
    };
    let message = format!("{server} {what} (status {}, {said})", status.as_u16());
    Failure {
        error: AccountDataError::new(kind, message),
        retry_after: retry_after(headers).or(retry_after_ms.map(Duration::from_millis)),
        status: Some(status.as_u16()),
        errcode,
        challenge: is_challenge.then_some(body),
    }
}

fn kind(
    status: StatusCode,
    errcode: &str,
    is_challenge: bool,
    is_matrix: bool,
) -> AccountDataErrorKind {
    use AccountDataErrorKind as Kind;
    match (status.as_u16(), errcode) {
        (429, _) | (_, "M_LIMIT_EXCEEDED") => Kind::RateLimited,
        (401, _) if is_challenge => Kind::ApprovalNeeded,
        (_, "M_UNKNOWN_TOKEN" | "M_MISSING_TOKEN") => Kind::LoginNeeded,
        (403, _) | (_, "M_USER_LOCKED" | "M_USER_SUSPENDED" | "M_USER_DEACTIVATED") => {
            Kind::Forbidden
        }
        (401, _) => Kind::LoginNeeded,
        (413, _) | (_, "M_TOO_LARGE") => Kind::TooLarge,
        (500..=599, _) => Kind::Unreachable,
        _ if is_matrix => Kind::Refused,
        _ => Kind::NotAHomeserver,
    }
}

/// `Retry-After`, in seconds or as a date. The third spelling stands in the body.
fn retry_after(headers: &HeaderMap) -> Option<Duration> {
    match RetryAfter::try_from(headers.get(RETRY_AFTER)?).ok()? {
        RetryAfter::Delay(delay) => Some(delay),
        // A date that is past says: now.
        RetryAfter::DateTime(time) => Some(
            time.duration_since(SystemTime::now())
                .unwrap_or(Duration::ZERO),
        ),
    }
}

/// What a server wrote, so that it fits a line and no terminal obeys it.
fn brief(text: &str) -> String {
    const MOST: usize = 200;
    match text.char_indices().nth(MOST) {
        Some((end, _)) => format!("{}…", quoted(&text[..end])),
        None if text.contains(' ') && !text.contains(|c: char| c.is_control()) => {
            let quoted = quoted(text);
            quoted.trim_matches('"').to_owned()
        }
        None => quoted(text),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(status: u16, headers: &[(&'static str, &str)], body: &str) -> Failure {
        let status = StatusCode::from_u16(status).unwrap();
        let mut map = HeaderMap::new();
        for (name, value) in headers {
            map.insert(*name, value.parse().unwrap());
        }
        refusal("https://example.org", status, &map, body.into())
    }

    #[test]
    fn each_answer_is_a_story_of_its_own() {
        use AccountDataErrorKind as Kind;
        for (status, body, expected) in [
            (401, r#"{"errcode":"M_MISSING_TOKEN"}"#, Kind::LoginNeeded),
            (
                401,
                r#"{"errcode":"M_UNKNOWN_TOKEN","error":"Invalid"}"#,
                Kind::LoginNeeded,
            ),
            (
                401,
                r#"{"errcode":"M_USER_LOCKED","soft_logout":true}"#,
                Kind::Forbidden,
            ),
            (401, r#"{"flows":[],"session":"x"}"#, Kind::ApprovalNeeded),
            (
                401,
                r#"{"errcode":"M_FORBIDDEN","flows":[]}"#,
                Kind::ApprovalNeeded,
            ),
            (401, "<html>", Kind::LoginNeeded),
            (403, r#"{"errcode":"M_FORBIDDEN"}"#, Kind::Forbidden),
            (403, "<html>", Kind::Forbidden),
            (429, "", Kind::RateLimited),
            (404, r#"{"errcode":"M_NOT_FOUND"}"#, Kind::Refused),
            (404, "<html>404 nginx", Kind::NotAHomeserver),
            (404, "{}", Kind::NotAHomeserver),
            (405, r#"{"errcode":"M_UNRECOGNIZED"}"#, Kind::Refused),
            (413, "<html>", Kind::TooLarge),
            (400, r#"{"errcode":"M_TOO_LARGE"}"#, Kind::TooLarge),
            (502, "<html>", Kind::Unreachable),
            (500, r#"{"errcode":"M_UNKNOWN"}"#, Kind::Unreachable),
        ] {
            assert_eq!(
                refused(status, &[], body).error.kind(),
                expected,
                "{status} {body}"
            );
        }
    }

    #[test]
    fn only_the_servers_own_word_says_that_there_is_no_such_thing() {
        assert!(refused(404, &[], r#"{"errcode":"M_NOT_FOUND"}"#).is_not_found());
        assert!(!refused(404, &[], r#"{"errcode":"M_UNRECOGNIZED"}"#).is_not_found());
        assert!(!refused(410, &[], r#"{"errcode":"M_NOT_FOUND"}"#).is_not_found());
        assert!(!refused(403, &[], r#"{"errcode":"M_NOT_FOUND"}"#).is_not_found());
        assert!(!refused(404, &[], "").is_not_found());
        assert!(!refused(404, &[], "<html>not found").is_not_found());
        // A proxy that fails may pass on, or make up, what it likes.
        assert!(!refused(502, &[], r#"{"errcode":"M_NOT_FOUND"}"#).is_not_found());
        assert!(!refused(404, &[], r#"["M_NOT_FOUND"]"#).is_not_found());
    }

    #[test]
    fn what_is_of_the_wrong_type_hides_nothing_else() {
        for body in [
            r#"{"errcode":"M_NOT_FOUND","error":{"en":"gone"}}"#,
            r#"{"errcode":"M_NOT_FOUND","retry_after_ms":0.5}"#,
            r#"{"errcode":"M_UNKNOWN","errcode":"M_NOT_FOUND"}"#,
        ] {
            assert!(refused(404, &[], body).is_not_found(), "{body}");
        }
        let body = r#"{"errcode":5,"retry_after_ms":1500}"#;
        let limited = refused(429, &[], body);
        assert_eq!(limited.retry_after, Some(Duration::from_millis(1500)));
    }

    #[test]
    fn all_three_spellings_of_when_to_try_again_are_read() {
        let seconds = refused(429, &[("retry-after", "7")], "{}");
        assert_eq!(seconds.retry_after, Some(Duration::from_secs(7)));
        let date = refused(503, &[("retry-after", "Fri, 31 Dec 2100 23:59:59 GMT")], "");
        assert!(date.retry_after > Some(Duration::from_secs(1_000_000)));
        let past = refused(503, &[("retry-after", "Fri, 31 Dec 1999 23:59:59 GMT")], "");
        assert_eq!(past.retry_after, Some(Duration::ZERO));
        let body = refused(
            429,
            &[],
            r#"{"errcode":"M_LIMIT_EXCEEDED","retry_after_ms":1500}"#,
        );
        assert_eq!(body.retry_after, Some(Duration::from_millis(1500)));
        let none = refused(429, &[("retry-after", "soon")], "{}");
        assert_eq!(none.retry_after, None);
    }

    #[test]
    fn what_a_server_writes_commands_no_terminal_and_fills_no_screen() {
        let body = format!(
            r#"{{"errcode":"M_X","error":"\u001b[2J{}"}}"#,
            "x".repeat(100_000)
        );
        let message = refused(400, &[], &body).error.to_string();
        assert!(message.len() < 400, "{message}");
        assert!(!message.contains('\u{1b}'));
    }

    #[test]
    fn a_sentence_is_left_as_it_is_and_what_is_odd_is_quoted() {
        for (text, expected) in [
            (
                "Invalid access token passed.",
                "Invalid access token passed.",
            ),
            ("M_UNKNOWN", "M_UNKNOWN"),
            ("", "\"\""),
            ("bell\u{7}", "\"bell\\u{7}\""),
            ("a bell\u{7}", "\"a bell\\u{7}\""),
        ] {
            assert_eq!(brief(text), expected);
        }
    }
}
