//! The key that the person or the script gives.

use std::cell::RefCell;

use ssss_client::ssss_model::ssss_crypto::{CostLimits, SecretStorageKey};
use ssss_client::ssss_model::zeroize::Zeroizing;
use ssss_client::ssss_model::{KeyDescription, Snapshot, TypedKey};
use ssss_client::{KeyCallbacks, KeyRequest, ProvidedKey, UnlockScope, Unlocked, unlock};

use crate::code::Code;
use crate::failure::{Failure, malformed_key};
use crate::key_search::Search;
use crate::prompt::Prompt;
use crate::session::Session;

/// The key that the person or the script gives: read once, when it is first needed.
#[derive(Debug)]
pub(crate) struct KeyInput<'a> {
    session: &'a Session<'a>,
    snapshot: &'a Snapshot,
    limits: CostLimits,
    /// How far a passphrase is tried. A recovery key costs nothing and is tried on every key.
    scope: UnlockScope,
    /// What the key is for, as the prompt says it.
    purpose: String,
    text: RefCell<Option<Zeroizing<String>>>,
    failure: RefCell<Option<Failure>>,
}

/// How often a person is asked for a key.
const ATTEMPTS: usize = 3;

impl<'a> KeyInput<'a> {
    pub(crate) fn new(
        session: &'a Session<'a>,
        snapshot: &'a Snapshot,
        scope: UnlockScope,
        purpose: impl Into<String>,
    ) -> Self {
        Self {
            session,
            snapshot,
            limits: session.limits(),
            scope,
            purpose: purpose.into(),
            text: RefCell::default(),
            failure: RefCell::default(),
        }
    }

    /// Finds which of these keys it is. A person who mistypes it is asked again.
    pub(crate) fn find(&self, candidates: &[&KeyDescription]) -> Result<Unlocked, Failure> {
        let mut attempts = 0;
        loop {
            attempts += 1;
            let text = self.text()?;
            let failure = match self.attempt(candidates, &text) {
                Ok(unlocked) => {
                    self.text.replace(Some(text));
                    return Ok(unlocked);
                }
                Err(failure) => failure,
            };
            if self.session.key_source.is_given() || attempts == ATTEMPTS {
                return Err(failure);
            }
            let because = failure.because.as_deref().unwrap_or_default();
            let message = format!("{}: {because}\nTry again.\n", failure.message);
            Prompt::show(&[&message]).map_err(|error| Failure::local(NO_TERMINAL, &error))?;
        }
    }

    /// Why the callback supplied no key, if it did not.
    pub(crate) fn take_failure(&self) -> Option<Failure> {
        self.failure.take()
    }

    /// Reports a failure through an operation that only knows that there is no key.
    pub(crate) fn fail(&self, failure: Failure) {
        self.failure.replace(Some(failure));
    }

    fn attempt(&self, candidates: &[&KeyDescription], text: &str) -> Result<Unlocked, Failure> {
        let typed = typed(text);
        let scope = match typed {
            TypedKey::RecoveryKey(_) => UnlockScope::Every,
            TypedKey::Passphrase(..) => self.scope,
        };
        if let TypedKey::Passphrase(_, reason) = &typed
            && text.trim().is_empty()
        {
            return Err(malformed_key(text, reason));
        }
        let search = Search {
            snapshot: self.snapshot,
            candidates,
            limits: self.limits,
        };
        unlock(
            self.snapshot,
            candidates.iter().copied(),
            &ProvidedKey::Typed(typed),
            scope,
            self.limits,
        )
        .map_err(|error| search.explain(text, error))
    }

    /// What was given, or is typed now.
    fn text(&self) -> Result<Zeroizing<String>, Failure> {
        if let Some(text) = self.text.take() {
            return Ok(text);
        }
        read(
            self.session,
            &format!("Recovery key or passphrase ({}): ", self.purpose),
        )
    }
}

impl KeyCallbacks for &KeyInput<'_> {
    async fn secret_storage_key(&self, request: &KeyRequest<'_>) -> Option<ProvidedKey> {
        let unlocked = match self.find(request.candidates) {
            Ok(unlocked) => unlocked,
            Err(failure) => {
                self.fail(failure);
                return None;
            }
        };
        // The key itself, so that nothing is derived from a passphrase a second time.
        if let ([key], []) = (unlocked.keys.as_slice(), unlocked.unchecked.as_slice())
            && let Ok(copy) = SecretStorageKey::from_bytes(key.key().expose())
        {
            return Some(ProvidedKey::Cached(key.id().clone(), copy));
        }
        let text = self.text.borrow();
        text.as_deref().map(|text| ProvidedKey::Typed(typed(text)))
    }
}

/// Reads the key from where it was said to be, or asks for it.
pub(crate) fn read(session: &Session<'_>, question: &str) -> Result<Zeroizing<String>, Failure> {
    if let Some(text) = session.key_source.read(session.output)? {
        return Ok(text);
    }
    let no_key = |message| {
        Failure::new(Code::NoKey, "no-key", message)
            .try_this("--key-file FILE, --key-fd N, --key-stdin, or SSSS_KEY_FILE=FILE")
    };
    if !session.prompt.can_ask() {
        return Err(no_key("no key was given").because("there is nobody to ask for it here"));
    }
    let typed = Prompt::hidden(question).map_err(|error| Failure::local(NO_TERMINAL, &error))?;
    typed.ok_or_else(|| no_key("no key was given").because("nothing was typed"))
}

pub(crate) const NO_TERMINAL: &str = "the terminal cannot be used";

fn typed(text: &str) -> TypedKey {
    TypedKey::read(Zeroizing::new(text.to_owned()))
}
