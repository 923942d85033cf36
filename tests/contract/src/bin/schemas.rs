//! Writes the schemas into events/schemas.

use contract_tests::project_file;
use contract_tests::schemas::{FOLDER, generated};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    std::fs::create_dir_all(project_file(FOLDER))?;
    for (path, text) in generated() {
        std::fs::write(project_file(&path), text)?;
    }
    Ok(())
}
