"""After every fault the next run ends with every record, none twice, none of an older grading."""

import random

import pytest

from tests.faults.bench import make_bench
from tests.faults.kinds import FAULTS, Impossible

pytestmark = pytest.mark.integration


@pytest.fixture(scope="module")
def bench(tmp_path_factory):
    return make_bench(tmp_path_factory.mktemp("faults"), 30)


@pytest.mark.parametrize("name", FAULTS)
def test_nothing_is_lost_doubled_or_left_standing(bench, tmp_path, name):
    try:
        left = FAULTS[name](bench, tmp_path / "out", random.Random(name))
    except Impossible as why:
        pytest.skip(str(why))
    assert left.nothing, left
    assert left.message
