//! Waiting for the library's futures.

use std::sync::LazyLock;

use tokio::runtime::{Builder, Runtime};

/// One for the whole process: connections to a homeserver belong to the runtime that opened them.
static RUNTIME: LazyLock<std::io::Result<Runtime>> =
    LazyLock::new(|| Builder::new_current_thread().enable_all().build());

/// Waits for a future.
pub(crate) fn block_on<F: Future>(future: F) -> F::Output {
    match &*RUNTIME {
        Ok(runtime) => runtime.block_on(future),
        // Without file descriptors to spare nothing else works either.
        Err(error) => {
            eprintln!("error: the system refuses to wait for anything: {error}");
            std::process::exit(1)
        }
    }
}
