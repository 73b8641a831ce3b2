//! Getting delivery rows out as mail: worker, SMTP, Maildir.
