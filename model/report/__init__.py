"""What people look at: the headline, the tables in the terminal, the plots."""
