//! `ssss sign-device`

use serde::Serialize;
use ssss_client::ssss_model::ruma_common::OwnedDeviceId;
use ssss_client::ssss_model::{Secret, SecretName};
use ssss_client::{
    HomeserverAccount, Published, PublishedDevice, SignDeviceError, UnlockScope, quoted,
};

use super::server_place;
use crate::args;
use crate::code::Code;
use crate::failure::Failure;
use crate::key_input::{KeyInput, NO_TERMINAL};
use crate::prompt::Prompt;
use crate::runtime::block_on;
use crate::session::{self, Session};

#[derive(Serialize)]
struct SignDeviceDocument<'a> {
    user_id: &'a str,
    device_id: &'a str,
    fingerprint: String,
    signed: bool,
    was_signed_before: bool,
}

/// Signs a device with the self-signing key.
pub(super) fn run(session: &Session<'_>, args: &args::SignDevice) -> Result<Code, Failure> {
    let place = server_place(session)?;
    let server = &session.server(&place)?.account;
    let device = device_id(session, args, server)?;
    let published = block_on(server.published())?;
    let to_sign = published
        .device_to_sign(&device, args.fingerprint.as_deref())
        .map_err(|error| refused(session, &error))?;
    let fingerprint = to_sign.fingerprint().unwrap_or_default();
    let document = |signed, was_signed_before| SignDeviceDocument {
        user_id: server.user_id().as_str(),
        device_id: device.as_str(),
        fingerprint: fingerprint.clone(),
        signed,
        was_signed_before,
    };
    if to_sign.is_cross_signed {
        session.output.result(&document(true, true), || {
            format!("Device {} is signed already.\n", quoted(device.as_str()))
        });
        return Ok(Code::Done);
    }
    require_meant(session, args, server, to_sign, &fingerprint)?;
    let self_signing = self_signing_key(session)?;
    let fingerprint_given = args.fingerprint.as_deref();
    let body = published
        .sign_device(&device, fingerprint_given, &self_signing)
        .map_err(|error| refused(session, &error))?;
    if session.global.dry_run {
        session.output.result(&document(false, false), || {
            format!(
                "It would sign device {}. Nothing was changed.\n",
                quoted(device.as_str())
            )
        });
        return Ok(Code::Done);
    }
    block_on(server.upload_signatures(&body))?;
    let after: Published = block_on(server.published())?;
    if !after
        .device(&device)
        .is_some_and(|device| device.is_cross_signed)
    {
        return Err(Failure::new(
            Code::ServerRefused,
            "not-signed",
            format!("the homeserver took the signature of device {device} and does not show it"),
        )
        .try_this("run it again"));
    }
    session.output.result(&document(true, false), || {
        format!(
            "Signed device {}, whose key is\n  {fingerprint}\n",
            quoted(device.as_str())
        )
    });
    Ok(Code::Done)
}

fn device_id(
    session: &Session<'_>,
    args: &args::SignDevice,
    server: &HomeserverAccount,
) -> Result<OwnedDeviceId, Failure> {
    match (&args.device, server.device_id()) {
        (Some(device), _) => Ok(device.as_str().into()),
        (None, Some(device)) => Ok(device.to_owned()),
        (None, None) => Err(Failure::usage("it is not said which device")
            .because("the access token belongs to no device")
            .try_this(session.command("sign-device DEVICE"))),
    }
}

/// A homeserver can show any key as a device's. Somebody must say that this is the one.
fn require_meant(
    session: &Session<'_>,
    args: &args::SignDevice,
    server: &HomeserverAccount,
    device: &PublishedDevice,
    fingerprint: &str,
) -> Result<(), Failure> {
    let is_own = server.device_id() == Some(&device.id);
    if args.fingerprint.is_some() || (args.trust_server && is_own) {
        return Ok(());
    }
    let device = quoted(device.id.as_str());
    let not_confirmed = Failure::not_confirmed(format!("device {device} was not signed"));
    if !session.prompt.can_confirm() {
        return Err(not_confirmed
            .because(format!("nobody said that its key is {fingerprint}"))
            .try_this("--fingerprint ED25519, or --trust-server for this session's own device"));
    }
    let question = format!(
        "The homeserver says that device {device} has the key\n  {fingerprint}\nCompare it with what the device itself shows. Is it the same?"
    );
    match Prompt::confirm(&question) {
        Ok(true) => Ok(()),
        Ok(false) => Err(not_confirmed),
        Err(error) => Err(Failure::local(NO_TERMINAL, &error)),
    }
}

fn self_signing_key(session: &Session<'_>) -> Result<Secret, Failure> {
    let account = session.account_to_read()?;
    let snapshot = session::snapshot(&account)?;
    session.require_set_up(&snapshot)?;
    let keys = KeyInput::new(session, &snapshot, UnlockScope::First, "to sign the device");
    let storage = session.storage(account, &keys);
    let name = SecretName::CROSS_SIGNING_SELF_SIGNING;
    let secret = block_on(storage.get(&name)).map_err(|error| session::failure(error, &keys))?;
    secret.ok_or_else(|| {
        Failure::new(
            Code::NoSuch,
            "no-such-secret",
            "the key that signs devices is not in secret storage",
        )
        .because(format!("there is no {name}"))
        .try_this("unlock a device that has the private keys, and have it store them")
    })
}

fn refused(session: &Session<'_>, error: &SignDeviceError) -> Failure {
    let (code, kind) = match error {
        SignDeviceError::NoSuchDevice(_) => (Code::NoSuch, "no-such-device"),
        SignDeviceError::OtherFingerprint(..) => (Code::Refused, "other-fingerprint"),
        SignDeviceError::NoIdentity => (Code::NotSetUp, "no-identity"),
        _ => (Code::Damaged, "device-damaged"),
    };
    Failure::new(code, kind, "the device was not signed")
        .because(error.to_string())
        .try_this(session.command("doctor"))
}
