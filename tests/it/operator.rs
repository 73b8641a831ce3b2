//! What the operator does with editions and deliveries, through the program.

mod approval;
