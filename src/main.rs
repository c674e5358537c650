//! Starts the page.

fn main() {
    ackscope::start();
}
