//! A thread for each connection, never more than a fixed number, each with a time limit.

use std::io;
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::Arc;
use std::thread;
use std::time::{Duration, Instant};

use crate::answers::answer;
use crate::http::{read_request, Response};
use crate::settings::Settings;

/// How many requests are served at once; the next is told to come back.
const CONNECTION_LIMIT: usize = 64;
/// How long a connection may stay silent.
const SILENCE_LIMIT: Duration = Duration::from_secs(5);
/// How long begun answers may take once the service is to end.
const FAREWELL_LIMIT: Duration = Duration::from_secs(10);

/// The listening service.
pub struct Server {
    listener: TcpListener,
    settings: Arc<Settings>,
    stopping: Arc<AtomicBool>,
    open: Arc<AtomicUsize>,
}

/// Ends a [`Server`] from another thread.
pub struct Stopper {
    stopping: Arc<AtomicBool>,
    address: SocketAddr,
}

impl Stopper {
    /// Lets [`Server::run`] return. A connection to itself wakes the server where it waits for one.
    pub fn stop(&self) {
        self.stopping.store(true, Ordering::SeqCst);
        if let Err(error) = TcpStream::connect_timeout(&self.address, Duration::from_secs(1)) {
            eprintln!("moond: cannot wake the server: {error}");
        }
    }
}

impl Server {
    /// A server on this listener.
    pub fn new(listener: TcpListener, settings: Settings) -> Self {
        Self {
            listener,
            settings: Arc::new(settings),
            stopping: Arc::default(),
            open: Arc::default(),
        }
    }

    /// What ends this server from another thread.
    pub fn stopper(&self) -> io::Result<Stopper> {
        Ok(Stopper {
            stopping: Arc::clone(&self.stopping),
            address: self.listener.local_addr()?,
        })
    }

    /// Serves until it is stopped, then waits for the answers that were begun.
    pub fn run(self) -> io::Result<()> {
        for connection in self.listener.incoming() {
            if self.stopping.load(Ordering::SeqCst) {
                break;
            }
            match connection {
                Ok(stream) => self.take(stream),
                // A client that is gone before it was accepted is no reason to end.
                Err(error) => eprintln!("moond: {error}"),
            }
        }
        drop(self.listener);
        let deadline = Instant::now() + FAREWELL_LIMIT;
        while self.open.load(Ordering::SeqCst) > 0 && Instant::now() < deadline {
            thread::sleep(Duration::from_millis(10));
        }
        Ok(())
    }

    fn take(&self, stream: TcpStream) {
        let place = Place::taken(&self.open);
        let settings = Arc::clone(&self.settings);
        let full = self.open.load(Ordering::SeqCst) > CONNECTION_LIMIT;
        thread::spawn(move || {
            let _place = place;
            if let Err(error) = serve(&stream, &settings, full) {
                eprintln!("moond: a connection broke: {error}");
            }
        });
    }
}

/// One of the connections that are served now; given back when dropped, also when its thread panics.
struct Place(Arc<AtomicUsize>);

impl Place {
    fn taken(open: &Arc<AtomicUsize>) -> Self {
        open.fetch_add(1, Ordering::SeqCst);
        Self(Arc::clone(open))
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::SeqCst);
    }
}

fn serve(stream: &TcpStream, settings: &Settings, full: bool) -> io::Result<()> {
    stream.set_read_timeout(Some(SILENCE_LIMIT))?;
    stream.set_write_timeout(Some(SILENCE_LIMIT))?;
    let (head_only, response) = match read_request(stream)? {
        Ok(request) if full => (
            request.head_only,
            Response::refusal(503, "too many requests at once"),
        ),
        Ok(request) => (request.head_only, answer(&request, settings)),
        Err(refusal) => (false, refusal),
    };
    response.send(head_only, stream)?;
    stream.shutdown(Shutdown::Write)
}
