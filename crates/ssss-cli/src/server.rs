//! The account's homeserver, and a session on it.

use std::fs::File;
use std::sync::Arc;
use std::time::Duration;

use ssss_client::ssss_model::ruma_common::{OwnedUserId, UserId};
use ssss_client::ssss_model::zeroize::Zeroizing;
use ssss_client::{
    AccountDataError, AccountDataErrorKind, Homeserver, HomeserverAccount, HomeserverOptions,
    LoggedIn, quoted,
};

use crate::approval::AskOwner;
use crate::args::Global;
use crate::code::Code;
use crate::failure::Failure;
use crate::output::Output;
use crate::password::Password;
use crate::place::{ServerPlace, variable};
use crate::prompt::Prompt;
use crate::runtime::block_on;
use crate::saved_session::{SavedSession, SessionFile};
use crate::secret_file::SecretFile;
use crate::secret_io::{self, ReadError};
use crate::sign_out::SignOut;
use crate::state_folder;

/// The name of our device in lists of sessions.
pub(crate) const DEVICE_NAME: &str = "ssss";

/// An account on a homeserver, with a session.
#[derive(Debug)]
pub(crate) struct Server {
    pub(crate) account: Arc<HomeserverAccount>,
    /// Whether the session is for this command only.
    is_ephemeral: bool,
}

impl Server {
    /// Connects, with the access token that was given, or a saved session, or else one for this
    /// command only, for which a password is asked.
    pub(crate) fn connect(
        place: &ServerPlace,
        global: &Global,
        prompt: &Prompt,
        output: &Output,
    ) -> Result<Self, Failure> {
        let password = Password::new(global, prompt, output);
        let approval = Arc::new(AskOwner::new(password.clone(), prompt));
        let options = options(global)?;
        if let Some(token) = access_token(global, output)? {
            let server = find(place, &options)?;
            let account = block_on(HomeserverAccount::of_token(server, token))?;
            require_user(place, &account)?;
            let account = Arc::new(account.with_approval(approval));
            return Ok(Self {
                account,
                is_ephemeral: false,
            });
        }
        let Some(user) = &place.user else {
            return Err(Failure::usage("it is not said whose account this is")
                .try_this("-u @name:server, or --access-token-file FILE"));
        };
        let file = SessionFile::of_account(&state_folder::of_user(user)?);
        if let Some(saved) = file.load()? {
            let account = resume(place, &file, saved, &options)?.with_approval(approval);
            return Ok(Self {
                account: Arc::new(account),
                is_ephemeral: false,
            });
        }
        let Some(password) = password.get(user)? else {
            return Err(Failure::login_needed(user));
        };
        let server = find(place, &options)?;
        let sign_out = SignOut::listen();
        let begun = begin(&server, user, &password, false)?;
        sign_out.begun(server.url(), options, &begun);
        output.note("logged in for this command only");
        let LoggedIn {
            user_id,
            device_id,
            tokens,
            ..
        } = begun;
        let account = HomeserverAccount::new(server, user_id, Some(device_id), tokens);
        Ok(Self {
            account: Arc::new(account.with_approval(approval)),
            is_ephemeral: true,
        })
    }

    /// Ends a session that was for this command only.
    pub(crate) fn close(self, output: &Output) {
        if self.is_ephemeral
            && let Err(error) = block_on(self.account.log_out())
        {
            output.warning(&not_ended(&error));
        }
    }
}

/// The account of a saved session. Its tokens go to the homeserver that gave them, and to no other.
pub(crate) fn resume(
    place: &ServerPlace,
    file: &SessionFile,
    saved: SavedSession,
    options: &HomeserverOptions,
) -> Result<HomeserverAccount, Failure> {
    let server = block_on(Homeserver::connect(&saved.homeserver, options))?;
    if let Some(url) = &place.url {
        let other = block_on(Homeserver::connect(url, options))?;
        if other.url() != server.url() {
            return Err(Failure::new(
                Code::Usage,
                "other-homeserver",
                format!("the saved session is not one on {}", quoted(other.url())),
            )
            .because(format!("it is on {}", quoted(server.url())))
            .try_this("without --homeserver and SSSS_HOMESERVER; or log out of the one first"));
        }
    }
    let keeper = file.keeper(saved.device_id.clone());
    let device = Some(saved.device_id);
    let account = HomeserverAccount::new(server, saved.user_id, device, saved.tokens);
    Ok(account.keep_tokens(Box::new(keeper)))
}

/// Finds the homeserver: where it was said to be, or is by the user's id.
fn find(place: &ServerPlace, options: &HomeserverOptions) -> Result<Homeserver, Failure> {
    Ok(match (place.url.as_deref(), &place.user) {
        (Some(url), _) => block_on(Homeserver::connect(url, options))?,
        (None, Some(user)) => block_on(Homeserver::discover(user, options))?,
        (None, None) => return Err(Failure::usage("no account was given")),
    })
}

/// How to speak to it, as the options say.
pub(crate) fn options(global: &Global) -> Result<HomeserverOptions, Failure> {
    let mut options = HomeserverOptions {
        timeout: Duration::from_secs(global.timeout),
        ..HomeserverOptions::default()
    };
    if let Some(path) = &global.ca_file {
        options.extra_certificates = std::fs::read(path).map_err(|error| {
            Failure::local(format!("{} cannot be read", path.display()), &error)
        })?;
    }
    Ok(options)
}

/// The access token that was given, in a file, a descriptor, or the environment.
fn access_token(global: &Global, output: &Output) -> Result<Option<Zeroizing<String>>, Failure> {
    const LIMIT: usize = 64 << 10;
    let (file, message) = match (&global.access_token_file, global.access_token_fd) {
        (Some(path), _) => {
            let file = SecretFile {
                what: "access token",
                named_by: "--access-token-file",
                path,
            };
            file.open_private(output)?
        }
        (None, Some(number)) => {
            let message = format!("the access token cannot be read from file descriptor {number}");
            match File::open(format!("/dev/fd/{number}")) {
                Ok(file) => (file, message),
                Err(error) => return Err(Failure::local(message, &error)),
            }
        }
        (None, None) => return Ok(variable("SSSS_ACCESS_TOKEN").map(Zeroizing::new)),
    };
    let text = secret_io::read(file, LIMIT).map_err(|error| match error {
        ReadError::Io(error) => Failure::local(&message, &error),
        ReadError::TooLong(_) | ReadError::NotText => {
            Failure::usage(&message).because("it is too long for a token, or no text")
        }
    })?;
    let token = Zeroizing::new(text.trim().to_owned());
    if token.is_empty() {
        return Err(Failure::usage(message).because("it is empty"));
    }
    Ok(Some(token))
}

/// A token of another account is a mistake that must not write anywhere.
fn require_user(place: &ServerPlace, account: &HomeserverAccount) -> Result<(), Failure> {
    match &place.user {
        Some(user) if user != account.user_id() => Err(Failure::new(
            Code::Usage,
            "other-user",
            format!("the access token is not one of {user}"),
        )
        .because(format!(
            "it belongs to {}",
            quoted(account.user_id().as_str())
        ))),
        _ => Ok(()),
    }
}

/// Begins a session that is saved. If it cannot be, it is ended: nobody else has its tokens.
pub(crate) fn log_in(
    place: &ServerPlace,
    user: &OwnedUserId,
    global: &Global,
    output: &Output,
    password: &str,
    file: &SessionFile,
) -> Result<SavedSession, Failure> {
    let server = find(place, &options(global)?)?;
    let begun = begin(&server, user, password, true)?;
    let saved = SavedSession {
        homeserver: server.url().to_owned(),
        user_id: begun.user_id,
        device_id: begun.device_id,
        tokens: begun.tokens,
    };
    if let Err(failure) = file.save(&saved) {
        let account = HomeserverAccount::new(server, saved.user_id, None, saved.tokens);
        if let Err(error) = block_on(account.log_out()) {
            output.warning(&not_ended(&error));
        }
        return Err(failure);
    }
    Ok(saved)
}

/// That a session goes on.
fn not_ended(error: &AccountDataError) -> String {
    format!(
        "the session of this command could not be ended ({error}); remove the device {DEVICE_NAME} in another client"
    )
}

fn begin(
    server: &Homeserver,
    user: &UserId,
    password: &str,
    lasting: bool,
) -> Result<LoggedIn, Failure> {
    let begun = block_on(server.log_in_by_password(user, password, DEVICE_NAME, lasting));
    begun.map_err(|error| match error.kind() {
        AccountDataErrorKind::Forbidden => Failure::new(
            Code::LoginNeeded,
            "wrong-password",
            format!("{user} cannot log in"),
        )
        .because(error.to_string())
        .try_this("look at the user id and the password, which is not the recovery key"),
        _ => error.into(),
    })
}
