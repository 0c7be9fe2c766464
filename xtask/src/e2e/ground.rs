//! What a scenario stands on: a homeserver, the command, and the other clients.

use std::cell::RefCell;
use std::path::PathBuf;

use serde_json::{Value, json};
use xshell::Shell;

use super::ours::Ours;
use super::peer::{self, Peer};
use super::python;
use super::synapse::{Account, PASSWORD, Synapse};
use crate::{Result, interop};

/// A well-formed recovery key of 32 zero bytes, which is nobody's.
pub(super) const WRONG_KEY: &str = "EsSz ygLv VP1b xF1C v7kE eBQx MxDP buG5 w25T L3b6 hfyG Kkrd";

/// What is there once.
pub(super) struct Site {
    pub(super) synapse: Synapse,
    ssss: PathBuf,
    python: PathBuf,
    js_sdk: PathBuf,
}

impl Site {
    pub(super) fn new(sh: &Shell) -> Result<Self> {
        let python = python::install(sh)?;
        Ok(Self {
            ssss: interop::build(sh)?,
            js_sdk: peer::install_js_sdk(sh)?,
            synapse: Synapse::start(&python)?,
            python,
        })
    }
}

/// What each thread has for itself.
pub(super) struct Ground<'a> {
    pub(super) site: &'a Site,
    js_sdk: RefCell<Peer>,
    mautrix: RefCell<Peer>,
}

/// A fresh account, and our command for it.
pub(super) struct Subject<'a> {
    ground: &'a Ground<'a>,
    pub(super) account: Account,
    pub(super) ours: Ours,
}

impl<'a> Ground<'a> {
    pub(super) fn new(site: &'a Site) -> Result<Self> {
        Ok(Self {
            site,
            js_sdk: Peer::js_sdk(&site.js_sdk)?.into(),
            mautrix: Peer::mautrix(&site.python)?.into(),
        })
    }

    pub(super) fn subject(&'a self) -> Result<Subject<'a>> {
        let account = self.site.synapse.register()?;
        let ours = Ours::new(&self.site.ssss, &account)?;
        Ok(Subject {
            ground: self,
            account,
            ours,
        })
    }

    /// What js-sdk says of an action that needs no homeserver.
    pub(super) fn js_sdk(&self, action: &Value) -> Result<Value> {
        Ok(self.js_sdk.borrow_mut().ask(action)??)
    }
}

impl Subject<'_> {
    pub(super) fn url(&self) -> String {
        self.ground.site.synapse.url()
    }

    /// A new device of js-sdk does this.
    pub(super) fn js_sdk(&self, action: &str, more: Value) -> Result<Value> {
        let answer = self
            .ground
            .js_sdk
            .borrow_mut()
            .ask(&self.action(action, more))?;
        Ok(answer.map_err(|error| format!("js-sdk does not {action}: {error}"))?)
    }

    /// A new device of js-sdk fails to do this, and says why.
    pub(super) fn js_sdk_fails(&self, action: &str, more: Value) -> Result<String> {
        let answer = self
            .ground
            .js_sdk
            .borrow_mut()
            .ask(&self.action(action, more))?;
        let error = answer.err();
        Ok(error.ok_or_else(|| format!("js-sdk can {action}, and should not"))?)
    }

    /// A new device of mautrix does this.
    pub(super) fn mautrix(&self, action: &str, more: Value) -> Result<Value> {
        let answer = self
            .ground
            .mautrix
            .borrow_mut()
            .ask(&self.action(action, more))?;
        Ok(answer.map_err(|error| format!("mautrix does not {action}: {error}"))?)
    }

    /// A new device of mautrix fails to do this, and says why.
    pub(super) fn mautrix_fails(&self, action: &str, more: Value) -> Result<String> {
        let answer = self
            .ground
            .mautrix
            .borrow_mut()
            .ask(&self.action(action, more))?;
        let error = answer.err();
        Ok(error.ok_or_else(|| format!("mautrix can {action}, and should not"))?)
    }

    fn action(&self, action: &str, mut more: Value) -> Value {
        more["action"] = action.into();
        more["homeserver"] = self.url().into();
        more["user"] = self.account.user.clone().into();
        more["password"] = PASSWORD.into();
        more
    }

    /// What our command prints that succeeds.
    pub(super) fn ssss(&self, keys: &[&str], arguments: &[&str]) -> Result<Value> {
        let done = self.ours.json(&self.url(), keys, arguments);
        Ok(done.map_err(|error| format!("ssss {}: {error}", arguments.join(" ")))?)
    }

    /// Expects our command to exit with this.
    pub(super) fn ssss_exits(&self, code: i32, keys: &[&str], arguments: &[&str]) -> Result {
        let done = self.ours.run(&self.url(), keys, arguments)?;
        if done.code == Some(code) {
            return Ok(());
        }
        let (words, stderr) = (arguments.join(" "), done.stderr.trim());
        Err(format!(
            "ssss {words} exits with {:?}, not {code}: {stderr}",
            done.code
        )
        .into())
    }

    /// Sets secret storage up with our command; gives the recovery key.
    pub(super) fn bootstrap(&self) -> Result<String> {
        let done = self.ssss(&[], &["bootstrap"])?;
        text(&done, "/recovery_key")
    }

    /// What the homeserver answers to this account, if that is no error.
    pub(super) fn call(&self, method: &str, path: &str, body: Option<&Value>) -> Result<Value> {
        let synapse = &self.ground.site.synapse;
        synapse.call(method, path, Some(&self.account.token), body)
    }

    /// What is there; none if it is not.
    pub(super) fn find(&self, path: &str) -> Result<Option<Value>> {
        let synapse = &self.ground.site.synapse;
        match synapse.ask("GET", path, Some(&self.account.token), None)? {
            (200, found) => Ok(Some(found)),
            (404, _) => Ok(None),
            (status, answer) => Err(format!("GET {path}: {status} {answer}").into()),
        }
    }
}

/// A text within a document.
pub(super) fn text(of: &Value, pointer: &str) -> Result<String> {
    let found = of.pointer(pointer).and_then(Value::as_str);
    Ok(found
        .ok_or_else(|| format!("no {pointer} in {of}"))?
        .to_owned())
}

/// Expects these values within a document.
pub(super) fn expect(what: &str, of: &Value, expected: &[(&str, Value)]) -> Result {
    for (pointer, expected) in expected {
        let found = of.pointer(pointer).unwrap_or(&Value::Null);
        if found != expected {
            return Err(format!("{what}: {pointer} is {found}, not {expected}").into());
        }
    }
    Ok(())
}

/// The action of unlocking with a recovery key.
pub(super) fn with(key: &str) -> Value {
    json!({"key": key})
}
