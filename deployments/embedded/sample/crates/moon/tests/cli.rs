//! The command as a person types it.

use std::process::{Command, Output};

fn moon(arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_moon"))
        .args(arguments)
        .output()
        .expect("the command starts")
}

#[test]
fn a_known_full_moon_is_full() {
    let output = moon(&["2022-05-16"]);
    assert!(output.status.success());
    assert!(String::from_utf8_lossy(&output.stdout).contains("full"));
}

#[test]
fn a_wrong_day_is_a_usage_error() {
    let output = moon(&["2023-02-29"]);
    assert_eq!(output.status.code(), Some(2));
    assert!(output.stdout.is_empty());
    assert!(String::from_utf8_lossy(&output.stderr).contains("no such day"));
}

#[test]
fn the_version_is_the_workspace_version() {
    let output = moon(&["--version"]);
    let expected = format!("moon {}\n", env!("CARGO_PKG_VERSION"));
    assert_eq!(String::from_utf8_lossy(&output.stdout), expected);
}
