//! Where the project is, for its programs and tests. The place is found when a program runs and never compiled into it:
//! after a checkout or its target folder was moved, such a program would write into the old place.

use std::path::{Path, PathBuf};
use std::{env, io};

/// Only the root holds all of these: a nested workspace has a lock, an example has a template.
const MARKS: [&str; 2] = ["Cargo.lock", "template.yaml"];

/// The root of the project: the current directory, or the nearest folder above it that holds `Cargo.lock` and
/// `template.yaml`. Cargo runs tests in the folder of their package.
///
/// # Errors
/// When the current directory is outside the project; the error says what was looked for.
pub fn root() -> io::Result<PathBuf> {
    root_of(&env::current_dir()?)
}

/// A file of the project, by its path from the root. For tests: a program reports the error of [`root`] instead.
///
/// # Panics
/// When the current directory is outside the project.
#[must_use]
pub fn file(path: &str) -> PathBuf {
    root().unwrap_or_else(|fault| panic!("{fault}")).join(path)
}

fn root_of(folder: &Path) -> io::Result<PathBuf> {
    let is_root = |folder: &&Path| MARKS.iter().all(|mark| folder.join(mark).is_file());
    folder.ancestors().find(is_root).map(Path::to_owned).ok_or_else(|| {
        let problem = format!(
            "neither {} nor a folder above it holds {}: run this in the checkout of the project",
            folder.display(),
            MARKS.join(" and "),
        );
        io::Error::new(io::ErrorKind::NotFound, problem)
    })
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    #[test]
    fn nearest_folder_with_lock_and_template_is_the_root() {
        let outer = tempfile::tempdir().expect("a folder");
        let inner = outer.path().join("copies/inner");
        let example = inner.join("examples/caller");
        fs::create_dir_all(&example).expect("a folder");
        for file in ["Cargo.lock", "template.yaml", "copies/inner/Cargo.lock", "copies/inner/template.yaml"] {
            fs::write(outer.path().join(file), "").expect("a file");
        }
        fs::write(example.join("template.yaml"), "").expect("a file");
        assert_eq!(root_of(&example).expect("a root"), inner);
        assert_eq!(root_of(&inner).expect("a root"), inner);
        assert_eq!(root_of(&outer.path().join("copies")).expect("a root"), outer.path());
    }

    #[test]
    fn error_outside_the_project_says_what_was_looked_for() {
        let folder = tempfile::tempdir().expect("a folder");
        let error = root_of(folder.path()).expect_err("there is no project").to_string();
        for part in [folder.path().to_str().expect("text"), "Cargo.lock", "template.yaml"] {
            assert!(error.contains(part), "{error}");
        }
    }

    #[test]
    fn file_is_found_from_the_folder_of_a_package() {
        assert!(file("local/project/src/lib.rs").is_file());
    }
}
