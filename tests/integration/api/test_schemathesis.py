"""The API keeps what its OpenAPI document promises, whatever is asked of it: schemathesis asks a running server.

All its checks, in all its phases: systematic cases, random ones, and walks from one operation to those that it leads to.
`make conformance` asks many times as much.
"""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tasks_app.api import tokens
from tests.integration.api.serving import served
from tests.making import make_agent

CASES = int(
    os.environ.get("ORDINAUT_CONFORMANCE_CASES", "2")
)  # random ones of each operation, and twelve times as many walks
EVERY = os.environ.get("ORDINAUT_CONFORMANCE_EVERY", "25")  # so manieth systematic case of each operation
_HERE = Path(__file__).parent


@pytest.mark.django_db(transaction=True)
@pytest.mark.timeout(4 * 3600)  # of `make conformance`
def test_no_answer_breaks_the_openapi_document(transactional_db: None, tmp_path: Path) -> None:
    asker, another = make_agent(scopes=("admin",)), make_agent()
    program = Path(sys.executable).with_name("schemathesis")
    config = tmp_path / "schemathesis.toml"
    numbers = {"fuzzing": CASES, "stateful": 12 * CASES}
    phases = [f"[phases.{name}.generation]\nmax-examples = {number}\n" for name, number in numbers.items()]
    config.write_text("\n".join([(_HERE / "schemathesis.toml").read_text(), *phases]))
    told = {
        "ORDINAUT_TOKEN": tokens.issue(asker),
        "ORDINAUT_ASKER": str(asker.pk),
        "ORDINAUT_ANOTHER": str(another.pk),
        "ORDINAUT_CONFORMANCE_EVERY": EVERY,
        "PYTHONPATH": str(_HERE.parents[2]),
    }

    with served(ORDINAUT_DATABASE_POOL="4") as port, (tmp_path / "told").open("w") as output:
        asked = subprocess.run(
            [
                program, "--config-file", config, "run", f"http://127.0.0.1:{port}/openapi.json",
                "--checks", "all", "--no-color",
            ],
            env=os.environ | told,
            cwd=tmp_path,
            stdout=output,
            stderr=subprocess.STDOUT,
            check=False,
        )  # fmt: skip

    said = (tmp_path / "told").read_text()
    assert asked.returncode == 0, said
    [covered] = re.findall(r"API Links: +(\d+) covered", said)
    assert int(covered) >= 5, said  # else the walks led nowhere, and show nothing
