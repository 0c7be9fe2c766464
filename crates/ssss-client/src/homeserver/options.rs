//! How to speak to a homeserver.

use std::time::Duration;

/// How to speak to a homeserver.
#[derive(Debug, Clone)]
pub struct HomeserverOptions {
    /// How long one call may take in all, tries and pauses together. Default: 30 seconds.
    pub timeout: Duration,
    /// How long to wait for a connection. Default: 10 seconds.
    pub connect_timeout: Duration,
    /// Certificates (PEM) to trust beside those that the system trusts.
    pub extra_certificates: Vec<u8>,
    /// The most bytes of an answer that are read. Default: 64 MiB.
    pub max_answer: usize,
}

impl Default for HomeserverOptions {
    fn default() -> Self {
        Self {
            timeout: Duration::from_secs(30),
            connect_timeout: Duration::from_secs(10),
            extra_certificates: Vec::new(),
            max_answer: 64 << 20,
        }
    }
}
