//! A homeserver in this process, over real sockets, that fails as it is told to.

use std::collections::BTreeMap;
use std::io::{self, BufRead as _, BufReader, Read as _, Write as _};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use serde_json::{Map, Value, json};

pub(crate) const USER: &str = "@alice:example.org";
pub(crate) const DEVICE: &str = "DEVICE";
pub(crate) const TOKEN: &str = "canary-access-token";
pub(crate) const REFRESH: &str = "canary-refresh-token";

/// How an answer goes wrong.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Fault {
    /// This status, these headers, this body.
    Answer(u16, &'static [(&'static str, &'static str)], &'static str),
    /// The connection is closed before the request was acted on.
    Reset,
    /// It is acted on, and then the connection is closed.
    LostReply,
    /// The answer ends before the length that it gave.
    CutLength,
    /// The answer ends in the middle of a chunk.
    CutChunk,
    /// A byte now and then, for ever.
    Drip,
    /// More and more bytes, for ever.
    Endless,
    /// Nothing at all, for ever.
    Silence,
}

/// A request, as the server saw it.
#[derive(Debug, Clone)]
pub(crate) struct Seen {
    pub(crate) method: String,
    /// Path and query, as they were spelled.
    pub(crate) target: String,
    pub(crate) authorization: Option<String>,
    pub(crate) body: Vec<u8>,
    pub(crate) began: Instant,
    pub(crate) ended: Option<Instant>,
}

type Faults = Box<dyn FnMut(&Seen) -> Option<Fault> + Send>;

#[derive(Default)]
pub(crate) struct State {
    pub(crate) account_data: BTreeMap<String, Value>,
    pub(crate) tokens: Vec<String>,
    pub(crate) refresh_token: String,
    /// The id that a device gets which logs in.
    pub(crate) device: &'static str,
    pub(crate) has_sliding_sync: bool,
    pub(crate) has_sync: bool,
    /// `/keys/query`'s answer has these.
    pub(crate) identity: Map<String, Value>,
    pub(crate) backups: Vec<Value>,
    /// The user-interactive authentication that publishing an identity takes: stages.
    pub(crate) asks_approval: Option<&'static str>,
    /// Where the owner is sent to approve.
    pub(crate) approval_url: &'static str,
    pub(crate) password: &'static str,
    pub(crate) delay: Duration,
    pub(crate) seen: Vec<Seen>,
    /// Once this event was written, another client writes that one.
    pub(crate) rival: Option<(String, (String, Value))>,
    faults: Option<Faults>,
}

/// The server. Its threads end with the process.
#[derive(Clone)]
pub(crate) struct FakeServer {
    pub(crate) url: String,
    state: Arc<Mutex<State>>,
}

impl FakeServer {
    pub(crate) fn start() -> Self {
        let listener = TcpListener::bind(("127.0.0.1", 0)).unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let state = State {
            tokens: vec![TOKEN.to_owned()],
            refresh_token: REFRESH.to_owned(),
            device: DEVICE,
            has_sliding_sync: true,
            has_sync: true,
            password: "canary-password",
            ..State::default()
        };
        let server = Self {
            url,
            state: Arc::new(Mutex::new(state)),
        };
        let accepting = server.clone();
        thread::spawn(move || {
            for connection in listener.incoming() {
                let server = accepting.clone();
                thread::spawn(move || server.serve(connection));
            }
        });
        server
    }

    pub(crate) fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Goes wrong as this says, for each request.
    pub(crate) fn fail(&self, faults: impl FnMut(&Seen) -> Option<Fault> + Send + 'static) {
        self.state().faults = Some(Box::new(faults));
    }

    /// The requests since the last time.
    pub(crate) fn take_seen(&self) -> Vec<Seen> {
        std::mem::take(&mut self.state().seen)
    }

    fn serve(&self, connection: io::Result<TcpStream>) {
        // A client that goes away is not the server's fault.
        if let Ok(stream) = connection {
            _ = self.keep_alive(&stream);
            _ = stream.shutdown(Shutdown::Both);
        }
    }

    fn keep_alive(&self, stream: &TcpStream) -> io::Result<()> {
        stream.set_nodelay(true)?;
        let mut reader = BufReader::new(stream.try_clone()?);
        while let Some(seen) = read_request(&mut reader)? {
            let (index, delay, fault) = {
                let mut state = self.state();
                state.seen.push(seen.clone());
                let mut faults = state.faults.take();
                let fault = faults.as_mut().and_then(|faults| faults(&seen));
                state.faults = faults;
                (state.seen.len() - 1, state.delay, fault)
            };
            thread::sleep(delay);
            let mut stream = stream;
            let goes_on = match fault {
                None => {
                    let (status, body) = self.state().answer(&seen);
                    let text = body.to_string();
                    write!(
                        stream,
                        "HTTP/1.1 {status} X\r\ncontent-type: application/json\r\ncontent-length: {}\r\n\r\n{text}",
                        text.len()
                    )?;
                    true
                }
                Some(fault) => self.go_wrong(&fault, &seen, stream)?,
            };
            if let Some(seen) = self.state().seen.get_mut(index) {
                seen.ended = Some(Instant::now());
            }
            if !goes_on {
                return Ok(());
            }
        }
        Ok(())
    }

    /// Whether the connection goes on.
    fn go_wrong(&self, fault: &Fault, seen: &Seen, mut stream: &TcpStream) -> io::Result<bool> {
        match fault {
            Fault::Answer(status, headers, body) => {
                write!(
                    stream,
                    "HTTP/1.1 {status} X\r\ncontent-length: {}\r\n",
                    body.len()
                )?;
                for (name, value) in *headers {
                    write!(stream, "{name}: {value}\r\n")?;
                }
                write!(stream, "\r\n{body}")?;
                return Ok(true);
            }
            Fault::Reset => {}
            Fault::LostReply => {
                self.state().answer(seen);
            }
            Fault::CutLength => {
                self.state().answer(seen);
                write!(
                    stream,
                    "HTTP/1.1 200 OK\r\ncontent-length: 1000\r\n\r\n{{\"a\":"
                )?;
            }
            Fault::CutChunk => {
                self.state().answer(seen);
                write!(
                    stream,
                    "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\nff\r\n{{\"a\":"
                )?;
            }
            Fault::Drip => {
                write!(stream, "HTTP/1.1 200 OK\r\ncontent-length: 1000\r\n\r\n")?;
                for _ in 0..1000 {
                    thread::sleep(Duration::from_millis(50));
                    stream.write_all(b" ")?;
                }
            }
            Fault::Endless => {
                write!(
                    stream,
                    "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n"
                )?;
                loop {
                    write!(stream, "1000\r\n{}\r\n", " ".repeat(0x1000))?;
                }
            }
            Fault::Silence => thread::sleep(Duration::from_secs(20)),
        }
        Ok(false)
    }
}

fn read_request(reader: &mut BufReader<TcpStream>) -> io::Result<Option<Seen>> {
    let mut line = String::new();
    if reader.read_line(&mut line)? == 0 {
        return Ok(None);
    }
    let mut words = line.split_whitespace().map(str::to_owned);
    let (method, target) = (words.next().unwrap(), words.next().unwrap());
    let (mut length, mut authorization) = (0, None);
    loop {
        let mut line = String::new();
        reader.read_line(&mut line)?;
        let Some((name, value)) = line.trim_end().split_once(':') else {
            break;
        };
        match name.to_ascii_lowercase().as_str() {
            "content-length" => length = value.trim().parse().unwrap(),
            "authorization" => authorization = Some(value.trim().to_owned()),
            _ => {}
        }
    }
    let mut body = vec![0; length];
    reader.read_exact(&mut body)?;
    Ok(Some(Seen {
        method,
        target,
        authorization,
        body,
        began: Instant::now(),
        ended: None,
    }))
}

impl State {
    fn answer(&mut self, seen: &Seen) -> (u16, Value) {
        let path = seen.target.split('?').next().unwrap_or_default();
        let path = path.strip_prefix("/_matrix/client/").unwrap_or(path);
        let method = seen.method.as_str();
        match (method, path) {
            (_, "/.well-known/matrix/client") => return unrecognized(),
            ("GET", "versions") => {
                let features = json!({"org.matrix.simplified_msc3575": self.has_sliding_sync});
                return (
                    200,
                    json!({"versions": ["v1.1", "v1.11"], "unstable_features": features}),
                );
            }
            ("POST", "v3/login") => return self.log_in(&seen.body),
            ("POST", "v3/refresh") => return self.refresh(&seen.body),
            _ => {}
        }
        let token = seen
            .authorization
            .as_deref()
            .and_then(|value| value.strip_prefix("Bearer "));
        if !token.is_some_and(|token| self.tokens.iter().any(|known| known == token)) {
            let error =
                json!({"errcode": "M_UNKNOWN_TOKEN", "error": "Invalid access token passed."});
            return (401, error);
        }
        if let Some(event_type) = path.strip_prefix(&format!("v3/user/{USER}/account_data/")) {
            return self.account_data(method, &decoded(event_type), &seen.body);
        }
        match (method, path) {
            ("GET", "v3/account/whoami") => (200, json!({"user_id": USER, "device_id": DEVICE})),
            ("POST", "v3/logout") => {
                self.tokens.retain(|known| Some(known.as_str()) != token);
                (200, json!({}))
            }
            ("POST", "unstable/org.matrix.simplified_msc3575/sync") if self.has_sliding_sync => {
                let global = self.events();
                (
                    200,
                    json!({"pos": "1", "extensions": {"account_data": {"global": global}}}),
                )
            }
            ("GET", "v3/sync") if self.has_sync => {
                let events = self.events();
                (
                    200,
                    json!({"next_batch": "1", "account_data": {"events": events}}),
                )
            }
            ("POST", "v3/keys/query") => {
                let mut answer = self.identity.clone();
                answer.insert("device_keys".to_owned(), json!({ USER: {} }));
                (200, Value::Object(answer))
            }
            ("POST", "v3/keys/device_signing/upload") => self.publish_identity(&seen.body),
            ("POST", "v3/keys/signatures/upload") => (200, json!({"failures": {}})),
            ("GET", "v3/room_keys/version") => match self.backups.last() {
                Some(backup) => (200, backup.clone()),
                None => (
                    404,
                    json!({"errcode": "M_NOT_FOUND", "error": "No backup found"}),
                ),
            },
            ("POST", "v3/room_keys/version") => self.create_backup(&seen.body),
            ("DELETE", _) if path.starts_with("v3/room_keys/version/") => (200, json!({})),
            _ => unrecognized(),
        }
    }

    fn events(&self) -> Value {
        let events = self.account_data.iter();
        events
            .map(|(event_type, content)| json!({"type": event_type, "content": content}))
            .collect()
    }

    fn account_data(&mut self, method: &str, event_type: &str, body: &[u8]) -> (u16, Value) {
        if method != "GET" {
            let content = serde_json::from_slice(body).unwrap();
            self.account_data.insert(event_type.to_owned(), content);
            if let Some((_, (theirs, content))) = self.rival.take_if(|(of, _)| of == event_type) {
                self.account_data.insert(theirs, content);
            }
            return (200, json!({}));
        }
        let error = json!({"errcode": "M_NOT_FOUND", "error": "Account data not found"});
        let content = self.account_data.get(event_type);
        content.map_or((404, error), |content| (200, content.clone()))
    }

    fn log_in(&mut self, body: &[u8]) -> (u16, Value) {
        let body: Value = serde_json::from_slice(body).unwrap();
        if body["password"] != self.password {
            return (
                403,
                json!({"errcode": "M_FORBIDDEN", "error": "Invalid username or password"}),
            );
        }
        let mut answer = json!({
            "user_id": USER, "device_id": self.device, "access_token": TOKEN,
            "well_known": {"m.homeserver": {"base_url": "https://elsewhere.example.org"}},
        });
        if body["refresh_token"] == true {
            answer["refresh_token"] = REFRESH.into();
        }
        (200, answer)
    }

    fn refresh(&mut self, body: &[u8]) -> (u16, Value) {
        let body: Value = serde_json::from_slice(body).unwrap();
        if body["refresh_token"] != self.refresh_token {
            return (
                403,
                json!({"errcode": "M_FORBIDDEN", "error": "invalid refresh token"}),
            );
        }
        self.refresh_token.push('+');
        let token = format!("{TOKEN}-{}", self.refresh_token.len());
        self.tokens = vec![token.clone()];
        (
            200,
            json!({"access_token": token, "refresh_token": self.refresh_token}),
        )
    }

    fn publish_identity(&mut self, body: &[u8]) -> (u16, Value) {
        let body: Value = serde_json::from_slice(body).unwrap();
        if let Some(stage) = self.asks_approval {
            let approved = match stage {
                "m.login.password" => {
                    body["auth"]["session"] == "uia" && body["auth"]["password"] == self.password
                }
                stage => body["auth"]["session"] == "uia" && body["auth"]["type"] == stage,
            };
            if !approved {
                let params = json!({"m.oauth": {"url": self.approval_url}});
                let challenge =
                    json!({"flows": [{"stages": [stage]}], "params": params, "session": "uia"});
                return (401, challenge);
            }
        }
        for (field, keys) in [
            ("master_key", "master_keys"),
            ("self_signing_key", "self_signing_keys"),
            ("user_signing_key", "user_signing_keys"),
        ] {
            self.identity
                .insert(keys.to_owned(), json!({ USER: body[field] }));
        }
        (200, json!({}))
    }

    fn create_backup(&mut self, body: &[u8]) -> (u16, Value) {
        let mut backup: Value = serde_json::from_slice(body).unwrap();
        let version = (self.backups.len() + 1).to_string();
        backup["version"] = version.clone().into();
        backup["count"] = 0.into();
        backup["etag"] = "0".into();
        self.backups.push(backup);
        (200, json!({"version": version}))
    }
}

fn unrecognized() -> (u16, Value) {
    (
        404,
        json!({"errcode": "M_UNRECOGNIZED", "error": "Unrecognized request"}),
    )
}

fn decoded(segment: &str) -> String {
    let mut bytes = Vec::new();
    let mut rest = segment.as_bytes();
    while let Some((&first, tail)) = rest.split_first() {
        if first == b'%' {
            let hex = std::str::from_utf8(&tail[..2]).unwrap();
            bytes.push(u8::from_str_radix(hex, 16).unwrap());
            rest = &tail[2..];
        } else {
            bytes.push(first);
            rest = tail;
        }
    }
    String::from_utf8(bytes).unwrap()
}
