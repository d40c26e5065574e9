"""What students hand in: found, read and refused with a reason; nothing of it is run here."""
