"""Write the file that lists submissions in a download of Gradescope's."""

WHEN = "2026-10-01 08:00:00.123456789 Z"


def listing(people):
    """Return ``submission_metadata.yml``: number of a submission -> its time, then (name, email, sid) of submitters."""
    lines = ["---"]
    for number, (time, *submitters) in people.items():
        lines += [f"submission_{number}:", "  :submitters:"]
        for name, email, sid in submitters:
            lines += [f"  - :name: {name}", f"    :sid: {sid!r}", f"    :email: {email}"]
        lines += [f"  :created_at: {time}", "  :score: 3.0", "  :results:", "    output: |", "      :submitters: x"]
    return "\n".join([*lines, ""])
