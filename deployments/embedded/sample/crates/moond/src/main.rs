//! Answers the phase of the moon over HTTP.
//!
//! | path | answer |
//! |---|---|
//! | `/healthz` | 200 when the service can do its work, else 503 with the reason |
//! | `/version` | name, version, and what it was built and installed from where that is known |
//! | `/phase?date=YYYY-MM-DD` | the moon on that day; today in UTC without a date |
//!
//! `moond --check` asks the service that listens on `MOOND_LISTEN` for its health and exits with 0 or 1.
//!
//! The service ends on SIGTERM and SIGINT: it takes no new connection, finishes the answers it has begun,
//! and exits with 0.

mod answers;
mod check;
mod http;
mod server;
mod settings;
mod shutdown;

use std::env;
use std::io::{self, Write};
use std::net::TcpListener;
use std::process::ExitCode;

use server::Server;
use settings::Settings;

fn main() -> ExitCode {
    let arguments: Vec<String> = env::args().skip(1).collect();
    let settings = Settings::from_environment(|name| env::var(name).ok());
    let done = match arguments.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        [] => serve(settings),
        ["--check"] => check::health(&settings.listen),
        ["--version"] => {
            println!("moond {}", env!("CARGO_PKG_VERSION"));
            Ok(())
        }
        _ => {
            eprintln!("usage: moond [--check | --version]");
            eprintln!("settings: MOOND_LISTEN, MOOND_NAMES, MOOND_ARTIFACT_SHA256");
            return ExitCode::from(2);
        }
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("moond: {error}");
            ExitCode::FAILURE
        }
    }
}

fn serve(settings: Settings) -> io::Result<()> {
    let listener = TcpListener::bind(&settings.listen)?;
    let address = listener.local_addr()?;
    let server = Server::new(listener, settings);
    let stopper = server.stopper()?;
    shutdown::on_signal(move || stopper.stop())?;
    let mut out = io::stdout().lock();
    writeln!(
        out,
        "moond {} listens on http://{address}",
        env!("CARGO_PKG_VERSION")
    )?;
    out.flush()?;
    drop(out);
    server.run()
}
