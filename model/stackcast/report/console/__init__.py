"""Terminal output, one module for a verb or two. Text from data is escaped."""
