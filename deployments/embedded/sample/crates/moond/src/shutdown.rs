//! SIGTERM and SIGINT as a call in an ordinary thread.
//!
//! A signal handler may do next to nothing, so it writes one byte into a socket pair, and a thread that
//! waits at the other end does the rest.

use std::io::{self, Read};
use std::os::fd::IntoRawFd;
use std::os::unix::net::UnixStream;
use std::sync::atomic::{AtomicI32, Ordering};
use std::thread;

const SIGINT: i32 = 2;
const SIGTERM: i32 = 15;

static WAKE: AtomicI32 = AtomicI32::new(-1);

/// Calls `then` once, in a thread of its own, when the process is asked to end.
pub fn on_signal(then: impl FnOnce() + Send + 'static) -> io::Result<()> {
    let (mut waiting, waking) = UnixStream::pair()?;
    waking.set_nonblocking(true)?;
    WAKE.store(waking.into_raw_fd(), Ordering::SeqCst);
    system::listen(SIGTERM)?;
    system::listen(SIGINT)?;
    thread::spawn(move || match waiting.read_exact(&mut [0]) {
        Ok(()) => then(),
        Err(error) => eprintln!("moond: cannot wait for signals: {error}"),
    });
    Ok(())
}

/// The two calls of the C library that the standard library does not offer.
#[allow(unsafe_code)]
mod system {
    use std::io;
    use std::sync::atomic::Ordering;

    use super::WAKE;

    const SIG_ERR: usize = usize::MAX;

    extern "C" {
        fn signal(number: i32, handler: extern "C" fn(i32)) -> usize;
        fn write(file: i32, bytes: *const u8, count: usize) -> isize;
    }

    extern "C" fn wake(_number: i32) {
        let byte = 1_u8;
        // SAFETY: write(2) is async-signal-safe, the pointer is to one live byte, and the descriptor was
        // given up by its stream, so nobody closes it. A full pipe (EAGAIN) already holds a wake-up.
        unsafe { write(WAKE.load(Ordering::SeqCst), &byte, 1) };
    }

    pub fn listen(number: i32) -> io::Result<()> {
        // SAFETY: the handler only loads an atomic and calls write(2).
        if unsafe { signal(number, wake) } == SIG_ERR {
            return Err(io::Error::last_os_error());
        }
        Ok(())
    }
}
