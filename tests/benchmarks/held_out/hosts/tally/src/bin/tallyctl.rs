fn main() {
    println!("{}", tally::next(1));
}
