//! One file a rule. A rule is its condition, what it looked at, and its words.

use super::rule::Rule;

macro_rules! rules {
    ($($file:ident $constant:ident,)*) => {
        $(mod $file; pub(super) use $file::RULE as $constant;)*
        /// Every rule: in the order of `domain.md` part 3, then those on a change, then those about waivers.
        pub(super) const ALL: &[Rule] = &[$($constant,)*];
    };
}

rules! {
    vga_1 VGA_1,
    top_3 TOP_3,
    ver_2 VER_2,
    chg_1 CHG_1,
    chg_2 CHG_2,
    chg_3 CHG_3,
    chg_4 CHG_4,
    chg_5 CHG_5,
    chg_6 CHG_6,
    chg_7 CHG_7,
    wai_1 WAI_1,
    wai_2 WAI_2,
}
