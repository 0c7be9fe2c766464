//! Event types in URLs.

use std::borrow::Cow;

use ruma_client_api::config::{get_global_account_data, set_global_account_data};
use ssss_client::Content;
use ssss_client::ssss_model::ruma_common::OwnedUserId;
use ssss_client::ssss_model::ruma_common::api::auth_scheme::SendAccessToken;
use ssss_client::ssss_model::ruma_common::api::{
    MatrixVersion, OutgoingRequestExt as _, SupportedVersions,
};

#[path = "../../../crates/ssss-client/src/homeserver/url.rs"]
mod url;

/// Reads a text as the type of an event: a server that takes the request's path apart finds it in one
/// segment of its own, byte for byte, and everything else where it was.
pub fn spell(data: &[u8]) {
    let Ok(event_type) = core::str::from_utf8(data) else {
        return;
    };
    let segment = url::segment(event_type);
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~%".contains(&byte);
    assert!(segment.bytes().all(is_plain), "{segment}");
    assert_eq!(decoded(&segment).as_deref(), Some(event_type));

    let user: OwnedUserId = USER.try_into().unwrap();
    let versions = SupportedVersions {
        versions: [MatrixVersion::V1_11].into(),
        features: [].into(),
    };
    let token = SendAccessToken::IfRequired("token");
    let content = Content::from_json_string(CONTENT.to_owned()).unwrap();
    let get = get_global_account_data::v3::Request::new(user.clone(), segment.clone().into());
    let put = set_global_account_data::v3::Request::new_raw(user, segment.into(), content);
    let requests = [
        get.try_into_http_request::<Vec<u8>>(BASE, token, Cow::Borrowed(&versions)),
        put.try_into_http_request::<Vec<u8>>(BASE, token, Cow::Borrowed(&versions)),
    ];
    for request in requests {
        let request = request.unwrap();
        // What a parser resolves has no spelling that every server reads alike.
        let is_spellable = ![".", ".."].contains(&event_type);
        let Some(url) = url::exact(request.uri()) else {
            assert!(!is_spellable, "{event_type:?}");
            continue;
        };
        assert!(is_spellable, "{event_type:?}");
        // Everything after the base, as it goes over the wire.
        let target = url.as_str().strip_prefix(BASE).unwrap();
        let segments: Vec<_> = target
            .split('/')
            .map(|part| decoded(part).unwrap())
            .collect();
        let expected = [
            "",
            "_matrix",
            "client",
            "v3",
            "user",
            USER,
            "account_data",
            event_type,
        ];
        assert_eq!(segments, expected);
        assert!(!target.contains(['?', '#', '\\']), "{target}");
        if request.method() != "GET" {
            assert_eq!(request.body(), CONTENT.as_bytes());
        }
    }
}

const BASE: &str = "https://matrix.example.org/base";
const USER: &str = "@alice:example.org";
const CONTENT: &str = r#"{"a" : 1.0}"#;

/// What a server makes of a part of a path.
fn decoded(part: &str) -> Option<String> {
    let mut bytes = Vec::new();
    let mut rest = part.as_bytes();
    while let Some((first, after)) = rest.split_first() {
        let (byte, after) = match (first, after) {
            (b'%', [high, low, after @ ..]) => {
                let digit = |byte: &u8| char::from(*byte).to_digit(16);
                let byte = digit(high)? << 4 | digit(low)?;
                (u8::try_from(byte).unwrap(), after)
            }
            (b'%', _) => return None,
            (plain, after) => (*plain, after),
        };
        bytes.push(byte);
        rest = after;
    }
    String::from_utf8(bytes).ok()
}
