"""One round of giving out slots: to whose turn it is, until nobody who waits can go. Pure."""

from __future__ import annotations

from collections.abc import Mapping

from dix.engine.admission import Admission
from dix.engine.course import Course
from dix.quota.turns import choose_next


def give_out(courses: Mapping[str, Course], admission: Admission) -> None:
    """Let the ready steps of these runs go, as far as there is room.

    Between projects the turn is decided anew after each step, since each one changes what is a fair share. Within a
    project the runs of the greatest priority go first, the oldest of them before the others; one that cannot go is
    passed by those after it (`patience` says how often).
    """
    queues: dict[str, list[Course]] = {}
    waiting = [course for course in courses.values() if course.has_ready()]
    for course in sorted(waiting, key=lambda course: course.make_waiter().rank(), reverse=True):
        queues.setdefault(course.run.project, []).append(course)
    if queues:
        admission.begin_round()
    while queues:
        project = next(iter(queues))
        if len(queues) > 1:
            heads = {name: queue[-1].make_waiter() for name, queue in queues.items()}
            project = choose_next(heads, admission.quotas)
        course = queues[project][-1]
        if not course.admit_next(admission) and not _take_back(course, courses, admission):
            queues[project].pop()
            if not queues[project]:
                del queues[project]


def _take_back(course: Course, courses: Mapping[str, Course], admission: Admission) -> bool:
    """Whether a step can go because others give back what they had borrowed of its project."""
    victims = course.take_back(admission)
    for victim in victims:
        courses[victim.key.run].give_back(victim)
    return bool(victims) and course.admit_next(admission)
