//! An edition delivered to a mail server that is not ours: Postfix's `smtp-sink`.

use crate::site::Site;
use mail_parser::MessageParser;
use std::collections::BTreeMap;
use std::fmt::Write;
use std::fs;
use std::net::{TcpListener, TcpStream};
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};
use tempfile::TempDir;

const READERS: usize = 500;

/// A running `smtp-sink` that writes each mail into a file.
struct Sink {
    process: Child,
    folder: TempDir,
    port: u16,
}

impl Sink {
    fn start(program: &Path) -> Sink {
        let folder = TempDir::new().unwrap();
        // As root it must be told who to be, and that user must be able to write here.
        fs::set_permissions(folder.path(), fs::Permissions::from_mode(0o777)).unwrap();
        let root = fs::metadata(folder.path()).unwrap().uid() == 0;
        let port = TcpListener::bind("127.0.0.1:0")
            .unwrap()
            .local_addr()
            .unwrap()
            .port();
        let process = Command::new(program)
            .args(if root { &["-u", "nobody"][..] } else { &[] })
            .args(["-d", "mail.%M."])
            .args([&format!("127.0.0.1:{port}"), "100"])
            .current_dir(folder.path())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let sink = Sink {
            process,
            folder,
            port,
        };
        let patience = Instant::now() + Duration::from_secs(20);
        while TcpStream::connect(("127.0.0.1", port)).is_err() {
            assert!(Instant::now() < patience, "smtp-sink does not listen");
            std::thread::sleep(Duration::from_millis(10));
        }
        sink
    }

    /// The mails it took, by the reader they are for.
    fn mails(&self) -> BTreeMap<String, Vec<String>> {
        let mut mails: BTreeMap<String, Vec<String>> = BTreeMap::new();
        for entry in fs::read_dir(self.folder.path()).unwrap() {
            let mail = fs::read_to_string(entry.unwrap().path()).unwrap();
            let reader = mail.lines().find_map(|line| line.strip_prefix("X-Rcpt-Args: <"));
            // Without one it is the connection that asked whether it listens.
            if let Some(reader) = reader {
                let reader = reader.split('>').next().unwrap().to_owned();
                mails.entry(reader).or_default().push(mail);
            }
        }
        mails
    }
}

impl Drop for Sink {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// The program, where it is installed. Debian keeps it where not every user looks.
fn smtp_sink() -> Option<PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let folders = std::env::split_paths(&path).chain(["/usr/sbin".into(), "/usr/local/sbin".into()]);
    let found = folders
        .map(|folder| folder.join("smtp-sink"))
        .find(|program| program.is_file());
    if found.is_none() {
        assert!(
            std::env::var("TIDINGS_TEST_STRICT").as_deref() != Ok("1"),
            "smtp-sink is missing (Debian's package postfix)"
        );
        println!("left out: smtp-sink is missing (Debian's package postfix)");
    }
    found
}

#[test]
fn five_hundred_readers_get_one_mail_each_from_another_server() {
    let Some(program) = smtp_sink() else { return };
    let sink = Sink::start(&program);
    let site = Site::new().with(&format!("[smtp]\nurl = \"smtp://127.0.0.1:{}\"\n", sink.port));
    let mut list = "email,name\n".to_owned();
    for n in 1..=READERS {
        writeln!(list, "reader{n}@example.com,Reader {n}").unwrap();
    }
    site.readers(&list);
    let report = site.publish(&["--now", "weekly"]);
    assert_eq!(report["deliveries"]["sent"], READERS, "{report:#}");

    let mails = sink.mails();
    assert_eq!(mails.len(), READERS);
    for (reader, copies) in &mails {
        assert_eq!(copies.len(), 1, "{reader}");
        assert!(
            copies[0].contains("X-Mail-Args: <news@tides.example>"),
            "{reader}"
        );
        let mail = MessageParser::default().parse(&copies[0]).unwrap();
        let to = mail.to().and_then(|to| to.first()).unwrap();
        assert_eq!(to.address(), Some(reader.as_str()));
        let greeting = format!("Hello {}, here are 2 new articles.", to.name().unwrap());
        assert!(mail.body_text(0).unwrap().contains(&greeting), "{reader}");
        assert!(mail.body_html(0).unwrap().contains(&greeting), "{reader}");
        assert!(copies[0].trim_end().ends_with("--=_tidings--"), "{reader}");
    }
    let again = site.publish(&["--now", "weekly"]);
    assert_eq!(again["deliveries"]["sent"], 0, "{again:#}");
    assert_eq!(sink.mails().len(), READERS);
}
