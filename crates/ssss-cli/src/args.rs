//! What stands on the command line.

mod usage;

use std::ffi::OsString;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Args, Parser, Subcommand, ValueEnum};
use clap_complete::Shell;

/// Look at, unlock, set up, change and repair Matrix secret storage (4S).
#[derive(Debug, Parser)]
#[command(
    name = "ssss",
    version,
    disable_help_subcommand = true,
    max_term_width = 100,
    after_help = "Topics: ssss help exit-codes | keys | homeserver | environment | glossary"
)]
pub(crate) struct Cli {
    #[command(flatten)]
    pub(crate) global: Global,
    #[command(subcommand)]
    pub(crate) command: Command,
}

/// What every command takes.
#[expect(clippy::struct_excessive_bools, reason = "each is a flag of its own")]
#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "Options of every command")]
pub(crate) struct Global {
    /// Account data in a JSON file: a {type: content} map, a /sync body, a list of events, or
    /// Synapse's admin or export output; `-` is standard input
    #[arg(long, value_name = "FILE", global = true)]
    pub(crate) offline: Option<PathBuf>,
    /// The account: @name:server. Its homeserver is found by the server's name [env: `SSSS_USER`]
    #[arg(short, long, value_name = "ID", global = true)]
    pub(crate) user: Option<String>,
    /// The homeserver's address, if it is not to be found by the user's id [env: `SSSS_HOMESERVER`]
    #[arg(long, value_name = "URL", global = true)]
    pub(crate) homeserver: Option<String>,
    /// Read an access token from a file. It is used as it is [env: `SSSS_ACCESS_TOKEN` holds one]
    #[arg(
        long,
        value_name = "FILE",
        global = true,
        conflicts_with = "access_token_fd"
    )]
    pub(crate) access_token_file: Option<PathBuf>,
    /// Read an access token from an open file descriptor
    #[arg(long, value_name = "N", global = true)]
    pub(crate) access_token_fd: Option<u32>,
    /// Read the account's password from a file, to log in, and where the homeserver asks for it
    #[arg(long, value_name = "FILE", global = true)]
    pub(crate) password_file: Option<PathBuf>,
    /// How long one request to a homeserver may take, tries and pauses together
    #[arg(long, value_name = "SECONDS", global = true, default_value = "30", value_parser = clap::value_parser!(u64).range(1..=3600))]
    pub(crate) timeout: u64,
    /// Certificates (PEM) to trust beside those that the system trusts
    #[arg(long, value_name = "PEM", global = true)]
    pub(crate) ca_file: Option<PathBuf>,
    /// Read the recovery key or passphrase from a file; one line break at its end is removed. Again
    /// for another key, where a change needs several
    #[arg(long, value_name = "FILE", global = true)]
    pub(crate) key_file: Vec<PathBuf>,
    /// Read the recovery key or passphrase from an open file descriptor
    #[arg(long, value_name = "N", global = true)]
    pub(crate) key_fd: Option<u32>,
    /// Read the recovery key or passphrase from standard input
    #[arg(long, global = true)]
    pub(crate) key_stdin: bool,
    /// Print one JSON document
    #[arg(long, global = true)]
    pub(crate) json: bool,
    /// No notes and warnings on standard error
    #[arg(short, long, global = true)]
    pub(crate) quiet: bool,
    /// When to colour
    #[arg(long, value_name = "WHEN", global = true, default_value = "auto")]
    pub(crate) color: Color,
    /// Never ask for anything
    #[arg(long, global = true)]
    pub(crate) no_input: bool,
    /// Go ahead without asking
    #[arg(short, long, global = true)]
    pub(crate) yes: bool,
    /// Say what would be written, and write nothing
    #[arg(long, global = true)]
    pub(crate) dry_run: bool,
    /// The most PBKDF2 iterations that a passphrase may cost [default: 10000000]
    #[arg(long, value_name = "N", global = true, value_parser = clap::value_parser!(u32).range(1..))]
    pub(crate) max_kdf_iterations: Option<u32>,
}

/// When to colour.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Color {
    /// On a terminal, unless `NO_COLOR` is set
    Auto,
    /// Everywhere
    Always,
    /// Nowhere
    Never,
}

/// What to do.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Show what exists and what is wrong with it; needs no key
    Status,
    /// List the secrets and the keys that they are sealed for; needs no key
    List,
    /// Check a recovery key or passphrase, and nothing else
    Unlock,
    /// Find every stored key that a recovery key or passphrase opens
    WhichKey,
    /// Print a secret
    Get(Get),
    /// Store a secret, sealed for the default key
    Put(Put),
    /// Remove a secret, for every key
    Rm(Rm),
    /// Set secret storage up, as far as it is not
    Bootstrap(Bootstrap),
    /// Check every secret with the keys that you give; changes nothing
    Doctor(Doctor),
    /// Make a new key that opens everything, and make it the default
    Rotate(Rotate),
    /// Make one more key that opens everything; the default stays
    AddKey(AddKey),
    /// Take a key away: what is sealed for it, and then its description
    RemoveKey(RemoveKey),
    /// Make another key the default, if it opens everything
    SetDefault(SetDefault),
    /// Put one thing right, as `ssss doctor` suggests
    Repair {
        #[command(subcommand)]
        command: RepairCommand,
    },
    /// Blank descriptions of keys that nothing needs
    Gc,
    /// Blank every secret, every key, and the pointer to the default key
    Disable(Disable),
    /// Save the account's secret storage, sealed as it is, in a file
    Snapshot(Snapshot),
    /// Bring back what a snapshot has; what was added since stays
    Restore(Restore),
    /// Take the last change back
    Undo(Undo),
    /// Finish a change that was stopped half-way
    Resume(Resume),
    /// Log in to a homeserver with a password, and save the session for later commands
    Login,
    /// End the session that `ssss login` saved
    Logout,
    /// Ask the homeserver whose session this is
    Whoami,
    /// Sign a device with the self-signing key, so that others trust it
    SignDevice(SignDevice),
    /// Make, check and convert recovery keys; needs no account
    Key {
        #[command(subcommand)]
        command: KeyCommand,
    },
    /// Print help for a command, or on a topic: exit-codes, keys, homeserver, environment, glossary
    Help {
        /// A command or a topic
        #[arg(value_name = "COMMAND|TOPIC")]
        words: Vec<String>,
    },
    /// Print a completion script
    #[command(hide = true)]
    Completions {
        /// The shell
        shell: Shell,
    },
    /// Write man pages into a folder
    #[command(hide = true)]
    Man {
        /// The folder, which must exist
        dir: PathBuf,
    },
}

/// `ssss get`
#[derive(Debug, Args)]
pub(crate) struct Get {
    /// The secret's name, such as `m.megolm_backup.v1`
    pub(crate) name: OsString,
    /// Exactly the secret's bytes, without a line break, and without asking
    #[arg(long)]
    pub(crate) raw: bool,
}

/// `ssss put`
#[derive(Debug, Args)]
pub(crate) struct Put {
    /// The secret's name, such as `m.megolm_backup.v1`
    pub(crate) name: OsString,
    /// Where the value is; `-` is standard input
    #[arg(default_value = "-")]
    pub(crate) file: PathBuf,
    /// Replace what is stored for the default key even if that key does not open it, so that it
    /// is lost
    #[arg(long)]
    pub(crate) replace_damaged: bool,
}

/// `ssss rm`
#[derive(Debug, Args)]
pub(crate) struct Rm {
    /// The secret's name, such as `m.megolm_backup.v1`
    pub(crate) name: OsString,
}

/// How to make a new key.
#[derive(Debug, Args)]
pub(crate) struct NewKey {
    /// Make the new key from a passphrase, asked for twice
    #[arg(long, conflicts_with = "passphrase_file")]
    pub(crate) passphrase: bool,
    /// Make the new key from the passphrase in a file; one line break at its end is removed
    #[arg(long, value_name = "FILE")]
    pub(crate) passphrase_file: Option<PathBuf>,
    /// A name for the new key, which other clients may show
    #[arg(long)]
    pub(crate) name: Option<String>,
}

/// What may be lost.
#[derive(Debug, Args)]
pub(crate) struct Abandon {
    /// A secret that may be lost, or stay behind, if no key that is given opens it
    #[arg(long, value_name = "NAME")]
    pub(crate) abandon: Vec<OsString>,
}

/// `ssss bootstrap`
#[derive(Debug, Args)]
pub(crate) struct Bootstrap {
    /// Make no key backup
    #[arg(long)]
    pub(crate) no_backup: bool,
    #[command(flatten)]
    pub(crate) new_key: NewKey,
    /// Make a new key even if there is one that can be used
    #[arg(long)]
    pub(crate) set_up_new: bool,
    #[command(flatten)]
    pub(crate) abandon: Abandon,
}

/// `ssss sign-device`
#[derive(Debug, Args)]
pub(crate) struct SignDevice {
    /// The device's id [default: the device of this session]
    #[arg(value_name = "DEVICE")]
    pub(crate) device: Option<String>,
    /// The device's ed25519 key, as the device itself shows it; spaces do not matter
    #[arg(long, value_name = "ED25519")]
    pub(crate) fingerprint: Option<String>,
    /// Believe the homeserver which key is this session's own device's
    #[arg(long)]
    pub(crate) trust_server: bool,
}

/// `ssss doctor`
#[derive(Debug, Args)]
pub(crate) struct Doctor {
    /// Ask for no key: see what is there, not whether it opens
    #[arg(long)]
    pub(crate) no_key: bool,
}

/// `ssss rotate`
#[derive(Debug, Args)]
pub(crate) struct Rotate {
    #[command(flatten)]
    pub(crate) new_key: NewKey,
    /// Take the old default key away: what is sealed for it, and its description
    #[arg(long)]
    pub(crate) revoke: bool,
    #[command(flatten)]
    pub(crate) abandon: Abandon,
}

/// `ssss add-key`
#[derive(Debug, Args)]
pub(crate) struct AddKey {
    #[command(flatten)]
    pub(crate) new_key: NewKey,
    #[command(flatten)]
    pub(crate) abandon: Abandon,
}

/// `ssss remove-key`
#[derive(Debug, Args)]
pub(crate) struct RemoveKey {
    /// The key's id
    pub(crate) id: OsString,
    #[command(flatten)]
    pub(crate) abandon: Abandon,
}

/// `ssss set-default`
#[derive(Debug, Args)]
pub(crate) struct SetDefault {
    /// The key's id
    pub(crate) id: OsString,
    #[command(flatten)]
    pub(crate) abandon: Abandon,
}

/// `ssss repair`
#[derive(Debug, Subcommand)]
pub(crate) enum RepairCommand {
    /// Make the key that you give the default, if it opens everything
    DefaultKey {
        #[command(flatten)]
        abandon: Abandon,
    },
    /// Seal a secret for the default key, from another key that opens it; give both
    Entry {
        /// The secret's name
        name: OsString,
        /// Seal it for this key instead of the default key
        #[arg(long, value_name = "ID")]
        key_id: Option<OsString>,
    },
    /// Take away what a secret has for one key
    DropEntry {
        /// The secret's name
        name: OsString,
        /// The key's id
        id: OsString,
        #[command(flatten)]
        abandon: Abandon,
    },
    /// Give a key's description a check, or a new one, or describe the key anew
    KeyCheck {
        /// The key's id
        id: OsString,
    },
    /// Write a secret as clients write it today
    Legacy {
        /// The secret's name
        name: OsString,
    },
    /// Put the key of the server's key backup in its place, or make a new backup
    BackupKey(BackupKey),
    /// Make a new key from the default key's passphrase, at today's cost, in its place
    Passphrase {
        /// The default key's id
        id: OsString,
        #[command(flatten)]
        abandon: Abandon,
    },
}

/// `ssss repair backup-key`
#[derive(Debug, Args)]
pub(crate) struct BackupKey {
    /// Make a new backup with a new key. The old one stays, and its key under another name
    #[arg(long)]
    pub(crate) new: bool,
    /// Then delete the old backup, with every key that only it has
    #[arg(long, requires = "new")]
    pub(crate) delete_old: bool,
    #[command(flatten)]
    pub(crate) abandon: Abandon,
}

/// `ssss disable`
#[derive(Debug, Args)]
pub(crate) struct Disable {
    #[command(flatten)]
    pub(crate) abandon: Abandon,
}

/// `ssss snapshot`
#[derive(Debug, Args)]
pub(crate) struct Snapshot {
    /// Where to write it [default: where changes keep theirs, named by the time]
    #[arg(short, long, value_name = "FILE")]
    pub(crate) output: Option<PathBuf>,
}

/// `ssss restore`
#[derive(Debug, Args)]
pub(crate) struct Restore {
    /// A snapshot, or account data in any other shape
    pub(crate) file: PathBuf,
    /// Only this event; again for more
    #[arg(long, value_name = "TYPE")]
    pub(crate) only: Vec<String>,
    #[command(flatten)]
    pub(crate) abandon: Abandon,
}

/// `ssss undo`
#[derive(Debug, Args)]
pub(crate) struct Undo {
    #[command(flatten)]
    pub(crate) abandon: Abandon,
}

/// `ssss resume`
#[derive(Debug, Args)]
pub(crate) struct Resume {
    /// Do not finish it, nor take it back: leave the account as it is, which is whole, and forget the
    /// change
    #[arg(long)]
    pub(crate) forget: bool,
}

/// `ssss key`
#[derive(Debug, Clone, Copy, Subcommand)]
pub(crate) enum KeyCommand {
    /// Make a random recovery key
    New,
    /// Check that a recovery key is well-formed; it may be piped in
    Check,
    /// Write a key in another form; it may be piped in
    Convert {
        /// The form to write
        #[arg(long, value_name = "FORM")]
        to: KeyForm,
        /// The form to read; recognised if not given
        #[arg(long, value_name = "FORM")]
        from: Option<KeyForm>,
    },
}

/// A way to write a key's 32 bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum KeyForm {
    /// 12 groups of four characters
    RecoveryKey,
    /// 64 digits
    Hex,
    /// 43 characters, and one `=` for padding
    Base64,
}

/// Reads the command line. `Err` is how to end at once: help and version were asked for, or the
/// command line is wrong and that was said.
pub(crate) fn parse() -> Result<Cli, ExitCode> {
    Cli::try_parse().map_err(|error| usage::report(&error))
}
