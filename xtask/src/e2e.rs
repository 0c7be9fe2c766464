//! A real homeserver, and real clients on the other side.

mod message;
mod python;
mod synapse;

use std::io;

use xshell::Shell;

use self::synapse::{PASSWORD, Synapse};
use crate::Result;

/// A homeserver with an account, until standard input ends.
pub(crate) fn serve(sh: &Shell) -> Result {
    let synapse = Synapse::start(&python::install(sh)?)?;
    let account = synapse.register("alice")?;
    println!("SSSS_HOMESERVER={}", synapse.url());
    println!("SSSS_USER={}", account.user);
    println!("SSSS_ACCESS_TOKEN={}", account.token);
    println!("# device {}; the password is: {PASSWORD}", account.device);
    println!("# It stops when standard input ends.");
    io::copy(&mut io::stdin(), &mut io::sink())?;
    Ok(())
}
