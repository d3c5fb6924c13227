//! CHG-2: an audit log is not kept for less time than before.

use super::super::rule::page;
use super::super::{Breach, Case, Check, Older, Rule, Severity};

pub(crate) const RULE: Rule = Rule {
    id: "CHG-2",
    severity: Severity::High,
    title: "the retention of an audit log is not lowered",
    page: page!("CHG-2"),
    checks: &[Check::Change(check)],
};

fn check(case: &Case<'_>, older: &Older<'_>) -> Vec<(String, Breach)> {
    let lowered = older.kept_environments(case).filter_map(|(before, now)| {
        let (old, new) = (&before.audit_retention_days, &now.audit_retention_days);
        (new.value < old.value).then(|| {
            let message = format!("the audit log of {now} would be kept for {} days instead of {}", new.value, old.value);
            let breach = Breach::at(new.place, message)
                .measured("before", old.value, "days")
                .measured("now", new.value, "days")
                .saw("regulated", now.regulated_audit.value)
                .remedy(format!("keep it for {} days; what is older than the new limit is deleted and cannot be brought back", old.value))
                .instead_of(older.file(), old.place);
            (now.to_string(), breach)
        })
    });
    lowered.collect()
}
