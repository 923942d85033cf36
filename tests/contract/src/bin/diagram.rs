//! Draws the state machines into the documents.

use contract_tests::definition::all_machines;
use contract_tests::diagram::{DOCUMENTS, redrawn};
use contract_tests::{project_file, read};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    for document in DOCUMENTS {
        std::fs::write(project_file(document), redrawn(&read(document), &all_machines()).0)?;
    }
    Ok(())
}
