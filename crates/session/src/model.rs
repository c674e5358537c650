//! What the engine models of each product, and what it leaves out, from the engine's own lists: the
//! features that a crate names as left out, and what it does with each parameter.

use ackscope_kafka::params;
use ackscope_params::{Built, Profile, Spec};
use ackscope_scene::phrase::Phrase;
use std::collections::BTreeMap;

/// A product as the model has it.
#[derive(Clone, Debug, PartialEq)]
pub struct ModelView {
    /// `kafka`.
    pub system: &'static str,
    /// Its version; empty for a product of which no run can be made yet.
    pub profile: &'static str,
    /// What is not built, each with what that means.
    pub left_out: Vec<LeftOut>,
    /// Parameters that the state machines obey, by scope.
    pub obeyed: Vec<Keys>,
    /// Parameters that are known and not obeyed, by the part of the product that they come with.
    pub comes_with: Vec<Keys>,
    /// Parameters that can decide nothing of what is modelled, each with its reason (in English, as
    /// the table of parameters has it).
    pub inert: Vec<(&'static str, &'static str)>,
}

/// A feature that is left out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LeftOut {
    /// Its name.
    pub name: Phrase,
    /// What it means for a reader.
    pub why: Phrase,
}

/// Parameters with something in common.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Keys {
    /// What they have in common: a scope, or a part of the product.
    pub title: Phrase,
    /// Their keys, in the order of the table.
    pub keys: Vec<&'static str>,
}

/// All products.
#[must_use]
pub fn models() -> Vec<ModelView> {
    vec![kafka(), rabbitmq()]
}

fn kafka() -> ModelView {
    let profile = params::V4_3;
    let specs: Vec<&Spec> = params::all_specs()
        .filter(|spec| spec.default(profile).is_some())
        .collect();
    let grouped = |read: &dyn Fn(&Spec) -> Option<Phrase>| grouped(&specs, read);
    ModelView {
        system: "kafka",
        profile: Profile::name(profile),
        left_out: left_out("kafka", ackscope_kafka::LEFT_OUT),
        obeyed: grouped(&|spec| {
            let obeyed = spec.live() && spec.obeyed();
            obeyed.then(|| Phrase::new(format!("scope-{}", spec.scope)))
        }),
        comes_with: grouped(&|spec| match spec.built {
            Built::ComesWith(part) if spec.live() => Some(Phrase::new(format!("part-{part}"))),
            _ => None,
        }),
        inert: specs
            .iter()
            .filter(|spec| !spec.live())
            .map(|spec| (spec.key, spec.reason))
            .collect(),
    }
}

fn rabbitmq() -> ModelView {
    ModelView {
        system: "rabbitmq",
        profile: "",
        left_out: left_out("rabbitmq", ackscope_rabbitmq::LEFT_OUT),
        obeyed: Vec::new(),
        comes_with: Vec::new(),
        inert: Vec::new(),
    }
}

fn left_out(system: &str, list: &[(&str, &str)]) -> Vec<LeftOut> {
    let slug = |name: &str| name.replace([' ', '.', '='], "-");
    list.iter()
        .map(|(name, _)| LeftOut {
            name: Phrase::new(format!("left-out-{system}-{}", slug(name))),
            why: Phrase::new(format!("left-out-{system}-{}-why", slug(name))),
        })
        .collect()
}

/// Keys by what `read` says, in the order in which that first comes up.
fn grouped(specs: &[&Spec], read: &dyn Fn(&Spec) -> Option<Phrase>) -> Vec<Keys> {
    let mut places: BTreeMap<String, usize> = BTreeMap::new();
    let mut groups: Vec<Keys> = Vec::new();
    for spec in specs {
        let Some(title) = read(spec) else { continue };
        let place = *places.entry(title.key.to_string()).or_insert_with(|| {
            groups.push(Keys {
                title: title.clone(),
                keys: Vec::new(),
            });
            groups.len() - 1
        });
        if !groups[place].keys.contains(&spec.key) {
            groups[place].keys.push(spec.key);
        }
    }
    groups
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::{Language, Texts};

    #[test]
    fn every_name_has_words_in_both_languages() {
        for language in Language::ALL {
            let texts = Texts::embedded(language);
            for model in models() {
                let titles = [&model.obeyed, &model.comes_with];
                let phrases = titles.into_iter().flatten().map(|keys| &keys.title);
                let lists = model.left_out.iter().flat_map(|one| [&one.name, &one.why]);
                for phrase in phrases.chain(lists) {
                    assert!(texts.knows(&phrase.key), "{language:?}: {}", phrase.key);
                }
            }
        }
    }

    #[test]
    fn what_the_engine_obeys_and_what_it_does_not_are_told_apart() {
        let kafka = kafka();
        let has = |groups: &[Keys], key: &str| groups.iter().any(|group| group.keys.contains(&key));
        assert!(has(&kafka.obeyed, "acks") && !has(&kafka.comes_with, "acks"));
        assert!(has(&kafka.comes_with, "group.share.max.size"));
        assert!(!has(&kafka.obeyed, "group.share.max.size"));
        assert!(kafka.inert.iter().all(|(_, reason)| !reason.is_empty()));
        let count = |groups: &[Keys]| groups.iter().map(|group| group.keys.len()).sum::<usize>();
        assert!(count(&kafka.obeyed) > 60);
        assert_eq!(kafka.left_out.len(), ackscope_kafka::LEFT_OUT.len());
    }
}
