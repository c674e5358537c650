//! The text format: what is written is read back, and what is wrong is named with its place.

use proptest::prelude::*;

use super::act::{
    ClientOrder, Kept, MessageName, Messages, PacketAct, PacketName, Place, PlannedAct, Target,
};
use super::claim::{
    BROKER_EVENTS, Claim, ELECTIONS, Event, Expectation, FATES, LIVENESS, MESSAGE_EVENTS, Quantity,
    RELATIONS, What, Within,
};
use super::{Action, Alteration, End, Key, Scenario, Step, Timing};
use crate::topology::{
    AfterFailure, Client, ClientRole, Commits, Consuming, OnFailure, ProducerEnd, Producing,
    Setting, Times, Topic, Topology,
};

const TEXT: &str = "
# The reader of a file need not read this.
ackscope 1
scenario kafka-test
system kafka 4.3
seed 7
course 2
brokers 3
times hop 1us..2us sync 1ms..2ms write-back 5s..30s client-start 0s broker-start 1s broker-stop 1s send 20us
topic orders on b1,b2,b3; b2,b3,b1
producer p1 to orders-0 messages 10 interval 50ms end close   # a program
consumer c1 subscribe orders group g1 polls processing 1.5ms commit sync-after by-hand
set producer p1 acks=1
set cluster broker.session.timeout.ms=9000
set topic min.insync.replicas=2
at 3s [crash]: crash leader of orders-0,coordinator of g1
when b1 acked m5 after 250us: drop Produce answer 2 b1 -> p1 for m5
when b2 leads orders-0 by clean: expect m6 stranded
every 10s from 5s until 1min: start c1
at 4s + 2: cut b1 | b2,b3 | ctl
at 20s: roll brokers down 2s until isr orders-0 = b1,b2,b3
until quiet or 30s
expect not m1..m5,m7 lost-after-ack because no-follower-had-it
expect b2 leads orders-0 within 7s..9500ms of crash
expect log orders-0 at b1 = none
expect count of (anybody truncated since crash) >= 1
key set producer p1 acks
key step crash
key program c1 commit
breaks-when set producer p1 acks=all; without crash; at 1s: heal
";

#[test]
fn a_whole_file_is_read() {
    let scenario = Scenario::parse(TEXT).unwrap();
    assert_eq!(scenario.steps.len(), 6);
    assert_eq!(scenario.by_hand, ["c1"]);
    assert_eq!(scenario.topology.group_of("c1"), Some("g1"));
    assert_eq!(scenario.topology.topics[0].partitions, 2);
    assert_eq!(scenario.breaks_when[0].len(), 3);
    assert_eq!(Scenario::parse(&scenario.to_string()).unwrap(), scenario);
}

fn problems(lines: &str) -> Vec<String> {
    let head = "ackscope 1\nscenario kafka-test\ntopic orders partitions 1 replicas 3\n\
                producer p1 to orders-0\n";
    let read = Scenario::parse(&format!("{head}{lines}"));
    read.unwrap_err().iter().map(ToString::to_string).collect()
}

#[test]
fn each_problem_has_its_line_column_and_what_was_expected() {
    let found = problems("at 3s: crash\n  at x: heal\nexpect m1 lots\nfrob\nrun 3s 4s\n");
    let starts = [
        "line 5, column 13: expected a process: its name",
        "line 6, column 6: expected a time such as 3s, 1.5s, 20ms or 250us, found \"x:\"",
        "line 7, column 11: expected a fate: in-flight, delivered",
        "line 8, column 1: expected scenario, system, seed",
        "line 9, column 8: expected the end of the line, found \"4s\"",
    ];
    assert_eq!(found.len(), starts.len(), "{found:#?}");
    for (found, start) in found.iter().zip(starts) {
        assert!(found.starts_with(start), "{found}");
    }
}

#[test]
fn unknown_names_are_listed() {
    let found = problems(
        "at 3s: crash b9\nat 4s: crash leader of payments-0\nexpect p2.m1 delivered\n\
         key step crash\nset producer p1 ack=1\nset topic nope retention.ms=1\n",
    );
    let wanted = ["b9", "payments-0", "p2", "crash", "unknown key ack", "nope"];
    assert_eq!(found.len(), wanted.len(), "{found:#?}");
    for (found, wanted) in found.iter().zip(wanted) {
        assert!(found.contains(wanted), "{found}");
    }
    assert!(found[0].starts_with("line 5, column 14: there is no process b9; there are: ctl, b1"));
}

#[test]
fn kafkas_words_reach_the_reader() {
    let found = problems("set producer p1 acks=2\n");
    assert!(found[0].contains("acks"), "{found:?}");
    assert_eq!(found.len(), 1);
}

#[test]
fn another_version_is_not_guessed() {
    let read = Scenario::parse("ackscope 2\nscenario x\n").unwrap_err();
    assert_eq!(read.len(), 1);
    assert_eq!(read[0].line, 1);
}

#[test]
fn names_that_mean_something_else_are_refused() {
    let found =
        problems("producer crash to orders-0\nproducer m3 to orders-0\nproducer p1 to orders-0\n");
    assert!(
        found
            .iter()
            .filter(|text| text.contains("means something else"))
            .count()
            == 2
    );
    assert!(
        found.iter().any(|text| text.contains("used twice")),
        "{found:#?}"
    );
}

fn one_of<T: Clone + std::fmt::Debug + 'static>(items: Vec<T>) -> BoxedStrategy<T> {
    prop::sample::select(items).boxed()
}

fn words<T: Copy + std::fmt::Debug + 'static>(words: &[(&'static str, T)]) -> BoxedStrategy<T> {
    one_of(words.iter().map(|(_, value)| *value).collect())
}

fn text(items: &[&str]) -> BoxedStrategy<String> {
    one_of(items.iter().map(|item| (*item).to_owned()).collect())
}

fn broker() -> BoxedStrategy<String> {
    text(&["b1", "b2", "b3"])
}

fn partition() -> BoxedStrategy<String> {
    text(&["orders-0", "orders-1", "pay-ments-0"])
}

fn time() -> BoxedStrategy<u64> {
    prop_oneof![Just(0), 1..5_000u64, (1..90u64).prop_map(|s| s * 1_000_000)].boxed()
}

fn target() -> BoxedStrategy<Target> {
    prop_oneof![
        broker().prop_map(Target::Named),
        partition().prop_map(Target::LeaderOf),
        partition().prop_map(Target::FollowerOf),
        partition().prop_map(Target::FollowersOf),
        Just(Target::CoordinatorOf("g1".to_owned())),
        Just(Target::Brokers),
    ]
    .boxed()
}

fn targets() -> BoxedStrategy<Vec<Target>> {
    prop::collection::vec(target(), 1..3).boxed()
}

fn producer() -> BoxedStrategy<Option<String>> {
    one_of(vec![Some("p1".to_owned()), Some("p2".to_owned())])
}

fn message() -> BoxedStrategy<MessageName> {
    (producer(), 1..99u32)
        .prop_map(|(producer, number)| MessageName { producer, number })
        .boxed()
}

fn messages() -> BoxedStrategy<Vec<Messages>> {
    let one = (producer(), 1..99u32, 0..9u32).prop_map(|(producer, first, more)| Messages {
        producer,
        first,
        last: first + more,
    });
    prop::collection::vec(one, 1..4).boxed()
}

fn setting() -> BoxedStrategy<Setting> {
    let row = |scope: &str, name: &str, key: &str, value: &str| Setting {
        scope: scope.into(),
        name: name.into(),
        key: key.into(),
        value: value.into(),
    };
    one_of(vec![
        row("producer", "p1", "acks", "1"),
        row("producer", "p2", "linger.ms", "0"),
        row("topic", "", "min.insync.replicas", "2"),
        row("topic", "orders", "unclean.leader.election.enable", "true"),
        row("cluster", "", "broker.session.timeout.ms", "3000"),
        row("broker", "b1", "log.flush.interval.messages", "1"),
    ])
}

fn order() -> BoxedStrategy<ClientOrder> {
    let place = prop_oneof![
        Just(Place::Topic("orders".to_owned())),
        partition().prop_map(Place::Partition)
    ];
    prop_oneof![
        (messages(), place, 0..2_000u32, time(), -5..5i64).prop_map(
            |(messages, to, size, pace_us, age_ms)| ClientOrder::Send {
                messages,
                to,
                size,
                pace_us,
                age_ms
            }
        ),
        Just(ClientOrder::Flush),
        Just(ClientOrder::Pause),
        Just(ClientOrder::Resume),
        Just(ClientOrder::PollStop),
        Just(ClientOrder::CommitAsync),
        Just(ClientOrder::SeekToCommitted),
        time().prop_map(ClientOrder::Close),
        any::<bool>().prop_map(|sync| ClientOrder::PollStart { sync }),
        (1..9u32, time(), prop::option::of(1..9u32)).prop_map(|(count, within_us, process)| {
            ClientOrder::Poll {
                count,
                within_us,
                process,
            }
        }),
        (prop::collection::vec((partition(), 0..99i64), 0..3), time())
            .prop_map(|(offsets, within_us)| ClientOrder::Commit { offsets, within_us }),
        (partition(), 0..99i64)
            .prop_map(|(partition, offset)| ClientOrder::Seek { partition, offset }),
        (partition(), time()).prop_map(|(partition, within_us)| ClientOrder::Read {
            partition,
            within_us
        }),
        (partition(), prop::collection::vec(broker(), 0..3))
            .prop_map(|(partition, brokers)| ClientOrder::Describe { partition, brokers }),
        time().prop_map(|within_us| ClientOrder::Offsets {
            group: "g1".into(),
            within_us
        }),
    ]
    .boxed()
}

fn act() -> BoxedStrategy<PlannedAct> {
    let kept = prop_oneof![
        Just(Kept::Synced),
        Just(Kept::Drawn),
        Just(Kept::All),
        (0..9u32).prop_map(Kept::Records)
    ];
    let groups = || (prop::collection::vec(targets(), 2..4), any::<bool>());
    let packet = (
        text(&["Produce", "ReplicaFetch"]),
        any::<bool>(),
        1..9u32,
        broker(),
        broker(),
        prop::option::of(message()),
    )
        .prop_map(|(kind, answer, nth, from, to, about)| PacketName {
            kind,
            answer,
            nth,
            from,
            to,
            about,
        });
    let packet_act = one_of(vec![
        PacketAct::Hold,
        PacketAct::Release,
        PacketAct::Drop,
        PacketAct::Deliver,
    ]);
    prop_oneof![
        targets().prop_map(PlannedAct::Crash),
        targets().prop_map(PlannedAct::Stop),
        targets().prop_map(PlannedAct::Start),
        targets().prop_map(PlannedAct::Freeze),
        targets().prop_map(PlannedAct::Thaw),
        targets().prop_map(PlannedAct::Wipe),
        (targets(), kept).prop_map(|(whom, kept)| PlannedAct::PowerOff(whom, kept)),
        groups().prop_map(|(groups, one_way)| PlannedAct::Cut { groups, one_way }),
        groups().prop_map(|(groups, one_way)| PlannedAct::Mend { groups, one_way }),
        Just(PlannedAct::Heal),
        (target(), target(), time()).prop_map(|(from, to, by_us)| PlannedAct::Slow {
            from,
            to,
            by_us
        }),
        (target(), target(), 0..1_000_000u32).prop_map(|(from, to, ppm)| PlannedAct::Lose {
            from,
            to,
            ppm
        }),
        (target(), time()).prop_map(|(whose, us)| PlannedAct::SlowDisk(whose, us)),
        (target(), any::<bool>()).prop_map(|(whose, full)| PlannedAct::FillDisk(whose, full)),
        target().prop_map(|whose| PlannedAct::Fire(whose, "heartbeat".to_owned())),
        (packet_act, packet).prop_map(|(act, packet)| PlannedAct::Packet(act, packet)),
        (text(&["p1", "p2"]), order()).prop_map(|(who, order)| PlannedAct::Order(who, order)),
        setting().prop_map(PlannedAct::Set),
        setting().prop_map(|s| PlannedAct::Unset(Setting {
            value: String::new(),
            ..s
        })),
    ]
    .boxed()
}

fn event() -> BoxedStrategy<Event> {
    let message_or_none = || prop::option::of(message());
    let what = prop_oneof![
        (words(&MESSAGE_EVENTS), message_or_none()).prop_map(|(e, m)| What::Message(e, m)),
        (
            message_or_none(),
            prop::option::of(Just("TIMEOUT".to_owned()))
        )
            .prop_map(|(m, e)| What::Failed(m, e)),
        words(&BROKER_EVENTS).prop_map(What::Broker),
        Just(What::Threw("COMMIT_FAILED".to_owned())),
        Just(What::Assigned),
        Just(What::Repositioned),
    ];
    let leads = (partition(), prop::option::of(words(&ELECTIONS)))
        .prop_map(|(partition, how)| What::Leads { partition, how });
    let since = || prop::option::of(Just("fault".to_owned()));
    prop_oneof![
        (prop::option::of(target()), what, since()),
        (prop::option::of(target()), leads, since()),
    ]
    .prop_map(|(who, what, since)| Event { who, what, since })
    .boxed()
}

fn claim() -> BoxedStrategy<Claim> {
    let fate = || text(&FATES);
    let some = || prop::collection::vec(broker(), 0..3);
    let quantity = prop_oneof![
        fate().prop_map(Quantity::Fate),
        Just(Quantity::Lost),
        Just(Quantity::Duplicated),
        Just(Quantity::Offered),
        Just(Quantity::Acked),
        Just(Quantity::Reordered),
        message().prop_map(Quantity::Deliveries),
        message().prop_map(Quantity::Effects),
        message().prop_map(Quantity::Offset),
        partition().prop_map(Quantity::Epoch),
        (partition(), broker()).prop_map(|(partition, at)| Quantity::Leo { partition, at }),
        (partition(), prop::option::of(broker()))
            .prop_map(|(partition, at)| Quantity::Hw { partition, at }),
        partition().prop_map(|partition| Quantity::Committed {
            partition,
            group: "g1".to_owned()
        }),
        event().prop_map(|event| Quantity::Count(Box::new(event))),
    ];
    let maybe_messages = || prop_oneof![Just(Vec::new()), messages()];
    prop_oneof![
        event().prop_map(Claim::Happened),
        (maybe_messages(), fate()).prop_map(|(messages, fate)| Claim::Fate { messages, fate }),
        (partition(), prop::option::of(broker()))
            .prop_map(|(partition, is)| Claim::Leader { partition, is }),
        (partition(), some()).prop_map(|(partition, is)| Claim::Isr { partition, is }),
        (partition(), some()).prop_map(|(partition, is)| Claim::Elr { partition, is }),
        (quantity, words(&RELATIONS), -1..99i64).prop_map(|(of, relation, value)| Claim::Number {
            of,
            relation,
            value
        }),
        (partition(), broker(), maybe_messages()).prop_map(|(partition, at, is)| Claim::Log {
            partition,
            at,
            is
        }),
        maybe_messages().prop_map(|is| Claim::Order {
            consumer: "c1".to_owned(),
            is
        }),
        (target(), words(&LIVENESS)).prop_map(|(who, is)| Claim::Process { who, is }),
        Just(Claim::Quiet),
    ]
    .boxed()
}

fn expectation() -> BoxedStrategy<Expectation> {
    let within = (time(), time()).prop_map(|(from_us, more)| Within {
        from_us,
        to_us: from_us + more,
        of: "fault".to_owned(),
    });
    let because = prop::option::of(Just("leader-died".to_owned()));
    (any::<bool>(), claim(), prop::option::of(within), because)
        .prop_map(|(not, claim, within, because)| {
            let within = within.filter(|_| matches!(claim, Claim::Happened(_)));
            Expectation {
                not,
                claim,
                within,
                because,
            }
        })
        .boxed()
}

fn step() -> BoxedStrategy<Step> {
    let timing = prop_oneof![
        (time(), 0..3u32).prop_map(|(at_us, taken)| Timing::At { at_us, taken }),
        (claim(), time()).prop_map(|(claim, after_us)| Timing::When { claim, after_us }),
        (1..9_999u64, time(), time()).prop_map(|(every_us, from_us, until_us)| Timing::Every {
            every_us,
            from_us,
            until_us
        }),
    ];
    let action = prop_oneof![
        4 => act().prop_map(Action::Act),
        1 => expectation().prop_map(Action::Expect),
        1 => (targets(), time(), claim())
            .prop_map(|(whom, down_us, until)| Action::Roll { whom, down_us, until }),
        1 => (targets(), time()).prop_map(|(whom, after_us)| Action::Supervise { whom, after_us }),
    ];
    (timing, prop::option::of(Just("fault".to_owned())), action)
        .prop_map(|(timing, label, action)| Step {
            timing,
            label,
            action,
        })
        .boxed()
}

fn producing() -> BoxedStrategy<Producing> {
    let policy = prop_oneof![
        Just(OnFailure::Look),
        Just(OnFailure::Ignore),
        (0..9u16).prop_map(OnFailure::Resend)
    ];
    let end = one_of(vec![
        ProducerEnd::Stay,
        ProducerEnd::Close,
        ProducerEnd::Exit,
    ]);
    let place = one_of(vec![
        (String::new(), None),
        ("orders".into(), None),
        ("orders".into(), Some(1)),
    ]);
    (
        place,
        time(),
        time(),
        0..9u32,
        0..99u32,
        1..999u32,
        0..4u32,
        policy,
        end,
    )
        .prop_map(
            |(
                (topic, partition),
                start_us,
                interval_us,
                burst,
                stop_after,
                size,
                keys,
                on,
                end,
            )| {
                Producing {
                    topic,
                    partition,
                    start_us,
                    interval_us,
                    burst,
                    stop_after,
                    size,
                    keys,
                    on_failure: on,
                    end,
                }
            },
        )
        .boxed()
}

fn consuming() -> BoxedStrategy<Consuming> {
    let commit = one_of(vec![
        Commits::None,
        Commits::SyncAfter,
        Commits::SyncBefore,
        Commits::AsyncAfter,
    ]);
    let after = one_of(vec![
        AfterFailure::Close,
        AfterFailure::Exit,
        AfterFailure::Skip,
    ]);
    let flags = any::<[bool; 4]>();
    (
        any::<bool>(),
        time(),
        time(),
        commit,
        flags,
        prop::option::of(1..9u32),
        after,
    )
        .prop_map(
            |(subscribes, start_us, processing_us, commit, flags, fails_at, after_failure)| {
                let [polls, hands_off, idempotent_sink, commit_on_revoke] = flags;
                Consuming {
                    subscribe: subscribes
                        .then(|| "orders".to_owned())
                        .into_iter()
                        .collect(),
                    assign: (!subscribes)
                        .then(|| "orders-1".to_owned())
                        .into_iter()
                        .collect(),
                    polls,
                    start_us,
                    processing_us,
                    commit,
                    hands_off,
                    fails_at,
                    after_failure,
                    idempotent_sink,
                    commit_on_revoke,
                }
            },
        )
        .boxed()
}

fn scenario() -> BoxedStrategy<Scenario> {
    let times = prop_oneof![
        3 => Just(Times::default()),
        1 => time().prop_map(|send_us| Times { send_us, hop_us: (1, 7), ..Times::default() }),
    ];
    let topology = (
        times,
        producing(),
        producing(),
        consuming(),
        any::<bool>(),
        prop::collection::vec(setting(), 0..4),
    )
        .prop_map(|(times, first, second, consumer, assigned, settings)| {
            let ring = [["b1", "b2", "b3"], ["b2", "b3", "b1"]];
            let ring = ring.map(|names| names.map(str::to_owned).to_vec()).to_vec();
            let topic = |name: &str, partitions, assignment| Topic {
                name: name.to_owned(),
                partitions,
                replication_factor: 3,
                assignment,
            };
            let client = |name: &str, role| Client {
                name: name.to_owned(),
                role,
            };
            let assignment = if assigned { ring } else { Vec::new() };
            let mut topology = Topology {
                times,
                topics: vec![
                    topic("orders", 2, assignment),
                    topic("pay-ments", 1, Vec::new()),
                ],
                clients: vec![
                    client("p1", ClientRole::Producer(first)),
                    client("c1", ClientRole::Consumer(consumer)),
                    client("p2", ClientRole::Producer(second)),
                ],
                groups: vec!["g1".to_owned()],
                ..Topology::default()
            };
            settings
                .into_iter()
                .for_each(|setting| topology.set(setting));
            topology
        });
    // A label must exist for others to name it.
    let fault = Step {
        timing: Timing::At { at_us: 1, taken: 0 },
        label: Some("fault".to_owned()),
        action: Action::Act(PlannedAct::Heal),
    };
    let alteration = prop_oneof![
        setting().prop_map(Alteration::Set),
        step().prop_map(|step| Alteration::Step(Box::new(step))),
        Just(Alteration::Without("fault".to_owned())),
    ];
    let end = prop_oneof![time().prop_map(End::Run), time().prop_map(End::Quiet)];
    (
        topology,
        prop::collection::vec(step(), 0..5),
        prop::collection::vec(expectation(), 0..5),
        prop::collection::vec(prop::collection::vec(alteration, 1..3), 0..3),
        prop::collection::vec(act(), 0..2),
        end,
        (any::<u64>(), prop::option::of(1..9u16), any::<bool>()),
    )
        .prop_map(
            move |(topology, steps, expectations, breaks_when, choices, end, rest)| {
                let (seed, course, by_hand) = rest;
                let spelled = topology.settings.iter().map(|s| {
                    Key::Setting(Setting {
                        value: String::new(),
                        ..s.clone()
                    })
                });
                let keys = spelled.chain([Key::Step("fault".to_owned())]).collect();
                Scenario {
                    id: "kafka-drawn".to_owned(),
                    seed,
                    course,
                    topology,
                    by_hand: by_hand.then(|| "p2".to_owned()).into_iter().collect(),
                    steps: std::iter::once(fault.clone()).chain(steps).collect(),
                    end,
                    expectations,
                    keys,
                    breaks_when,
                    choices,
                }
            },
        )
        .boxed()
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(256) })]

    #[test]
    fn what_is_written_is_read_back(scenario in scenario()) {
        let text = scenario.to_string();
        let read = Scenario::parse(&text);
        prop_assert_eq!(read, Ok(scenario), "{}", text);
    }

    #[test]
    fn an_act_is_its_text(act in act()) {
        let json = serde_json::to_string(&act).unwrap();
        prop_assert_eq!(serde_json::from_str::<PlannedAct>(&json).unwrap(), act);
    }

    #[test]
    fn no_text_breaks_the_reader(text in "(ackscope 1\n)?[a-z0-9 .:=>|;,#\\[\\]()\n-]{0,200}") {
        let _ = Scenario::read(&text);
    }
}
