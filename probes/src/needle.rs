//! A piece of a secret, to be found wherever it is but here.

/// Bytes of a secret that are looked for.
pub const LEN: usize = 12;

/// What allocators may write over when memory is given back: two addresses.
const OVERWRITTEN: usize = 16;

/// The middle of a secret. It is kept inverted, so that who looks for it does not find the needle.
pub struct Needle {
    pub what: &'static str,
    inverted: [u8; LEN],
}

impl Needle {
    /// # Panics
    ///
    /// If the secret has fewer than 28 bytes.
    #[must_use]
    pub fn new(what: &'static str, secret: &[u8]) -> Self {
        let mut inverted = [0; LEN];
        for (place, byte) in inverted.iter_mut().zip(&secret[OVERWRITTEN..][..LEN]) {
            *place = !byte;
        }
        Self { what, inverted }
    }

    fn begins(&self, bytes: &[u8]) -> bool {
        bytes.len() >= LEN
            && self
                .inverted
                .iter()
                .zip(bytes)
                .all(|(not, byte)| *byte == !not)
    }
}

/// The needles, sorted by their first bytes.
pub struct Needles {
    all: Vec<Needle>,
    may_begin: [bool; 256],
}

impl Needles {
    #[must_use]
    pub fn new(all: Vec<Needle>) -> Self {
        let mut may_begin = [false; 256];
        for needle in &all {
            may_begin[usize::from(!needle.inverted[0])] = true;
        }
        Self { all, may_begin }
    }

    #[must_use]
    pub fn what(&self, number: usize) -> &'static str {
        self.all[number].what
    }

    #[must_use]
    pub fn len(&self) -> usize {
        self.all.len()
    }

    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.all.is_empty()
    }

    /// Calls something with the place and the number of each needle in some bytes.
    pub fn find(&self, bytes: &[u8], mut found: impl FnMut(usize, usize)) {
        for (at, byte) in bytes.iter().enumerate() {
            if !self.may_begin[usize::from(*byte)] {
                continue;
            }
            for (number, needle) in self.all.iter().enumerate() {
                if needle.begins(&bytes[at..]) {
                    found(at, number);
                }
            }
        }
    }
}
