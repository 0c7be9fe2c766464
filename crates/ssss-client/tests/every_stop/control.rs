//! What the harness must find: if it does not, it is worth nothing.

use serde_json::Value;
use ssss_client::Plan;

use super::draw::Draw;
use super::generated::Generated;
use super::intents::INTENTS;
use super::promises::Promises;
use super::report;
use super::run::{Tally, every_stop};

/// Runs plans that were changed for the worse.
fn violations(intent: &str, worsen: impl Fn(&mut Value, &str)) -> Tally {
    let (_, intent) = INTENTS.iter().find(|(name, _)| *name == intent).unwrap();
    let mut tally = Tally::default();
    for seed in 0..20 {
        let mut draw = Draw::new("control", seed);
        let account = Generated::new(&mut draw);
        let Some(mut change) = intent(&account, &mut draw) else {
            continue;
        };
        let key = change.new_keys.first().unwrap().key().id().to_string();
        let mut json: Value = serde_json::from_str(&change.plan.to_json()).unwrap();
        worsen(&mut json, &key);
        change.plan = Plan::from_json(&json.to_string()).unwrap();
        let promises = Promises::new(&account, &change);
        every_stop(&promises, &change.plan, &mut draw, &mut tally, "control");
    }
    tally
}

fn count(tally: &Tally, promise: &str) -> usize {
    let violations = tally.violations.iter();
    violations
        .filter(|violation| violation.contains(promise))
        .count()
}

/// The order of js-sdk's `bootstrapSecretStorage`: the key, the pointer, the secrets. Without reading
/// back, for that is ours.
#[test]
fn js_sdks_order_of_writes_is_found_to_break_accounts() {
    for intent in ["rotate", "set up"] {
        let tally = violations(intent, |plan, _| {
            let stages = plan["stages"].as_array_mut().unwrap();
            let is_pointer =
                |stage: &Value| stage[0]["event_type"] == "m.secret_storage.default_key";
            let at = stages.iter().position(is_pointer).unwrap();
            let mut pointer = stages.remove(at);
            // js-sdk does not look whether the key opens anything.
            pointer[0]["passes_over"] = pointer[0]["secrets"].take();
            pointer[0]["secrets"] = Value::Array(Vec::new());
            // We write the key and the secrets at once, it the key alone.
            let first = stages[0].as_array_mut().unwrap();
            let secrets = first.split_off(1);
            stages.insert(1, pointer);
            stages.insert(2, Value::Array(secrets));
        });
        let found = count(&tally, "P1");
        report(&format!(
            "control, js-sdk's order, {intent}: {tally}, of P1 {found}"
        ));
        assert!(found > 100, "{intent}: {found}");
    }
}

/// js-sdk's `store`: one entry in place of the whole map.
#[test]
fn js_sdks_replaced_maps_are_found_to_drop_entries() {
    let tally = violations("add a key", |plan, key| {
        for write in plan["stages"]
            .as_array_mut()
            .unwrap()
            .iter_mut()
            .flat_map(|stage| {
                let writes: Vec<&mut Value> = stage.as_array_mut().unwrap().iter_mut().collect();
                writes
            })
        {
            if let Some(entries) = write["after"]["encrypted"].as_object_mut() {
                entries.retain(|id, _| id == key);
            }
        }
    });
    let found = count(&tally, "P2");
    report(&format!("control, js-sdk's maps: {tally}, of P2 {found}"));
    assert!(found > 100, "{found}");
    assert!(count(&tally, "P1") > 100);
}

/// Sealed with another key than the one of the id.
#[test]
fn entries_of_another_key_are_found() {
    let tally = violations("rotate", |plan, key| {
        let text = plan
            .to_string()
            .replace(&format!("\"{key}\":{{"), "\"a\":{");
        *plan = serde_json::from_str(&text).unwrap();
    });
    assert!(tally.violations.len() > 10, "{tally}");
}
