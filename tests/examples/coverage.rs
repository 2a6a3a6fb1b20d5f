//! Which rows the tests cite, which they do not, and which rows do not exist: `cargo run -p tests --example coverage`.

use std::process::ExitCode;

use tests::coverage;

#[expect(clippy::print_stdout, reason = "this is what the program says")]
fn main() -> ExitCode {
    let (rows, cited) = (coverage::rows(), coverage::read());
    let (covered, uncovered): (Vec<_>, Vec<_>) =
        rows.iter().copied().partition(|(row, _)| cited.tests.contains_key(*row));
    println!("COVERED");
    for (row, text) in &covered {
        println!("{row}  {text}");
        for test in &cited.tests[*row] {
            println!("    {test}");
        }
    }
    println!("\nNOT COVERED");
    let open = coverage::open();
    for (row, text) in &uncovered {
        println!("{row}  {text}\n    {}", open.get(row).unwrap_or(&"no reason is given"));
    }
    let wrong = [("UNKNOWN", cited.unknown()), ("CITED OUTSIDE A TEST", cited.stray)];
    for (what, found) in &wrong {
        for line in found {
            println!("\n{what}\n{line}");
        }
    }
    println!("\n{} of {} rows are covered", covered.len(), rows.len());
    for document in ["S0", "S1", "S2", "S3", "S4", "CHK"] {
        let of = |some: &[(&str, &str)]| some.iter().filter(|(row, _)| row.starts_with(document)).count();
        println!("{document:>5}  {:>3} of {}", of(&covered), of(&covered) + of(&uncovered));
    }
    if wrong.iter().all(|(_, found)| found.is_empty()) { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}
