//! What became of each message, and why
