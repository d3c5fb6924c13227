//! Tables that become lists where there is no room for their columns. Roles say what they are then too.

use crate::render::page::escaped;
use std::fmt::Write;

/// A table called `label`. A row has a cell, which is markup already, for each of `columns`; the first of them names the row.
pub(super) fn table(label: &str, columns: &[&str], rows: impl IntoIterator<Item = Vec<String>>) -> String {
    let mut text = format!(
        "<div class=\"scroll\" tabindex=\"0\" role=\"region\" aria-label=\"{label}\">\n<table role=\"table\" aria-label=\"{label}\">\n<thead role=\"rowgroup\"><tr role=\"row\">",
        label = escaped(label)
    );
    for column in columns {
        let _ = write!(text, "<th scope=\"col\" role=\"columnheader\">{}</th>", escaped(column));
    }
    text.push_str("</tr></thead>\n<tbody role=\"rowgroup\">\n");
    for row in rows {
        text.push_str("<tr role=\"row\">");
        for (index, (cell, column)) in row.iter().zip(columns).enumerate() {
            let _ = match index {
                0 => write!(text, "<th scope=\"row\" role=\"rowheader\">{cell}</th>"),
                _ => write!(text, "<td role=\"cell\" data-label=\"{}\">{cell}</td>", escaped(column)),
            };
        }
        text.push_str("</tr>\n");
    }
    text + "</tbody>\n</table>\n</div>\n"
}
