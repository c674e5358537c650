//! A figure in another page is an ordinary frame; this makes its markup.

/// Markup that shows a run in another page. It loads when it comes into view.
#[must_use]
pub fn snippet(page: &str, fragment: &str, title: &str) -> String {
    format!(
        "<iframe src=\"{}#{}\" title=\"{}\" width=\"100%\" height=\"560\" loading=\"lazy\" style=\"border:0\"></iframe>",
        escape(page),
        escape(fragment),
        escape(title)
    )
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('"', "&quot;")
        .replace('<', "&lt;")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn markup_survives_quotes_and_ampersands() {
        let made = snippet("https://host/a/", "v=1&ui=min", "\"acks\" < 2");
        assert!(made.contains("src=\"https://host/a/#v=1&amp;ui=min\""));
        assert!(made.contains("title=\"&quot;acks&quot; &lt; 2\""));
    }
}
