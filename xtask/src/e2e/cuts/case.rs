//! One change, on an account of its own, disturbed once.

use std::cell::RefCell;

use serde_json::{Value, json};

use super::super::ground::{Ground, Subject, expect, text};
use super::super::ours::{Done, Running};
use super::super::proxy::{Fault, Proxy};
use super::super::saved::Saved;
use super::super::scenarios::is_at_home;
use super::change::{Change, Kind};
use super::verdict::{Found, Moment};
use crate::Result;

/// What a command exits with that was disturbed and not killed: the homeserver cannot be reached, or
/// the change was stopped half-way.
const MAY_FAIL_WITH: [i32; 2] = [32, 41];
/// What `status` exits with when secret storage is not set up.
const NOT_SET_UP: i32 = 20;

pub(super) struct Case<'a> {
    ground: &'a Ground<'a>,
    subject: Subject<'a>,
    change: &'static Change,
    /// The recovery keys that a person has seen, the oldest first.
    keys: RefCell<Vec<String>>,
    saved: Saved,
    before: Found,
}

/// Lets a change happen; gives its requests.
pub(super) fn undisturbed(
    ground: &Ground<'_>,
    proxy: &Proxy,
    change: &'static Change,
) -> Result<Vec<String>> {
    let case = Case::new(ground, change)?;
    let running = Running::default();
    proxy.expect(None, &running);
    case.run(&proxy.url(), change.arguments, &running)?
        .success()?;
    let requests = proxy.requests();
    case.expect_end(true)?;
    Ok(requests)
}

impl<'a> Case<'a> {
    pub(super) fn new(ground: &'a Ground<'a>, change: &'static Change) -> Result<Self> {
        let subject = ground.subject()?;
        let mut keys = Vec::new();
        if change.kind != Kind::SetsUp {
            let made = subject.js_sdk("bootstrap", json!({}))?;
            keys.push(text(&made, "/recovery_key")?);
        }
        let saved = Saved::read(&subject)?;
        let before = Found::of(ground, &saved, &keys)?;
        Ok(Self {
            ground,
            subject,
            change,
            keys: keys.into(),
            saved,
            before,
        })
    }

    /// Runs the change, disturbs it, and looks; then finishes what was stopped.
    ///
    /// A client of its own costs most of the time here, and so it looks once: at what was stopped, if
    /// the account names a key by then, and else at the end.
    pub(super) fn run_disturbed(&self, proxy: &Proxy, at: usize, fault: Fault) -> Result {
        let running = Running::default();
        proxy.expect(Some((at, fault)), &running);
        let mut arguments = self.change.arguments.to_vec();
        if fault == Fault::Gone {
            // It tries again for as long.
            arguments.extend(["--timeout", "2"]);
        }
        let done = self.run(&proxy.url(), &arguments, &running)?;
        if proxy.requests().len() < at {
            return Err("it was not disturbed".into());
        }
        let was_killed = fault == Fault::Killed;
        match done.code {
            None if was_killed => {}
            Some(0) if !was_killed => {
                self.expect_end(true)?;
                let resumed = self.with_keys(&["--json", "resume"])?.success()?;
                let nothing = [("/resumed", Value::Null)];
                return expect("resume", &serde_json::from_str(&resumed.stdout)?, &nothing);
            }
            Some(code) if !was_killed && MAY_FAIL_WITH.contains(&code) => {}
            code => return Err(format!("it exits with {code:?}: {}", done.stderr.trim()).into()),
        }
        let was_looked_at = self.look()?;
        self.finish(!was_looked_at)
    }

    /// Looks at what was stopped, without changing it; gives whether a client did.
    fn look(&self) -> Result<bool> {
        let found = self.found(Moment::Between)?;
        let secrets = found.known_secrets();
        let is_whole = secrets
            .as_object()
            .is_some_and(|all| !all.values().any(Value::is_null));
        let key = self
            .key_of(&found)
            .filter(|_| found.has_pointer() && is_whole);
        let Some(key) = key else {
            return Ok(false);
        };
        let question = json!({"key": key, "without_backup": true});
        let unlocked = self.subject.js_sdk("unlock", question)?;
        let seen = [("/secrets", secrets), ("/cross_signing_ready", true.into())];
        expect("js-sdk, before the change is finished", &unlocked, &seen)?;
        Ok(true)
    }

    /// Finishes what was stopped, or else does it again, as a person would.
    fn finish(&self, with_client: bool) -> Result {
        let resumed = self.with_keys(&["--json", "resume"])?.success()?;
        let resumed: Value = serde_json::from_str(&resumed.stdout)?;
        if resumed["resumed"].is_null() && self.found(Moment::End).is_err() {
            if Saved::read(&self.subject)? != self.saved {
                return Err("something is half done, and there is nothing to resume".into());
            }
            self.with_keys(self.change.arguments)?.success()?;
        }
        self.expect_end(with_client)
    }

    /// Everything is as it should be when the change was made.
    fn expect_end(&self, with_client: bool) -> Result {
        let found = self.found(Moment::End)?;
        if self.change.kind == Kind::Disables {
            return self.subject.ssss_exits(NOT_SET_UP, &[], &["status"]);
        }
        let key = self.key_of(&found).ok_or("no key")?;
        if with_client {
            let unlocked = self.subject.js_sdk("unlock", json!({"key": key}))?;
            is_at_home(&unlocked, &found.known_secrets())?;
        }
        self.subject.ssss_exits(0, &[&key], &["doctor"])
    }

    fn found(&self, moment: Moment) -> Result<Found> {
        let found = Found::of(
            self.ground,
            &Saved::read(&self.subject)?,
            &self.keys.borrow(),
        )?;
        match found.complaint(self.change.kind, moment, &self.before) {
            None => Ok(found),
            Some(complaint) => Err(format!("{moment:?}: {complaint}").into()),
        }
    }

    /// The recovery key that the account names.
    fn key_of(&self, found: &Found) -> Option<String> {
        self.keys.borrow().get(found.opened_by()?).cloned()
    }

    /// With the newest key, or else with those before.
    fn with_keys(&self, arguments: &[&str]) -> Result<Done> {
        let keys = self.keys.borrow().clone();
        let url = self.subject.url();
        let mut done = None;
        for key in keys.iter().rev() {
            let next = self.subject.ours.run(&url, &[key], arguments)?;
            self.keep_key(&next);
            if next.code == Some(0) {
                return Ok(next);
            }
            done.get_or_insert(next);
        }
        match done {
            Some(done) => Ok(done),
            None => self.run(&url, arguments, &Running::default()),
        }
    }

    /// With the newest key.
    fn run(&self, url: &str, arguments: &[&str], running: &Running) -> Result<Done> {
        let keys = self.keys.borrow().clone();
        let keys: Vec<&str> = keys.last().into_iter().map(String::as_str).collect();
        let done = self
            .subject
            .ours
            .run_under(url, &keys, arguments, running)?;
        self.keep_key(&done);
        Ok(done)
    }

    fn keep_key(&self, done: &Done) {
        let key = done.recovery_key().map(ToOwned::to_owned);
        self.keys.borrow_mut().extend(key);
    }
}
