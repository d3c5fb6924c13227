//! What the platform is held against, as it is written.

use super::rules::Rule;
use crate::spec::form::{AnyName, Country, Day, Number, Retention, Title};
use crate::spec::shape::{Items, List, record};

record! {
    /// What the platform is held against, and what of it is let pass.
    Policies {
        /// Rules that are not kept, on purpose and for a time.
        waive: Items<Waiver> = optional "waive",
        /// Rules of the platform's own.
        rules: Items<Rule> = optional "rules",
        /// Where rules draw their lines.
        thresholds: Thresholds = optional "thresholds",
        /// Countries whose law keeps data inside (RES-3), as in ISO 3166-1 alpha-2; `[CN, DE, RU]` if not given.
        residency_countries: List<Country, 0> = optional "residencyCountries",
    }
}

record! {
    /// A rule that is not kept, on purpose and for a time.
    Waiver {
        /// Id of the rule: `DUR-4`.
        id: AnyName = required "id",
        /// Whom it is let pass for, and all inside of it: `shop`, `shop/production`, `shop/production on eu-1`, `cluster eu-1`, `vault`; everybody if not given.
        subject: AnyName = optional "subject",
        /// Why, in a sentence.
        reason: Title = required "reason",
        /// Who answers for it.
        owner: Title = required "owner",
        /// The last day on which it holds: `2027-03-31`.
        expires: Day = required "expires",
    }
}

record! {
    /// Where rules draw their lines.
    Thresholds {
        /// Requests per second from which an environment has high volume; 200 if not given.
        high_volume: Number<1, 10_000_000> = optional "highVolume",
        /// Requests per second of all environments together from which the platform has high volume; 200 if not given.
        high_total_volume: Number<1, 10_000_000> = optional "highTotalVolume",
        /// How long a regulated audit log has to be kept; `7y` if not given.
        regulated_audit: Retention = optional "regulatedAudit",
        /// How long traffic metadata, which is personal data, may be kept without a reason; `1m` if not given.
        personal_data: Retention = optional "personalData",
        /// Furthest that the weight of a route may move in one change, in hundredths of the requests; 50 if not given.
        weight_step: Number<1, 100> = optional "weightStep",
    }
}
