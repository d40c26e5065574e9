"""Turn the layout of a class's folder or archive into one list of files per student."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from datetime import datetime
from functools import partial
from pathlib import Path

from autograder.errors import CourseError
from autograder.intake.archive import class_members, student_members
from autograder.intake.areas import UNSAID, Area, CourseNames, UploadedItem
from autograder.intake.files import DiskPlace, Leaf, list_folder, path_text, walk
from autograder.intake.gradescope import MAX_METADATA, METADATA, Submitted, is_export, is_numbered, read_metadata
from autograder.intake.lms_names import Attribution, System, attribute, extras_of, is_download, is_submission
from autograder.intake.names import CHECKPOINTS, exercise_in, split_suffix
from autograder.intake.source import Rejected, once_more
from autograder.intake.unusable import CODE, is_archive, why_unusable
from autograder.plain import dataclass
from autograder.text import as_id

LAYOUTS = (
    "PATH/<student>/<assignment>/<exercise>.ipynb or .py, PATH/<student>/<exercise>.ipynb or .py, "
    "PATH/<student>.ipynb, .py or .zip with --exercise or --assignment, a download of Canvas, Moodle, Blackboard, "
    "Brightspace or Gradescope, or one file"
)


@dataclass(frozen=True)
class _Top:
    """An entry at the top of PATH, and how to list what is below it."""

    leaf: Leaf
    below: Callable[[], Iterable[Leaf]]


def find_areas(
    path: Path, words: CourseNames, apart: Path | None = None, system: System | None = None
) -> tuple[list[Area], list[str]]:
    """Split PATH into students; skip the results folder ``apart`` if it is inside PATH.

    Returns
    -------
    (list of Area, list of str)
        One area per entry at the top of PATH, and what there belongs to no student, in words.

    Raises
    ------
    CourseError
        If PATH cannot be read, is neither folder, ``.zip``, ``.py`` nor ``.ipynb``, or holds names of which it cannot
        be decided which learning management system wrote them.
    """
    suffix = split_suffix(path.name)[1]
    try:
        if path.is_dir():
            results = _within(path, apart)
            leaves = list_folder(path)
            held = [leaf for leaf in leaves if _only_results(path, leaf, results)]
            if (inner := _export_in(path, [leaf for leaf in leaves if leaf not in held])) is not None:
                return find_areas(inner, words, apart, system)
            tops = [_Top(leaf, _below(path, leaf, results)) for leaf in leaves if leaf not in held]
            areas, ignored = _split(tops, words, _owner(path.resolve(), words), system)
            return areas, [*ignored, *(f"{path_text(leaf.parts)}: holds the results" for leaf in held)]
        if path.is_file() and suffix == ".zip":
            return _split(_zip_tops(path, words), words, split_suffix(path.name)[0], system)
    except Rejected as error:
        raise CourseError(f"{path}: {error}") from None
    if path.is_file() and suffix in CODE:
        return [_one_file(path, words)], []
    what = "is not a folder, .zip, .py or .ipynb file" if path.exists() else "does not exist"
    if path.is_file() and is_archive(path.name):
        what = f"archives of this kind ({suffix}) are not opened; unpack it and grade the folder"
    raise CourseError(f"{path}: {what}; accepted layouts: {LAYOUTS}")


def _within(path: Path, folder: Path | None) -> tuple[str, ...]:
    """Return where a folder lies in PATH, part by part; nothing if it lies elsewhere."""
    if folder is None or not folder.resolve().is_relative_to(path.resolve()):
        return ()
    return folder.resolve().relative_to(path.resolve()).parts


def _export_in(path: Path, leaves: list[Leaf]) -> Path | None:
    """Return the folder that Gradescope's archive unpacks to, if PATH holds nothing else."""
    if len(leaves) != 1 or leaves[0].kind != "folder" or not is_export(leaves[0].name):
        return None
    return path / leaves[0].name if any(one.name == METADATA for one in list_folder(path, leaves[0].parts)) else None


def _only_results(root: Path, leaf: Leaf, results: tuple[str, ...]) -> bool:
    if leaf.parts != results[:1] or leaf.kind != "folder":
        return False
    return leaf.parts == results or all(one.kind == "folder" for one in walk(root, leaf.name, results))


def _below(root: Path, leaf: Leaf, results: tuple[str, ...]) -> Callable[[], Iterable[Leaf]]:
    return lambda: walk(root, leaf.name, results) if leaf.kind == "folder" else ()


def _zip_tops(path: Path, words: CourseNames) -> list[_Top]:
    leaves = class_members(path)
    groups = _grouped(leaves)
    only = next(iter(groups)) if len(groups) == 1 else None
    if only is not None and not is_submission(only) and (_wraps(groups[only], words) or _holds_download(groups[only])):
        groups = _grouped([leaf for leaf in groups[only] if len(leaf.parts) > 1], 1)
    return [_Top(group[0], _rest(group)) for group in groups.values()]


def _rest(group: list[Leaf]) -> Callable[[], Iterable[Leaf]]:
    return lambda: group[1:]


def _grouped(leaves: Iterable[Leaf], depth: int = 0) -> dict[str, list[Leaf]]:
    groups: dict[str, list[Leaf]] = {}
    for leaf in leaves:
        inner = replace(leaf, parts=leaf.parts[depth:])
        groups.setdefault(inner.parts[0], []).append(inner)
    return groups


def _wraps(leaves: list[Leaf], words: CourseNames) -> bool:
    """Whether a lone folder only wraps the class: no exercise lies where a student's own would."""
    for leaf in leaves:
        stem, suffix = split_suffix(leaf.name)
        if leaf.kind == "folder" and leaf.parts[1:2] and leaf.parts[1] in words.assignments:
            return False
        own = len(leaf.parts) == 2 or (len(leaf.parts) == 3 and leaf.parts[1] in words.assignments)
        if leaf.kind == "file" and suffix in CODE and own and exercise_in(stem, words.exercises):
            return False
    return any(leaf.kind == "folder" and len(leaf.parts) > 1 for leaf in leaves)


def _holds_download(leaves: Iterable[Leaf]) -> bool:
    """Whether the files and folders in a folder are those of a download, one or more for each student."""
    return is_download({leaf.parts[1]: leaf.kind == "folder" for leaf in leaves if len(leaf.parts) == 2})


def _owner(folder: Path, words: CourseNames) -> str:
    """Return the name of the student's folder: this one or, if it is named after an assignment, the one above it."""
    return (folder.parent if folder.name in words.assignments else folder).name


def _one_file(path: Path, words: CourseNames) -> Area:
    absolute = path.absolute()
    stem = split_suffix(path.name)[0]
    student = stem
    if exercise_in(stem, words.exercises):
        student = _owner(absolute.parent, words) or stem
    # The instructor named this very file, so a link is followed.
    resolved = absolute.resolve()
    leaf = Leaf((path.name,), "file", DiskPlace(resolved.parent, (resolved.name,)))
    return Area(as_id(student), (UploadedItem((path.name,), leaf),), as_id(path.name))


# --- splitting -------------------------------------------------------------------------------------------------


_GARBLED = (
    f"{UNSAID} (the archive does not state the encoding of its names: unpack it with the program that made it, and "
    "grade the folder)"
)


def _split(tops: list[_Top], words: CourseNames, own_name: str, system: System | None) -> tuple[list[Area], list[str]]:
    tops = [top for top in tops if top.leaf.name != CHECKPOINTS]
    if _is_one_student(tops, words):
        items: list[UploadedItem] = []
        problems: list[str] = []
        for top in tops:
            items.append(UploadedItem(top.leaf.parts, top.leaf))
            more, trouble = _items(top, 0)
            items += more
            problems += trouble
        return [_unpack(Area(as_id(own_name), tuple(items), as_id(own_name), tuple(problems)))], []
    folders = [top.leaf.name for top in tops if top.leaf.kind == "folder"]
    if folders and words.assignments.issuperset(folders):
        raise CourseError(
            f"{path_text((folders[0],))} is an assignment, not a student; if it holds the class, give that "
            f"folder as PATH; accepted layouts: {LAYOUTS}"
        )
    if folders and all(top.leaf.kind == "folder" and _holds_download(_quietly(top)) for top in tops):
        what = "is a download of a learning management system, not the folder of one student"
        raise CourseError(f"{path_text((folders[0],))} {what}; give {path_text((folders[0],))} as PATH")
    submitted: dict[str, Submitted] | None = None
    listing = next((top for top in tops if top.leaf.name == METADATA and top.leaf.kind != "folder"), None)
    if listing is not None and system is None:
        tops.remove(listing)
        submitted = _read_listing(listing)
    listed = None if submitted is None else {name: one.submitters for name, one in submitted.items()}
    written = attribute({top.leaf.name: top.leaf.kind == "folder" for top in tops}, system, listed)
    numbered = all(is_numbered(name) for name in folders)
    areas: list[Area] = []
    ignored: list[str] = []
    extras = extras_of(written)
    for top in (one for one in tops if one.leaf.name not in extras):
        area = _area(top, words, written.get(top.leaf.name))
        if area is None:
            ignored.append(f"{path_text(top.leaf.parts)}: belongs to no student")
            continue
        if submitted is not None and (said := submitted.pop(top.leaf.name, None)) is not None:
            area = _timed(area, said.time)
        if numbered and area.lms is None and is_numbered(top.leaf.name):
            area = replace(area, nameless=UNSAID)
        areas.append(_unpack(replace(area, nameless=_GARBLED) if top.leaf.guessed else area))
    for folder, absent in (submitted or {}).items():
        entry, lms = path_text((folder,)), absent.submitters[0]
        lost = f"{entry}: {METADATA} names it, and it is not here; download the submissions again"
        areas.append(Area(lms.student, (), entry, (lost,), lms=lms, others=absent.submitters[1:]))
    return areas, ignored


def _read_listing(top: _Top) -> dict[str, Submitted]:
    try:
        return read_metadata(once_more(partial(top.leaf.place.read, MAX_METADATA)))
    except Rejected as error:
        raise CourseError(f"{METADATA}: {error}; download the submissions again") from None


def _timed(area: Area, time: datetime | str | None) -> Area:
    order = int(time.timestamp()) if isinstance(time, datetime) else 0
    return replace(area, received=time, items=tuple(replace(item, order=order) for item in area.items))


def _is_one_student(tops: list[_Top], words: CourseNames) -> bool:
    """Whether PATH is itself one student's folder: exercises at its top or in folders of assignments, nothing else."""
    direct = False
    for top in tops:
        stem, suffix = split_suffix(top.leaf.name)
        if top.leaf.kind == "folder":
            if top.leaf.name not in words.assignments:
                return False
            direct = direct or any(
                len(leaf.parts) == 2 and exercise_in(split_suffix(leaf.name)[0], words.exercises)
                for leaf in _quietly(top)
            )
        elif suffix in CODE:
            if not exercise_in(stem, words.exercises):
                return False
            direct = True
        elif suffix == ".zip":
            return False
    return direct


def _quietly(top: _Top) -> Iterator[Leaf]:
    try:
        yield from top.below()
    except Rejected:
        return


def _area(top: _Top, words: CourseNames, written: Attribution | None) -> Area | None:
    """Return the area of one entry at the top, or None if it belongs to no student."""
    leaf = top.leaf
    entry = path_text(leaf.parts)
    if written is not None:
        return _written_area(top, entry, written)
    if leaf.kind == "folder":
        items, problems = _items(top, 1)
        return Area(as_id(leaf.name), tuple(items), entry, tuple(problems))
    stem, suffix = split_suffix(leaf.name)
    code = suffix in CODE or suffix == ".zip"
    if leaf.kind == "link" and not code:
        return Area(as_id(leaf.name), (), entry, (f"{entry}: {leaf.problem}",))
    if exercise_in(stem, words.exercises):
        return None
    if code:
        return Area(as_id(stem), (UploadedItem((leaf.name,), leaf),), entry)
    inner, kind = split_suffix(stem)
    certain = is_archive(leaf.name) or (kind in CODE and why_unusable(leaf.name) is not None)
    return Area(
        as_id(inner if kind in CODE or kind == ".tar" else stem),
        (UploadedItem((leaf.name,), leaf),),
        entry,
        doubtful=not certain,
    )


def _written_area(top: _Top, entry: str, written: Attribution) -> Area:
    """Return the area of an entry that a learning management system named."""
    lms = written.name
    if top.leaf.kind == "folder":
        items, problems = _items(top, 1)
        items = [replace(item, order=lms.upload) for item in items]
    elif lms.is_receipt:
        items, problems = [], [f"{entry}: is a receipt without a file; hand in the .ipynb or .py as a file"]
    else:
        items, problems = [UploadedItem((lms.file or top.leaf.name,), top.leaf, lms.upload)], []
    return Area(
        student=lms.student,
        items=tuple(items),
        entry=entry,
        problems=tuple(problems),
        late=(as_id(lms.file),) if lms.late else (),
        lms=lms,
        others=written.others,
        refused=written.refused,
    )


def _items(top: _Top, own: int) -> tuple[list[UploadedItem], list[str]]:
    items: list[UploadedItem] = []
    try:
        for leaf in top.below():
            items.append(UploadedItem(leaf.parts[own:], leaf))
    except Rejected as error:
        return items, [f"{path_text(top.leaf.parts)}: {error}"]
    return items, []


_EMPTY = (
    "holds no file that can be read (none at all, or only names that are absolute, lead out of it or lie too deep); "
    "zip the .ipynb or .py and hand it in again"
)


def _unpack(area: Area) -> Area:
    """Add what the student's zip archives hold; an archive inside an archive stays closed."""
    items: list[UploadedItem] = []
    problems = list(area.problems)
    for item in area.items:
        if split_suffix(item.leaf.name)[1] != ".zip" or item.leaf.kind == "folder":
            items.append(item)
            continue
        if item.leaf.problem is not None:
            problems.append(f"{path_text(item.leaf.parts)}: {item.leaf.problem}")
            continue
        try:
            leaves = once_more(partial(student_members, item.leaf.place, item.leaf.parts))
            if not any(leaf.kind != "folder" for leaf in leaves):
                problems.append(f"{path_text(item.leaf.parts)}: {_EMPTY}")
            for leaf in leaves:
                inside = leaf.parts[len(item.leaf.parts) :]
                items.append(UploadedItem((*item.below[:-1], *inside), leaf, item.order, packed=True))
        except Rejected as error:
            problems.append(f"{path_text(item.leaf.parts)}: {error}")
    return replace(area, items=tuple(items), problems=tuple(problems))
