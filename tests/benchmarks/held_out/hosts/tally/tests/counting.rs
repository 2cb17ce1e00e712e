#[test]
fn counting_goes_up() {
    assert_eq!(tally::next(1), 2);
}
