//! A menu of guests, for a command whose text names several guests, or a guest whose name on record differs.

use crate::app::App;
use crate::hotel::refusal::{Found, Refusal};
use crate::hotel::{Contact, GuestQuery};
use crate::workflow::command::Declined;

/// A menu of guests.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Choice {
    /// The text that was typed for the guest.
    pub(super) asked: String,
    /// The question.
    title: String,
    /// The label of each answer, and the guest that it selects.
    options: Vec<(String, GuestQuery)>,
}

impl Choice {
    /// Returns the menu for a refusal; `None` if a person cannot settle this refusal by choosing a guest.
    pub(super) fn of(refusal: &Refusal) -> Option<Self> {
        match refusal {
            Refusal::Guest {
                asked,
                found: Found::Many(guests),
            } => Some(Self {
                asked: asked.clone(),
                title: format!("{} guests are called {asked}:", guests.len()),
                options: guests
                    .iter()
                    .map(|(label, id)| (format!("{label}  {id}"), GuestQuery::Id(id.clone())))
                    .collect(),
            }),
            Refusal::NameDiffers {
                typed,
                on_record,
                same,
            } => {
                let GuestQuery::New { name, contact } = typed else {
                    return None;
                };
                let second = GuestQuery::New {
                    name: name.clone(),
                    contact: Contact::Shares(Box::new(contact.clone())),
                };
                let known = (format!("the same person as {on_record}"), same.clone());
                let new = (
                    format!("a second person, who is put on record without {contact}"),
                    second,
                );
                Some(Self {
                    asked: typed.to_string(),
                    title: format!("{contact} belongs to {on_record}. {name} is:"),
                    // The typed text already says that the guest shares a contact, so there is no second person to offer.
                    options: match contact {
                        Contact::Shares(_) => vec![known],
                        _ => vec![known, new],
                    },
                })
            }
            _ => None,
        }
    }

    /// Shows the menu and returns the chosen guest; `None` if there is no person to ask or none was chosen.
    pub(super) async fn ask(mut self, app: &App) -> Result<Option<GuestQuery>, Declined> {
        if !app.ui.can_ask() {
            return Ok(None);
        }
        app.ui.say(&self.title);
        for (number, (label, _)) in self.options.iter().enumerate() {
            app.ui.say(&format!("  {}  {label}", number + 1));
        }
        let prompt = format!("Type 1 to {}, or Enter for none:", self.options.len());
        let answer = app.ask_text(&[prompt]).await?;
        let index = answer.trim().parse::<usize>().ok();
        let index = index.and_then(|number| number.checked_sub(1));
        Ok(index
            .filter(|index| *index < self.options.len())
            .map(|index| self.options.swap_remove(index).1))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_person_may_answer() {
        let typed: GuestQuery = "John Doe <jane@example.com>".parse().unwrap();
        let choice = Choice::of(&Refusal::NameDiffers {
            typed: typed.clone(),
            on_record: "Jane Doe".to_owned(),
            same: GuestQuery::Email("jane@example.com".to_owned()),
        })
        .unwrap();
        assert_eq!(choice.asked, typed.to_string());
        let guests: Vec<String> = choice
            .options
            .iter()
            .map(|(_, guest)| guest.to_string())
            .collect();
        assert_eq!(
            guests,
            ["jane@example.com", "John Doe <shares:jane@example.com>"]
        );
        let many = Choice::of(&Refusal::Guest {
            asked: "Jane Doe".to_owned(),
            found: Found::Many(vec![("Jane Doe".to_owned(), "u1".to_owned())]),
        })
        .unwrap();
        assert_eq!(many.options[0].1, GuestQuery::Id("u1".to_owned()));
        let none = Refusal::Guest {
            asked: "Jane Doe".to_owned(),
            found: Found::None,
        };
        assert_eq!(Choice::of(&none), None);
    }
}
