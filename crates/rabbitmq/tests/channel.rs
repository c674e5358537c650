//! Clients, connections, channels and classic queues together.

mod lab;

use ackscope_rabbitmq::facts::CallEnd;
use ackscope_rabbitmq::signal::Settle;
use ackscope_rabbitmq::system::Version;
use lab::{Lab, N, at, queue, to};

#[test]
fn published_confirmed_consumed_acknowledged() {
    for version in [Version::V3_10, Version::V4_0, Version::V4_3] {
        let clients = [at(N[0]).confirms(), at(N[1]).prefetch(2)];
        let mut lab = Lab::new(version, 1, &clients);
        assert_eq!(lab.declare(0, queue("q")), CallEnd::Done);
        lab.publish(0, &[1, 2, 3], to("q"));
        lab.millis(500);
        assert_eq!(lab.acked(0), [1, 2, 3], "{version:?}");
        assert_eq!(lab.consume(1, "q", false), CallEnd::Done);
        lab.millis(100);
        let first = [(1, false), (2, false)];
        assert_eq!(lab.processed(1), first, "{version:?}: prefetch 2");
        lab.settle(1, Some(&[Lab::key(0, 1)]), Settle::Ack);
        lab.millis(100);
        assert_eq!(lab.processed(1).len(), 3, "{version:?}");
        lab.settle(1, None, Settle::Ack);
        lab.millis(100);
        assert!(lab.drain(0, "q").is_empty());
    }
}
