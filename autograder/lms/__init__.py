"""Results for the places where grades are kept: tables for learning management systems, files for Gradescope."""
