"""Running a student's code where it can do no harm: the wire, the child, the fork server and their layers."""
