//! One call over HTTP: deadlines, bounds, tries.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use backon::{BackoffBuilder as _, ExponentialBuilder};
use http::header::AUTHORIZATION;
use http::{Method, Request, StatusCode};
use reqwest::redirect::Policy;
use reqwest::{Client, Response};
use rustls::ClientConfig;
use rustls::crypto::ring;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject as _;
use rustls_platform_verifier::Verifier;
use tokio::time::{Instant, sleep, timeout};

use super::address::Address;
use super::failure::{Failure, refusal};
use super::options::HomeserverOptions;
use super::url;
use crate::account_data::{AccountDataError, AccountDataErrorKind};

/// A connection to one homeserver, without knowing who asks.
#[derive(Debug)]
pub(super) struct Wire {
    client: Client,
    address: Address,
    timeout: Duration,
    max_answer: usize,
    /// Whether it has answered anything yet. Before that, an unreachable server is a wrong address or
    /// a missing network, and trying again only hides that.
    has_answered: AtomicBool,
}

/// Whether a call may be made again when its answer was lost.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Repeat {
    /// Making it twice is the same as making it once.
    Harmless,
    /// It might do something a second time.
    Never,
}

impl Wire {
    pub(super) fn new(
        address: Address,
        options: &HomeserverOptions,
    ) -> Result<Self, AccountDataError> {
        let client = Client::builder()
            .tls_backend_preconfigured(tls(options)?)
            .redirect(Policy::none())
            .referer(false)
            .retry(reqwest::retry::never())
            .connect_timeout(options.connect_timeout.min(options.timeout))
            .user_agent(concat!("ssss/", env!("CARGO_PKG_VERSION")))
            .build()
            .map_err(|_| unusable("TLS cannot be set up"))?;
        Ok(Self {
            client,
            address,
            timeout: options.timeout,
            max_answer: options.max_answer,
            has_answered: AtomicBool::new(false),
        })
    }

    pub(super) fn address(&self) -> &Address {
        &self.address
    }

    /// Makes a call, and gives the body of an answer that is success and JSON.
    ///
    /// It is tried again where that may help and can do no harm, with the pauses that the server asks
    /// for, and never beyond the deadline.
    pub(super) async fn send(
        &self,
        request: Request<Vec<u8>>,
        repeat: Repeat,
    ) -> Result<Vec<u8>, Failure> {
        let begun = Instant::now();
        // Never the instant at which something ends: a server may ask to wait for ever, and an instant
        // that late there is not.
        let left = || self.timeout.saturating_sub(begun.elapsed());
        let mut pauses = ExponentialBuilder::default()
            .with_min_delay(Duration::from_millis(250))
            .with_max_times(4)
            .with_jitter()
            .build();
        // What went wrong the last time says more than that there was no time for another.
        let mut last = None;
        loop {
            let once = timeout(left(), self.once(&request));
            let failure = match once.await {
                Ok(Ok(body)) => return Ok(body),
                Ok(Err(failure)) => failure,
                Err(_) => return Err(last.unwrap_or_else(|| self.too_slow())),
            };
            let Some(pause) = pauses.next().filter(|_| self.may_repeat(&failure, repeat)) else {
                return Err(failure);
            };
            let pause = failure.retry_after.unwrap_or(pause);
            if pause >= left() {
                return Err(failure);
            }
            last = Some(failure);
            sleep(pause).await;
        }
    }

    fn may_repeat(&self, failure: &Failure, repeat: Repeat) -> bool {
        match failure.error.kind() {
            // It was turned away unread.
            AccountDataErrorKind::RateLimited => true,
            AccountDataErrorKind::Unreachable => {
                repeat == Repeat::Harmless && self.has_answered.load(Ordering::Relaxed)
            }
            AccountDataErrorKind::Truncated => repeat == Repeat::Harmless,
            _ => false,
        }
    }

    async fn once(&self, request: &Request<Vec<u8>>) -> Result<Vec<u8>, Failure> {
        let url = url::exact(request.uri()).ok_or_else(unspellable)?;
        let mut call = self.client.request(request.method().clone(), url);
        let mut headers = request.headers().clone();
        if let Some(token) = headers.get_mut(AUTHORIZATION) {
            // Whatever is logged below here, this is not.
            token.set_sensitive(true);
        }
        call = call.headers(headers);
        if request.method() != Method::GET {
            call = call.body(request.body().clone());
        }
        let response = call.send().await.map_err(|error| self.lost(&error))?;
        let status = response.status();
        let headers = response.headers().clone();
        let body = self.body(response).await?;
        self.has_answered.store(true, Ordering::Relaxed);
        if status.is_redirection() {
            return Err(self.not_a_homeserver("it sends somewhere else"));
        }
        if !status.is_success() {
            return Err(refusal(self.address.as_str(), status, &headers, body));
        }
        self.require_json(status, body)
    }

    /// Reads an answer to its end, or to the bound.
    async fn body(&self, mut response: Response) -> Result<Vec<u8>, Failure> {
        let mut body = Vec::new();
        loop {
            let chunk = response.chunk().await.map_err(|error| self.cut(&error))?;
            let Some(chunk) = chunk else {
                return Ok(body);
            };
            if body.len() + chunk.len() > self.max_answer {
                let message = format!(
                    "the answer of {} is larger than {} bytes",
                    self.address.as_str(),
                    self.max_answer
                );
                return Err(AccountDataError::new(AccountDataErrorKind::TooLarge, message).into());
            }
            body.extend_from_slice(&chunk);
        }
    }

    /// A wireless network's log-in page is a success too, and no JSON.
    fn require_json(&self, status: StatusCode, body: Vec<u8>) -> Result<Vec<u8>, Failure> {
        match serde_json::from_slice::<serde::de::IgnoredAny>(&body) {
            Ok(_) => Ok(body),
            Err(error) if error.is_eof() && !body.is_empty() => Err(self.cut_json()),
            Err(_) => {
                let why = format!(
                    "it answers {} with something that is not JSON",
                    status.as_u16()
                );
                Err(self.not_a_homeserver(&why))
            }
        }
    }

    fn not_a_homeserver(&self, why: &str) -> Failure {
        let message = format!(
            "what answers at {} is not a homeserver: {why}",
            self.address.as_str()
        );
        AccountDataError::new(AccountDataErrorKind::NotAHomeserver, message).into()
    }

    fn lost(&self, error: &reqwest::Error) -> Failure {
        let why = if error.is_connect() && error.is_timeout() {
            "there is no connection in time"
        } else if error.is_connect() {
            "there is no connection, or no trust in its certificate"
        } else {
            "the connection was lost before an answer"
        };
        let message = format!("{} cannot be reached: {why}", self.address.as_str());
        AccountDataError::new(AccountDataErrorKind::Unreachable, message).into()
    }

    fn too_slow(&self) -> Failure {
        let message = format!(
            "{} has not answered within {} seconds",
            self.address.as_str(),
            self.timeout.as_secs_f32()
        );
        AccountDataError::new(AccountDataErrorKind::Unreachable, message).into()
    }

    fn cut(&self, error: &reqwest::Error) -> Failure {
        if error.is_timeout() {
            return self.too_slow();
        }
        self.cut_json()
    }

    fn cut_json(&self) -> Failure {
        let message = format!("the answer of {} was cut off", self.address.as_str());
        AccountDataError::new(AccountDataErrorKind::Truncated, message).into()
    }
}

/// What the system trusts, and what was named.
fn tls(options: &HomeserverOptions) -> Result<ClientConfig, AccountDataError> {
    let provider = Arc::new(ring::default_provider());
    let extra = CertificateDer::pem_slice_iter(&options.extra_certificates)
        .collect::<Result<Vec<_>, _>>()
        .map_err(|_| unusable("the certificates to trust cannot be read"))?;
    if extra.is_empty() && !options.extra_certificates.is_empty() {
        return Err(unusable("the file of certificates to trust holds none"));
    }
    let verifier = Verifier::new_with_extra_roots(extra, Arc::clone(&provider))
        .map_err(|_| unusable("the system's certificates cannot be read"))?;
    let config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(|_| unusable("TLS cannot be set up"))?
        .dangerous()
        .with_custom_certificate_verifier(Arc::new(verifier))
        .with_no_client_auth();
    Ok(config)
}

/// No URL says what is meant.
fn unspellable() -> AccountDataError {
    let message = "an event type or user id cannot be spelled in a URL";
    AccountDataError::new(AccountDataErrorKind::Refused, message)
}

fn unusable(why: &str) -> AccountDataError {
    AccountDataError::new(AccountDataErrorKind::Io, why)
}
