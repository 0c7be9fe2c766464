//! The complete example of the js-sdk guide, in Rust, on an account on a homeserver: makes a
//! cross-signing identity and a key backup, sets secret storage up, publishes their public halves,
//! reads the secrets back with the recovery key, and prints the status.
//!
//! The account must be a new one: where there is an identity, nothing is replaced. It is taken from
//! `SSSS_USER`, `SSSS_HOMESERVER` and `SSSS_ACCESS_TOKEN`.

use std::env;
use std::error::Error;

use getrandom::SysRng;
use ssss_client::ssss_model::rand_core::UnwrapErr;
use ssss_client::ssss_model::ssss_crypto::CostLimits;
use ssss_client::ssss_model::zeroize::Zeroizing;
use ssss_client::ssss_model::{NewKey, Secret, SecretName, TypedKey};
use ssss_client::{
    BackupKey, Bootstrap, CrossSigningKeys, Homeserver, HomeserverAccount, HomeserverOptions,
    IdentityState, KeyCallbacks, KeyRequest, NoKeys, ProvidedKey, Publication, Report,
    SecretStorage,
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
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    runtime.block_on(complete())
}

async fn complete() -> Result<(), Box<dyn Error>> {
    let rng = &mut UnwrapErr(SysRng);
    let options = HomeserverOptions::default();
    let server = Homeserver::connect(&env::var("SSSS_HOMESERVER")?, &options).await?;
    let token = Zeroizing::new(env::var("SSSS_ACCESS_TOKEN")?);
    let account = HomeserverAccount::of_token(server, token).await?;
    println!("{} on {}", account.user_id(), account.homeserver().url());

    let published = account.published().await?;
    if published.identity.state() != IdentityState::Missing || published.backup.is_some() {
        return Err("the account has an identity or a key backup already".into());
    }

    // What a client makes for an account that has nothing.
    let mut secrets: Vec<Secret> = CrossSigningKeys::random(rng).into_secrets().into();
    secrets.push(BackupKey::random(rng).into_secret());

    println!("Setting up secret storage");
    let mut wrote_down = Zeroizing::new(String::new());
    let mut create_key = async || {
        let key = NewKey::random(rng).name("my recovery key").build(rng);
        let recovery_key = key.key().recovery_key()?.format();
        println!("  recovery key: {}", recovery_key.expose());
        wrote_down.push_str(recovery_key.expose());
        Some(key)
    };
    let storage = SecretStorage::new(&account, NoKeys);
    let options = Bootstrap {
        create_key: &mut create_key,
        secrets: secrets.as_slice(),
        set_up_new: false,
        abandon: &[],
        // Once their private halves are stored, and before the key is made the default.
        publish: Publication {
            identity: true,
            backup: true,
        },
    };
    let done = storage.bootstrap(options, &mut UnwrapErr(SysRng)).await?;
    println!(
        "  stored {} secrets for key {}, and published their public halves",
        done.stored.len(),
        done.key_id
    );

    println!("Reading them on a new device");
    let storage = SecretStorage::new(&account, Person { wrote_down });
    let names: Vec<SecretName> = secrets.iter().map(|secret| secret.name().clone()).collect();
    for (secret, (name, read)) in secrets.iter().zip(storage.get_all(&names).await?) {
        let read = read?.ok_or("it was just stored")?;
        assert_eq!(read.expose(), secret.expose());
        println!("  {name} is as it was stored");
    }

    let snapshot = storage.snapshot().await?;
    let published = account.published().await?;
    let limits = CostLimits::default();
    let status = Report::with_published(&snapshot, &[], limits, &published);
    println!(
        "Status: {}",
        if status.is_ready() && !status.has_problems() {
            "ready"
        } else {
            "not ready"
        }
    );
    Ok(())
}
