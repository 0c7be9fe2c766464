//! `ssss logout`

use serde::Serialize;
use ssss_client::{AccountDataErrorKind, quoted};

use super::{nothing_to_rehearse, server_place};
use crate::code::Code;
use crate::failure::Failure;
use crate::runtime::block_on;
use crate::saved_session::SessionFile;
use crate::server;
use crate::session::Session;
use crate::state_folder;

#[derive(Serialize)]
struct LogoutDocument<'a> {
    user_id: &'a str,
    device_id: &'a str,
}

/// Ends the session that `ssss login` saved.
pub(super) fn run(session: &Session<'_>) -> Result<Code, Failure> {
    nothing_to_rehearse(session)?;
    let place = server_place(session)?;
    let Some(user) = &place.user else {
        return Err(Failure::usage("it is not said who is to log out").try_this("-u @name:server"));
    };
    let file = SessionFile::of_account(&state_folder::of_user(user)?);
    let saved = file.load()?.ok_or_else(|| {
        Failure::new(
            Code::LoginNeeded,
            "login-needed",
            format!("there is no saved session of {user}"),
        )
    })?;
    let options = server::options(session.global)?;
    let device = saved.device_id.clone();
    let account = server::resume(&place, &file, saved, &options)?;
    match block_on(account.log_out()) {
        // It has ended already.
        Err(error) if error.kind() != AccountDataErrorKind::LoginNeeded => return Err(error.into()),
        _ => file.remove()?,
    }
    let document = LogoutDocument {
        user_id: user.as_str(),
        device_id: device.as_str(),
    };
    session.output.result(&document, || {
        format!(
            "Logged out device {} of {}.\n",
            quoted(document.device_id),
            document.user_id
        )
    });
    Ok(Code::Done)
}
