#[test]
fn empty_text_has_no_turns() {
    assert_eq!(reel::turns(""), 0);
}

#[test]
fn golden_output_is_stable() {
    assert_eq!(reel::turns("ab"), 2);
}
