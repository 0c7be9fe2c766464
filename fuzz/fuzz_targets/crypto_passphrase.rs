#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| ssss_fuzz::crypto::passphrase(data));
