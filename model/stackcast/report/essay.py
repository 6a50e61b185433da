"""The essay whose question this is: its title, author, day and address, stated once."""

TITLE = "Will The AI Stack Be Open Or Closed?"
AUTHOR = "Matt Rickard"
DAY = "5 March 2023"
ADDRESS = "https://matt-rickard.com"
