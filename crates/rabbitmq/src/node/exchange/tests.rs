use super::*;
use crate::node::image::{AppliesTo, MetaCommand, Policy};
use crate::system::lab;

struct Topology {
    image: Image,
    settings: Settings,
}

impl Topology {
    fn new() -> Topology {
        let settings = lab::settings(&["q1", "q2", "q3", "x", "y", "ae", "p"]);
        let mut image = Image::default();
        for queue in ["q1", "q2", "q3"] {
            let record = lab::queue(settings.named(queue).unwrap_or_default());
            image
                .apply(&MetaCommand::PutQueue(Box::new(record)))
                .expect("a new name");
        }
        Topology { image, settings }
    }

    fn name(&self, text: &str) -> Name {
        self.settings.named(text).expect("a known name")
    }

    fn exchange(&mut self, name: &str, kind: ExchangeKind, arguments: Table) {
        let exchange = Exchange {
            name: self.name(name),
            kind,
            durable: true,
            auto_delete: false,
            internal: false,
            arguments: Arc::new(arguments),
        };
        self.image
            .apply(&MetaCommand::PutExchange(exchange))
            .expect("a new name");
    }

    fn bind(&mut self, source: &str, key: &str, queue: &str, arguments: Table) {
        let binding = Binding {
            source: self.name(source),
            destination: Destination::Queue(self.name(queue)),
            key: key.into(),
            arguments: Arc::new(arguments),
        };
        self.image
            .apply(&MetaCommand::Bind(binding))
            .expect("both ends are there");
    }

    fn bind_exchange(&mut self, source: &str, key: &str, target: &str) {
        let binding = Binding {
            source: self.name(source),
            destination: Destination::Exchange(self.name(target)),
            key: key.into(),
            arguments: Arc::default(),
        };
        self.image
            .apply(&MetaCommand::Bind(binding))
            .expect("both ends are there");
    }

    fn route(&self, exchange: &str, message: &Message) -> Vec<String> {
        let names = route(&self.image, &self.settings, self.name(exchange), message);
        let texts = names.into_iter().map(|name| self.settings.text(name));
        texts.map(|text| text.to_string()).collect()
    }
}

fn keyed(key: &str) -> Message {
    let mut message = lab::message(1);
    message.routing_key = key.into();
    message
}

#[test]
fn topic_patterns() {
    for (pattern, key, matches) in [
        ("a.b", "a.b", true),
        ("a.*", "a.b", true),
        ("a.*", "a", false),
        ("a.*", "a.b.c", false),
        ("a.#", "a", true),
        ("a.#", "a.b.c", true),
        ("#", "", true),
        ("*", "", false),
        ("#.c", "a.b.c", true),
        ("#.b.#", "a.b.c", true),
        ("#.b.#", "a.c", false),
        ("*.#.*", "a", false),
        ("*.#.*", "a.b", true),
        ("", "", true),
        ("", "a", false),
        ("a..b", "a..b", true),
        ("a.*.b", "a..b", true),
    ] {
        assert_eq!(topic_matches(pattern, key), matches, "{pattern} and {key}");
    }
}

#[test]
fn the_default_exchange_knows_every_queue_and_carbon_copies_are_keys_too() {
    let topology = Topology::new();
    let mut message = keyed("q1");
    message.cc = vec!["q3".into(), "nowhere".into()];
    message.bcc = vec!["q2".into(), "q1".into()];
    assert_eq!(topology.route("", &message), ["q1", "q2", "q3"]);
    assert!(topology.route("", &keyed("q9")).is_empty());
}

#[test]
fn direct_fanout_topic() {
    let mut topology = Topology::new();
    topology.exchange("x", ExchangeKind::Direct, Table::new());
    topology.bind("x", "k", "q1", Table::new());
    topology.bind("x", "k", "q2", Table::new());
    topology.bind("x", "l", "q3", Table::new());
    assert_eq!(topology.route("x", &keyed("k")), ["q1", "q2"]);
    topology.exchange("y", ExchangeKind::Topic, Table::new());
    topology.bind("y", "a.*", "q1", Table::new());
    topology.bind("y", "#", "q1", Table::new());
    assert_eq!(topology.route("y", &keyed("a.b")), ["q1"]);
    topology.exchange("ae", ExchangeKind::Fanout, Table::new());
    topology.bind("ae", "whatever", "q3", Table::new());
    assert_eq!(topology.route("ae", &keyed("k")), ["q3"]);
}

#[test]
fn headers_all_any_and_with_x() {
    let mut topology = Topology::new();
    topology.exchange("x", ExchangeKind::Headers, Table::new());
    let pairs = |mode: Option<&str>, pairs: &[(&str, i64)]| -> Table {
        let mode = mode.map(|mode| ("x-match".into(), Value::Str(mode.into())));
        let rest = pairs.iter().map(|(k, v)| ((*k).into(), Value::Int(*v)));
        mode.into_iter().chain(rest).collect()
    };
    topology.bind(
        "x",
        "",
        "q1",
        pairs(None, &[("a", 1), ("b", 2), ("x-c", 3)]),
    );
    topology.bind(
        "x",
        "",
        "q2",
        pairs(Some("any"), &[("a", 1), ("b", 9), ("x-c", 3)]),
    );
    topology.bind(
        "x",
        "",
        "q3",
        pairs(Some("any-with-x"), &[("b", 9), ("x-c", 3)]),
    );
    let sent = |headers: &[(&str, i64)]| {
        let mut message = lab::message(1);
        message.headers = Arc::new(pairs(None, headers));
        message
    };
    assert_eq!(
        topology.route("x", &sent(&[("a", 1), ("b", 2)])),
        ["q1", "q2"]
    );
    assert_eq!(topology.route("x", &sent(&[("a", 1)])), ["q2"]);
    assert_eq!(topology.route("x", &sent(&[("x-c", 3)])), ["q3"]);
    assert!(topology.route("x", &sent(&[])).is_empty());
}

#[test]
fn an_alternate_exchange_takes_what_selects_nothing_and_loops_are_cut() {
    let mut topology = Topology::new();
    let alternate =
        |name: &str| -> Table { [("alternate-exchange".into(), Value::Str(name.into()))].into() };
    topology.exchange("x", ExchangeKind::Direct, alternate("ae"));
    topology.exchange("ae", ExchangeKind::Direct, alternate("x"));
    topology.bind("x", "k", "q1", Table::new());
    topology.bind("ae", "l", "q2", Table::new());
    assert_eq!(topology.route("x", &keyed("k")), ["q1"]);
    assert_eq!(topology.route("x", &keyed("l")), ["q2"]);
    assert!(topology.route("x", &keyed("m")).is_empty());
    // By a policy; the argument would be stronger.
    topology.exchange("y", ExchangeKind::Direct, Table::new());
    assert!(topology.route("y", &keyed("l")).is_empty());
    let policy = Policy {
        name: topology.name("p"),
        pattern: "^(x|y)$".replace(['(', ')'], "").into(),
        applies_to: AppliesTo::Exchanges,
        priority: 0,
        definition: Arc::new(alternate("ae")),
        operator: false,
    };
    topology
        .image
        .apply(&MetaCommand::PutPolicy(policy))
        .expect("policies can be set");
    assert_eq!(topology.route("y", &keyed("l")), ["q2"]);
}

#[test]
fn exchanges_route_to_exchanges_and_a_queue_gets_one_copy() {
    let mut topology = Topology::new();
    topology.exchange("x", ExchangeKind::Fanout, Table::new());
    topology.exchange("y", ExchangeKind::Fanout, Table::new());
    topology.bind_exchange("x", "", "y");
    topology.bind_exchange("y", "", "x");
    topology.bind("x", "", "q1", Table::new());
    topology.bind("y", "", "q1", Table::new());
    topology.bind("y", "", "q2", Table::new());
    assert_eq!(topology.route("x", &keyed("k")), ["q1", "q2"]);
}
