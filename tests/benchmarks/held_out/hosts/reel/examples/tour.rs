fn main() {
    println!("{}", reel::turns("reel"));
}
