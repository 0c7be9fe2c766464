//! Help that belongs to no single command.

/// `ssss help keys`
pub(super) const KEYS: &str = "\
KEYS
A recovery key is 32 random bytes, written as 12 groups of four characters that begin with Es.
A passphrase is what a key was made from by somebody who wanted to choose it. Some keys have one;
every key has a recovery key. Either opens the key; what looks like a recovery key is taken for one.

Where the key is read from, the first that is given:
  --key-file FILE     a file; again for another key, where a change needs several
  --key-fd N          an open file descriptor, as in  --key-fd 3 3< <(pass show matrix)
  --key-stdin         standard input
  SSSS_KEY_FILE=FILE  a file
  the terminal        if there is one, without showing what is typed

One line break at the end (\\n or \\r\\n) is removed and nothing else: other white space belongs to a
passphrase. A recovery key may have any spaces, dashes and line breaks in it. Keys are never taken
from the command line, where other users and the shell's history see them.

A passphrase is turned into the key at a cost that the account's data states. At most 10000000
iterations are made, for all keys together; --max-kdf-iterations changes that.
";

/// `ssss help homeserver`
pub(super) const HOMESERVER: &str = "\
HOMESERVER
  ssss -u @name:server status

The homeserver is found by the user's id, unless --homeserver URL says where it is. It is spoken to
over https only, except on this machine itself.

Who you are, the first that there is:
  --access-token-file FILE, --access-token-fd N, SSSS_ACCESS_TOKEN
                  a token of a client or a bot. It is used as it is, and never renewed or ended
  ssss login      asks for the password once and saves a session, in a file that only you can read;
                  its tokens are renewed. ssss logout ends it
  a password      at the prompt or in --password-file FILE: a session for this command only, which
                  ends with it, also after an error or Ctrl-C
Passwords and tokens are never taken from the command line.

Only account data and public keys are read, without marking you as online and without touching
messages that wait for a device. Before anything is written, the account's secret storage is saved
under XDG_STATE_HOME, and what is about to be written: `ssss undo` and `ssss resume`.

New cross-signing keys may need your approval: the server asks for the password, or names a page to
visit. Nothing that exists is ever replaced without being named.
";

/// `ssss help environment`
pub(super) const ENVIRONMENT: &str = "\
ENVIRONMENT
  SSSS_USER       the account, as --user
  SSSS_HOMESERVER the homeserver's address, as --homeserver
  SSSS_ACCESS_TOKEN
                  an access token; other processes of yours can read it, so a file is better
  SSSS_KEY_FILE   path of the file with the recovery key or passphrase; --key-file, --key-fd and
                  --key-stdin come first
  XDG_STATE_HOME  where sessions, and snapshots and journals of changes are kept, in ssss/; if
                  unset, ~/.local/state
  CI              if set, nothing is ever asked, as with --no-input
  NO_COLOR        if set, there is no colour; --color always comes first
  CLICOLOR_FORCE  if set, there is colour also where there is no terminal
";

/// `ssss help glossary`
pub(super) const GLOSSARY: &str = "\
GLOSSARY
  secret storage  secrets in an account's data on the server, sealed so that the server cannot read
                  them; also SSSS or 4S
  secret          a text with a name, such as m.megolm_backup.v1; the name is the type of the event
                  that holds it. Names that begin with m.secret_storage. and types of events that
                  hold other data are no names of secrets
  key             what secrets are sealed for; 32 bytes, which only its owner has
  key id          by which the account's data names a key
  default key     the key that clients ask for and seal secrets for
  recovery key    a key, written as 12 groups of four characters
  passphrase      what a key was made from, if its owner chose it
  check           by which a key is told from a wrong one, without opening a secret
  description     what the account's data says about a key: name, check, how a passphrase makes it
  sealed          encrypted for a key, and authenticated
  snapshot        the account's secret storage at one time, sealed as it is, in a file of account
                  data. One is saved before every change; `ssss undo` and `ssss restore` go back
  journal         what a change writes, beside its snapshot; `ssss resume` goes on by it. Neither
                  holds anything in the clear. Both may be deleted; whoever knows an old key can
                  open what an old snapshot has
  removed         blanked: account data cannot be deleted, so an empty event stays
  cross-signing   three keys (master, self-signing, user-signing) by which people and devices are
                  trusted
  key backup      the keys of your messages on the server; m.megolm_backup.v1 opens them
";
