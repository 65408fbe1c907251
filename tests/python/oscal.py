"""Reads an OSCAL plan of action and milestones with compliance-trestle, and finds it wrong where something is taken out.

Called by tests/it/exports.rs as: oscal.py FILE
"""

import copy
import json
import sys
from pathlib import Path

from pydantic import ValidationError
from trestle.oscal.poam import Model


def refuses(document: dict) -> bool:
    try:
        Model.model_validate(document)
    except ValidationError:
        return True
    return False


def main() -> None:
    document = json.loads(Path(sys.argv[1]).read_text(encoding="utf-8"))
    plan = Model.model_validate(document).plan_of_action_and_milestones
    written = document["plan-of-action-and-milestones"]
    assert len(plan.poam_items) == len(written["poam-items"]) == 4
    assert len(plan.observations) == len(written["observations"]) == 3
    assert plan.risks[0].deadline is not None and plan.risks[0].risk_log.entries

    without_time = copy.deepcopy(document)
    del without_time["plan-of-action-and-milestones"]["observations"][0]["collected"]
    assert refuses(without_time), "an observation without the time it was collected"
    with_more = copy.deepcopy(document)
    with_more["plan-of-action-and-milestones"]["risks"][0]["dissent"] = []
    assert refuses(with_more), "a word OSCAL does not have"


main()
