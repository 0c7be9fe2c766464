//! `ssss whoami`

use serde::Serialize;
use ssss_client::quoted;

use super::server_place;
use crate::code::Code;
use crate::failure::Failure;
use crate::runtime::block_on;
use crate::session::Session;

#[derive(Serialize)]
struct WhoAmIDocument<'a> {
    user_id: &'a str,
    device_id: Option<&'a str>,
    homeserver: &'a str,
}

/// Asks the homeserver whose session this is.
pub(super) fn run(session: &Session<'_>) -> Result<Code, Failure> {
    let place = server_place(session)?;
    let account = &session.server(&place)?.account;
    let (user, device) = block_on(account.who_am_i())?;
    let document = WhoAmIDocument {
        user_id: user.as_str(),
        device_id: device.as_ref().map(|device| device.as_str()),
        homeserver: account.homeserver().url(),
    };
    session.output.result(&document, || {
        let device = document.device_id.map_or("no device".to_owned(), |device| {
            format!("device {}", quoted(device))
        });
        format!(
            "{} on {}, {device}\n",
            quoted(document.user_id),
            quoted(document.homeserver)
        )
    });
    Ok(Code::Done)
}
