//! `ssss put`

use std::path::Path;

use serde::Serialize;
use ssss_client::ssss_model::rand_core::UnwrapErr;
use ssss_client::ssss_model::zeroize::Zeroizing;
use ssss_client::ssss_model::{KeyId, Secret, SecretName};
use ssss_client::{Overwrite, Stored, UnlockScope, quoted};

use super::{rehearsal, secret_name};
use crate::account::Access;
use crate::args;
use crate::code::Code;
use crate::failure::Failure;
use crate::key_input::KeyInput;
use crate::runtime::block_on;
use crate::secret_file::SecretFile;
use crate::secret_io::{self, ReadError};
use crate::session::{self, Session};

#[derive(Serialize)]
struct PutDocument<'a> {
    name: &'a str,
    keys: Vec<&'a str>,
    /// Those of them for which something else was stored before.
    replaced: Vec<&'a str>,
    stale: Vec<&'a str>,
}

/// Stores a secret, sealed for the default key.
pub(super) fn run(session: &Session<'_>, args: &args::Put) -> Result<Code, Failure> {
    let name = secret_name(&args.name)?;
    let is_stdin = args.file.as_os_str() == "-";
    if is_stdin && session.key_source.takes_stdin() {
        let message = "the value and the key cannot both come from standard input";
        return Err(Failure::usage(message).try_this("--key-file or --key-fd"));
    }
    let account = session.account_to_write(Access::Existing)?;
    let snapshot = session::snapshot_with(&account, &name)?;
    session.require_set_up(&snapshot)?;
    let secret = secret(&name, &args.file, is_stdin)?;
    let purpose = format!("to store {}", quoted(name.as_str()));
    let keys = KeyInput::new(session, &snapshot, UnlockScope::First, purpose);
    let log = session.change_log()?;
    let storage = session::storage(session, account, &keys, &log);
    let overwrite = if args.replace_damaged {
        Overwrite::Anything
    } else {
        Overwrite::Readable
    };
    let mut rng = UnwrapErr(getrandom::SysRng);
    let stored = block_on(storage.store(&secret, &[], overwrite, &mut rng))
        .map_err(|error| session::change_failure(session, error, &storage, &keys))?;
    if session.global.dry_run {
        rehearsal::print(session, log.plan().as_ref());
    } else {
        report(session, &name, &stored);
    }
    Ok(Code::Done)
}

/// Reads the value.
fn secret(name: &SecretName, path: &Path, is_stdin: bool) -> Result<Secret, Failure> {
    let (file, message) = if is_stdin {
        let message = "the value cannot be read from standard input".to_owned();
        match secret_io::stdin() {
            Ok(file) => (file, message),
            Err(error) => return Err(Failure::local(message, &error)),
        }
    } else {
        let file = SecretFile {
            what: "value",
            named_by: "FILE",
            path,
        };
        file.open()?
    };
    let text = secret_io::read(file, LIMIT).map_err(|error| match error {
        ReadError::Io(error) => Failure::local(&message, &error),
        ReadError::TooLong(limit) => {
            Failure::usage(message.as_str()).because(format!("it has more than {limit} bytes"))
        }
        ReadError::NotText => Failure::usage(message.as_str())
            .because("it is not text (UTF-8); encode it, such as in base64"),
    })?;
    // A key has no line break; the one that an editor or `echo` adds is not part of it.
    let text: Zeroizing<String> = if name.holds_key() {
        secret_io::without_line_break(text)
    } else {
        text
    };
    Secret::new(name.clone(), text).map_err(|error| {
        Failure::new(
            Code::Usage,
            "secret-value",
            format!("this value cannot be stored as {}", quoted(name.as_str())),
        )
        .because(error.to_string())
        .try_this("a value of 43 characters of base64, without padding")
    })
}

fn report(session: &Session<'_>, name: &SecretName, stored: &Stored) {
    let document = PutDocument {
        name: name.as_str(),
        keys: stored.keys.iter().map(KeyId::as_str).collect(),
        replaced: stored.replaced.iter().map(KeyId::as_str).collect(),
        stale: stored.stale.iter().map(KeyId::as_str).collect(),
    };
    let quoted_ids = |ids: &[KeyId]| {
        let ids: Vec<_> = ids.iter().map(|id| quoted(id.as_str())).collect();
        ids.join(", ")
    };
    if !stored.replaced.is_empty() {
        session.output.note(&format!(
            "another value was stored for {}; {} brings it back",
            quoted_ids(&stored.replaced),
            session.command("undo")
        ));
    }
    if !stored.stale.is_empty() {
        session.output.note(&format!(
            "the value that it had before stays stored for: {}",
            quoted_ids(&stored.stale)
        ));
    }
    session.output.result(&document, || {
        format!(
            "Stored {} for key {}, and read it back.\n",
            quoted(name.as_str()),
            quoted_ids(&stored.keys)
        )
    });
}

/// The longest value, in bytes.
const LIMIT: usize = 1 << 20;
