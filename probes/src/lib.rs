//! What the probes share.
