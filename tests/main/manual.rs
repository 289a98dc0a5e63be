//! `tests/cli/*.md` are the manual's examples: what they show is what the program prints. `TRYCMD=overwrite cargo test
//! manual` writes them anew.

#[test]
fn the_manual_shows_what_the_program_prints() {
    trycmd::TestCases::new().case("tests/cli/*.md");
}
