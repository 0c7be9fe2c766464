#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| ssss_fuzz::client::plans::carry_out(data));
