//! Wind and altitude.
/// The height in metres.
pub fn height(line: f64, angle: f64) -> f64 {
    line * angle.sin()
}

#[cfg(test)]
mod tests {
    #[test]
    fn a_vertical_line_is_its_own_height() {
        assert_eq!(super::height(10.0, std::f64::consts::FRAC_PI_2), 10.0);
    }
}
