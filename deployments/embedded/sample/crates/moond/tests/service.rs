//! The service as its users meet it: a process, a port, signals.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

struct Service {
    process: Child,
    address: String,
}

impl Service {
    fn start(settings: &[(&str, &str)]) -> Self {
        let mut process = Command::new(env!("CARGO_BIN_EXE_moond"))
            .env("MOOND_LISTEN", "127.0.0.1:0")
            .envs(settings.iter().copied())
            .stdout(Stdio::piped())
            .spawn()
            .expect("the service starts");
        let mut line = String::new();
        let out = process.stdout.take().expect("its output is piped");
        BufReader::new(out)
            .read_line(&mut line)
            .expect("it says where it listens");
        let address = line
            .trim()
            .rsplit("http://")
            .next()
            .expect("an address")
            .to_owned();
        Self { process, address }
    }

    fn say(&self, head: &str) -> String {
        let mut stream = TcpStream::connect(&self.address).expect("it listens");
        stream.write_all(head.as_bytes()).expect("it reads");
        let mut answer = String::new();
        stream.read_to_string(&mut answer).expect("it answers");
        answer
    }

    fn get(&self, target: &str) -> (u16, String) {
        let answer = self.say(&format!("GET {target} HTTP/1.1\r\nHost: moon\r\n\r\n"));
        let (head, body) = answer.split_once("\r\n\r\n").expect("a head and a body");
        let status = head
            .split(' ')
            .nth(1)
            .expect("a status")
            .parse()
            .expect("a number");
        (status, body.trim_end().to_owned())
    }

    fn signal(&self, name: &str) {
        let number = self.process.id().to_string();
        let status = Command::new("kill")
            .args(["-s", name, &number])
            .status()
            .expect("kill runs");
        assert!(status.success());
    }

    fn exit_code_within(&mut self, limit: Duration) -> Option<i32> {
        let deadline = Instant::now() + limit;
        while Instant::now() < deadline {
            if let Some(status) = self.process.try_wait().expect("it can be waited for") {
                return status.code();
            }
            std::thread::sleep(Duration::from_millis(5));
        }
        None
    }
}

impl Drop for Service {
    fn drop(&mut self) {
        // It may have ended by itself: then there is nothing to kill.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

#[test]
fn it_is_healthy_and_knows_its_version() {
    let service = Service::start(&[]);
    assert_eq!(
        service.get("/healthz"),
        (200, r#"{"status":"ok"}"#.to_owned())
    );
    let (status, body) = service.get("/version");
    assert_eq!(status, 200);
    let version = format!(
        r#""name":"moond","version":"{}""#,
        env!("CARGO_PKG_VERSION")
    );
    assert!(body.contains(&version), "{body}");
}

#[test]
fn it_tells_the_phase_of_a_day() {
    let service = Service::start(&[]);
    let (status, body) = service.get("/phase?date=2024-04-08");
    assert_eq!(status, 200);
    assert!(body.contains(r#""phase":"new""#), "{body}");
    assert_eq!(service.get("/phase?date=yesterday").0, 400);
    assert_eq!(service.get("/moon").0, 404);
}

#[test]
fn names_come_from_the_file_it_is_given() {
    let file = std::env::temp_dir().join(format!("moond-names-{}.txt", std::process::id()));
    let words = [
        "new=Neumond",
        "waxing-crescent=zunehmende Sichel",
        "first-quarter=erstes Viertel",
    ];
    let more = [
        "waxing-gibbous=zunehmend",
        "full=Vollmond",
        "waning-gibbous=abnehmend",
    ];
    let last = [
        "last-quarter=letztes Viertel",
        "waning-crescent=abnehmende Sichel",
    ];
    std::fs::write(&file, [&words[..], &more, &last].concat().join("\n")).expect("it is written");
    let service = Service::start(&[("MOOND_NAMES", file.to_str().expect("text"))]);
    assert_eq!(service.get("/healthz").0, 200);
    assert!(service.get("/phase?date=2025-03-14").1.contains("Vollmond"));
    std::fs::remove_file(&file).expect("it was there");
    assert_eq!(service.get("/healthz").0, 503);
}

#[test]
fn it_can_ask_another_for_its_health() {
    let check = |address: &str| {
        Command::new(env!("CARGO_BIN_EXE_moond"))
            .arg("--check")
            .env("MOOND_LISTEN", address)
            .output()
            .expect("the check starts")
    };
    let well = Service::start(&[]);
    assert!(check(&well.address).status.success());
    let ill = Service::start(&[("MOOND_NAMES", "/nowhere/names.txt")]);
    let output = check(&ill.address);
    assert_eq!(output.status.code(), Some(1));
    assert!(String::from_utf8_lossy(&output.stderr).contains("/nowhere/names.txt"));
}

#[test]
fn a_request_that_is_too_long_is_refused() {
    let service = Service::start(&[]);
    let answer = service.say(&format!(
        "GET / HTTP/1.1\r\nX: {}",
        "x".repeat(8 * 1024 - 19)
    ));
    assert!(answer.starts_with("HTTP/1.1 431 "), "{answer}");
}

#[test]
fn many_clients_are_served_at_once() {
    let service = Service::start(&[]);
    std::thread::scope(|scope| {
        for _ in 0..16 {
            scope.spawn(|| assert_eq!(service.get("/phase?date=2024-04-08").0, 200));
        }
    });
}

#[test]
fn it_finishes_what_it_began_and_exits_with_zero_on_sigterm() {
    let mut service = Service::start(&[]);
    let mut begun = TcpStream::connect(&service.address).expect("it listens");
    begun
        .write_all(b"GET /healthz HTTP/1.1\r\n")
        .expect("it reads");
    assert_eq!(service.get("/healthz").0, 200);
    service.signal("TERM");
    begun.write_all(b"\r\n").expect("it still reads");
    let mut answer = String::new();
    begun.read_to_string(&mut answer).expect("it still answers");
    assert!(answer.starts_with("HTTP/1.1 200 "), "{answer}");
    assert_eq!(service.exit_code_within(Duration::from_secs(5)), Some(0));
    assert!(TcpStream::connect(&service.address).is_err());
}
