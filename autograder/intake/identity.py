"""Resolve an id, login, e-mail address or name to a student of the roster; the only place that does.

Nothing is guessed.  What fits one student is that student; what fits several, or fits only if case, leading zeros or
accents are overlooked, fits no student, and the students that it may refer to are named.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import field
from functools import cached_property

from autograder.intake.lms_names import LmsName
from autograder.intake.names import same
from autograder.intake.spelling import (
    ROUNDED,
    agree,
    bare,
    loosely,
    name_keys,
    plain_id,
    rounds_to,
    sorted_words,
    squashed,
    words,
)
from autograder.plain import dataclass

TELLING = 5
"""Digits of an id that are not in a name by chance; a number of an assignment or a year has fewer."""


@dataclass(frozen=True)
class Person:
    """A student on the roster.

    Attributes
    ----------
    student : str
        The id under which results are kept.
    name : str
        Full name, in either order.
    aliases : tuple of str
        Other ids of the student's own: login, e-mail address, number at the school.
    numbers : mapping of str to str
        The numbers that learning management systems use, by system; under ``""`` where the roster does not say which.
    team : str
        The team with which the student hands in.
    """

    student: str
    name: str = ""
    aliases: tuple[str, ...] = ()
    numbers: Mapping[str, str] = field(default_factory=dict)
    team: str = ""


@dataclass(frozen=True)
class Match:
    """The student that an id, name or address refers to.

    Attributes
    ----------
    student : str or None
        The id on the roster; None if it is not certain.
    near : tuple of str
        Other students that it may refer to.
    why : str
        What an instructor should know of the decision; empty if it is plain.
    """

    student: str | None
    near: tuple[str, ...] = ()
    why: str = ""


@dataclass(frozen=True)
class Roster:
    """A class list.

    Attributes
    ----------
    people : tuple of Person
        Everyone, in the order of the table.
    notes : tuple of str
        What reading the table had to decide, a line each.
    """

    people: tuple[Person, ...]
    notes: tuple[str, ...] = ()

    @cached_property
    def ids(self) -> frozenset[str]:
        """Ids of everyone."""
        return frozenset(person.student for person in self.people)

    @cached_property
    def _by_key(self) -> Mapping[str, tuple[Person, ...]]:
        """People by what they are looked up under: ``=`` an id, ``~`` an id read loosely, ``@`` a name."""
        index: dict[str, dict[str, Person]] = defaultdict(dict)
        for person in self.people:
            own = (person.student, *person.aliases)
            keys = {f"={plain_id(one)}" for one in own} | {f"~{loose}" for one in own for loose in loosely(one)}
            if person.name:
                keys |= {f"@{key}" for key in name_keys(person.name)}
                keys |= {f"~{loose}" for loose in loosely(person.name)}
            for key in keys:
                index[key][person.student] = person
        return {key: tuple(found.values()) for key, found in index.items()}

    def _people(self, kind: str, text: str) -> tuple[Person, ...]:
        return self._by_key.get(kind + text, ())

    def find(self, text: str) -> str | None:
        """Return the student of that id, login, e-mail address or full name, or None; see :meth:`match`."""
        found = self._exactly(text)
        return None if found is None else found.student

    def match(self, text: str) -> Match:
        """Find the student that an id, login, e-mail address or full name refers to."""
        return self._exactly(text) or self._nearly(text)

    def _exactly(self, text: str) -> Match | None:
        """Return whose a text is, or whose it may be by its very letters; None if it fits none."""
        plain = plain_id(text)
        found = self._people("=", plain) or self._people("@", sorted_words(text))
        owner = next((one for one in found if plain_id(one.student) == plain), None)
        if len(found) == 1:
            return Match(found[0].student)
        if owner is not None:
            others = tuple(one.student for one in found if one is not owner)
            return Match(
                owner.student, others, f"{text!r} is an id of {_listed(others)} as well; it counts as the id of {text}"
            )
        if found:
            near = tuple(one.student for one in found)
            return Match(None, near, f"{text!r} may be any of {_listed(near)}")
        return None

    def _nearly(self, text: str) -> Match:
        """Return whose a text may be that is written differently."""
        loose = {one.student: one for key in loosely(text) for one in self._people("~", key)}
        loose |= {one.student: one for one, number in self._rounded if rounds_to(text, number)}
        if not loose:
            held = self._held_in(text)
            return Match(None, held, f"the name holds an id or the name of {_listed(held)}" if held else "")
        near = tuple(loose)
        return Match(None, near, f"{text!r} is not on the roster; {_listed(near)} is, which is written differently")

    @cached_property
    def _rounded(self) -> tuple[tuple[Person, str], ...]:
        """Ids that a spreadsheet rounded, with whose they are."""
        own = ((person, one) for person in self.people for one in (person.student, *person.aliases))
        return tuple((person, one) for person, one in own if ROUNDED.fullmatch(one))

    def _held_in(self, text: str) -> tuple[str, ...]:
        """Return the students whose id or whole name is part of a text, between other words."""
        spelled, spoken = bare(same(text)), frozenset(words(bare(text)))
        found = {place for word in {"", *words(spelled), *spoken} for place in self._by_word.get(word, ())}
        return tuple(
            person.student
            for person, ids, name in (self._spellings[place] for place in sorted(found))
            if (name <= spoken and name)
            or any(own in spelled and re.search(rf"(?<![^\W_]){re.escape(own)}(?![^\W_])", spelled) for own in ids)
        )

    @cached_property
    def _by_word(self) -> Mapping[str, tuple[int, ...]]:
        """Places in :attr:`_spellings` by a word that a text has if it holds the id or the name."""
        index: dict[str, list[int]] = defaultdict(list)
        for place, (_, ids, name) in enumerate(self._spellings):
            for word in {*(next(iter(words(own)), "") for own in ids), *sorted(name)[:1]}:
                index[word].append(place)
        return {word: tuple(places) for word, places in index.items()}

    @cached_property
    def _spellings(self) -> tuple[tuple[Person, tuple[str, ...], frozenset[str]], ...]:
        """For each student the ids that no other text holds by chance, and the words of a name of several words."""
        found = []
        for person in self.people:
            ids = (bare(same(one)) for one in (person.student, *person.aliases))
            name = frozenset(words(bare(person.name)))
            kept = tuple(one for one in ids if len(one) >= TELLING or (len(one) > 2 and not one.isdecimal()))
            found.append((person, kept, name if len(name) > 1 else frozenset()))
        return tuple(found)

    def match_names(self, names: Iterable[LmsName]) -> dict[LmsName, Match]:
        """Find the students that the names of one download refer to; all names are decided together.

        A system's number counts against a column of that system's numbers only.  Where it belongs to one student and
        the name to another, neither counts.
        """
        found = list(dict.fromkeys(names))
        if not found:
            return {}
        if found[0].system == "Gradescope":
            return _without_doubles(*_match_accounts(self, found))
        if found[0].system == "Blackboard":
            return _match_logins(self, found)
        reader = _NameReader(self, found)
        matches = {one: reader.match(one) for one in found}
        known = {one: reader.by_number(one) for one in found}
        certain = [one for one, person in known.items() if person and person.student == matches[one].student]
        return _without_doubles(matches, certain)


class _NameReader:
    """Look up the names of one download."""

    def __init__(self, roster: Roster, names: Sequence[LmsName]) -> None:
        self._roster = roster
        self._system = names[0].system
        self._numbers = _by_number(roster.people, self._system)
        self._weak = self._agreeing(_by_number(roster.people, ""), names)
        # the numbers are this download's if one of them agrees with a name; Moodle's differ between assignments
        self._in_use = self._system == "Canvas" or any(
            agree(one.name, person.name) for one in names if (person := self.by_number(one)) is not None
        )
        # in whatever language, "Participant" takes the place of every name where students are anonymous
        self._nameless = len({one.name for one in names}) == 1 < len({one.number for one in names})
        hyphens = all("-" in one.name for one in names)
        self._teams = self._system == "Moodle" and hyphens and not any(self._named(one.name) for one in names)

    def _agreeing(self, numbers: dict[str, Person], names: Sequence[LmsName]) -> dict[str, Person]:
        """Return a column of numbers of an unnamed system if it is this one's: no name contradicts it, one agrees."""
        pairs = [(one, numbers[one.number]) for one in names if one.number in numbers]
        certain = any(len(self._named(one.name)) == 1 or agree(one.name, person.name) for one, person in pairs)
        return numbers if certain and all(agree(one.name, person.name) for one, person in pairs) else {}

    def by_number(self, name: LmsName) -> Person | None:
        """Return who has that number in a column of the system's numbers."""
        return self._numbers.get(name.number)

    def _named(self, name: str) -> tuple[Person, ...]:
        return self._roster._people("@", sorted_words(name)) or self._roster._people("@", squashed(name))

    def _by_name(self, name: str) -> tuple[Person, ...]:
        """Return who has that name; in Moodle's team assignments the team's name and a hyphen precede it."""
        if found := self._named(name):
            return found
        if self._teams:
            pieces = name.split("-")
            for start in range(1, len(pieces)):
                if found := self._named("-".join(pieces[start:])):
                    return found
        return ()

    def match(self, name: LmsName) -> Match:
        """Find the student that one name refers to."""
        own = self._roster.match(name.student)
        if own.student is not None:
            return own
        numbered = self.by_number(name)
        nameless = name.anonymous or (self._nameless and not self._named(name.name))
        named = () if nameless else self._by_name(name.name)
        if numbered is not None:
            if nameless or not numbered.name or agree(name.name, numbered.name):
                return Match(numbered.student)
            near = tuple(dict.fromkeys((numbered.student, *(one.student for one in named))))
            return Match(None, near, f"{self._system}'s {name.number} is {_person(numbered)}, the name is another")
        weak = self._weak.get(name.number)
        if len(named) > 1 and weak in named:
            return Match(weak.student) if weak else Match(None)
        if not named and weak is not None and agree(name.name, weak.name):
            return Match(weak.student)
        if len(named) == 1:
            return self._by_name_alone(name, named[0])
        near = tuple(one.student for one in named) or self._roster.match(name.name).near
        why = f"the name may be that of any of {_listed(near)}" if named else ""
        return Match(
            None, near, why or (f"the name is written differently from that of {_listed(near)}" if near else "")
        )

    def _by_name_alone(self, name: LmsName, person: Person) -> Match:
        known = person.numbers.get(self._system)
        if known and self._in_use:
            why = f"the name is that of {_person(person)}, whose number in {self._system} is {known}"
            return Match(None, (person.student,), why)
        others = [one for one in self._roster._people("=", name.number) if one is not person]
        why = ""
        if others:
            why = (
                f"{name.number} is {self._system}'s own number here, and by chance an id of {_person(others[0])}; "
                f"the name counts: {person.student}"
            )
        return Match(person.student, (), why)


def _match_logins(roster: Roster, names: Sequence[LmsName]) -> dict[LmsName, Match]:
    """Find the students whose logins end Blackboard's names, behind a title that all names begin with.

    Title and login may both hold ``_``: the border between them is where logins of the roster begin.  Where they do
    after two titles, it is behind the one after which all are logins.
    """
    least = min(len(one.name) - len(one.sid) for one in names)
    borders = [at for at in range(least + 1) if at == 0 or names[0].name[at - 1] == "_"]
    found = {at: {one: roster._people("=", plain_id(one.name[at:])) for one in names} for at in borders}
    found = {at: people for at, people in found.items() if any(people.values())}
    every = [people for people in found.values() if all(people.values())] if len(found) > 1 else list(found.values())
    matches: dict[LmsName, Match] = {}
    for one in names:
        logins = tuple(dict.fromkeys(person.student for people in every or found.values() for person in people[one]))
        if len(logins) == 1 == len(every):
            matches[one] = Match(logins[0])
            continue
        near = logins or roster.match(one.sid).near or roster.match(one.name).near
        what = "ends like the login" if logins else "is written differently from that"
        matches[one] = Match(None, near, f"the name {what} of {_listed(near)}" if near else "")
    return matches


def _match_accounts(roster: Roster, accounts: Sequence[LmsName]) -> tuple[dict[LmsName, Match], frozenset[LmsName]]:
    """Find the students of accounts that have an e-mail address, a number at the school and a name.

    A name counts alone only where address and number say nothing: the roster has none of their kind.

    Returns
    -------
    (dict, frozenset)
        The matches, and which of them do not hang on the name alone.
    """
    by_email = {one: roster._people("=", plain_id(one.email)) if one.email else () for one in accounts}
    by_sid = {one: roster._people("=", plain_id(one.sid)) if one.sid else () for one in accounts}
    sids = any(by_sid.values())
    emails = any("@" in own for person in roster.people for own in (person.student, *person.aliases))
    matches: dict[LmsName, Match] = {}
    for one in accounts:
        named = roster._people("@", sorted_words(one.name)) if one.name else ()
        every = (("e-mail address", by_email[one]), ("number", by_sid[one]), ("name", named))
        said = [(what, people) for what, people in every if people]
        common = [p for p in (said[0][1] if said else ()) if all(p in people for _, people in said)]
        near = tuple(dict.fromkeys(person.student for _, people in said for person in people))
        if not said:
            read = [roster.match(text) for text in (one.email, one.sid, one.name) if text]
            loose = tuple(dict.fromkeys(other for match in read for other in (match.student, *match.near) if other))
            why = f"is written differently from {_listed(loose)}" if loose else ""
            matches[one] = Match(None, loose, why)
        elif len(common) != 1:
            told = [f"the {what} is that of {_listed([person.student for person in people])}" for what, people in said]
            matches[one] = Match(None, near, ", ".join(told))
        elif not by_email[one] and (why := _doubt(one, common[0], bool(by_sid[one]), sids, emails)):
            matches[one] = Match(None, near, why)
        else:
            matches[one] = Match(common[0].student)
    return matches, frozenset(one for one in accounts if by_email[one] or by_sid[one])


def _doubt(account: LmsName, person: Person, numbered: bool, sids: bool, emails: bool) -> str:
    """Return why an account is not certainly a person's whose address is another or unknown."""
    ids = (person.student, *person.aliases)
    own = {loose for one in ids for loose in loosely(one)}
    addresses = {same(one) for one in ids if "@" in one}
    if numbered:
        if not account.name or not person.name or agree(account.name, person.name):
            return ""
        return f"the number {account.sid} is that of {_person(person)}, the name is another"
    address, number = account.email, account.sid
    if address and (same(address) not in addresses if addresses else emails and own.isdisjoint(loosely(address))):
        return f"the name is that of {_person(person)}, the e-mail address {address} is not"
    if number and sids and own.isdisjoint(loosely(number)):
        return f"the name is that of {_person(person)}, the number {number} is not"
    return ""


def _without_doubles(matches: dict[LmsName, Match], certain: Collection[LmsName]) -> dict[LmsName, Match]:
    """Take back what gives one student two numbers: by a name alone, two people of one name would become one."""
    numbers: dict[str, set[str]] = defaultdict(set)
    for name, match in matches.items():
        if match.student is not None:
            numbers[match.student].add(name.number)
    settled: dict[LmsName, Match] = {}
    for name, match in matches.items():
        if match.student is None or len(numbers[match.student]) == 1 or name in certain:
            settled[name] = match
            continue
        why = f"several people here have the name of {match.student}"
        settled[name] = Match(None, (match.student,), why)
    return settled


def _by_number(people: Iterable[Person], system: str) -> dict[str, Person]:
    """Map a system's numbers to people, without those that two people have."""
    found: dict[str, Person] = {}
    twice: set[str] = set()
    for person in people:
        number = person.numbers.get(system)
        if number and found.setdefault(number, person) is not person:
            twice.add(number)
    return {number: person for number, person in found.items() if number not in twice}


def _person(person: Person) -> str:
    return f"{person.name} ({person.student})" if person.name else person.student


def _listed(students: Sequence[str]) -> str:
    return " and ".join(students) if len(students) < 3 else f"{', '.join(students[:2])} and {len(students) - 2} more"
