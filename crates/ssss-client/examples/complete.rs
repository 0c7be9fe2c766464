//! The complete example of the js-sdk guide, in Rust, on an account in a new local file: sets secret
//! storage up, shows the recovery key, reads the secrets back with it, and prints the status.

use std::error::Error;

use getrandom::SysRng;
use pollster::block_on;
use ssss_client::ssss_model::rand_core::{Rng as _, UnwrapErr};
use ssss_client::ssss_model::zeroize::Zeroizing;
use ssss_client::ssss_model::{NewKey, Secret, SecretName, TypedKey};
use ssss_client::{
    Bootstrap, FileStore, KeyCallbacks, KeyRequest, NoKeys, ProvidedKey, Publication, SecretStorage,
};

/// Asks a person for the key. Here, what they wrote down is at hand.
struct Person {
    wrote_down: Zeroizing<String>,
}

impl KeyCallbacks for Person {
    async fn secret_storage_key(&self, request: &KeyRequest<'_>) -> Option<ProvidedKey> {
        println!(
            "  asked for a key, once, for {} secrets",
            request.secrets.len()
        );
        Some(ProvidedKey::Typed(TypedKey::read(self.wrote_down.clone())))
    }
}

fn main() -> Result<(), Box<dyn Error>> {
    let rng = &mut UnwrapErr(SysRng);
    let folder = tempfile::tempdir()?;
    let path = folder.path().join("account.json");

    // What a client has that has just made its cross-signing keys and its key backup.
    let mut secrets = Vec::new();
    for name in [&SecretName::CROSS_SIGNING[..], &[SecretName::MEGOLM_BACKUP]].concat() {
        let mut key = Zeroizing::new([0; 32]);
        rng.fill_bytes(&mut *key);
        secrets.push(Secret::from_key(name, &key));
    }

    println!("Setting up secret storage in {}", path.display());
    let mut wrote_down = Zeroizing::new(String::new());
    let mut create_key = async || {
        let key = NewKey::random(rng).name("my recovery key").build(rng);
        let recovery_key = key.key().recovery_key()?.format();
        println!("  recovery key: {}", recovery_key.expose());
        wrote_down.push_str(recovery_key.expose());
        Some(key)
    };
    let storage = SecretStorage::new(FileStore::open_or_create(&path)?, NoKeys);
    let options = Bootstrap {
        create_key: &mut create_key,
        secrets: secrets.as_slice(),
        set_up_new: false,
        abandon: &[],
        publish: Publication::default(),
    };
    let done = block_on(storage.bootstrap(options, &mut UnwrapErr(SysRng)))?;
    println!(
        "  stored {} secrets for key {}",
        done.stored.len(),
        done.key_id
    );

    println!("Reading them on a new device");
    let storage = SecretStorage::new(FileStore::open(&path)?, Person { wrote_down });
    let names: Vec<_> = secrets.iter().map(|secret| secret.name().clone()).collect();
    for (secret, (name, read)) in secrets.iter().zip(block_on(storage.get_all(&names))?) {
        let read = read?.ok_or("it was just stored")?;
        assert_eq!(read.expose(), secret.expose());
        println!("  {name} is as it was stored");
    }

    let status = block_on(storage.status())?;
    println!(
        "Status: {}",
        if status.is_ready() {
            "ready"
        } else {
            "not ready"
        }
    );
    for secret in &status.secrets {
        println!(
            "  {}: sealed for the default key: {}",
            secret.name, secret.under_default
        );
    }
    Ok(())
}
