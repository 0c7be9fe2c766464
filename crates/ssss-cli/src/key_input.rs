//! The key that the person or the script gives.

use std::cell::RefCell;

use ssss_client::ssss_model::ssss_crypto::{CostLimits, SecretStorageKey};
use ssss_client::ssss_model::zeroize::Zeroizing;
use ssss_client::ssss_model::{KeyDescription, Passphrase, Snapshot, TypedKey};
use ssss_client::{KeyCallbacks, KeyRequest, ProvidedKey, UnlockScope, Unlocked, unlock};

use crate::code::Code;
use crate::failure::{Failure, malformed_key};
use crate::key_search::Search;
use crate::prompt::Prompt;
use crate::session::Session;
use crate::table::short_id;

/// The keys that the person or the script gives, each read once, when it is first needed.
pub(crate) struct KeyInput<'a> {
    session: &'a Session<'a>,
    snapshot: &'a Snapshot,
    limits: CostLimits,
    /// How far a passphrase is tried. A recovery key costs nothing and is tried on every key.
    scope: UnlockScope,
    /// What the key is for, as the prompt says it.
    purpose: String,
    /// Every key that was given, in order; of those that a person typed only what opened something.
    given: RefCell<Vec<Given>>,
    failure: RefCell<Option<Failure>>,
}

/// A key that was given.
struct Given {
    text: Zeroizing<String>,
    has_opened: bool,
    /// Why it is of no use for anything, if that is so and nobody was told of it yet.
    unfit: Option<String>,
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
            given: RefCell::default(),
            failure: RefCell::default(),
        }
    }

    /// Finds which of these keys it is: what was given before, or the next key that is given. A person
    /// who mistypes it is asked again.
    pub(crate) fn find(&self, candidates: &[&KeyDescription]) -> Result<Unlocked, Failure> {
        let found = self.find_next(candidates)?;
        found.ok_or_else(|| no_key("no key was given").because("nothing was typed"))
    }

    /// A key beyond those that were given before: `None` if there is no other. A person is asked for
    /// the first only.
    pub(crate) fn find_another(
        &self,
        candidates: &[&KeyDescription],
    ) -> Result<Option<Unlocked>, Failure> {
        let nth = self.given.borrow().len();
        if candidates.is_empty() || nth > 0 && !self.session.key_source.is_given() {
            return Ok(None);
        }
        match self.find_next(candidates) {
            Err(_) if self.given.borrow().iter().any(|given| given.has_opened) => {
                self.warn_of_unfit();
                Ok(None)
            }
            found => found,
        }
    }

    /// The passphrase, of those that were given, that opens a key.
    pub(crate) fn find_passphrase(
        &self,
        key: &KeyDescription,
    ) -> Result<Option<Passphrase>, Failure> {
        let opens = |text: &str| match typed(text) {
            TypedKey::Passphrase(passphrase, _) => {
                self.attempt(&[key], text).is_ok().then_some(passphrase)
            }
            TypedKey::RecoveryKey(_) => None,
        };
        let mut nth = 0;
        loop {
            let found = self.given.borrow().get(nth).map(|given| opens(&given.text));
            match found {
                Some(Some(passphrase)) => return Ok(Some(passphrase)),
                Some(None) => nth += 1,
                None => {
                    let source = &self.session.key_source;
                    let Some(text) = source.read(nth, self.session.output)? else {
                        return Ok(None);
                    };
                    let found = self.attempt(&[key], &text);
                    self.keep(text, found.err().as_ref());
                }
            }
        }
    }

    /// The same; `None` if each key that was given opened something, and there is no other one.
    fn find_next(&self, candidates: &[&KeyDescription]) -> Result<Option<Unlocked>, Failure> {
        let mut useless = None;
        for given in self.given.borrow_mut().iter_mut() {
            match self.attempt(candidates, &given.text) {
                Ok(unlocked) => {
                    given.has_opened = true;
                    return Ok(Some(unlocked));
                }
                // That one is none of these is no news if it is another.
                Err(_) if given.has_opened => {}
                Err(failure) => useless = useless.or(Some(failure)),
            }
        }
        let mut attempts = 0;
        loop {
            attempts += 1;
            let Some(text) = self.next_text(candidates)? else {
                return useless.map_or(Ok(None), Err);
            };
            let failure = match self.attempt(candidates, &text) {
                Ok(unlocked) => {
                    self.keep(text, None);
                    self.warn_of_unfit();
                    return Ok(Some(unlocked));
                }
                Err(failure) => failure,
            };
            if self.session.key_source.is_given() {
                // The next one that was given may fit.
                self.keep(text, Some(&failure));
                useless = useless.or(Some(failure));
                continue;
            }
            if attempts == ATTEMPTS {
                return Err(failure);
            }
            let because = failure.because.as_deref().unwrap_or_default();
            let message = format!("{}: {because}\nTry again.\n", failure.message);
            Prompt::show(&[&message]).map_err(|error| Failure::local(NO_TERMINAL, &error))?;
        }
    }

    /// Keeps what was given, which opened something or failed to.
    fn keep(&self, text: Zeroizing<String>, failure: Option<&Failure>) {
        let unfit = failure.filter(|failure| failure.code != Code::OtherKey);
        self.given.borrow_mut().push(Given {
            text,
            has_opened: failure.is_none(),
            unfit: unfit.map(|failure| failure.message.clone()),
        });
    }

    /// Of keys that were given beside one that fits, and are not wanted elsewhere in the account either.
    fn warn_of_unfit(&self) {
        for given in self.given.borrow_mut().iter_mut() {
            if let Some(why) = given.unfit.take() {
                let message = format!("another key that was given is of no use: {why}");
                self.session.output.warning(&message);
            }
        }
    }

    /// What the first text that opened a key is.
    pub(crate) fn kind(&self) -> &'static str {
        let given = self.given.borrow();
        let first = given.iter().find(|given| given.has_opened);
        match first.map(|given| typed(&given.text)) {
            Some(TypedKey::Passphrase(..)) => "passphrase",
            _ => "recovery key",
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

    /// What is given next, or is typed now. `None` if keys were given before, and no other one is.
    fn next_text(
        &self,
        candidates: &[&KeyDescription],
    ) -> Result<Option<Zeroizing<String>>, Failure> {
        let nth = self.given.borrow().len();
        if nth == 0 {
            let question = format!("Recovery key or passphrase ({}): ", self.purpose);
            return read(self.session, &question).map(Some);
        }
        if self.session.key_source.is_given() {
            return self.session.key_source.read(nth, self.session.output);
        }
        if !self.session.prompt.can_ask() {
            return Ok(None);
        }
        let ids = candidates.iter().take(SHOWN).map(|key| short_id(key.id()));
        let ids: Vec<_> = ids.collect();
        let question = format!(
            "Another key is needed ({}), for {}. Recovery key or passphrase, or nothing: ",
            self.purpose,
            ids.join(" or ")
        );
        Prompt::hidden(&question).map_err(|error| Failure::local(NO_TERMINAL, &error))
    }
}

/// How many keys a prompt names.
const SHOWN: usize = 3;

impl KeyCallbacks for &KeyInput<'_> {
    async fn secret_storage_key(&self, request: &KeyRequest<'_>) -> Option<ProvidedKey> {
        let unlocked = match self.find_next(request.candidates) {
            Ok(unlocked) => unlocked?,
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
        // Whichever of them it was.
        let given = self.given.borrow();
        let opens = |given: &&Given| self.attempt(request.candidates, &given.text).is_ok();
        let found = given.iter().find(opens)?;
        Some(ProvidedKey::Typed(typed(&found.text)))
    }
}

/// Reads the key from where it was said to be, or asks for it.
pub(crate) fn read(session: &Session<'_>, question: &str) -> Result<Zeroizing<String>, Failure> {
    if let Some(text) = session.key_source.read(0, session.output)? {
        return Ok(text);
    }
    if !session.prompt.can_ask() {
        return Err(no_key("no key was given").because("there is nobody to ask for it here"));
    }
    let typed = Prompt::hidden(question).map_err(|error| Failure::local(NO_TERMINAL, &error))?;
    typed.ok_or_else(|| no_key("no key was given").because("nothing was typed"))
}

fn no_key(message: &str) -> Failure {
    Failure::new(Code::NoKey, "no-key", message)
        .try_this("--key-file FILE, --key-fd N, --key-stdin, or SSSS_KEY_FILE=FILE")
}

pub(crate) const NO_TERMINAL: &str = "the terminal cannot be used";

fn typed(text: &str) -> TypedKey {
    TypedKey::read(Zeroizing::new(text.to_owned()))
}
