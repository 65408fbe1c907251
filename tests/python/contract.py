"""Makes Python bindings of one world of the contract with componentize-py and builds values with them.

Called by tests/it/contract/python.rs as: contract.py WIT_FOLDER WORLD SCRATCH_FOLDER
"""

import importlib
import subprocess
import sys
from pathlib import Path


def generate(wit: str, world: str, out: Path) -> None:
    tool = Path(sys.executable).with_name("componentize-py")
    subprocess.run([tool, "-d", wit, "-w", world, "bindings", out], check=True)
    sys.path.insert(0, str(out))


def check_source() -> None:
    schema = importlib.import_module("wit_world.imports.schema")
    types = importlib.import_module("wit_world.imports.types")
    source = importlib.import_module("wit_world.exports.source")
    http = importlib.import_module("wit_world.imports.http")
    review = schema.AccessReview(
        campaign="2026-Q4",
        principal="svc-broker",
        resource="legacy-broker/shared",
        decision=schema.ReviewDecision.REVOKE,
        reviewer=None,
        applied=False,
        justification=None,
    )
    item = schema.Item(
        id="1",
        title="Review",
        summary="",
        url=None,
        subjects=["credential:legacy-broker/shared"],
        source_time="2026-11-22T21:29:09Z",
        expires=None,
        labels=[("quarter", "4")],
        citations=[types.Citation(capture=0, locator=types.Locator_Pointer("/results/0"))],
        exposure=None,
        body=schema.Body_AccessReview(review),
    )
    page = source.Page(items=[item], next=source.Next_Done(None), gaps=[])
    assert page.items[0].body.value.decision is schema.ReviewDecision.REVOKE
    assert callable(http.fetch) and callable(http.fetch_all) and callable(http.follow)


def check_intake() -> None:
    intake = importlib.import_module("wit_world.exports.intake")
    receipt = intake.Receipt(reference="CR-1", url=None, received_at=None, existed=True)
    assert receipt.existed


def main() -> None:
    wit, world, out = sys.argv[1:]
    generate(wit, world, Path(out))
    {"connector": check_source, "intake-connector": check_intake}[world]()


main()
