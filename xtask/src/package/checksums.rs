//! SHA-256 of files, in the form that `sha256sum --check` reads.

use std::fs;
use std::path::{Path, PathBuf};

use sha2::{Digest, Sha256};

use crate::failure::{Failure, Outcome};
use crate::package::CHECKSUMS;

/// The digest of a file, 64 hexadecimal digits.
pub(crate) fn sha256(file: &Path) -> Outcome<String> {
    let bytes = fs::read(file).map_err(Failure::io(format!("read {}", file.display())))?;
    Ok(Sha256::digest(&bytes).iter().map(|byte| format!("{byte:02x}")).collect())
}

/// A line for every file below a folder but the list itself, in the order of their paths.
pub(super) fn of_folder(folder: &Path) -> Outcome<String> {
    let mut files = Vec::new();
    collect(folder, &mut files)?;
    let mut lines = String::new();
    for file in files {
        let name = file.strip_prefix(folder).unwrap_or(&file).to_string_lossy().replace('\\', "/");
        if name != CHECKSUMS {
            lines.push_str(&format!("{}  {name}\n", sha256(&file)?));
        }
    }
    Ok(lines)
}

fn collect(folder: &Path, files: &mut Vec<PathBuf>) -> Outcome {
    let entries = fs::read_dir(folder).and_then(|entries| entries.collect::<Result<Vec<_>, _>>());
    let entries = entries.map_err(Failure::io(format!("read {}", folder.display())))?;
    let mut paths: Vec<_> = entries.into_iter().map(|entry| entry.path()).collect();
    paths.sort();
    for path in paths {
        if path.is_dir() { collect(&path, files)? } else { files.push(path) }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_file_has_its_line_and_the_list_has_none() {
        let folder = std::env::temp_dir().join(format!("xtask-checksums-{}", std::process::id()));
        fs::create_dir_all(folder.join("wit")).unwrap();
        for (file, text) in [("b", ""), ("wit/a", "abc"), (CHECKSUMS, "old")] {
            fs::write(folder.join(file), text).unwrap();
        }
        let lines = of_folder(&folder);
        fs::remove_dir_all(folder).unwrap();
        assert_eq!(
            lines.unwrap(),
            "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855  b\n\
             ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad  wit/a\n"
        );
    }
}
