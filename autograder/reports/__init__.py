"""What an instructor looks at: the class report, and what a regrade would change."""
