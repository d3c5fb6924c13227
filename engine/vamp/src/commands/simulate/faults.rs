//! `vamp simulate --list-faults`: everything that can go wrong.

use super::Form;
use crate::commands::Ended;
use crate::exit::Exit;
use crate::ui::Ui;
use serde_json::json;
use simulator::fault::{KINDS, KindInfo, Lasting};
use std::fmt::Write;

pub(super) fn list(form: Form, ui: &mut Ui) -> Ended {
    match form {
        Form::Json => {
            let kinds: Vec<_> = KINDS.iter().map(document).collect();
            ui.json(&json!({ "faults": kinds }))?;
        }
        Form::Text | Form::Junit => ui.data(&text())?,
    }
    Ok(Exit::Done)
}

fn text() -> String {
    let mut text = String::new();
    for info in KINDS {
        let _ = writeln!(text, "{}\n    {}", info.kind, info.line);
        let targets: Vec<&str> = info.targets.iter().map(|target| target.form()).collect();
        let _ = writeln!(text, "    happens to {}", targets.join(" or "));
        for parameter in info.parameters {
            let unit = parameter.unit.suffix();
            let _ = writeln!(
                text,
                "    {}: {}; {} to {}{unit}, usually {}",
                parameter.name, parameter.line, parameter.low, parameter.high, parameter.usual
            );
        }
    }
    text
}

fn document(info: &KindInfo) -> serde_json::Value {
    let parameters = info.parameters.iter().map(|parameter| {
        json!({
            "name": parameter.name,
            "description": parameter.line,
            "low": parameter.low,
            "high": parameter.high,
            "usual": parameter.usual,
        })
    });
    let lasting = match info.lasting {
        Lasting::AsSaid => "as-said",
        Lasting::Instant => "instant",
        Lasting::Forever => "forever",
    };
    json!({
        "kind": info.kind,
        "description": info.line,
        "targets": info.targets.iter().map(|target| target.form()).collect::<Vec<_>>(),
        "parameters": parameters.collect::<Vec<_>>(),
        "lasting": lasting,
    })
}
