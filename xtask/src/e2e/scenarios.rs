//! What one side does and the other one sees, each on a fresh account.

mod checks;
mod example;
mod js_sdk;
mod mautrix;

pub(super) use self::checks::is_at_home;
use super::ground::Ground;
use crate::Result;

/// A name for people, and what is done. It fails where something is not as it should be.
pub(super) type Scenario = (&'static str, fn(&Ground<'_>) -> Result);

pub(super) const SCENARIOS: &[Scenario] = &[
    // It may have to be built, while the others run.
    ("the guide's complete example, in Rust", example::runs),
    (
        "js-sdk and mautrix agree with each other",
        mautrix::agrees_with_js_sdk,
    ),
    ("damage and wrong keys are noticed", checks::notice_damage),
    (
        "js-sdk sets up with a random key, we unlock",
        js_sdk::sets_up_random,
    ),
    (
        "js-sdk sets up with a passphrase, we unlock",
        js_sdk::sets_up_with_a_passphrase,
    ),
    ("js-sdk rotates, we follow", js_sdk::rotates),
    ("mautrix sets up, we unlock", mautrix::sets_up),
    (
        "mautrix sets up with a passphrase, we unlock",
        mautrix::sets_up_with_a_passphrase,
    ),
    ("we set up, js-sdk is at home", js_sdk::is_at_home),
    (
        "we set up, mautrix unlocks and is cross-signed",
        mautrix::is_at_home,
    ),
    (
        "we rotate, js-sdk opens with the new key only",
        js_sdk::opens_with_the_new_key,
    ),
    (
        "we rotate and revoke, mautrix opens with the new key only",
        mautrix::opens_with_the_new_key,
    ),
    (
        "we make a new key backup, js-sdk enables it",
        js_sdk::enables_the_new_backup,
    ),
    (
        "we sign a device, js-sdk sees it verified",
        js_sdk::sees_the_signed_device,
    ),
    (
        "we disable, both see nothing set up",
        js_sdk::sees_nothing_set_up,
    ),
];
