//! Every seed goes through its oracle with an ordinary `cargo test`, without a fuzzer.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use ssss_fuzz::TARGETS;

#[test]
fn every_seed_of_every_target() {
    let seeds = Path::new(env!("CARGO_MANIFEST_DIR")).join("seeds");
    for (target, oracle) in TARGETS {
        let mut replayed = 0;
        for entry in fs::read_dir(seeds.join(target)).unwrap() {
            let path = entry.unwrap().path();
            println!("{}", path.display());
            oracle(&fs::read(path).unwrap());
            replayed += 1;
        }
        assert!(replayed > 0, "{target} has no seeds");
    }
}

#[test]
fn targets_binaries_and_seeds_have_the_same_names() {
    let names = |folder: &str| -> BTreeSet<String> {
        fs::read_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join(folder))
            .unwrap()
            .map(|entry| {
                entry
                    .unwrap()
                    .path()
                    .file_stem()
                    .unwrap()
                    .to_str()
                    .unwrap()
                    .to_owned()
            })
            .collect()
    };
    let known: BTreeSet<String> = TARGETS.iter().map(|(name, _)| (*name).to_owned()).collect();
    assert_eq!(names("fuzz_targets"), known);
    assert_eq!(names("seeds"), known);
}
