//! A homeserver of our own, on this machine, for as long as it is needed.

use std::fs::{self, File};
use std::io::{BufReader, Write as _};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use tempfile::TempDir;

use super::message::Message;
use crate::{Result, root};

const NAME: &str = "localhost";
/// For every account.
pub(super) const PASSWORD: &str = "the password of every account here";
const START: Duration = Duration::from_secs(60);
const STOP: Duration = Duration::from_secs(10);
/// For one request, which is local.
const ANSWER: Duration = Duration::from_secs(30);

/// A Synapse that runs. It stops, and what it kept is gone, when this is dropped; and when this process
/// ends in another way, since its standard input ends then.
pub(super) struct Synapse {
    address: SocketAddr,
    child: Child,
    users: AtomicUsize,
    _folder: TempDir,
}

/// An account that was just made, with a device.
#[derive(Debug, Clone)]
pub(super) struct Account {
    pub(super) user: String,
    pub(super) device: String,
    pub(super) token: String,
}

impl Synapse {
    pub(super) fn start(python: &Path) -> Result<Self> {
        let folder = tempfile::tempdir()?;
        let port = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?
            .local_addr()?
            .port();
        let path = folder.path();
        fs::write(path.join("signing.key"), signing_key())?;
        fs::write(
            path.join("homeserver.yaml"),
            configuration(path, port).to_string(),
        )?;
        let log = path.join("log");
        let child = Command::new(python)
            .arg(root().join("xtask/e2e/serve.py"))
            .arg("-c")
            .arg(path.join("homeserver.yaml"))
            .current_dir(path)
            .stdin(Stdio::piped())
            .stdout(File::create(&log)?)
            .stderr(File::options().append(true).open(&log)?)
            .spawn()?;
        let mut synapse = Self {
            address: (Ipv4Addr::LOCALHOST, port).into(),
            child,
            users: AtomicUsize::new(0),
            _folder: folder,
        };
        if let Err(error) = synapse.wait() {
            let log = fs::read_to_string(log).unwrap_or_default();
            let lines: Vec<_> = log.lines().rev().take(20).collect();
            let lines: Vec<_> = lines.into_iter().rev().collect();
            return Err(format!("Synapse does not start: {error}\n{}", lines.join("\n")).into());
        }
        Ok(synapse)
    }

    /// Until it answers.
    fn wait(&mut self) -> Result {
        let start = Instant::now();
        while start.elapsed() < START {
            if let Some(status) = self.child.try_wait()? {
                return Err(status.to_string().into());
            }
            if TcpStream::connect(self.address).is_ok() {
                self.call("GET", "/_matrix/client/versions", None, None)?;
                return Ok(());
            }
            thread::sleep(Duration::from_millis(50));
        }
        Err(format!("it takes more than {} s", START.as_secs()).into())
    }

    pub(super) const fn address(&self) -> SocketAddr {
        self.address
    }

    pub(super) fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// A new account.
    pub(super) fn register(&self) -> Result<Account> {
        let name = format!("user-{}", self.users.fetch_add(1, Ordering::Relaxed) + 1);
        let answer = self.call(
            "POST",
            "/_matrix/client/v3/register",
            None,
            Some(&json!({
                "username": name, "password": PASSWORD, "auth": {"type": "m.login.dummy"},
            })),
        )?;
        let field = |name: &str| -> Result<String> {
            let found = answer[name].as_str();
            Ok(found
                .ok_or_else(|| format!("register: no {name}"))?
                .to_owned())
        };
        Ok(Account {
            user: field("user_id")?,
            device: field("device_id")?,
            token: field("access_token")?,
        })
    }

    /// What it answers, if that is no error.
    pub(super) fn call(
        &self,
        method: &str,
        path: &str,
        token: Option<&str>,
        body: Option<&Value>,
    ) -> Result<Value> {
        let (status, answer) = self.ask(method, path, token, body)?;
        if status == 200 {
            return Ok(answer);
        }
        Err(format!("{method} {path}: {status} {answer}").into())
    }

    /// What it answers, and the status.
    pub(super) fn ask(
        &self,
        method: &str,
        path: &str,
        token: Option<&str>,
        body: Option<&Value>,
    ) -> Result<(u16, Value)> {
        let mut stream = TcpStream::connect(self.address)?;
        stream.set_read_timeout(Some(ANSWER))?;
        stream.set_nodelay(true)?;
        let body = body.map(Value::to_string).unwrap_or_default();
        let authorization = token
            .map(|token| format!("Authorization: Bearer {token}\r\n"))
            .unwrap_or_default();
        let length = body.len();
        let request = format!(
            "{method} {path} HTTP/1.1\r\nHost: {NAME}\r\n{authorization}Content-Length: {length}\r\n\r\n{body}"
        );
        stream.write_all(request.as_bytes())?;
        let answer = Message::read(&mut BufReader::new(stream))?.ok_or("no answer")?;
        let status = answer.status().ok_or("no status")?;
        Ok((status, serde_json::from_slice(&answer.content()?)?))
    }
}

impl Drop for Synapse {
    fn drop(&mut self) {
        // It stops when its standard input ends. If not, it has to.
        drop(self.child.stdin.take());
        let start = Instant::now();
        while start.elapsed() < STOP {
            if !matches!(self.child.try_wait(), Ok(None)) {
                return;
            }
            thread::sleep(Duration::from_millis(20));
        }
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Nobody is to believe this server anything.
fn signing_key() -> String {
    format!("ed25519 a_test {}\n", "A".repeat(43))
}

/// JSON is YAML, too.
fn configuration(folder: &Path, port: u16) -> Value {
    let no_limit = json!({"per_second": 100_000, "burst_count": 100_000});
    json!({
        "server_name": NAME,
        "report_stats": false,
        // No `public_baseurl`: clients would go there after login, past every proxy.
        "listeners": [{
            "port": port, "bind_addresses": ["127.0.0.1"], "type": "http", "tls": false,
            "resources": [{"names": ["client"]}],
        }],
        "database": {"name": "sqlite3", "args": {"database": folder.join("homeserver.db")}},
        "signing_key_path": folder.join("signing.key"),
        "media_store_path": folder.join("media"),
        "macaroon_secret_key": "nobody's",
        "form_secret": "nobody's",
        "enable_registration": true,
        "enable_registration_without_verification": true,
        "trusted_key_servers": [],
        "federation_domain_whitelist": [],
        "bcrypt_rounds": 4,
        "presence": {"enabled": false},
        "rc_message": no_limit,
        "rc_registration": no_limit,
        "rc_login": {"address": no_limit, "account": no_limit, "failed_attempts": no_limit},
        "rc_key_requests": no_limit,
    })
}
