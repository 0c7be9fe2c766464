//! `ssss add-key`

use ssss_client::{OldKey, UnlockScope};

use super::rotate::{NOTHING, NewKeyPut};
use crate::account::Access;
use crate::args;
use crate::ceremony::Ceremony;
use crate::code::Code;
use crate::failure::Failure;
use crate::key_input::KeyInput;
use crate::session::{self, Session};

/// Makes one more key that opens everything.
pub(super) fn run(session: &Session<'_>, args: &args::AddKey) -> Result<Code, Failure> {
    let account = session.account_to_write(Access::Existing)?;
    let snapshot = session::snapshot(&account)?;
    session.require_set_up(&snapshot)?;
    let purpose = "to seal the secrets for one more key";
    let keys = KeyInput::new(session, &snapshot, UnlockScope::Every, purpose);
    let ceremony = Ceremony::new(session, &args.new_key, NOTHING);
    let put = NewKeyPut {
        session,
        account,
        snapshot: &snapshot,
        keys: &keys,
        ceremony: &ceremony,
    };
    put.run(&OldKey::StaysDefault, &args.abandon, || {
        ceremony.create_key()
    })
}
