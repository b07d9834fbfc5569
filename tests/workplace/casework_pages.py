"""Who gets which page of evidence, decisions, talks and imports; see ``PAGES`` in ``test_pages.py``."""

from __future__ import annotations

from cenotaph.workplace.access.rights import BENCH, ROLES

EXAMINERS = frozenset({"case_manager"})
DECIDERS = frozenset({"reviewer", "authority"})
READERS = EXAMINERS | DECIDERS
WATCHERS = frozenset({"case_manager", "authority"})
TELLERS = frozenset({"case_manager", "liaison"})
PLANNERS = frozenset({"planner", "authority"})
READING = frozenset({"planner"})
IMPORTERS = frozenset({"planner", "case_manager", *BENCH})

CASEWORK = {
    "runs": ("get", (), WATCHERS | {"administrator"}, False),
    "start_run": ("post", (), WATCHERS, False),
    "job": ("get", (1,), WATCHERS | {"administrator"}, False),
    "run": ("get", (1,), READERS | BENCH, False),
    # Asked without saying which two runs, it is not there for anybody.
    "compare_runs": ("get", (), frozenset(), False),
    "freeze_run": ("post", (1,), WATCHERS, False),
    # The run is frozen, so that the bench sees which bones it put together.
    "run_individual": ("get", (1, "I1"), WATCHERS | BENCH, False),
    "propose": ("post", (1, "I1"), BENCH, False),
    "sign_opinion": ("get", (1, "I1"), EXAMINERS, False),
    "decisions": ("get", (), READERS | TELLERS, False),
    "write_opinion": ("get", (), EXAMINERS, False),
    "settled": ("get", ("D1",), READERS | TELLERS, False),
    "opinion": ("get", (1,), READERS | TELLERS, False),
    "review_opinion": ("post", (1,), DECIDERS, False),
    "rule_opinion": ("post", (1,), DECIDERS, False),
    "reopen_opinion": ("post", (1,), DECIDERS, False),
    "tell_family": ("post", (1,), TELLERS, False),
    "proposals": ("get", (), WATCHERS | BENCH, False),
    "proposal": ("get", (1,), WATCHERS | BENCH, False),
    "decide_proposal": ("post", (1,), frozenset({"authority"}), False),
    "reopen_proposal": ("post", (1,), frozenset({"authority"}), False),
    # Whoever made it.
    "withdraw_proposal": ("post", (1,), frozenset({"anthropologist"}), False),
    "talks": ("get", (), PLANNERS, False),
    "account": ("get", ("sites",), PLANNERS | EXAMINERS, False),
    "sites": ("get", (), PLANNERS | EXAMINERS, False),
    "reading": ("get", (), READING, False),
    "report": ("get", (1,), READING, False),
    "enter_report": ("post", (1,), READING, False),
    "unmask": ("get", (), BENCH, False),
    "imports": ("get", (), IMPORTERS, False),
    # What somebody brought is nobody else's: it is the planner's.
    "import": ("get", (1,), READING, False),
    "apply_import": ("post", (1,), READING, False),
    "undo_import": ("post", (1,), READING, False),
    "give_up_import": ("post", (1,), READING, False),
    "receipts": ("get", (), READERS | BENCH, False),
    "photos": ("get", ("bone", "S1"), BENCH | WATCHERS, False),
    "photo": ("get", (1, "picture"), BENCH | WATCHERS, False),
    # Of a bone: those who may remove one of a box get no further than the row.
    "remove_photo": ("post", (1,), BENCH, False),
    "language": ("post", (), frozenset(ROLES), True),
    "export": ("get", (), IMPORTERS | TELLERS | PLANNERS, False),
    "memorandum": ("get", (1, "pdf"), READERS, False),
}
