//! The tasks of this workspace: `cargo xtask help`.

mod bench_peers;
mod ci;
mod constant_time;
mod coverage;
mod debian;
mod debian_rust;
mod deny;
mod e2e;
mod fuzz;
mod instructions;
mod interop;
mod kills;
mod mutants;
mod npm;
mod probes;
mod readme;
mod release_check;
mod source;
mod tidy;
mod wheel;
mod wiping;

use std::error::Error;
use std::path::Path;

use xshell::Shell;

use self::mutants::Which;

/// What went wrong, in words.
type Result<T = ()> = std::result::Result<T, Box<dyn Error>>;

mod flags {
    use std::path::PathBuf;

    xflags::xflags! {
        /// The tasks of this workspace.
        cmd xtask {
            /// Runs everything that CI runs, and stops at the first failure.
            cmd ci {}
            /// Checks what no compiler does: layout, dependencies, documents, public interfaces.
            cmd tidy {}
            /// Builds the `no_std` crates for a microcontroller, and the libraries for WebAssembly.
            cmd targets {}
            /// Checks licences, sources and bans of the dependencies.
            cmd deny {
                /// Checks for known problems too, by this local clone of RustSec's database.
                optional --advisories database: PathBuf
            }
            /// Checks what is to be released: every set of features, licences, known problems, interfaces.
            cmd release-check {
                /// Compares public interfaces with this revision, in the place of the last release.
                optional --baseline revision: String
                /// Checks for known problems too, by this local clone of RustSec's database.
                optional --advisories database: PathBuf
            }
            /// Runs the fuzz targets, or some of them.
            cmd fuzz {
                /// For so many seconds each.
                optional --seconds seconds: u64
                repeated target: String
            }
            /// Has js-sdk's own secret storage read what we write, and us what it writes.
            cmd interop {}
            /// Does the same work as matrix-sdk-crypto, RustCrypto alone and js-sdk, side by side, and prints
            /// the table of docs/performance.md.
            cmd bench-peers {
                /// Only the rows that have this in their names.
                optional --only text: String
            }
            /// Counts instructions under valgrind, and holds them against those that were saved.
            cmd instructions {
                /// Saves them instead.
                optional --save
            }
            /// Has js-sdk and mautrix meet us on a real homeserver, all of which it installs.
            cmd e2e {
                /// Only what has this in its name.
                optional --only text: String
            }
            /// Runs a homeserver with an account, for trying things out, until standard input ends.
            cmd synapse {}
            /// Has memcheck watch every call with a secret in it, and looks for divisions.
            cmd constant-time {}
            /// Looks for secrets in memory, after each public call and at the end of each command.
            cmd wiping {
                /// Only the commands; the libraries' calls are left out.
                optional --commands
            }
            /// Changes something in the libraries on purpose, which their tests must notice.
            cmd mutants {
                /// Only a few, on lines that changed in the last commits, as in CI.
                optional --few
                /// Only so many of all, as 0/10 for the first of ten shares.
                optional --shard shard: String
                /// Of these libraries only.
                repeated library: String
            }
            /// Counts the lines that the tests execute.
            cmd coverage {}
            /// Kills the command at each system call of a write: the account file stays whole.
            cmd kills {
                /// Writes to this account file in place instead, which is what must be found out.
                optional --control file: PathBuf
            }
        }
    }
}

fn main() {
    let flags = flags::Xtask::from_env_or_exit();
    if let Err(error) = run(&flags) {
        eprintln!("error: {error}");
        std::process::exit(1);
    }
}

fn run(flags: &flags::Xtask) -> Result {
    let sh = Shell::new()?;
    sh.change_dir(root());
    match &flags.subcommand {
        flags::XtaskCmd::Ci(_) => ci::run(&sh),
        flags::XtaskCmd::Tidy(_) => tidy::run(&sh),
        flags::XtaskCmd::Targets(_) => debian_rust::build_targets(&sh),
        flags::XtaskCmd::Deny(deny) => {
            deny::run(&sh)?;
            deny.advisories
                .as_deref()
                .map_or(Ok(()), |database| deny::advisories(&sh, database))
        }
        flags::XtaskCmd::ReleaseCheck(check) => {
            release_check::run(&sh, check.baseline.as_deref(), check.advisories.as_deref())
        }
        flags::XtaskCmd::Fuzz(flags) => {
            let seconds = flags.seconds.unwrap_or(fuzz::SHORT);
            fuzz::run(&sh, seconds, &flags.target)
        }
        flags::XtaskCmd::Interop(_) => interop::run(&sh),
        flags::XtaskCmd::BenchPeers(flags) => bench_peers::run(&sh, flags.only.as_deref()),
        flags::XtaskCmd::Instructions(flags) => {
            if flags.save {
                instructions::save(&sh)
            } else {
                instructions::run(&sh)
            }
        }
        flags::XtaskCmd::E2e(flags) => e2e::run(&sh, flags.only.as_deref(), 1),
        flags::XtaskCmd::Synapse(_) => e2e::serve(&sh),
        flags::XtaskCmd::ConstantTime(_) => constant_time::run(&sh),
        flags::XtaskCmd::Wiping(flags) => wiping::run(&sh, flags.commands),
        flags::XtaskCmd::Mutants(flags) => {
            let which = if flags.few {
                Which::FewOfChanged
            } else {
                Which::All {
                    libraries: &flags.library,
                    shard: flags.shard.as_deref(),
                }
            };
            mutants::run(&sh, &which)
        }
        flags::XtaskCmd::Coverage(_) => coverage::run(&sh),
        flags::XtaskCmd::Kills(flags) => match &flags.control {
            Some(file) => kills::control(file),
            None => kills::run(&sh, 1),
        },
    }
}

/// The top of the workspace.
fn root() -> &'static Path {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    here.parent().unwrap_or(here)
}
