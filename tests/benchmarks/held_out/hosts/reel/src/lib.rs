//! Winds text.
/// The number of turns.
pub fn turns(text: &str) -> usize {
    text.len()
}
