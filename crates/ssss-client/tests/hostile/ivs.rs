//! The IV, which the scheme does not authenticate, is another one.

use crate::account::{Account, rng};
use crate::client::Client;
use crate::json;
use crate::script::Script;
use crate::truth::{REAL, Truth};
use crate::work::{Work, known_names};
use ssss_client::ssss_model::rand_core::Rng as _;
use ssss_client::ssss_model::ruma_common::serde::Base64;
use ssss_client::ssss_model::ruma_common::serde::base64::Standard;

/// Each of the four secrets, this often.
const EACH: usize = 1000;

fn scripts(each: usize) -> Vec<Script> {
    let honest = Account::standard(REAL);
    let truth = Truth::recovery_key(REAL);
    let mut scripts = Vec::new();
    for number in 0..each {
        let mut account = honest.clone();
        for (event_type, content) in honest.events() {
            if !known_names().iter().any(|name| name.as_str() == event_type) {
                continue;
            }
            let mut iv = [0; 16];
            rng().fill_bytes(&mut iv);
            // Every bit by itself, and then whatever comes.
            if number < 128 {
                let content: serde_json::Value =
                    serde_json::from_str(content.json().get()).unwrap();
                let bytes = json::bytes(&content["encrypted"][REAL]["iv"]).unwrap();
                iv.copy_from_slice(&bytes);
                iv[number / 8] ^= 1 << (number % 8);
            }
            let iv = serde_json::json!(Base64::<Standard, _>::new(iv).encode());
            let path = ["encrypted", REAL, "iv"];
            let changed = json::with(content.json().get(), &path, iv);
            account = account.event(&event_type, &changed);
        }
        scripts.push(Script::new(format!("IV {number}"), truth.clone(), account));
    }
    scripts
}

#[test]
fn no_secret_with_another_iv_is_accepted() {
    let complaints = crate::play(Client::Ours, &[Work::Open], &scripts(EACH));
    println!(
        "IVs: {} secrets in {EACH} cases",
        EACH * known_names().len()
    );
    assert!(complaints.is_empty(), "{complaints:#?}");
    crate::assert_innocent("IVs in every operation", &scripts(40));
}

#[test]
fn a_client_that_takes_any_text_is_found_out() {
    crate::assert_guilty(&scripts(4), "is accepted as");
}
