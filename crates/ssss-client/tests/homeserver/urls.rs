//! What stands in a URL arrives as it was meant.

use proptest::prelude::*;
use serde_json::json;
use ssss_client::{AccountData as _, Content};

use crate::server::FakeServer;
use crate::{account, block_on};

const ODD: &[&str] = &[
    "m.secret_storage.key.yRZDFNX0QN+S53TcCFc3V/ryRG501OBT",
    "m.secret_storage.key.a%2Fb",
    "m.secret_storage.key.a%00",
    "m.secret_storage.key.a?b=c#d",
    "m.secret_storage.key.a\\b",
    "m.secret_storage.key.a b\tc",
    "m.secret_storage.key.ключ",
    "m.secret_storage.key./../../../v3/logout",
    "m.secret_storage.key.../x",
    "m.secret_storage.key.;a=b",
    "m.secret_storage.key.\u{202e}",
    "m.secret_storage.key.\u{0}",
];

#[test]
fn odd_key_ids_are_written_and_read_under_their_own_name() {
    let server = FakeServer::start();
    block_on(async {
        let account = account(&server).await;
        for (index, event_type) in ODD.iter().enumerate() {
            let content = Content::from_json_string(json!({ "n": index }).to_string()).unwrap();
            account.put(event_type, &content).await.unwrap();
            let read = account.get(event_type).await.unwrap().unwrap();
            assert_eq!(read.json().get(), content.json().get(), "{event_type:?}");
        }
    });
    let state = server.state();
    let stored: Vec<_> = state.account_data.keys().map(String::as_str).collect();
    let mut expected = ODD.to_vec();
    expected.sort_unstable();
    assert_eq!(stored, expected);
}

#[test]
fn names_that_a_url_takes_for_something_else_are_refused_or_arrive() {
    let server = FakeServer::start();
    block_on(async {
        let account = account(&server).await;
        for event_type in [".", "..", "", "%2e%2e"] {
            let content = Content::from_json_string("{}".to_owned()).unwrap();
            let put = account.put(event_type, &content).await;
            let arrived = server.state().account_data.remove(event_type).is_some();
            assert_eq!(put.is_ok(), arrived, "{event_type:?}");
            assert!(server.state().account_data.is_empty(), "{event_type:?}");
        }
    });
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]
    #[test]
    fn any_event_type_arrives_as_it_was_meant(id in "\\PC{1,40}") {
        let server = FakeServer::start();
        let event_type = format!("m.secret_storage.key.{id}");
        block_on(async {
            let content = Content::from_json_string("{}".to_owned()).unwrap();
            account(&server).await.put(&event_type, &content).await.unwrap();
        });
        prop_assert!(server.state().account_data.contains_key(&event_type));
    }
}
