//! The files in roomkey's home folder, and the checks that they pass before roomkey uses them.
//!
//! On Unix, roomkey trusts a folder or file only if it belongs to the account that runs roomkey and no other account
//! may write to it. No folder above may be writable by every account, unless it has the sticky bit. A file must be a
//! regular file: no symbolic link, pipe or device. If other accounts may read it,
//! roomkey removes these permissions. roomkey creates every file and folder for its owner alone. One home serves one
//! account, because accounts that share files could forge each other's entries in the journal.
//!
//! On other systems the access rules of the platform apply, and roomkey checks only that a file is a regular file.

use std::fs::{File, Metadata, OpenOptions};
use std::io;
use std::path::{Path, PathBuf};

/// The names of the files that roomkey creates in a home, except for `config.toml`, which people write.
pub const FILES: [&str; 8] = [
    "record.sqlite3",
    "record.sqlite3-wal",
    "record.sqlite3-shm",
    "record.key",
    "record.lock",
    "known.json",
    "hotel.json",
    "hotel.json.lock",
];

/// The folder in a home where every running roomkey process holds a lock file.
pub const DESKS: &str = "desks";

/// The folder in a home that is itself the home of the simulated hotel.
pub const SANDBOX: &str = "sandbox";

/// Explains why roomkey does not use a folder or file.
#[derive(Debug, thiserror::Error)]
#[error("{} {problem}", path.display())]
pub struct Unsafe {
    path: PathBuf,
    problem: Problem,
}

#[derive(Debug, thiserror::Error)]
enum Problem {
    #[error("belongs to another account (user id {owner}; roomkey runs as {me})")]
    Owner { owner: u32, me: u32 },
    #[error("can be written to by other accounts (mode {0:04o})")]
    Writable(u32),
    #[error("is not safe there: every account can write to {} (mode {mode:04o}) and could exchange it", folder.display())]
    Exposed { folder: PathBuf, mode: u32 },
    #[error("is a symbolic link; roomkey does not follow links here")]
    Link,
    #[error("is not a regular file")]
    NotAFile,
    #[error("is not a folder")]
    NotAFolder,
    #[error("cannot be used: {0}")]
    Io(#[from] io::Error),
}

impl Unsafe {
    fn new(path: &Path, problem: impl Into<Problem>) -> Self {
        Self {
            path: path.to_owned(),
            problem: problem.into(),
        }
    }

    /// Returns what the user can do about it.
    pub fn remedy(&self) -> String {
        let path = self.path.display();
        match &self.problem {
            Problem::Owner { .. } => "a home serves one account: set `ROOMKEY_HOME` to a folder of this account, or run \
                                      roomkey as the account that owns it"
                .to_owned(),
            Problem::Writable(_) => {
                format!("check what it holds, then type `chmod go-rwx {path}`; a home serves one account")
            }
            Problem::Exposed { folder, .. } => format!(
                "type `chmod o-w {}`, or set `ROOMKEY_HOME` to a folder in another place",
                folder.display()
            ),
            Problem::Link => format!("put the file itself in the place of the link {path}"),
            Problem::NotAFile | Problem::NotAFolder => format!("move {path} away"),
            Problem::Io(_) => "make room on the disk, or set `ROOMKEY_HOME` to a folder that this user can write to".to_owned(),
        }
    }

    /// Returns true if the file does not exist.
    pub fn is_absent(&self) -> bool {
        matches!(&self.problem, Problem::Io(error) if error.kind() == io::ErrorKind::NotFound)
    }
}

impl From<Unsafe> for io::Error {
    fn from(error: Unsafe) -> Self {
        match error.problem {
            Problem::Io(cause) => cause,
            _ => io::Error::new(
                io::ErrorKind::PermissionDenied,
                format!("{error}; {}", error.remedy()),
            ),
        }
    }
}

/// Creates a folder, and its parents, for their owner alone, and checks it.
///
/// # Errors
///
/// The folder cannot be created or is not safe to use.
pub fn prepare(folder: &Path) -> Result<(), Unsafe> {
    let mut builder = std::fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder
        .create(folder)
        .map_err(|error| Unsafe::new(folder, error))?;
    check_above(folder)?;
    check_folder(folder)
}

/// Checks a home and every file that roomkey may have created in it. A missing file or folder is not an error.
///
/// # Errors
///
/// The folder, or a file in it, is not safe to use.
pub fn check(home: &Path) -> Result<(), Unsafe> {
    check_above(home)?;
    check_folder(home)?;
    let desks = home.join(DESKS);
    // A link would lead roomkey to create and delete files in another folder.
    if desks.is_symlink() {
        return Err(Unsafe::new(&desks, Problem::Link));
    }
    check_folder(&desks)?;
    for name in FILES {
        check_file(&home.join(name))?;
    }
    Ok(())
}

/// Deletes the files that roomkey created in a home, and then the folder if it is empty. Returns true if other files
/// remain.
///
/// # Errors
///
/// A file cannot be deleted.
pub fn clear(home: &Path) -> io::Result<bool> {
    let gone = |done: io::Result<()>| match done {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    };
    for name in FILES {
        gone(std::fs::remove_file(home.join(name)))?;
    }
    let desks = home.join(DESKS);
    if !desks.is_symlink()
        && let Ok(entries) = std::fs::read_dir(&desks)
    {
        for entry in entries {
            let path = entry?.path();
            let stem = path.file_stem().and_then(|stem| stem.to_str());
            let is_ours = path.extension().is_some_and(|end| end == "lock")
                && stem.is_some_and(|stem| uuid::Uuid::try_parse(stem).is_ok());
            if is_ours {
                gone(std::fs::remove_file(path))?;
            }
        }
    }
    // `remove_dir` fails for a folder that is not empty; that folder stays.
    let _ = std::fs::remove_dir(&desks);
    let _ = std::fs::remove_dir(home);
    Ok(home.exists())
}

/// Returns true if a path leads to a file of this home: the journal, its key, the profiles and the like.
pub fn contains(home: &Path, path: &Path) -> bool {
    let same_folder = matches!(
        (folder_of(path).canonicalize(), home.canonicalize()),
        (Ok(folder), Ok(home)) if folder == home
    );
    let name = path.file_name().and_then(|name| name.to_str());
    same_folder && name.is_some_and(|name| name == "config.toml" || FILES.contains(&name))
}

/// Checks a file without opening it. Opening and closing a database file would release the locks that this process
/// holds on it. Returns the metadata of the file, or `None` if it does not exist.
///
/// # Errors
///
/// The file is not safe to use.
pub fn check_file(path: &Path) -> Result<Option<Metadata>, Unsafe> {
    let found = match path.symlink_metadata() {
        Ok(found) => found,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(Unsafe::new(path, error)),
    };
    if found.is_symlink() {
        return Err(Unsafe::new(path, Problem::Link));
    }
    if !found.is_file() {
        return Err(Unsafe::new(path, Problem::NotAFile));
    }
    if let Some(mode) = access(path, &found, false)? {
        set_mode(path, mode)?;
    }
    Ok(Some(found))
}

/// Opens a file that belongs to this account. Does not follow a symbolic link and does not wait for a pipe. If
/// `options` ask to create the file, it is created for its owner alone.
///
/// # Errors
///
/// The file cannot be opened or is not safe to use.
pub fn open(path: &Path, options: &OpenOptions) -> Result<File, Unsafe> {
    let file = open_plain(path, options)?;
    let found = file.metadata().map_err(|error| Unsafe::new(path, error))?;
    if let Some(mode) = access(path, &found, false)? {
        narrow(path, &file, mode)?;
    }
    Ok(file)
}

/// Reads a file that a person or the administrator of the machine writes. Returns `None` if it does not exist. The file
/// may be readable by other accounts and may belong to root, but neither the file nor its folder may be writable by
/// other accounts.
///
/// # Errors
///
/// The file cannot be read or is not safe to use.
pub fn read_setting(path: &Path) -> Result<Option<String>, Unsafe> {
    let read = || -> Result<String, Unsafe> {
        let mut file = open_plain(path, OpenOptions::new().read(true))?;
        let found = file.metadata().map_err(|error| Unsafe::new(path, error))?;
        access(path, &found, true)?;
        if let Some(folder) = path
            .parent()
            .filter(|folder| !folder.as_os_str().is_empty())
        {
            let found = folder
                .metadata()
                .map_err(|error| Unsafe::new(folder, error))?;
            access(folder, &found, true)?;
        }
        let mut text = String::new();
        io::Read::read_to_string(&mut file, &mut text).map_err(|error| Unsafe::new(path, error))?;
        Ok(text)
    };
    match read() {
        Ok(text) => Ok(Some(text)),
        Err(error) if error.is_absent() => Ok(None),
        Err(error) => Err(error),
    }
}

/// Returns the folder that contains `path`, or `.` if `path` is a bare file name.
pub fn folder_of(path: &Path) -> &Path {
    path.parent()
        .filter(|folder| !folder.as_os_str().is_empty())
        .unwrap_or(Path::new("."))
}

fn open_plain(path: &Path, options: &OpenOptions) -> Result<File, Unsafe> {
    let mut options = options.clone();
    #[cfg(unix)]
    {
        use std::os::unix::fs::OpenOptionsExt as _;

        let flags = rustix::fs::OFlags::NOFOLLOW | rustix::fs::OFlags::NONBLOCK;
        options.mode(0o600);
        options.custom_flags(flags.bits().cast_signed());
    }
    let file = match options.open(path) {
        Ok(file) => file,
        Err(error) => {
            // For a link, and for a pipe without a reader, the system returns an error that does not name the cause.
            // The type of the file does.
            let found = path.symlink_metadata().map(|found| found.file_type());
            return Err(match found {
                Ok(kind) if kind.is_symlink() => Unsafe::new(path, Problem::Link),
                Ok(kind) if !kind.is_file() => Unsafe::new(path, Problem::NotAFile),
                _ => Unsafe::new(path, error),
            });
        }
    };
    let found = file.metadata().map_err(|error| Unsafe::new(path, error))?;
    if found.is_file() {
        Ok(file)
    } else {
        Err(Unsafe::new(path, Problem::NotAFile))
    }
}

/// Checks the folders in which a home lies. If every account can write to one of them, another account can move the home
/// away, and roomkey would begin a new journal without the unfinished operations. In a folder with the sticky bit, such
/// as `/tmp`, only the owner can move a folder. A folder that a group can write to is allowed, because many systems give
/// each account a group of its own.
#[cfg(unix)]
fn check_above(home: &Path) -> Result<(), Unsafe> {
    use std::os::unix::fs::MetadataExt as _;

    let named = std::path::absolute(home).map_err(|error| Unsafe::new(home, error))?;
    // A link on the way leads to other folders.
    let real = named.canonicalize().ok();
    let above = |path: &Path| {
        path.ancestors()
            .skip(1)
            .map(Path::to_owned)
            .collect::<Vec<_>>()
    };
    for folder in above(&named)
        .into_iter()
        .chain(real.iter().flat_map(|path| above(path)))
    {
        let Ok(found) = folder.metadata() else {
            continue;
        };
        let mode = found.mode() & 0o7777;
        if mode & 0o1002 == 0o0002 {
            return Err(Unsafe::new(home, Problem::Exposed { folder, mode }));
        }
    }
    Ok(())
}

#[cfg(not(unix))]
fn check_above(_home: &Path) -> Result<(), Unsafe> {
    Ok(())
}

fn check_folder(folder: &Path) -> Result<(), Unsafe> {
    let found = match folder.metadata() {
        Ok(found) => found,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
        Err(error) => return Err(Unsafe::new(folder, error)),
    };
    if !found.is_dir() {
        return Err(Unsafe::new(folder, Problem::NotAFolder));
    }
    // Another account can change its own link at any time to point to another folder.
    let own = folder
        .symlink_metadata()
        .map_err(|error| Unsafe::new(folder, error))?;
    if own.is_symlink() {
        owner(folder, &own, true)?;
    }
    if let Some(mode) = access(folder, &found, false)? {
        set_mode(folder, mode)?;
    }
    Ok(())
}

/// Checks the owner and the mode. Returns the mode without the permissions of other accounts if they have any.
#[cfg(unix)]
fn access(path: &Path, found: &Metadata, shared: bool) -> Result<Option<u32>, Unsafe> {
    use std::os::unix::fs::MetadataExt as _;

    owner(path, found, shared)?;
    let mode = found.mode() & 0o7777;
    if mode & 0o022 != 0 {
        return Err(Unsafe::new(path, Problem::Writable(mode)));
    }
    Ok((mode & 0o077 != 0).then_some(mode & !0o077))
}

#[cfg(not(unix))]
fn access(_path: &Path, _found: &Metadata, _shared: bool) -> Result<Option<u32>, Unsafe> {
    Ok(None)
}

/// Checks that the file belongs to this account or, with `or_root`, to root.
#[cfg(unix)]
fn owner(path: &Path, found: &Metadata, or_root: bool) -> Result<(), Unsafe> {
    use std::os::unix::fs::MetadataExt as _;

    let (owner, me) = (found.uid(), rustix::process::geteuid().as_raw());
    if owner == me || (or_root && owner == 0) {
        Ok(())
    } else {
        Err(Unsafe::new(path, Problem::Owner { owner, me }))
    }
}

#[cfg(not(unix))]
fn owner(_path: &Path, _found: &Metadata, _or_root: bool) -> Result<(), Unsafe> {
    Ok(())
}

#[cfg(unix)]
fn permissions(mode: u32) -> std::fs::Permissions {
    std::os::unix::fs::PermissionsExt::from_mode(mode)
}

#[cfg(unix)]
fn set_mode(path: &Path, mode: u32) -> Result<(), Unsafe> {
    std::fs::set_permissions(path, permissions(mode)).map_err(|error| Unsafe::new(path, error))
}

#[cfg(not(unix))]
fn set_mode(_path: &Path, _mode: u32) -> Result<(), Unsafe> {
    Ok(())
}

#[cfg(unix)]
fn narrow(path: &Path, file: &File, mode: u32) -> Result<(), Unsafe> {
    file.set_permissions(permissions(mode))
        .map_err(|error| Unsafe::new(path, error))
}

#[cfg(not(unix))]
fn narrow(_path: &Path, _file: &File, _mode: u32) -> Result<(), Unsafe> {
    Ok(())
}
