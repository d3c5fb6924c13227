//! One file a rule. A rule is its condition, what it looked at, and its words.

use super::rule::Rule;

macro_rules! rules {
    ($($file:ident $constant:ident,)*) => {
        $(mod $file; pub(crate) use $file::RULE as $constant;)*
        /// Every rule: in the order in which their families are listed, then those on a change, then those about waivers.
        pub(super) const ALL: &[Rule] = &[$($constant,)*];
    };
}

pub(crate) use vmp_1::not_alone;

rules! {
    vga_1 VGA_1,
    vga_2 VGA_2,
    vga_3 VGA_3,
    vga_4 VGA_4,
    vga_5 VGA_5,
    vga_6 VGA_6,
    vga_7 VGA_7,
    vga_8 VGA_8,
    wfa_1 WFA_1,
    vmp_1 VMP_1,
    vmp_2 VMP_2,
    vmp_3 VMP_3,
    top_1 TOP_1,
    top_2 TOP_2,
    top_3 TOP_3,
    top_4 TOP_4,
    top_5 TOP_5,
    top_6 TOP_6,
    dur_1 DUR_1,
    dur_2 DUR_2,
    dur_3 DUR_3,
    dur_4 DUR_4,
    dur_5 DUR_5,
    dur_6 DUR_6,
    dur_7 DUR_7,
    dur_8 DUR_8,
    dur_9 DUR_9,
    es_1 ES_1,
    es_2 ES_2,
    es_3 ES_3,
    es_4 ES_4,
    es_5 ES_5,
    es_6 ES_6,
    es_7 ES_7,
    es_8 ES_8,
    res_1 RES_1,
    res_2 RES_2,
    res_3 RES_3,
    res_4 RES_4,
    res_5 RES_5,
    res_6 RES_6,
    aud_1 AUD_1,
    aud_2 AUD_2,
    aud_3 AUD_3,
    pri_1 PRI_1,
    pri_2 PRI_2,
    ten_1 TEN_1,
    ten_2 TEN_2,
    ten_3 TEN_3,
    ten_4 TEN_4,
    ten_5 TEN_5,
    ten_6 TEN_6,
    sec_1 SEC_1,
    cap_1 CAP_1,
    cap_2 CAP_2,
    cap_3 CAP_3,
    cap_4 CAP_4,
    ver_1 VER_1,
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
