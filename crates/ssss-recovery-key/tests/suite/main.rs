//! What other clients' keys, an independent base58 and the Unicode tables say of this crate.

mod ignored;
mod oracle;
mod reference;
mod vectors;
