//! rss2email, which makes a mail of each article.

use super::{Read, Reader, follows, is_here};
use mail_parser::MessageParser;
use std::fs;
use std::process::Command;
use tempfile::TempDir;

const CONFIG: &str = "[DEFAULT]\nfrom = feeds@reader.example\nto = reader@reader.example\n\
    email-protocol = maildir\nmaildir-path = mail\nmaildir-mailbox = inbox\n";

struct Rss2email {
    home: TempDir,
}

impl Rss2email {
    fn run(&self, arguments: &[&str]) {
        let done = Command::new("r2e")
            .args(["-VV", "-c", "rc.cfg", "-d", "data.json"])
            .args(arguments)
            .current_dir(self.home.path())
            .env("HOME", self.home.path())
            .output()
            .unwrap();
        let said = String::from_utf8_lossy(&done.stderr);
        let wrong = said.contains("[ERROR]") || said.contains("[WARNING]") || said.contains("Traceback");
        assert!(done.status.success() && !wrong, "{arguments:?}: {said}");
    }
}

impl Reader for Rss2email {
    fn look(&self, feeds: &[String]) -> Read {
        let home = self.home.path();
        if !home.join("rc.cfg").exists() {
            fs::create_dir_all(home.join("mail")).unwrap();
            fs::write(home.join("rc.cfg"), CONFIG).unwrap();
            for (n, feed) in feeds.iter().enumerate() {
                self.run(&["add", &format!("feed{n}"), feed]);
            }
        }
        self.run(&["run"]);
        let mut read: Read = feeds
            .iter()
            .map(|feed| (feed.clone(), Default::default()))
            .collect();
        for mail in fs::read_dir(home.join("mail/inbox/new")).unwrap() {
            let bytes = fs::read(mail.unwrap().path()).unwrap();
            let mail = MessageParser::default().parse(&bytes).unwrap();
            let header = |name: &str| mail.header_raw(name).unwrap().trim().to_owned();
            let items = read.get_mut(&header("X-RSS-Feed")).unwrap();
            let title = mail.subject().unwrap().to_owned();
            let twice = items.insert(header("X-RSS-ID"), title);
            assert_eq!(twice, None, "{}", String::from_utf8_lossy(&bytes));
        }
        read
    }
}

#[test]
fn rss2email_mails_what_is_published() {
    if is_here("r2e", "rss2email") {
        let home = TempDir::new().unwrap();
        follows(&Rss2email { home }, true);
    }
}
