"""Find the owner of each entry of a download: by the instructor's word, the roster, then the entry's name."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from autograder.errors import CourseError
from autograder.intake.areas import UNSAID, Area
from autograder.intake.identity import TELLING, Match, Roster
from autograder.intake.lms_names import LmsName, attribute
from autograder.intake.names import split_suffix
from autograder.text import as_id, did_you_mean, few

_SHOWN = 3
_CLOSELY = 20
"""Entries at the top of PATH up to which names below them are looked at closely: one of them may hold the class."""


class Owners:
    """Decide whose the entries of a download are.

    Attributes
    ----------
    told : list of str
        What was left open, a line each.
    unknown : set of str
        Students who are not on the roster.
    """

    def __init__(
        self, roster: Roster | None, whose: dict[str, str], teams: Mapping[str, Sequence[str]], *, by_team: bool
    ) -> None:
        self._roster = roster
        self._whose = whose
        self._members = teams
        self._team_of = {one: team for team, students in teams.items() for one in students} if by_team else {}
        self._entries = 0
        self._nameless: list[str] = []
        self._suspects: dict[str, list[str]] = defaultdict(list)
        self.told: list[str] = list(roster.notes) if roster is not None else []
        self.unknown: set[str] = set()

    def settle(self, areas: Sequence[Area], ignored: list[str]) -> list[Area]:
        """Return one area per student: what belongs to one is put together, in an order of names."""
        self._entries = len(areas)
        said = self._said(areas)
        names = [one for area in areas if area.lms is not None for one in (area.lms, *area.others)]
        matches = self._roster.match_names(names) if self._roster is not None else {}
        teams = self._teams(matches)
        merged: dict[str, Area] = {}
        disputed: list[tuple[Area, list[str], str]] = []
        for area in sorted(areas, key=lambda one: one.entry):
            if area.entry in said:
                for one in said[area.entry]:
                    self._add(merged, replace(area, student=one))
                continue
            together = bool(area.others) and area.refused is None
            if area.refused is not None:
                area = replace(area, items=(), problems=(f"{area.entry}: {area.refused}",))
            match = self._match(area, matches)
            if match.student is None and not match.near and (held := self._held(area)):
                match = Match(None, held, f"holds files or folders that are named after {few(held, _SHOWN)}")
            if area.lms in teams:
                area = replace(area, student=teams[area.lms])
            if area.doubtful and match.student is None:
                for one in match.near:
                    self._suspects[one].append(area.entry)
                ignored.append(f"{area.entry}: belongs to no student")
                continue
            student = match.student or area.student
            if area.others:
                owners = [student]
                for one in match.near:
                    self._suspects[one].append(area.entry)
                for other in area.others:
                    found = matches.get(other, Match(None))
                    owners.append(found.student or (other.own_id if self._roster is None else other.student))
                    for one in found.near:
                        self._suspects[one].append(area.entry)
                owners = list(dict.fromkeys(owners))
                if together and (len(owners) == 1 or len({self._team_of.get(one, one) for one in owners}) == 1):
                    self._add(merged, replace(area, student=owners[0]))
                    continue
                why = f"may be a file of {' or '.join(owners)}"
                if together:
                    why = f"was handed in by {' and '.join(owners)}, who are not a team of an assignment with by_team"
                    area = replace(area, items=(), problems=(f"{area.entry}: {why}",))
                disputed.append((area, owners, why))
                continue
            self._tell(area, match)
            self._add(merged, replace(area, student=student))
        self._share(disputed, merged)
        if self._nameless:
            why = next((area.nameless for area in areas if area.entry in self._nameless and area.nameless), UNSAID)
            self.told.append(f"{few(self._nameless, _SHOWN)}: {why}; add --whose '{self._nameless[0]}=ID'")
        return list(merged.values())

    def _teams(self, matches: Mapping[LmsName, Match]) -> dict[LmsName, str]:
        """Return the names that Blackboard or Brightspace gave to a team: no member and no other entry goes by it."""
        known = frozenset(self._team_of.values())
        taken = {self._team_of.get(match.student or "") for match in matches.values()}
        found: dict[str, set[LmsName]] = defaultdict(set)
        for name, match in matches.items():
            if match.student is None and name.system in ("Blackboard", "Brightspace"):
                for team in known.intersection((name.name, name.sid)) - taken:
                    found[team].add(name)
        return {
            name: team
            for team, names in found.items()
            if len({(one.name, one.number) for one in names}) == 1
            for name in names
        }

    def _said(self, areas: Iterable[Area]) -> dict[str, tuple[str, ...]]:
        """Return the entries of which the instructor says whose they are: a student's, several students', a team's."""
        by_name: dict[str, list[str]] = defaultdict(list)
        for area in areas:
            for name in {area.entry, area.entry.rstrip("/"), area.student}:
                by_name[name].append(area.entry)
        said: dict[str, tuple[str, ...]] = {}
        for name, student in self._whose.items():
            if name not in by_name:
                raise CourseError(f"--whose {name}={student}: nothing here has that name{did_you_mean(name, by_name)}")
            said |= dict.fromkeys(by_name[name], self._meant(name, student))
        return said

    def _meant(self, name: str, text: str) -> tuple[str, ...]:
        """Return the students, or the team of an assignment done by teams, that the instructor's word names."""
        found: dict[str, None] = {}
        for one in [text] if self._roster is not None and self._roster.find(text) else text.split(";"):
            one = one.strip()
            match = Match(as_id(one)) if self._roster is None else self._roster.match(one)
            if one in self._members and (match.student is None or self._roster is None):
                found |= dict.fromkeys((one,) if one in self._team_of.values() else self._members[one])
            elif match.student is None:
                known = [*(self._roster.ids if self._roster is not None else ()), *self._members]
                why = match.why or f"{one!r} is not on the roster and no team{did_you_mean(one, known)}"
                raise CourseError(f"--whose {name}={text}: {why}")
            else:
                found[match.student] = None
        return tuple(found)

    def refuse_a_level_too_high(self, areas: Sequence[Area], settled: Sequence[Area]) -> None:
        """Refuse a PATH that holds the class one level down: every student would be missing.

        Raises
        ------
        CourseError
            If no entry is certainly a student's of the roster, and what lies below is of several.
        """
        if self._roster is None or self._whose or any(one.student in self._roster.ids for one in settled):
            return
        found = {area.entry: students for area in areas if len(students := self._below(area)) > 1}
        if found:
            entry, students = next(iter(found.items()))
            also = f" (also: {few(list(found)[1:], _SHOWN)})" if len(found) > 1 else ""
            raise CourseError(
                f"nothing here is named after a student on the roster, but {entry} may hold a class "
                f"({few(students, _SHOWN)}){also}; if so, give {entry} as PATH (unpack an archive first); "
                "if not, add its owner to the roster"
            )

    def _held(self, area: Area) -> tuple[str, ...]:
        """Return the students whose work an entry of another one may hold; a short number says nothing."""
        if self._roster is None:
            return ()
        return tuple(one for one in self._below(area) if not one.isdecimal() or len(one) >= TELLING)

    def _below(self, area: Area) -> list[str]:
        """Return the students of the roster that the names of what an entry holds refer to."""
        assert self._roster is not None
        names: dict[str, bool] = {}
        for item in area.items:
            # what an archive holds counts as next to it, and the archive itself may be a student's
            for parts in (item.below, item.leaf.parts[1:]):
                if parts:
                    names[parts[0]] = len(parts) > 1 or item.leaf.kind == "folder"
        try:
            written = [one.name for one in attribute(names).values()]
        except CourseError:  # a mixture of names, of which none counts
            written = []
        found = [match.student for match in self._roster.match_names(written).values()]
        texts = {text for name in names for text in (name, split_suffix(name)[0])}
        found += [self._roster.find(text) for text in texts]
        if self._entries <= _CLOSELY:
            found += [near for text in texts for near in self._roster.match(text).near]
        return sorted({one for one in found if one is not None})

    def _match(self, area: Area, matches: Mapping[LmsName, Match]) -> Match:
        if self._roster is None:
            return Match(area.lms.own_id if area.lms is not None else None)
        if area.lms is not None:
            return matches[area.lms]
        return self._roster.match(area.student)

    def _tell(self, area: Area, match: Match) -> None:
        if self._roster is None:
            return
        if match.student is None:
            self.unknown.add(area.student)
            if not match.near and (area.nameless or (area.lms is not None and area.lms.anonymous)):
                self._nameless.append(area.entry)
        if match.why:
            ask = f"; if it is of {match.near[0]}, add --whose '{area.entry}={match.near[0]}'" if match.near else ""
            self.told.append(f"{area.entry}: {match.why}{ask}")
        for one in match.near:
            self._suspects[one].append(area.entry)

    def _add(self, merged: dict[str, Area], area: Area) -> None:
        first = merged.get(area.student)
        merged[area.student] = area if first is None else first.with_more(area)

    def _share(self, disputed: list[tuple[Area, list[str], str]], merged: dict[str, Area]) -> None:
        """Give each of a file's possible owners a rejected record, if there is nothing else of theirs."""
        without = {owner for _, owners, _ in disputed for owner in owners if owner not in merged}
        for area, owners, why in disputed:
            self.told.append(f"{area.entry}: {why}; add --whose '{area.entry}=ID'")
            for owner in owners:
                known = self._roster is None or owner in self._roster.ids
                if owner in without:
                    self._add(merged, replace(area, student=owner, others=()))
                    if not known:
                        self.unknown.add(owner)

    def suspicion(self, student: str) -> str | None:
        """Return why a student without a certain file may have handed one in, or None."""
        entries = self._suspects.get(student) or self._nameless
        if not entries:
            return None
        return f"{few(entries, _SHOWN)} may be this student's; --whose says whose it is"
