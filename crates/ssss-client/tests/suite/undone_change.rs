//! Which change an undo takes back, as the journal has it.

use std::fs;

use pollster::block_on;
use ssss_client::ChangeState::{Finished, Undone, Unfinished};
use ssss_client::{
    Change, ChangeState, Ending, Intent, Journal, JournalFolder, MemoryStore, Overwrite, Plan,
    SecretStorage,
};

use crate::account::{Account, dump, key, rng, secret, snapshot};
use crate::supplied_keys::SuppliedKeys;

const NAMES: [&str; 3] = ["org.example.1", "org.example.2", "org.example.3"];

/// An account with three changes, and their plans, the first one first.
fn changes(folder: &JournalFolder) -> (MemoryStore, Vec<Plan>) {
    let store = Account::standard("a").store();
    let storage = SecretStorage::new(&store, SuppliedKeys::new(&["a"])).with_journal(folder);
    for name in NAMES {
        let value = secret(name, "value");
        block_on(storage.store(&value, &[], Overwrite::Readable, &mut rng())).unwrap();
    }
    let changes = folder.changes().unwrap();
    let plans = changes.iter().rev();
    let plans = plans.map(|change| folder.plan(change).unwrap()).collect();
    (store, plans)
}

fn folder() -> (tempfile::TempDir, JournalFolder) {
    let temp = tempfile::tempdir().unwrap();
    let folder = JournalFolder::new(temp.path().join("changes"));
    (temp, folder)
}

fn undo(store: &MemoryStore, folder: &JournalFolder, plan: &Plan) {
    let storage = SecretStorage::new(store, SuppliedKeys::default()).with_journal(folder);
    block_on(storage.undo(plan, &[])).unwrap();
}

/// How far the changes are, the first one first.
fn states(folder: &JournalFolder) -> Vec<ChangeState> {
    let changes = folder.changes().unwrap();
    changes.iter().rev().map(|change| change.state).collect()
}

#[test]
fn the_change_that_is_taken_back_is_undone_and_no_other() {
    for at in 0..NAMES.len() {
        let (_temp, folder) = folder();
        let (store, plans) = changes(&folder);
        let before = folder.changes().unwrap();
        undo(&store, &folder, &plans[at]);
        let mut expected = [Finished, Finished, Finished, Undone];
        expected[at] = Undone;
        assert_eq!(states(&folder), expected);
        assert_eq!(dump(&store)[NAMES[at]], "{}");
        let undoing = folder.plan(&folder.changes().unwrap()[0]).unwrap();
        let undone = &before[NAMES.len() - 1 - at];
        assert_eq!(undoing.undoes(), Some(undone.time.as_str()));
    }
}

#[test]
fn a_change_of_a_clock_that_was_ahead_is_taken_back() {
    let (_temp, folder) = folder();
    let (store, _) = changes(&folder);
    let latest = folder.latest().unwrap().unwrap();
    let time = "2999-01-01T00-00-00-000000Z";
    let ahead = folder.path().join(format!("{time}.finished.json"));
    fs::rename(&latest.journal, ahead).unwrap();
    let latest = folder.latest().unwrap().unwrap();
    assert_eq!(latest.time, time);
    undo(&store, &folder, &folder.plan(&latest).unwrap());
    assert_eq!(states(&folder), [Finished, Finished, Undone, Undone]);
    assert_ne!(folder.latest().unwrap().unwrap().time, time);
}

/// Another process is in the middle of it.
#[test]
fn an_unfinished_change_is_not_undone_with_another_one() {
    let (_temp, folder) = folder();
    let (store, plans) = changes(&folder);
    let other = JournalFolder::new(folder.path());
    let now = snapshot(&store);
    let value = secret("org.example.4", "value");
    let overwrite = Overwrite::Readable;
    let plan = Plan::put(&now, &value, &[key("a").key()], overwrite, &mut rng()).unwrap();
    block_on(other.begin(&now, &plan)).unwrap();
    undo(&store, &folder, &plans[2]);
    assert_eq!(
        states(&folder),
        [Finished, Finished, Undone, Unfinished, Undone]
    );
    block_on(other.end(Ending::Finished)).unwrap();
    assert_eq!(
        states(&folder),
        [Finished, Finished, Undone, Finished, Undone]
    );
}

/// As earlier versions wrote it.
#[test]
fn an_undo_that_does_not_say_what_it_undoes_is_read_and_guesses_nothing() {
    let (_temp, folder) = folder();
    let (store, plans) = changes(&folder);
    let now = snapshot(&store);
    let undoing = plans[2].undo(&now, &[]).unwrap();
    block_on(folder.begin(&now, &undoing)).unwrap();
    let change: Change = folder.unfinished().unwrap().unwrap();
    let text = fs::read_to_string(&change.journal).unwrap();
    let field = format!(r#","undoes":"{}""#, undoing.undoes().unwrap());
    assert!(text.contains(&field), "{text}");
    fs::write(&change.journal, text.replace(&field, "")).unwrap();
    let read = folder.plan(&change).unwrap();
    assert_eq!((read.intent(), read.undoes()), (Intent::Undo, None));
    let storage = SecretStorage::new(&store, SuppliedKeys::default());
    block_on(storage.resume(&read)).unwrap();
    folder.close(&change, &read).unwrap();
    assert_eq!(states(&folder), [Finished, Finished, Finished, Undone]);
    // Once more is no harm.
    undo(&store, &folder, &plans[2]);
    assert_eq!(
        states(&folder),
        [Finished, Finished, Undone, Undone, Undone]
    );
}
