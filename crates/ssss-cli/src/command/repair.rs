//! `ssss repair`

mod backup_key;

use std::ffi::OsStr;

use ssss_client::ssss_model::rand_core::UnwrapErr;
use ssss_client::ssss_model::{KeyDescription, KeyId, NewKey, Snapshot};
use ssss_client::{Error, Loss, OldKey, UnlockScope, quoted};

use super::rotate::{NOTHING, NewKeyPut};
use super::{changed, existing_secret, secret_names};
use crate::account::{Access, Account};
use crate::args::{self, RepairCommand};
use crate::ceremony::Ceremony;
use crate::code::Code;
use crate::failure::Failure;
use crate::key_input::KeyInput;
use crate::repair_words::words;
use crate::runtime::block_on;
use crate::session::{self, Session, Storage};

/// Puts one thing right.
pub(super) fn run(session: &Session<'_>, command: &RepairCommand) -> Result<Code, Failure> {
    let account = session.account_to_write(Access::Existing)?;
    let snapshot = match command {
        RepairCommand::Entry { name, .. }
        | RepairCommand::DropEntry { name, .. }
        | RepairCommand::Legacy { name } => {
            session::snapshot_with(&account, &existing_secret(name)?)?
        }
        _ => session::snapshot(&account)?,
    };
    session.require_set_up(&snapshot)?;
    let repair = Repair {
        session,
        account,
        snapshot,
    };
    match command {
        RepairCommand::DefaultKey { abandon } => repair.default_key(abandon),
        RepairCommand::Entry { name, key_id } => repair.entry(name, key_id.as_deref()),
        RepairCommand::DropEntry { name, id, abandon } => repair.drop_entry(name, id, abandon),
        RepairCommand::KeyCheck { id } => repair.key_check(id),
        RepairCommand::Legacy { name } => repair.legacy(name),
        RepairCommand::Passphrase { id, abandon } => repair.passphrase(id, abandon),
        RepairCommand::BackupKey(args) => repair.backup_key(args),
    }
}

struct Repair<'a> {
    session: &'a Session<'a>,
    account: Account,
    snapshot: Snapshot,
}

impl Repair<'_> {
    fn default_key(self, abandon: &args::Abandon) -> Result<Code, Failure> {
        let abandon = secret_names(&abandon.abandon)?;
        self.carry_out("of the key that is to be the default", async |storage| {
            let id = storage.repair_default_key(&abandon).await?;
            let done = format!("Key {} is the default.", quoted(id.as_str()));
            Ok((done, Vec::new()))
        })
    }

    fn entry(self, name: &OsStr, id: Option<&OsStr>) -> Result<Code, Failure> {
        let name = existing_secret(name)?;
        let id = id.map(|id| self.session.key_id(&self.snapshot, id));
        let id: Option<KeyId> = id.transpose()?;
        let purpose = "of the key to seal it for, and of one that opens it";
        self.carry_out(purpose, async |storage| {
            let mut rng = UnwrapErr(getrandom::SysRng);
            let losses = storage.repair_entry(&name, id.as_ref(), &mut rng).await?;
            let done = format!("Sealed {} anew, and opened it.", quoted(name.as_str()));
            Ok((done, losses))
        })
    }

    fn drop_entry(
        self,
        name: &OsStr,
        id: &OsStr,
        abandon: &args::Abandon,
    ) -> Result<Code, Failure> {
        let abandon = secret_names(&abandon.abandon)?;
        let name = existing_secret(name)?;
        let id = id.to_str().and_then(|id| KeyId::new(id).ok());
        let id = id.ok_or_else(|| Failure::usage("a key id is text (UTF-8) and not empty"))?;
        self.carry_out("of a key that opens it otherwise", async |storage| {
            let losses = storage.drop_entry(&name, &id, &abandon).await?;
            let done = format!(
                "Took what {} had for key {} away.",
                quoted(name.as_str()),
                quoted(id.as_str())
            );
            Ok((done, losses))
        })
    }

    fn key_check(self, id: &OsStr) -> Result<Code, Failure> {
        let id = self.session.key_id(&self.snapshot, id)?;
        self.carry_out("of this key", async |storage| {
            let mut rng = UnwrapErr(getrandom::SysRng);
            storage.repair_key_check(&id, &mut rng).await?;
            let done = format!("Key {} has a new check.", quoted(id.as_str()));
            Ok((done, Vec::new()))
        })
    }

    fn legacy(self, name: &OsStr) -> Result<Code, Failure> {
        let name = existing_secret(name)?;
        self.carry_out("to write it anew", async |storage| {
            let mut rng = UnwrapErr(getrandom::SysRng);
            storage.repair_legacy(&name, &mut rng).await?;
            let done = format!("Wrote {} as clients write it today.", quoted(name.as_str()));
            Ok((done, Vec::new()))
        })
    }

    fn carry_out(
        self,
        purpose: &str,
        operation: impl AsyncFnOnce(&Storage<'_>) -> Result<(String, Vec<Loss>), Error>,
    ) -> Result<Code, Failure> {
        let Self {
            session,
            account,
            snapshot,
        } = self;
        let keys = KeyInput::new(session, &snapshot, UnlockScope::Every, purpose);
        let log = session.change_log()?;
        let storage = session::storage(session, account, &keys, &log);
        let (done, losses) = block_on(operation(&storage))
            .map_err(|error| session::change_failure(session, error, &storage, &keys))?;
        Ok(changed::report(session, &log, &losses, &done))
    }

    /// A new key from the same passphrase, in the place of the default key.
    fn passphrase(self, id: &OsStr, abandon: &args::Abandon) -> Result<Code, Failure> {
        let Self {
            session,
            account,
            snapshot,
        } = self;
        let id = session.key_id(&snapshot, id)?;
        if snapshot.default_key_id() != Some(&id) {
            return Err(Failure::new(
                Code::Refused,
                "not-the-default",
                format!("key {} is not the default key", quoted(id.as_str())),
            )
            .because("its place can be taken by adding a key and removing this one")
            .try_this(format!(
                "{}, then {}",
                session.command("add-key --passphrase"),
                session.command(&words("remove-key", &[id.as_str()]))
            )));
        }
        let purpose = "the passphrase, not the recovery key";
        let keys = KeyInput::new(session, &snapshot, UnlockScope::First, purpose);
        let args = args::NewKey {
            passphrase: false,
            passphrase_file: None,
            name: None,
        };
        let ceremony = Ceremony::new(session, &args, NOTHING);
        let create_key = || {
            let description = snapshot.key(&id).present();
            let passphrase = description.map(|key| keys.find_passphrase(key));
            let passphrase = passphrase.transpose()?.flatten().ok_or_else(|| {
                Failure::new(
                    Code::NoKey,
                    "no-passphrase",
                    "the passphrase itself is needed to make a new key from it",
                )
                .because("a recovery key was given")
                .try_this(session.command("rotate --passphrase"))
            })?;
            let mut rng = UnwrapErr(getrandom::SysRng);
            let mut builder = NewKey::from_passphrase(&passphrase, &mut rng);
            if let Some(name) = description.and_then(KeyDescription::name) {
                builder = builder.name(name);
            }
            let key = builder.build(&mut rng);
            ceremony.show(&key)?;
            Ok(key)
        };
        let put = NewKeyPut {
            session,
            account,
            snapshot: &snapshot,
            keys: &keys,
            ceremony: &ceremony,
        };
        put.run(&OldKey::Revoked(id.clone()), abandon, create_key)
    }
}
