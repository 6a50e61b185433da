"""What earlier stacks say of the debate's arguments, and of how open shares move."""
