#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| ssss_fuzz::model::key_description::read(data));
