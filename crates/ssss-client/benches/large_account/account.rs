//! An account with many secrets.

use ssss_client::Content;
use ssss_client::ssss_model::rand_core::UnwrapErr;
use ssss_client::ssss_model::zeroize::Zeroizing;
use ssss_client::ssss_model::{DefaultKey, EncryptedSecret, NewKey, Secret, SecretName, Snapshot};

pub(crate) struct Account {
    /// The first is the default.
    pub(crate) keys: Vec<NewKey>,
    pub(crate) snapshot: Snapshot,
}

impl Account {
    /// Secrets, each sealed for every one of so many keys.
    pub(crate) fn new(secrets: u32, keys: u32) -> Self {
        let rng = &mut UnwrapErr(getrandom::SysRng);
        let keys: Vec<NewKey> = (0..keys).map(|_| NewKey::random(rng).build(rng)).collect();
        let mut events: Vec<(String, Content)> = keys
            .iter()
            .map(|key| (key.key().id().event_type(), key.description().to_raw()))
            .collect();
        let pointer = DefaultKey::content(None, keys[0].key().id());
        events.push((DefaultKey::EVENT_TYPE.to_owned(), pointer.to_raw()));
        for index in 0..secrets {
            let name = SecretName::new(&format!("org.example.secret.{index:06}")).unwrap();
            let value = Zeroizing::new(format!("{index:043}"));
            let secret = Secret::new(name.clone(), value).unwrap();
            let entries: Vec<_> = keys
                .iter()
                .map(|key| key.key().seal(&secret, rng).unwrap())
                .collect();
            let content = EncryptedSecret::content(&name, None, &entries).unwrap();
            events.push((name.as_str().to_owned(), content.to_raw()));
        }
        Self {
            keys,
            snapshot: Snapshot::new(events),
        }
    }
}
