//! Evaluation against the seeded org.
