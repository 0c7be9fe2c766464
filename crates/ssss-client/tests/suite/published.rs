//! What a homeserver publishes, read as it comes.

use ssss_client::ssss_model::SecretName;
use ssss_client::{IdentityState, Pairing};

use crate::published_fixture::{Fixture, JS_SDK};

#[test]
fn what_js_sdk_published_is_read_whole() {
    for case in JS_SDK {
        let fixture = Fixture::js_sdk(case);
        let published = fixture.published();
        assert_eq!(published.identity.state(), IdentityState::Sound, "{case}");
        assert!(!published.devices.is_empty());
        for device in published.devices.values() {
            assert!(
                device.is_signed_by_itself && device.is_cross_signed,
                "{case}: {device:?}"
            );
        }
        assert_eq!(published.backup.is_some(), case != "no-backup");
        if let Some(backup) = &published.backup {
            assert!(
                backup.is_supported() && backup.is_signed_by_master,
                "{case}"
            );
            assert!(backup.public_key.is_some() && backup.count == Some(0));
            assert_eq!(backup.etag.as_deref(), Some("0"));
            assert!(!backup.version.is_empty() && !backup.signed_by_devices.is_empty());
        }
    }
}

#[test]
fn the_secrets_that_js_sdk_stored_are_the_private_halves() {
    for case in JS_SDK {
        let fixture = Fixture::js_sdk(case);
        let published = fixture.published();
        for name in SecretName::CROSS_SIGNING {
            let secret = fixture.secret(name);
            assert_eq!(published.pairing(&secret), Some(Pairing::Matches), "{case}");
        }
        if published.backup.is_some() {
            let secret = fixture.secret(SecretName::MEGOLM_BACKUP);
            assert_eq!(published.pairing(&secret), Some(Pairing::Matches), "{case}");
        }
    }
}
