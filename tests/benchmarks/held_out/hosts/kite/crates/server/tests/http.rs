#[test]
fn it_answers() {
    assert!(kite_core::height(1.0, 0.0) < 1.0);
}

#[test]
fn it_is_healthy() {
    assert!(kite_core::height(1.0, 1.0) > 0.0);
}
