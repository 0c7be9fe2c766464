//! What is allocated is what is returned. In a binary of its own, whose allocator counts.

use std::hint::black_box;

use allocation_counter::{AllocationInfo, measure};
use ssss_recovery_key::RecoveryKey;

#[test]
fn nothing_is_allocated_beyond_outputs() {
    let key = RecoveryKey::from_bytes(&[7; 32]);
    let text = key.format();
    let text = text.expose();

    // The key is one box of 32 bytes, its text one string of 59.
    let info = counted(|| RecoveryKey::from_bytes(&[7; 32]));
    assert_eq!((info.count_total, info.bytes_total), (1, 32), "from bytes");
    let info = counted(|| RecoveryKey::parse(text).unwrap());
    assert_eq!((info.count_total, info.bytes_total), (1, 32), "parse");
    let info = counted(|| key.format());
    assert_eq!((info.count_total, info.bytes_total), (1, 59), "format");

    for (refused, why) in [
        ("", "nothing"),
        (" \u{200b}-", "nothing but what is ignored"),
        (&text[1..], "too short"),
        (&format!("{text}1"), "too long"),
        (&text.replacen('E', "F", 1), "another prefix"),
        (
            &text.replacen(' ', "0", 1),
            "a character that there is none",
        ),
    ] {
        let info = counted(|| RecoveryKey::parse(refused).unwrap_err());
        assert_eq!(info.count_total, 0, "{why}");
    }
    // However it is written.
    let odd = format!("\u{feff}{}\n", text.replace(' ', " \u{200b}- "));
    let info = counted(|| RecoveryKey::parse(&odd).unwrap());
    assert_eq!((info.count_total, info.bytes_total), (1, 32), "spaced out");
}

/// Counts while something is made and dropped.
fn counted<R>(make: impl FnOnce() -> R) -> AllocationInfo {
    let info = measure(|| drop(black_box(make())));
    assert_eq!(info.count_current, 0, "all is given back");
    info
}
