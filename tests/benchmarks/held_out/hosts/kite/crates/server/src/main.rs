fn main() {
    println!("{}", kite_core::height(10.0, 1.0));
}
