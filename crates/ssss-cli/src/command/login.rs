//! `ssss login`

use serde::Serialize;
use ssss_client::quoted;

use super::{nothing_to_rehearse, server_place};
use crate::code::Code;
use crate::failure::Failure;
use crate::password::Password;
use crate::saved_session::SessionFile;
use crate::server;
use crate::session::Session;
use crate::state_folder;

#[derive(Serialize)]
struct LoginDocument<'a> {
    user_id: &'a str,
    device_id: &'a str,
    homeserver: &'a str,
    saved_in: String,
}

/// Logs in with a password, and saves the session for later commands.
pub(super) fn run(session: &Session<'_>) -> Result<Code, Failure> {
    nothing_to_rehearse(session)?;
    let place = server_place(session)?;
    let Some(user) = &place.user else {
        return Err(Failure::usage("it is not said who is to log in").try_this("-u @name:server"));
    };
    let file = SessionFile::of_account(&state_folder::of_user(user)?);
    if let Some(saved) = file.load()? {
        return Err(
            Failure::usage(format!("there is a session of {user} already"))
                .because(format!(
                    "device {} in {}",
                    quoted(saved.device_id.as_str()),
                    file.path().display()
                ))
                .try_this(session.command("logout")),
        );
    }
    let password = Password::new(session.global, &session.prompt, session.output).get(user)?;
    let password = password.ok_or_else(|| {
        Failure::login_needed(user).try_this("run it at a terminal, or with --password-file FILE")
    })?;
    let saved = server::log_in(
        &place,
        user,
        session.global,
        session.output,
        &password,
        &file,
    )?;
    let document = LoginDocument {
        user_id: saved.user_id.as_str(),
        device_id: saved.device_id.as_str(),
        homeserver: &saved.homeserver,
        saved_in: file.path().display().to_string(),
    };
    session.output.result(&document, || {
        format!(
            "Logged in as {} on {}, device {}.\nThe session is in {}, which only you can read.\nnext: {}\n",
            document.user_id,
            document.homeserver,
            quoted(document.device_id),
            document.saved_in,
            session.command("status")
        )
    });
    Ok(Code::Done)
}
