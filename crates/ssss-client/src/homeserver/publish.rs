//! Publishing public halves: the cross-signing identity, a version of the key backup, a device's
//! signature.

use futures_util::future::{OptionFuture, join};
use ruma_client_api::backup::{create_backup_version, delete_backup_version};
use ruma_client_api::keys::{upload_signatures, upload_signing_keys};
use ruma_client_api::uiaa::{
    AuthData, AuthType, MatrixUserIdentifier, OAuth, Password, UiaaInfo, UserIdentifier,
};
use serde::Deserialize;
use serde_json::Value;
use ssss_model::ruma_common::serde::Raw;
use ssss_model::{Object, Secret, SecretName};

use super::HomeserverAccount;
use super::answer::unexpected;
use super::failure::Failure;
use super::wire::Repeat;
use crate::account_data::{AccountDataError, AccountDataErrorKind};
use crate::identity::{BackupKey, CrossSigningKeys};
use crate::publication::Publication;
use crate::published::{IdentityState, Pairing, Published};

/// What the server wants approved (`m.oauth`).
#[derive(Deserialize)]
struct OAuthParams {
    url: String,
}

impl HomeserverAccount {
    /// Publishes what is not published yet, and sees that it is. What another client has published is
    /// never replaced.
    pub(super) async fn publish_keys(
        &self,
        publication: Publication,
        secrets: &[Secret],
    ) -> Result<(), AccountDataError> {
        let published = self.published().await?;
        let identity: OptionFuture<_> = publication
            .identity
            .then(|| self.publish_identity(&published, secrets))
            .into();
        let backup: OptionFuture<_> = publication
            .backup
            .then(|| self.publish_backup(&published, secrets))
            .into();
        // Both are waited for, so that nothing is still on its way afterwards.
        let (identity, backup) = join(identity, backup).await;
        identity.unwrap_or(Ok(()))?;
        backup.unwrap_or(Ok(()))?;
        self.require_published(publication, secrets).await
    }

    async fn publish_identity(
        &self,
        published: &Published,
        secrets: &[Secret],
    ) -> Result<(), AccountDataError> {
        let keys = cross_signing_keys(secrets)?;
        match published.identity.state() {
            IdentityState::Missing => {}
            // Done before, by us or by whoever else has these keys. An upload that was cut short is
            // made whole by the same upload.
            _ if keys
                .secrets()
                .iter()
                .all(|secret| is_ours(published, secret)) =>
            {
                return Ok(());
            }
            _ => {
                let message =
                    "another client has published a cross-signing identity, which is not replaced";
                return Err(AccountDataError::new(
                    AccountDataErrorKind::Conflict,
                    message,
                ));
            }
        }
        let body = keys.upload_body(self.user_id());
        let mut request = upload_signing_keys::v3::Request::new();
        request.master_key = Some(field(&body, "master_key")?);
        request.self_signing_key = Some(field(&body, "self_signing_key")?);
        request.user_signing_key = Some(field(&body, "user_signing_key")?);
        // The same keys twice are the same as once (specification v1.11), so a lost answer does no harm.
        match self.call(request.clone(), Repeat::Harmless).await {
            Ok(_) => Ok(()),
            Err(failure) => {
                request.auth = Some(self.approve(failure).await?);
                // A password that is wrong is not to be tried again.
                self.call(request, Repeat::Never).await?;
                Ok(())
            }
        }
    }

    /// Has the account's owner approve what the server wants approved, and says so to the server.
    async fn approve(&self, failure: Failure) -> Result<AuthData, AccountDataError> {
        let Some(challenge) = &failure.challenge else {
            return Err(failure.error);
        };
        let Ok(info) = serde_json::from_slice::<UiaaInfo>(challenge) else {
            return Err(unexpected(self.homeserver().url()));
        };
        let offers = |stage: &AuthType| {
            let mut flows = info.flows.iter();
            flows.any(|flow| flow.stages == [stage.clone()])
        };
        if offers(&AuthType::OAuth)
            && let Some(url) = approval_url(&info)
            && self.approval().visit(&url).await
        {
            // The type is said, too: servers that do not need it ignore it, others need it.
            let mut done = OAuth::new();
            done.session.clone_from(&info.session);
            return Ok(AuthData::OAuth(done));
        }
        if offers(&AuthType::Password)
            && let Some(password) = self.approval().password(self.user_id()).await
        {
            let user = MatrixUserIdentifier::new(self.user_id().to_string());
            let user = UserIdentifier::Matrix(user);
            let mut given = Password::new(user, password.to_string());
            given.session.clone_from(&info.session);
            return Ok(AuthData::Password(given));
        }
        Err(failure.error)
    }

    async fn publish_backup(
        &self,
        published: &Published,
        secrets: &[Secret],
    ) -> Result<(), AccountDataError> {
        let secret = find(secrets, &SecretName::MEGOLM_BACKUP)?;
        if is_ours(published, secret) {
            return Ok(());
        }
        let before = published
            .backup
            .as_ref()
            .and_then(|backup| backup.public_key);
        match self.create_backup(secret, secrets).await {
            // The answer was lost. Asking for it again without looking would make a second version.
            Err(error) if may_have_happened(error.kind()) => {
                let now = self.published().await?;
                if is_ours(&now, secret) {
                    return Ok(());
                }
                let key = now.backup.as_ref().and_then(|backup| backup.public_key);
                if key != before {
                    return Err(error);
                }
                self.create_backup(secret, secrets).await
            }
            done => done,
        }
    }

    async fn create_backup(
        &self,
        secret: &Secret,
        secrets: &[Secret],
    ) -> Result<(), AccountDataError> {
        let key = backup_key(secret)?;
        let master = find(secrets, &SecretName::CROSS_SIGNING[0])?;
        let body = key.version_body(self.user_id(), master);
        let body = body.map_err(|_| not_a_key(&SecretName::CROSS_SIGNING[0]))?;
        let algorithm = Raw::from_json_string(body.as_json().to_owned());
        let algorithm = algorithm.map_err(|_| unexpected(self.homeserver().url()))?;
        let request = create_backup_version::v3::Request::new(algorithm);
        self.call(request, Repeat::Never).await?;
        Ok(())
    }

    /// Sees that what was to be published is.
    async fn require_published(
        &self,
        publication: Publication,
        secrets: &[Secret],
    ) -> Result<(), AccountDataError> {
        let now = self.published().await?;
        let names = SecretName::CROSS_SIGNING.into_iter();
        let names = names.filter(|_| publication.identity);
        let backup = publication.backup.then_some(SecretName::MEGOLM_BACKUP);
        for name in names.chain(backup) {
            if !is_ours(&now, find(secrets, &name)?) {
                let message = format!(
                    "the public half of {name} was published, and the homeserver publishes something else: another client may have published meanwhile"
                );
                return Err(AccountDataError::new(
                    AccountDataErrorKind::Conflict,
                    message,
                ));
            }
        }
        if publication.identity && now.identity.state() != IdentityState::Sound {
            let message = "the cross-signing keys that the homeserver publishes are not signed as they were when they were published";
            return Err(AccountDataError::new(
                AccountDataErrorKind::Conflict,
                message,
            ));
        }
        Ok(())
    }

    /// Publishes the signature of a device, as [`Published::sign_device`] makes it (`POST
    /// /keys/signatures/upload`).
    pub async fn upload_signatures(&self, body: &Object) -> Result<(), AccountDataError> {
        #[derive(Deserialize)]
        struct Answer {
            #[serde(default)]
            failures: serde_json::Map<String, Value>,
        }
        let signed = serde_json::from_str(body.as_json());
        let signed = signed.map_err(|_| unexpected(self.homeserver().url()))?;
        let request = upload_signatures::v3::Request::new(signed);
        // The same signature twice is the same as once.
        let answer: Answer = self.ask(request, Repeat::Harmless).await?;
        if answer.failures.values().all(is_empty) {
            Ok(())
        } else {
            let message = format!("{} refuses the signature", self.homeserver().url());
            Err(AccountDataError::new(
                AccountDataErrorKind::Refused,
                message,
            ))
        }
    }

    /// Deletes a version of the key backup with all the keys in it (`DELETE
    /// /room_keys/version/{version}`). What no device has besides is lost.
    pub async fn delete_backup(&self, version: &str) -> Result<(), AccountDataError> {
        let request = delete_backup_version::v3::Request::new(version.to_owned());
        match self.call(request, Repeat::Harmless).await {
            Err(failure) if !failure.is_not_found() => Err(failure.error),
            _ => Ok(()),
        }
    }
}

fn is_empty(failures: &Value) -> bool {
    failures.as_object().is_some_and(serde_json::Map::is_empty)
}

/// Whether an error leaves open whether the server acted.
fn may_have_happened(kind: AccountDataErrorKind) -> bool {
    use AccountDataErrorKind as Kind;
    matches!(
        kind,
        Kind::Unreachable | Kind::Truncated | Kind::NotAHomeserver
    )
}

fn is_ours(published: &Published, secret: &Secret) -> bool {
    published.pairing(secret) == Some(Pairing::Matches)
}

fn find<'a>(secrets: &'a [Secret], name: &SecretName) -> Result<&'a Secret, AccountDataError> {
    let mut found = secrets.iter().filter(|secret| secret.name() == name);
    found.next().ok_or_else(|| not_a_key(name))
}

/// What was read back is not what can be published.
fn not_a_key(name: &SecretName) -> AccountDataError {
    let message = format!("what is stored as {name} is no key whose public half can be published");
    AccountDataError::new(AccountDataErrorKind::Damaged, message)
}

fn cross_signing_keys(secrets: &[Secret]) -> Result<CrossSigningKeys, AccountDataError> {
    let [master, self_signing, user_signing] = SecretName::CROSS_SIGNING;
    let copy = |name: &SecretName| -> Result<Secret, AccountDataError> {
        copy(find(secrets, name)?).ok_or_else(|| not_a_key(name))
    };
    let secrets = [copy(&master)?, copy(&self_signing)?, copy(&user_signing)?];
    CrossSigningKeys::from_secrets(secrets).map_err(|_| not_a_key(&master))
}

fn backup_key(secret: &Secret) -> Result<BackupKey, AccountDataError> {
    let copy = copy(secret).ok_or_else(|| not_a_key(secret.name()))?;
    BackupKey::from_secret(copy).map_err(|_| not_a_key(secret.name()))
}

/// A secret is not cloned by accident.
fn copy(secret: &Secret) -> Option<Secret> {
    let text = ssss_model::zeroize::Zeroizing::new(secret.expose().to_owned());
    Secret::new(secret.name().clone(), text).ok()
}

fn field<T>(body: &Object, name: &str) -> Result<Raw<T>, AccountDataError> {
    let json = body.get(name).unwrap_or_default();
    Raw::from_json_string(json.to_owned())
        .map_err(|_| AccountDataError::new(AccountDataErrorKind::Refused, "a key has no form"))
}

/// The page to approve at, under either name of the stage.
fn approval_url(info: &UiaaInfo) -> Option<String> {
    let params: serde_json::Map<String, Value> =
        serde_json::from_str(info.params.as_ref()?.get()).ok()?;
    let mut stages = ["m.oauth", "org.matrix.cross_signing_reset"].iter();
    stages.find_map(|stage| {
        let params = params.get(*stage)?.clone();
        let OAuthParams { url } = serde_json::from_value(params).ok()?;
        // It is shown to a person, at a terminal perhaps, who may click on it.
        let is_plain = url.chars().all(|c| c.is_ascii_graphic());
        (url.starts_with("https://") && is_plain).then_some(url)
    })
}
