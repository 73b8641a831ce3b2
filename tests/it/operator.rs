//! What the operator does with editions and deliveries, through the program.

mod approval;
mod choices;
mod retries;
mod test_mails;
