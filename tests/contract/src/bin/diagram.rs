//! Draws the state machine into README.md.

use contract_tests::{definition::definition, diagram::redrawn, project_file, read};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    std::fs::write(project_file("README.md"), redrawn(&read("README.md"), &definition())?)?;
    Ok(())
}
