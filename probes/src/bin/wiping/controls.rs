//! What leaves secrets behind, in the ways in which programs do. If that is not found, nothing would be.

use std::hint::black_box;
use std::io::Write as _;

use ssss_model::zeroize::Zeroizing;

use crate::Call;
use crate::secrets::{KEY, TOKEN, recovery_key};

pub(crate) const CALLS: &[Call] = &[
    ("control: a vector that grows", growing_vector),
    ("control: a text that `format!` makes", formatted_text),
    ("control: an array on the stack", stack),
    ("control: a block that is not wiped", not_wiped),
    ("control: standard output", standard_output),
];

/// It is wiped, and what it grew out of is not.
fn growing_vector() {
    let mut copy = Zeroizing::new(Vec::new());
    for byte in TOKEN.bytes().iter() {
        copy.push(*byte);
    }
    black_box(&copy);
}

fn formatted_text() {
    let text = Zeroizing::new(format!(
        "{} is the key, and you should keep it",
        *recovery_key()
    ));
    black_box(&text);
}

#[inline(never)]
fn stack() {
    let array = **KEY.bytes();
    black_box(&array);
}

fn not_wiped() {
    black_box(Box::new(**TOKEN.bytes()));
}

/// Not by `println!`, which a test harness may turn elsewhere. The buffer keeps it when it is written.
fn standard_output() {
    let mut out = std::io::stdout().lock();
    if writeln!(out, "{}", *TOKEN.text())
        .and_then(|()| out.flush())
        .is_err()
    {
        black_box(&out);
    }
}
