//! Reading a scenario: one statement a line, each by a parser of its own, so that everything that is
//! wrong with a file is found at once.

pub(crate) mod acts;
pub(crate) mod claims;
mod lines;
mod things;
pub(crate) mod tokens;

use winnow::error::{ContextError, ParseError, StrContext, StrContextValue};
use winnow::prelude::*;

use super::{FORMAT, Problem, Scenario, check};
use lines::Statement;

/// Reads a file.
pub(super) fn file(text: &str) -> (Scenario, Vec<Problem>) {
    let mut scenario = Scenario::new("");
    let mut problems = Vec::new();
    let mut lines = (1..).zip(text.lines()).filter_map(|(number, line)| {
        let content = content(line);
        (!content.trim().is_empty()).then_some((number, content))
    });
    let header = format!("ackscope {FORMAT}");
    let found = lines.next();
    if found.is_none_or(|(_, line)| line.split_whitespace().ne(header.split_whitespace())) {
        let (line, found) = found.unwrap_or((1, ""));
        let text = format!(
            "expected {header} in the first line, found {}",
            shown(found.trim())
        );
        problems.push(Problem {
            line,
            column: 1,
            text,
        });
        // A file of another version may mean anything: nothing of it is guessed.
        return (scenario, problems);
    }
    let mut read: Vec<(u32, &str, Statement)> = Vec::new();
    for (number, line) in lines {
        let indent = line.len() - line.trim_start().len();
        match whole(line.trim(), lines::statement) {
            Ok(statement) => read.push((number, line, statement)),
            Err(problem) => {
                let indent = u32::try_from(indent).unwrap_or(0);
                problems.push(Problem {
                    line: number,
                    column: problem.column + indent,
                    ..problem
                });
            }
        }
    }
    for (number, line, statement) in &read {
        if let Err(text) = statement.clone().put(&mut scenario) {
            problems.push(Problem {
                line: *number,
                column: first_column(line),
                text,
            });
        }
    }
    if scenario.id.is_empty() {
        problems.push(Problem {
            line: 1,
            column: 0,
            text: "expected a line scenario ID".to_owned(),
        });
    }
    // Names can be used before the line that makes them, so they are looked at last.
    let names = check::Names::of(&scenario);
    for (number, line, statement) in &read {
        for (name, text) in statement.unknown_names(&names) {
            let at = line.rfind(&name).map_or(0, |at| line[..at].chars().count());
            let column = u32::try_from(at + 1).unwrap_or(1);
            problems.push(Problem {
                line: *number,
                column,
                text,
            });
        }
        if let Statement::Set(setting) = statement {
            for text in check::refusals_of(&scenario, setting) {
                problems.push(Problem {
                    line: *number,
                    column: first_column(line),
                    text,
                });
            }
        }
    }
    if problems.is_empty() {
        problems = check::whole(&scenario);
    }
    problems.sort_by_key(|problem| (problem.line, problem.column));
    problems.dedup();
    (scenario, problems)
}

/// Reads a whole text by one parser.
pub(crate) fn whole<T>(text: &str, parser: fn(&mut &str) -> ModalResult<T>) -> Result<T, Problem> {
    let mut parser = parser;
    parser.parse(text).map_err(|error| problem(&error))
}

/// A line without its comment.
fn content(line: &str) -> &str {
    if line.trim_start().starts_with('#') {
        return "";
    }
    line.split_once(" #")
        .map_or(line, |(content, _)| content)
        .trim_end()
}

fn first_column(line: &str) -> u32 {
    u32::try_from(line.len() - line.trim_start().len() + 1).unwrap_or(1)
}

fn shown(found: &str) -> String {
    if found.is_empty() {
        "the end of the line".to_owned()
    } else {
        format!("\"{found}\"")
    }
}

fn problem(error: &ParseError<&str, ContextError>) -> Problem {
    let (text, offset) = (*error.input(), error.offset());
    let before = text.get(..offset).unwrap_or(text);
    let after = text.get(offset..).unwrap_or("");
    let expected = error.inner().context().find_map(|context| match context {
        StrContext::Expected(StrContextValue::Description(what)) => Some(*what),
        _ => None,
    });
    let found = shown(after.split_whitespace().next().unwrap_or(""));
    let text = format!(
        "expected {}, found {found}",
        expected.unwrap_or("the end of the line")
    );
    let column = u32::try_from(before.chars().count() + 1).unwrap_or(1);
    Problem {
        line: 0,
        column,
        text,
    }
}
