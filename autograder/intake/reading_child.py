"""What runs in a submission's child: a notebook is read in it first, and then its code is run as any other.

The notebook is read before any of its code runs, by a process that has nothing of another student's, and the grader
decides what of it is run, as if it had been read elsewhere; a child less is started for each notebook.
"""

from __future__ import annotations

import os

from autograder.intake.crossing import FIRST, GO_ON, notebook_as_bytes
from autograder.intake.crossing import rehearse as rehearse  # the fork server calls it
from autograder.sandbox import harness
from autograder.sandbox.batches import OpenBatch
from autograder.sandbox.framing import frame_writer, plain_frame
from autograder.sandbox.harness import serve as serve  # these two as well
from autograder.sandbox.harness import settle_random as settle_random


def run(job_fd: int, batch: int | OpenBatch, result_fd: int, channel_fd: int = -1) -> None:
    """Do a job as :func:`autograder.sandbox.harness.run` does; read the notebook first that is there in its place.

    A child that cannot read it ends without a frame.
    """
    if os.pread(job_fd, len(FIRST), 0) == FIRST:
        data = os.pread(job_fd, os.fstat(job_fd).st_size, len(FIRST))
        frame_writer(result_fd)((plain_frame({}, notebook_as_bytes(data)),))
        if os.read(channel_fd, 1) != GO_ON:
            return  # the grader does without this child
    harness.run(job_fd, batch, result_fd, channel_fd)
