#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| ssss_fuzz::model::object::edit(data));
