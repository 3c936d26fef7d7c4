//! The world `create-activity`: what an engine must not repeat.

mod composite;
mod creation;
mod invoke;
mod uploads;
