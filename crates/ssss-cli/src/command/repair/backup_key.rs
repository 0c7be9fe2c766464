//! `ssss repair backup-key`

use ssss_client::ssss_model::rand_core::UnwrapErr;
use ssss_client::ssss_model::{Secret, SecretName};
use ssss_client::{BackupKey, Pairing, Published, PublishedBackup, ResetBackup, quoted};

use super::Repair;
use crate::args;
use crate::code::Code;
use crate::command::{secret_names, server_place};
use crate::failure::Failure;
use crate::key_input::NO_TERMINAL;
use crate::prompt::Prompt;
use crate::runtime::block_on;
use crate::session::Session;

impl Repair<'_> {
    /// Puts the key of the server's backup in its place, from wherever it is stored, or makes a new
    /// backup.
    pub(super) fn backup_key(self, args: &args::BackupKey) -> Result<Code, Failure> {
        let abandon = secret_names(&args.abandon.abandon)?;
        let Some(server) = self.account.homeserver() else {
            return Err(
                Failure::usage("a file does not say which key backup the server has")
                    .try_this("-u @name:server"),
            );
        };
        let published = block_on(server.published())?;
        if args.new {
            return self.new_backup(args, &published, &abandon);
        }
        let Some(backup) = published.backup.clone() else {
            return Err(
                Failure::new(Code::NoSuch, "no-backup", "the server has no key backup").try_this(
                    format!(
                        "{} makes one for the key that is stored; {} makes a new key, too",
                        self.session.command("bootstrap"),
                        self.session.command("repair backup-key --new")
                    ),
                ),
            );
        };
        let session = self.session;
        let is_current = |secret: &Secret| published.pairing(secret) == Some(Pairing::Matches);
        let done = self.carry_out("and of those that open old backup keys", async |storage| {
            let mut rng = UnwrapErr(getrandom::SysRng);
            let losses = storage
                .repair_backup_key(is_current, &abandon, &mut rng)
                .await?;
            let done = format!(
                "The key of backup version {} is in its place.",
                quoted(&backup.version)
            );
            Ok((done, losses))
        });
        done.map_err(|failure| match failure.kind {
            "no-such-secret" => Failure::new(
                Code::NoSuch,
                "no-backup-key",
                format!(
                    "no stored secret is the key of backup version {}",
                    quoted(&backup.version)
                ),
            )
            .because("another device may have it")
            .try_this(format!(
                "have that device store it; or make a new backup: {}",
                session.command("repair backup-key --new")
            )),
            _ => failure,
        })
    }

    fn new_backup(
        self,
        args: &args::BackupKey,
        published: &Published,
        abandon: &[SecretName],
    ) -> Result<Code, Failure> {
        let session = self.session;
        let old = published.backup.clone().filter(|_| args.delete_old);
        if let Some(old) = &old {
            require_meant(session, old)?;
        }
        let server = &session.server(&server_place(session)?)?.account;
        let key = BackupKey::random(&mut UnwrapErr(getrandom::SysRng));
        let public = key.public_key();
        let done = self.carry_out(
            "and of those that open the old backup key",
            async |storage| {
                let options = ResetBackup {
                    key: key.secret(),
                    version: published
                        .backup
                        .as_ref()
                        .map(|backup| backup.version.as_str()),
                    abandon,
                };
                let mut rng = UnwrapErr(getrandom::SysRng);
                let losses = storage.reset_backup(options, &mut rng).await?;
                Ok((
                    "There is a new key backup, and its key is stored.".to_owned(),
                    losses,
                ))
            },
        )?;
        let Some(old) = old.filter(|_| !session.global.dry_run) else {
            return Ok(done);
        };
        // Only once the new one is seen to be there is the old one retired.
        let now = block_on(server.published())?;
        let is_new = now
            .backup
            .is_some_and(|backup| backup.public_key == Some(public));
        if !is_new {
            return Err(Failure::new(
                Code::Conflict,
                "conflict",
                "the old backup was not deleted, because another client has made one meanwhile",
            )
            .try_this(session.command("doctor")));
        }
        block_on(server.delete_backup(&old.version))?;
        session
            .output
            .note(&format!("deleted backup version {}", quoted(&old.version)));
        Ok(done)
    }
}

/// What only the old backup has is lost with it.
fn require_meant(session: &Session<'_>, old: &PublishedBackup) -> Result<(), Failure> {
    if session.global.yes || session.global.dry_run {
        return Ok(());
    }
    let version = quoted(&old.version);
    let declined = Failure::not_confirmed("nothing was written and nothing deleted");
    if !session.prompt.can_confirm() {
        return Err(declined
            .because(format!(
                "keys that only backup version {version} has would be lost"
            ))
            .try_this("without --delete-old it stays, and its key with it; --yes deletes it"));
    }
    let count = old
        .count
        .map_or("an unknown number of".to_owned(), |count| count.to_string());
    let question = format!(
        "Backup version {version} has {count} keys. Those that no device has besides are lost with it. Delete it?"
    );
    match Prompt::confirm(&question) {
        Ok(true) => Ok(()),
        Ok(false) => Err(declined),
        Err(error) => Err(Failure::local(NO_TERMINAL, &error)),
    }
}
