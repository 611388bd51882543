"""A real report of a really recorded example, opened as a file in a real headless Chromium."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from contextlib import contextmanager
from pathlib import Path

import msgspec
import pytest
from playwright.sync_api import Browser, ConsoleMessage, Page, Request, sync_playwright

CLI = [sys.executable, "-m", "lineproof.cli"]
NAMES = ("chromium", "chromium-browser", "google-chrome")
MARKUP = '<script>document.title="owned"</script><img src=x onerror=\'document.title="owned"\'>'
PATIENCE_MS = 15_000

PREPARE = f"""
import pandas as pd
people = pd.read_csv("people & <b>patients.csv")
scores = pd.read_csv("scores.csv")
table = people.merge(scores, on="id")
table["age"] = 2026 - pd.to_datetime(table["birth_date"]).dt.year
table[{MARKUP!r}] = table["radius"] * 2
table.drop(columns=["ssn", "birth_date"]).to_csv("features.csv", index=False)
"""
TRAIN = """
import joblib
import pandas as pd
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import accuracy_score
table = pd.read_csv("features.csv")
X, y = table.drop(columns=["id", "ill"]), table["ill"]
model = LogisticRegression(C=0.5).fit(X, y)
accuracy_score(y, model.predict(X))
joblib.dump(model, "tumour.joblib")
"""


def lineproof(folder: Path, *words: str) -> str:
    """Run one lineproof command there; give what it printed."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("LINEPROOF_")}
    done = subprocess.run(
        [*CLI, *words],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert done.returncode == 0, done.stderr[-3000:]
    return done.stdout


@pytest.fixture(scope="session")
def report_path(tmp_path_factory) -> Path:
    """The report on a model recorded here; names in it hold markup."""
    folder = tmp_path_factory.mktemp("recorded")
    people = "".join(f"{one},{1950 + one}-01-01,123-45-{one:04}\n" for one in range(40))
    (folder / "people & <b>patients.csv").write_text("id,birth_date,ssn\n" + people)
    scores = "".join(f"{one},{one % 7},{one % 2}\n" for one in range(40))
    (folder / "scores.csv").write_text("id,radius,ill\n" + scores)
    (folder / "prepare.py").write_text(PREPARE)
    (folder / "train.py").write_text(TRAIN)
    lineproof(folder, "init")
    for script in ("prepare.py", "train.py"):
        lineproof(folder, "run", "--", sys.executable, script)
    lineproof(
        folder,
        "system",
        "set",
        "tumour",
        "--model",
        "tumour*",
        "--owner",
        MARKUP,
        "--ai-act-class",
        "limited",
    )
    lineproof(
        folder, "tag", "add", "column:people & <b>patients.csv#birth_date", "PII", "--reason", "</script>"
    )
    model = json.loads(lineproof(folder, "log", "--json").splitlines()[0])["models"][0]
    lineproof(folder, "report", model, "-o", "dossier.html")
    return folder / "dossier.html"


@pytest.fixture(scope="session")
def report(report_path) -> bytes:
    return report_path.read_bytes()


@pytest.fixture(scope="session")
def browser():
    """A headless Chromium; the test skips where none is installed."""
    found = next(filter(None, map(shutil.which, NAMES)), None)
    if found is None:
        reason = "Chromium is missing; install it (Debian: apt-get install chromium)"
        pytest.fail(reason) if os.environ.get("LINEPROOF_REQUIRE") else pytest.skip(reason)
    with sync_playwright() as playwright:
        # --no-sandbox: as root, where CI runs, Chromium has none.
        browser = playwright.chromium.launch(executable_path=found, args=["--no-sandbox"])
        yield browser
        browser.close()


class Opened(msgspec.Struct):
    """A page with all that it did on its own."""

    page: Page
    complaints: list[str]
    requests: list[str]

    @property
    def state(self) -> str:
        return self.page.locator("#verification").get_attribute("data-state")

    @property
    def panel(self) -> str:
        return self.page.locator("#verification").inner_text()


class Reader:
    """Opens report files."""

    def __init__(self, browser: Browser, folder: Path) -> None:
        self._browser = browser
        self._folder = folder

    @contextmanager
    def open(self, data: bytes, *, before: str = "", **options):
        """Open a file in a fresh browser context; wait until it has checked itself.

        Args:
            data: The file.
            before: JavaScript that runs before any of the page.
            options: Of the context.
        """
        path = self._folder / "dossier.html"
        path.write_bytes(data)
        context = self._browser.new_context(**options)
        context.set_default_timeout(PATIENCE_MS)
        if before:
            context.add_init_script(before)
        opened = Opened(page=context.new_page(), complaints=[], requests=[])
        _watch(opened, path.as_uri())
        opened.page.goto(path.as_uri())
        if options.get("java_script_enabled", True):
            opened.page.wait_for_function(
                "document.getElementById('verification').dataset.state !== 'unchecked'"
            )
        yield opened
        context.close()


def _watch(opened: Opened, own: str) -> None:
    def heard(message: ConsoleMessage) -> None:
        if message.type in {"error", "warning"}:
            opened.complaints.append(message.text)

    def asked(request: Request) -> None:
        if request.url.partition("#")[0] != own:
            opened.requests.append(request.url)

    opened.page.on("console", heard)
    opened.page.on("pageerror", lambda error: opened.complaints.append(str(error)))
    opened.page.on("dialog", lambda dialog: opened.complaints.append(f"dialog: {dialog.message}"))
    opened.page.on("request", asked)


@pytest.fixture
def reader(browser, tmp_path) -> Reader:
    return Reader(browser, tmp_path)


@pytest.fixture(scope="session")
def pictures(tmp_path_factory) -> Path:
    """Where screenshots go, to be looked at."""
    return tmp_path_factory.mktemp("pictures")


@pytest.fixture(scope="session")
def markup() -> str:
    """Markup that stands in the names of the recorded example."""
    return MARKUP
