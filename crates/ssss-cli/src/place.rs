//! Where the account is.

use std::path::PathBuf;

use ssss_client::ssss_model::ruma_common::{OwnedUserId, UserId};
use ssss_client::{Homeserver, quoted};

use crate::args::Global;
use crate::failure::Failure;

/// Where the account is.
#[derive(Debug, Clone)]
pub(crate) enum Place {
    Stdin,
    File(PathBuf),
    Homeserver(ServerPlace),
}

/// An account on a homeserver, as far as the options and the environment say.
#[derive(Debug, Clone)]
pub(crate) struct ServerPlace {
    /// `None` where only an access token says whose it is.
    pub(crate) user: Option<OwnedUserId>,
    /// `None` where it is to be found by the user's id.
    pub(crate) url: Option<String>,
}

impl Place {
    /// What the options say, and else the environment.
    pub(crate) fn new(global: &Global) -> Result<Self, Failure> {
        if let Some(path) = &global.offline {
            if global.user.is_some() || global.homeserver.is_some() {
                let message = "--offline excludes --user and --homeserver";
                return Err(Failure::usage(message).try_this("give one of them"));
            }
            return Ok(if path.as_os_str() == "-" {
                Self::Stdin
            } else {
                Self::File(path.clone())
            });
        }
        let user = global.user.clone().or_else(|| variable("SSSS_USER"));
        let url = global
            .homeserver
            .clone()
            .or_else(|| variable("SSSS_HOMESERVER"));
        if user.is_none() && url.is_none() {
            return Err(Failure::usage("no account was given")
                .because("it may be on a homeserver, or its data in a file")
                .try_this("ssss -u @name:server status, or ssss --offline FILE status"));
        }
        let user = user.map(|user| user_id(&user)).transpose()?;
        if let Some(url) = &url {
            Homeserver::check_address(url).map_err(|error| {
                Failure::usage("this cannot be a homeserver's address")
                    .because(error.to_string())
                    .try_this("--homeserver https://matrix.example.org")
            })?;
        }
        Ok(Self::Homeserver(ServerPlace { user, url }))
    }
}

fn user_id(text: &str) -> Result<OwnedUserId, Failure> {
    UserId::parse(text).map_err(|_| {
        Failure::usage(format!("{} is no user id", quoted(text)))
            .because("a user id looks like @name:server")
    })
}

/// A variable of the environment that is set, and not to nothing.
pub(crate) fn variable(name: &str) -> Option<String> {
    std::env::var(name).ok().filter(|value| !value.is_empty())
}
