//! Stands between our command and the homeserver, and disturbs one request.

use std::io::{self, BufReader, Write as _};
use std::net::{Ipv4Addr, Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;

use super::message::Message;
use super::ours::Running;
use crate::Result;

/// What happens at a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Fault {
    /// The homeserver acts and answers, and our process is killed before it hears of it.
    Killed,
    /// The connection is cut, and the homeserver gets nothing.
    Unheard,
    /// The homeserver acts, and the connection is cut before it answers.
    Unanswered,
    /// From this request on, every connection is cut, and the homeserver gets nothing.
    Gone,
}

pub(super) const FAULTS: [Fault; 4] = [
    Fault::Killed,
    Fault::Unheard,
    Fault::Unanswered,
    Fault::Gone,
];

/// What is to be done at which request, counted from 1.
type Order = (usize, Fault);

#[derive(Default)]
struct State {
    order: Option<Order>,
    /// The requests so far, by method and path.
    requests: Vec<String>,
    running: Running,
}

/// A proxy on a port of its own, for as long as this process runs.
pub(super) struct Proxy {
    address: SocketAddr,
    state: Arc<Mutex<State>>,
}

impl Proxy {
    pub(super) fn start(upstream: SocketAddr) -> Result<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
        let address = listener.local_addr()?;
        let state = Arc::<Mutex<State>>::default();
        let shared = Arc::clone(&state);
        thread::spawn(move || {
            for client in listener.incoming() {
                let Ok(client) = client else { break };
                let state = Arc::clone(&shared);
                thread::spawn(move || {
                    // Either side may go at any time; that is what this is for.
                    let _ = serve(&client, upstream, &state);
                    let _ = client.shutdown(Shutdown::Both);
                });
            }
        });
        Ok(Self { address, state })
    }

    pub(super) fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Counts anew, and disturbs what runs under `running`.
    pub(super) fn expect(&self, order: Option<Order>, running: &Running) {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        *state = State {
            order,
            requests: Vec::new(),
            running: Arc::clone(running),
        };
    }

    /// The requests since then; none is disturbed from now on.
    pub(super) fn requests(&self) -> Vec<String> {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        state.order = None;
        std::mem::take(&mut state.requests)
    }
}

/// One connection, until somebody ends it.
fn serve(client: &TcpStream, upstream: SocketAddr, state: &Mutex<State>) -> io::Result<()> {
    client.set_nodelay(true)?;
    let server = TcpStream::connect(upstream)?;
    server.set_nodelay(true)?;
    let mut requests = BufReader::new(client);
    let mut answers = BufReader::new(&server);
    while let Some(request) = Message::read(&mut requests)? {
        let (fault, running) = {
            let mut state = state.lock().unwrap_or_else(PoisonError::into_inner);
            state.requests.push(request.target());
            let number = state.requests.len();
            let fault = state.order.and_then(|(at, fault)| match fault {
                Fault::Gone => (at <= number).then_some(fault),
                _ => (at == number).then_some(fault),
            });
            (fault, Arc::clone(&state.running))
        };
        if matches!(fault, Some(Fault::Unheard | Fault::Gone)) {
            return Ok(());
        }
        (&server).write_all(&request.bytes())?;
        let answer = Message::read(&mut answers)?.ok_or(io::ErrorKind::UnexpectedEof)?;
        match fault {
            None => {}
            Some(Fault::Killed) => {
                let mut running = running.lock().unwrap_or_else(PoisonError::into_inner);
                return running.as_mut().map_or(Ok(()), std::process::Child::kill);
            }
            Some(_) => return Ok(()),
        }
        let mut client = client;
        client.write_all(&answer.bytes())?;
    }
    Ok(())
}
