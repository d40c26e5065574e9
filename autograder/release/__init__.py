"""What students get: notebooks built from the rooms, an nbgrader course folder, a bundle; nothing hidden in them."""
