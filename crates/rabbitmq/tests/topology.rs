//! Declaring, binding, deleting, and what RabbitMQ refuses.

mod lab;

use ackscope_kernel::{Act, Span};
use ackscope_rabbitmq::amqp::ExchangeKind;
use ackscope_rabbitmq::client::Ask;
use ackscope_rabbitmq::facts::CallEnd;
use ackscope_rabbitmq::ids::Name;
use ackscope_rabbitmq::message::Value;
use ackscope_rabbitmq::system::Version;
use lab::{Lab, N, at, exchange, name, queue, queue_with, to, via};
use std::sync::Arc;

fn bind(queue: &str, exchange: &str, key: &str) -> Ask {
    Ask::BindQueue {
        queue: name(queue),
        exchange: name(exchange),
        routing_key: key.into(),
        arguments: Arc::default(),
    }
}

fn lab(clients: usize) -> Lab {
    Lab::new(Version::V4_3, 1, &vec![at(N[0]).confirms(); clients])
}

#[test]
fn a_topic_exchange_with_an_alternate_exchange() {
    let mut lab = lab(1);
    let mut declare = exchange("x", ExchangeKind::Topic);
    declare.arguments = Arc::new([("alternate-exchange".into(), Value::Str("ae".into()))].into());
    assert_eq!(lab.ask(0, Ask::DeclareExchange(declare)), CallEnd::Done);
    let fanout = exchange("ae", ExchangeKind::Fanout);
    assert_eq!(lab.ask(0, Ask::DeclareExchange(fanout)), CallEnd::Done);
    for declare in [queue("q"), queue("r")] {
        assert_eq!(lab.declare(0, declare), CallEnd::Done);
    }
    assert_eq!(lab.ask(0, bind("q", "x", "a.*")), CallEnd::Done);
    assert_eq!(lab.ask(0, bind("r", "ae", "")), CallEnd::Done);
    let mut mandatory = via("x", "b");
    mandatory.mandatory = true;
    lab.publish(0, &[1], via("x", "a.b"));
    lab.publish(0, &[2], mandatory);
    lab.millis(500);
    assert_eq!(lab.acked(0).len(), 2);
    assert!(lab.returned(0).is_empty(), "the alternate exchange took it");
    assert_eq!(lab.drain(0, "q"), [1]);
    assert_eq!(lab.drain(0, "r"), [2]);
    // A binding that goes makes messages vanish.
    let unbind = Ask::UnbindQueue {
        queue: name("q"),
        exchange: name("x"),
        routing_key: "a.*".into(),
        arguments: Arc::default(),
    };
    assert_eq!(lab.ask(0, unbind), CallEnd::Done);
    lab.publish(0, &[3], via("x", "a.b"));
    lab.millis(500);
    assert_eq!(lab.drain(0, "r"), [3]);
}

#[test]
fn an_auto_delete_exchange_goes_with_its_last_binding() {
    let mut lab = lab(1);
    let mut declare = exchange("x", ExchangeKind::Direct);
    declare.auto_delete = true;
    assert_eq!(lab.ask(0, Ask::DeclareExchange(declare)), CallEnd::Done);
    assert_eq!(lab.declare(0, queue("q")), CallEnd::Done);
    assert_eq!(lab.ask(0, bind("q", "x", "k")), CallEnd::Done);
    let delete = Ask::DeleteQueue {
        queue: name("q"),
        if_unused: true,
        if_empty: true,
    };
    assert_eq!(lab.ask(0, delete), CallEnd::Done);
    lab.publish(0, &[1], via("x", "k"));
    lab.millis(100);
    assert_eq!(
        lab.errors(0)[0].1,
        "NOT_FOUND - no exchange 'x' in vhost '/'"
    );
}

/// What a call is refused with.
fn refused(lab: &mut Lab, client: u16, ask: Ask) -> (u16, String) {
    assert_eq!(lab.ask(client, ask), CallEnd::Broken);
    lab.errors(client).pop().expect("an error")
}

#[test]
fn refusals_in_their_words() {
    let mut lab = lab(16);
    let both = [
        queue("q"),
        queue_with("r", &[("x-max-length", Value::Int(5))]),
    ];
    for declare in both {
        assert_eq!(lab.declare(15, declare), CallEnd::Done);
    }
    let internal = {
        let mut internal = exchange("y", ExchangeKind::Direct);
        internal.internal = true;
        internal
    };
    assert_eq!(lab.ask(15, Ask::DeclareExchange(internal)), CallEnd::Done);
    let unknown = {
        let mut unknown = exchange("x", ExchangeKind::Direct);
        unknown.kind = Err("x-odd".into());
        unknown
    };
    let transient = {
        let mut transient = queue("q");
        transient.durable = false;
        transient
    };
    let default = {
        let mut default = exchange("x", ExchangeKind::Direct);
        default.exchange = Name::EMPTY;
        default
    };
    let nameless = {
        let mut nameless = queue_with("q", &[("x-queue-type", Value::Str("quorum".into()))]);
        nameless.queue = Name::EMPTY;
        nameless
    };
    lab.publish(15, &[1], to("q"));
    lab.millis(300);
    let cases = [
        (
            Ask::DeclareQueue(transient),
            406,
            "PRECONDITION_FAILED - inequivalent arg 'durable' for queue 'q' in vhost '/': received 'false' but current is 'true'",
        ),
        (
            Ask::DeclareQueue(queue("r")),
            406,
            "PRECONDITION_FAILED - inequivalent arg 'x-max-length' for queue 'r' in vhost '/': received none but current is the value '5' of type 'signedint'",
        ),
        (
            Ask::DeclareQueue(queue("amq.q")),
            403,
            "ACCESS_REFUSED - queue name 'amq.q' contains reserved prefix 'amq.*'",
        ),
        (
            Ask::DeclareQueue(lab::passive("s")),
            404,
            "NOT_FOUND - no queue 's' in vhost '/'",
        ),
        (
            Ask::DeclareQueue(nameless),
            406,
            "PRECONDITION_FAILED - Cannot declare a server-named queue for type rabbit_quorum_queue",
        ),
        (
            Ask::DeclareExchange(unknown),
            406,
            "PRECONDITION_FAILED - unknown exchange type 'x-odd'",
        ),
        (
            Ask::DeclareExchange(default),
            403,
            "ACCESS_REFUSED - operation not permitted on the default exchange",
        ),
        (
            Ask::DeclareExchange(exchange("y", ExchangeKind::Fanout)),
            406,
            "PRECONDITION_FAILED - inequivalent arg 'type' for exchange 'y' in vhost '/': received 'fanout' but current is 'direct'",
        ),
        (
            bind("q", "x", "k"),
            404,
            "NOT_FOUND - no exchange 'x' in vhost '/'",
        ),
        (
            bind("s", "y", "k"),
            404,
            "NOT_FOUND - no queue 's' in vhost '/'",
        ),
        (
            Ask::DeleteQueue {
                queue: name("q"),
                if_unused: false,
                if_empty: true,
            },
            406,
            "PRECONDITION_FAILED - queue 'q' in vhost '/' not empty",
        ),
    ];
    for (client, (ask, code, words)) in (0..).zip(cases) {
        assert_eq!(refused(&mut lab, client, ask), (code, words.to_owned()));
    }
    lab.publish(11, &[1], via("y", "k"));
    lab.millis(100);
    assert_eq!(
        lab.errors(11),
        [(
            403,
            "ACCESS_REFUSED - cannot publish to internal exchange 'y' in vhost '/'".to_owned()
        )]
    );
    let mut immediate = to("q");
    immediate.immediate = true;
    lab.publish(12, &[1], immediate);
    lab.millis(100);
    assert_eq!(
        lab.errors(12),
        [(540, "NOT_IMPLEMENTED - immediate=true".to_owned())]
    );
    assert!(lab.lost(12), "a connection error ends the connection");
    let mut late = to("q");
    late.expiration = Some("soon".into());
    lab.publish(13, &[1], late);
    lab.millis(100);
    assert_eq!(
        lab.errors(13)[0].1,
        "PRECONDITION_FAILED - invalid expiration 'soon': no_integer"
    );
    assert_eq!(lab.consume(14, "q", false), CallEnd::Done);
    assert_eq!(lab.consume(14, "q", false), CallEnd::Broken);
    assert_eq!(
        lab.errors(14),
        [(
            530,
            "NOT_ALLOWED - attempt to reuse consumer tag 't1'".to_owned()
        )]
    );
}

#[test]
fn the_server_finds_a_name() {
    let mut lab = lab(1);
    let mut declare = queue("q");
    declare.queue = Name::EMPTY;
    for _ in 0..2 {
        assert_eq!(lab.declare(0, declare.clone()), CallEnd::Done);
    }
    let image = lab.node(N[2]).expect("it runs").image();
    assert_eq!(image.queues.len(), 2);
    assert!(
        image
            .queues
            .keys()
            .all(|name| name.0 >= Name::FIRST_GENERATED)
    );
}

#[test]
fn queues_survive_a_restart_of_the_cluster_when_they_are_durable() {
    for version in [Version::V3_10, Version::V4_3] {
        let mut lab = Lab::new(version, 3, &[at(N[1]).confirms()]);
        let mut transient = queue("r");
        transient.durable = false;
        for declare in [queue("q"), transient] {
            assert_eq!(lab.declare(0, declare), CallEnd::Done, "{version:?}");
        }
        lab.publish(0, &[1, 2], to("q"));
        lab.millis(1000);
        assert_eq!(lab.acked(0), [1, 2]);
        for node in N {
            lab.act(Act::Stop(node));
        }
        lab.run(Span::secs(3));
        for node in N {
            lab.act(Act::Start(node));
        }
        lab.run(Span::secs(30));
        let end = lab.connect(0);
        assert_eq!(end, CallEnd::Done, "{version:?} {:?}", lab.heard(0));
        assert_eq!(lab.drain(0, "q"), [1, 2], "{version:?}");
        assert_eq!(
            lab.declare(0, lab::passive("r")),
            CallEnd::Broken,
            "{version:?}"
        );
    }
}
