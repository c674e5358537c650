//! The command line of AckScope
fn main() {}
