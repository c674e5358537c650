//! RabbitMQ's nodes and clients as deterministic state machines
