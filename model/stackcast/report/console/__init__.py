"""What is printed in a terminal, a module a verb or two. Text from data is escaped: nothing in it is ever markup."""
