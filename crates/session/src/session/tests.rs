use super::opening::laboratory;
use super::*;
use crate::command::{Act, NewNode, Target};
use crate::command::{Pace, TokenFilter};
use crate::kafka_run::KafkaRun;
use crate::view::{DiagramQuery, EventsQuery};
use ackscope_kernel::SortedSet;
use ackscope_scene::drawable::CellState;
use ackscope_scene::drawable::Drawable;

fn session() -> Session {
    Session::embedded(&Start::default())
}

/// Lets wall time pass in frames until something holds; the seconds that it took.
fn play_until(session: &mut Session, most_s: u64, holds: impl Fn(&Session) -> bool) -> Option<f64> {
    for frame in 0..most_s * 60 {
        if holds(session) {
            return Some(frame as f64 / 60.0);
        }
        session.tick(16_667);
    }
    None
}

fn flying(session: &Session) -> SortedSet<u32> {
    let tokens = session
        .moving()
        .into_iter()
        .filter_map(|drawable| match drawable {
            Drawable::Token(token) => Some(token.bundle),
            _ => None,
        });
    tokens.flatten().collect()
}

#[test]
fn the_first_scenario_shows_a_loss_within_ten_seconds() {
    let mut session = session();
    assert!(session.transport().playing);
    assert_eq!(session.header().verdict.produced, 0);
    let took = play_until(&mut session, 20, |session| {
        session.header().verdict.lost_after_ack > 0
    });
    assert!(
        took.is_some_and(|took| (5.0..8.5).contains(&took)),
        "{took:?} at {}",
        session.transport().clock
    );
    assert!(session.sentence().is_some());
    let lost = session
        .messages(0, 100)
        .rows
        .into_iter()
        .find(|row| row.fate == "lost-after-ack")
        .unwrap();
    let why = session.why(lost.message).unwrap();
    assert!(why.steps.len() >= 3, "{why:#?}");
    assert!(!why.settings.is_empty());
}

#[test]
fn pictures_follow_from_the_cursor_alone() {
    let mut session = session();
    session.update(Command::ToEnd);
    let end = session.transport().now_us;
    let mut shown = Vec::new();
    for part in 0..=20 {
        session.update(Command::SeekTime(end * part / 20));
        shown.push((
            session.transport().now_us,
            session.frame(),
            session.messages(0, 50),
            session.digest(),
        ));
    }
    for (at, frame, messages, digest) in shown.into_iter().rev() {
        session.update(Command::SeekTime(at));
        assert_eq!(session.frame(), frame, "at {at}");
        assert_eq!(session.messages(0, 50), messages, "at {at}");
        assert_eq!(session.digest(), digest, "at {at}");
    }
}

#[test]
fn each_packet_in_flight_is_a_token_and_nothing_else_is() {
    let mut session = session();
    let everything = TokenFilter {
        connections: true,
        background: true,
        ..TokenFilter::default()
    };
    session.update(Command::SetFilter(everything));
    let (mut at, mut seen) = (0, 0);
    for _ in 0..60 {
        session.update(Command::StepForward);
        let next = session.transport().now_us;
        // Between two beats something is on its way.
        session.update(Command::SeekTime((at + next) / 2));
        at = next;
        let trace: Vec<serde_json::Value> = session
            .export(0, u32::MAX)
            .lines()
            .map(|line| serde_json::from_str(line).unwrap())
            .collect();
        let ids = |what: &str, key: &str| -> SortedSet<u32> {
            let lines = trace.iter().filter(|line| line["what"] == what);
            lines
                .filter_map(|line| line[key].as_u64())
                .map(|id| u32::try_from(id).unwrap())
                .collect()
        };
        let (sent, read, gone) = (
            ids("sent", "id"),
            ids("read", "sent"),
            ids("vanished", "sent"),
        );
        let tokens = flying(&session);
        let first = trace
            .first()
            .and_then(|line| line["id"].as_u64())
            .unwrap_or(u64::MAX);
        for token in &tokens {
            assert!(
                sent.contains(token) || u64::from(*token) < first,
                "{token} is in no trace"
            );
            assert!(
                !read.contains(token) && !gone.contains(token),
                "{token} has ended"
            );
        }
        seen += tokens.len();
        session.update(Command::SeekTime(next));
    }
    assert!(seen > 20, "{seen}");
}

#[test]
fn stepping_is_reversible() {
    let mut session = session();
    let mut moments = vec![session.transport().now_us];
    for _ in 0..60 {
        session.update(Command::StepForward);
        moments.push(session.transport().now_us);
    }
    assert!(
        moments.windows(2).all(|pair| pair[0] < pair[1]),
        "{moments:?}"
    );
    for moment in moments.iter().rev().skip(1) {
        session.update(Command::StepBack);
        assert_eq!(session.transport().now_us, *moment);
    }
}

#[test]
fn the_same_ticks_give_the_same_moments() {
    let run = |pace, speed| {
        let mut session = session();
        session.update(Command::SetPace(pace));
        session.update(Command::SetSpeed(speed));
        (0..200)
            .map(|_| {
                session.tick(16_667);
                session.transport().now_us
            })
            .collect::<Vec<_>>()
    };
    for (pace, speed) in [
        (Pace::Paced, 1_000),
        (Pace::Real, 1),
        (Pace::Real, 1_000),
        (Pace::Real, 64_000),
    ] {
        let (one, two) = (run(pace, speed), run(pace, speed));
        assert_eq!(one, two);
        assert!(
            one.is_sorted() && one.last() > one.first(),
            "{pace:?} {speed}: {one:?}"
        );
    }
    let real = run(Pace::Real, 1_000);
    assert!(real[199].abs_diff(200 * 16_667) < 1_000, "{}", real[199]);
}

#[test]
fn a_hidden_tab_makes_no_leap() {
    let mut session = session();
    session.update(Command::SetPace(Pace::Real));
    session.tick(3_600_000_000);
    assert_eq!(session.transport().now_us, 100_000);
}

#[test]
fn acting_in_the_past_forks_and_the_old_future_stays() {
    let mut session = session();
    session.update(Command::ToEnd);
    let old = session.digest();
    let end = session.transport().now_us;
    session.update(Command::SeekTime(1_100_000));
    session.update(Command::Intervene(Act::Crash {
        node: "b2".to_owned(),
    }));
    let branches = session.branches();
    assert_eq!(branches.len(), 2);
    assert!(branches[1].current && branches[1].parted_us == Some(1_100_000));
    assert_eq!(branches[0].differs_us, Some(1_100_000));
    assert!(session.frame().drawables.iter().any(|drawable| matches!(
        drawable,
        Drawable::Node(node) if node.key == "b2" && node.state == ackscope_scene::drawable::NodeState::Down
    )));
    session.update(Command::SeekTime(end));
    assert_ne!(session.digest(), old);
    session.update(Command::Verify);
    assert!(
        matches!(session.header().verified, Verified::Same { .. }),
        "{:?}",
        session.header().verified
    );
    session.update(Command::ChooseBranch(branches[0].id));
    assert_eq!(session.transport().now_us, end);
    assert_eq!(session.digest(), old);
}

#[test]
fn a_link_gives_the_same_run_at_the_same_moment() {
    let mut session = session();
    session.update(Command::SeekTime(1_400_000));
    session.update(Command::Intervene(Act::Freeze {
        node: "b3".to_owned(),
    }));
    session.update(Command::SeekTime(1_622_418));
    let link = session.link();
    let again = Session::embedded(&Start {
        link: link.clone(),
        ..Start::default()
    });
    assert_eq!(again.header().notices, Vec::new(), "{link}");
    assert_eq!(again.digest(), session.digest());
    assert_eq!(again.frame(), session.frame());
    assert_eq!(again.link(), link);
    assert!(!again.transport().playing);
}

#[test]
fn trying_a_change_repeats_the_run_with_it() {
    let mut session = session();
    session.update(Command::ToEnd);
    assert!(session.header().verdict.lost_after_ack > 0);
    session.update(Command::SetFromStart {
        scope: "producer".to_owned(),
        instance: "p1".to_owned(),
        key: "acks".to_owned(),
        text: "all".to_owned(),
    });
    session.update(Command::ToEnd);
    assert_eq!(session.header().verdict.lost_after_ack, 0);
    assert_eq!(session.branches().len(), 2);
    assert!(session.branches()[0].differs_us.is_some());
}

#[test]
fn a_refused_value_changes_nothing_and_is_said() {
    let mut session = session();
    session.update(Command::SeekTime(500_000));
    let before = session.digest();
    session.update(Command::Set {
        scope: "producer".to_owned(),
        instance: "p1".to_owned(),
        key: "acks".to_owned(),
        text: "7".to_owned(),
    });
    assert_eq!(session.digest(), before);
    assert_eq!(session.header().notices.len(), 1);
}

#[test]
fn what_can_be_done_is_done() {
    let mut session = session();
    session.update(Command::SeekTime(1_250_000));
    for name in ["b1", "b2", "p1", "c1", "ctl"] {
        let acts = session.acts_for(&Target::Node(name.to_owned()));
        assert!(acts.iter().any(|act| act.primary && act.hot), "{name}");
        for offered in acts {
            let mut trial = Session::embedded(&Start::default());
            trial.update(Command::SeekTime(1_250_000));
            trial.update(Command::Intervene(offered.act.clone()));
            assert_eq!(trial.header().notices, Vec::new(), "{name}: {offered:?}");
            assert_ne!(
                trial.say(&offered.label),
                offered.label.key.to_string(),
                "{offered:?}"
            );
            assert_ne!(
                trial.say(&offered.hint),
                offered.hint.key.to_string(),
                "{offered:?}"
            );
        }
    }
    let link = session.acts_for(&Target::Link("b1".to_owned(), "b2".to_owned()));
    assert!(link.len() >= 4);
    let mut at = 1_250_000;
    while flying(&session).is_empty() {
        at += 100;
        session.update(Command::SeekTime(at));
    }
    let token = *flying(&session).first().unwrap();
    let acts = session.acts_for(&Target::Token(token));
    assert!(acts.iter().any(|act| act.act == Act::Hold { entry: token }));
    session.update(Command::Intervene(Act::Hold { entry: token }));
    assert_eq!(session.header().notices, Vec::new());
    session.update(Command::SeekTime(at + 2_000_000));
    assert!(flying(&session).contains(&token), "a held packet stays");
}

#[test]
fn nodes_can_be_added_and_removed() {
    let mut session = session();
    session.update(Command::AddNode(NewNode::Producer));
    session.update(Command::AddNode(NewNode::Consumer));
    session.update(Command::AddNode(NewNode::Broker));
    assert_eq!(session.header().notices, Vec::new());
    for name in ["p2", "c2", "b4"] {
        assert!(session.node(name).is_some(), "{name}");
    }
    session.update(Command::ToEnd);
    assert!(
        session
            .messages(0, 100)
            .rows
            .iter()
            .any(|row| row.name.starts_with("p2.m"))
    );
    session.update(Command::RemoveNode("p2".to_owned()));
    assert!(session.node("p2").is_none());
}

#[test]
fn every_view_speaks_both_languages() {
    let mut session = session();
    session.update(Command::ToEnd);
    let query = EventsQuery {
        before: 400,
        background: true,
        ..EventsQuery::default()
    };
    let mut phrases: Vec<Phrase> = session
        .events(&query)
        .rows
        .into_iter()
        .map(|row| row.sentence)
        .collect();
    phrases.extend(session.sentence());
    phrases.extend(
        session
            .messages(0, 100)
            .rows
            .into_iter()
            .map(|row| row.place),
    );
    for name in ["b1", "p1", "c1", "ctl"] {
        let node = session.node(name).unwrap();
        phrases.extend(
            node.lines
                .into_iter()
                .flat_map(|line| [line.label, line.value]),
        );
        phrases.extend(node.timers.into_iter().map(|timer| timer.label));
        phrases.extend(node.program.into_iter().map(|field| field.label));
    }
    for group in session.settings("").groups {
        phrases.push(group.title);
        phrases.extend(
            group
                .fields
                .into_iter()
                .flat_map(|field| [Some(field.help), field.warning, Some(field.applies)])
                .flatten(),
        );
    }
    phrases.extend(session.branches().into_iter().map(|branch| branch.title));
    let silent: SortedSet<String> = phrases
        .iter()
        .filter(|phrase| phrase.as_plain().is_none() && session.say(phrase) == phrase.key)
        .map(|phrase| phrase.key.to_string())
        .collect();
    assert_eq!(silent, SortedSet::new());
}

#[test]
fn the_diagram_can_be_dragged() {
    let mut session = session();
    session.update(Command::ToEnd);
    let query = DiagramQuery {
        width: 744,
        lane_height: 32,
        range_us: None,
        folded: true,
    };
    let view = session.diagram(&query);
    assert!(
        view.arrows.len() > 10 && !view.folds.is_empty(),
        "{} arrows",
        view.arrows.len()
    );
    assert!(
        view.bands
            .iter()
            .any(|band| band.kind == crate::view::BandKind::Down)
    );
    for part in 1..10 {
        let x = 744.0 * part as f32 / 10.0;
        session.update(Command::SeekTime(view.time_at(x)));
        let moved = session.diagram(&query);
        assert!(
            (moved.cursor_x - x).abs() < 2.0,
            "{} instead of {x}",
            moved.cursor_x
        );
    }
}

#[test]
fn a_frame_as_text() {
    let mut session = session();
    session.update(Command::ToEnd);
    let svg = session.svg("");
    for wanted in [
        "data-node=\"b1\"",
        "class=\"cell consumed",
        "class=\"marker hw\"",
        "broker b1",
    ] {
        assert!(svg.contains(wanted), "{wanted}\n{svg}");
    }
    session.update(Command::Resize {
        width: 390,
        height: 500,
    });
    assert!(session.frame().height > 500.0);
    session.update(Command::SetLanguage("zh-CN".to_owned()));
    assert!(session.svg("").contains("节点 b1"));
}

#[test]
fn cells_tell_what_became_of_messages() {
    let mut session = session();
    session.update(Command::ToEnd);
    let states: SortedSet<CellState> = session
        .frame()
        .drawables
        .into_iter()
        .filter_map(|drawable| match drawable {
            Drawable::Cell(cell) => Some(cell.state),
            _ => None,
        })
        .collect();
    assert!(states.contains(&CellState::Consumed), "{states:?}");
    assert!(KafkaRun::open(&laboratory()).is_ok());
}

fn act_keys(session: &Session, node: &str) -> Vec<String> {
    let acts = session.acts_for(&Target::Node(node.to_owned()));
    acts.iter().map(|act| act.label.key.to_string()).collect()
}

#[test]
fn only_acts_that_change_something_are_offered() {
    let mut session = session();
    session.update(Command::SeekTime(1_000_000));
    let has = |session: &Session, node: &str, key: &str| {
        act_keys(session, node).iter().any(|known| known == key)
    };
    assert!(has(&session, "b2", "do-slow-disk") && !has(&session, "b2", "do-fast-disk"));
    assert!(has(&session, "p1", "do-pause") && !has(&session, "p1", "do-run"));
    session.update(Command::Intervene(Act::SlowDisk {
        node: "b2".to_owned(),
        by_us: 50_000,
    }));
    session.update(Command::Intervene(Act::RunProgram {
        node: "p1".to_owned(),
        on: false,
    }));
    assert!(!has(&session, "b2", "do-slow-disk") && has(&session, "b2", "do-fast-disk"));
    assert!(has(&session, "b1", "do-slow-disk"));
    assert!(!has(&session, "p1", "do-pause") && has(&session, "p1", "do-run"));
    session.update(Command::Intervene(Act::RunProgram {
        node: "p1".to_owned(),
        on: true,
    }));
    assert!(has(&session, "p1", "do-pause"));
    session.update(Command::SeekTime(500_000));
    assert!(has(&session, "b2", "do-slow-disk"));
}

#[test]
fn playing_at_the_end_of_a_scenario_plays_it_again_unless_something_was_done_there() {
    let mut session = session();
    session.update(Command::ToEnd);
    let end = session.transport().now_us;
    assert!(session.transport().plays_again);
    session.update(Command::TogglePlay);
    let transport = session.transport();
    assert!(transport.playing && transport.now_us == 0 && !transport.plays_again);
    session.update(Command::ToEnd);
    session.update(Command::Intervene(Act::Crash {
        node: "b2".to_owned(),
    }));
    assert!(!session.transport().plays_again);
    session.update(Command::TogglePlay);
    assert!(session.transport().playing && session.transport().now_us >= end);
}

#[test]
fn at_risk_follows_the_fault_that_is_assumed_and_the_link_says_which() {
    let mut session = session();
    session.update(Command::ChooseScenario("kafka-s03-happy-path".to_owned()));
    let risky = |session: &Session| session.header().verdict.at_risk;
    // A moment at which confirmed messages wait for their consumer, on disks that were not synced.
    let found = (0..400).map(|step| step * 10_000).find(|at_us| {
        session.update(Command::SeekTime(*at_us));
        session.update(Command::SetAssumed(Assumed::AllPowerLoss));
        let with = risky(&session);
        session.update(Command::SetAssumed(Assumed::LeaderCrash));
        with > 0 && risky(&session) == 0
    });
    assert!(found.is_some());
    assert!(!session.link().contains("risk="));
    session.update(Command::SetAssumed(Assumed::AllPowerLoss));
    let (verdict, messages) = (session.header().verdict, session.messages(0, 100));
    let counted = messages.counts.iter().find(|(fate, _)| *fate == "at-risk");
    assert_eq!(counted.map(|(_, count)| *count), Some(verdict.at_risk));
    let rows = messages.rows.iter().filter(|row| row.fate == "at-risk");
    assert_eq!(rows.count(), verdict.at_risk as usize);
    let total: u32 = messages.counts.iter().map(|(_, count)| count).sum();
    assert_eq!(total, messages.total);
    let link = session.link();
    assert!(link.contains("risk=all-power-loss"), "{link}");
    let again = Session::embedded(&Start {
        link,
        ..Start::default()
    });
    assert_eq!(again.header().verdict, verdict);
    assert_eq!(again.header().notices, []);
    let odd = Session::embedded(&Start {
        link: "1/kafka-s03-happy-path?risk=rain".to_owned(),
        ..Start::default()
    });
    assert_eq!(odd.header().notices.len(), 1);
}

/// The lost message of the first scenario, with the cursor at its end.
fn lost(session: &mut Session) -> u64 {
    session.update(Command::ToEnd);
    let rows = session.messages(0, 100).rows;
    let lost = rows.iter().find(|row| row.fate == "lost-after-ack");
    lost.expect("the scenario loses m6").message
}

#[test]
fn what_would_have_saved_it_is_found_between_frames_and_can_be_tried() {
    let mut session = session();
    let message = lost(&mut session);
    assert!(session.why(message).unwrap().harmed);
    assert_eq!(session.cures(message), None, "nobody asked yet");
    assert!(session.update(Command::FindCures(message)).cures);
    let moment = session.transport().now_us;
    let mut frames = 0;
    while session.searches() {
        assert!(session.tick(16_667).cures);
        frames += 1;
    }
    assert!((50..2_000).contains(&frames), "{frames} frames");
    assert_eq!(
        session.transport().now_us,
        moment,
        "the run stands meanwhile"
    );
    let view = session.cures(message).unwrap();
    assert!(!view.searching);
    assert_eq!(view.found.len(), 1);
    let change = &view.found[0].changes[0];
    assert_eq!(
        (change.key, change.value, change.present.as_str()),
        ("acks", "all", "1")
    );
    for phrase in view.found[0].price.iter().chain([&view.status]) {
        let said = session.say(phrase);
        assert!(said.contains(' ') && !said.contains("cure-"), "{said}");
    }
    assert!(view.why_not.iter().map(|(count, _)| count).sum::<u32>() > 10);

    session.update(Command::TryCure(0));
    assert_eq!(session.branches().len(), 2);
    assert_eq!(
        session.cures(message),
        None,
        "another run, another question"
    );
    session.update(Command::ToEnd);
    assert_eq!(session.header().verdict.lost_after_ack, 0);
    session.update(Command::ChooseBranch(session.branches()[0].id));
    assert!(session.cures(message).is_some());
}

#[test]
fn the_search_can_be_called_off() {
    let mut session = session();
    let message = lost(&mut session);
    session.update(Command::FindCures(message));
    session.tick(16_667);
    session.update(Command::StopCures);
    assert!(!session.searches());
    assert!(!session.tick(16_667).cures);
    let view = session.cures(message).unwrap();
    assert!(!view.searching && view.found.is_empty());
    assert!(session.say(&view.status).contains("Stopped"));
}
