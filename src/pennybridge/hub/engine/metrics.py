"""What the engine did and how it stands, as Prometheus reads it.

Counts come from the hub's state, so that any process tells those of all; they never fall. Connections go by
their number: no name, no amount and no secret stands here.

Source:
    Text format 0.0.4: https://prometheus.io/docs/instrumenting/exposition_formats/
"""

from collections.abc import Iterable, Iterator

from pennybridge.hub.engine.engine import Engine
from pennybridge.store.state import Row

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"
Samples = Iterable[tuple[dict[str, str], float]]


def metrics_text(engine: Engine) -> str:
    """Every metric, one family after the other."""
    return "".join((*_done(engine.board.totals()), *_queue(engine), *_freshness(engine)))


def _done(totals: list[Row]) -> Iterator[str]:
    by_outcome = [({"outcome": row["outcome"]}, row) for row in totals if row["kind"] == "sync"]
    builds = [({"outcome": row["outcome"]}, row) for row in totals if row["kind"] == "build"]
    yield _family(
        "syncs_total", "counter", "Syncs that ended.", [(at, row["runs"]) for at, row in by_outcome]
    )
    for name, column, text in (
        ("sync_seconds_total", "seconds", "Time that syncs took."),
        ("sync_requests_total", "requests", "Requests that syncs made."),
        ("sync_rows_total", "written", "Rows that syncs wrote."),
    ):
        yield _family(name, "counter", text, [(at, row[column]) for at, row in by_outcome])
    yield _family(
        "builds_total", "counter", "Model builds that ended.", [(at, row["runs"]) for at, row in builds]
    )
    seconds = [(at, row["seconds"]) for at, row in builds]
    yield _family("build_seconds_total", "counter", "Time that model builds took.", seconds)


def _queue(engine: Engine) -> Iterator[str]:
    queue = engine.queue()
    waited = (engine.clock() - queue.oldest).total_seconds() if queue.oldest else 0.0
    for name, value, text in (
        ("queue_waiting", queue.waiting, "Syncs that wait."),
        ("queue_running", queue.running, "Syncs under way."),
        ("queue_oldest_seconds", waited, "How long the oldest of those that wait has waited."),
        ("workers_alive", queue.alive, "Workers with a recent heartbeat."),
    ):
        yield _family(name, "gauge", text, [({}, value)])


def _freshness(engine: Engine) -> Iterator[str]:
    now = engine.clock()
    known = [(each, {"connection": each.connection_id}) for each in engine.freshness() if each.is_active]
    ages = [(at, (now - each.good_at).total_seconds()) for each, at in known if each.good_at]
    yield _family("freshness_seconds", "gauge", "Time since the last good sync of a connection.", ages)
    late = [(at, float(each.is_late)) for each, at in known]
    yield _family("connection_late", "gauge", "Whether a connection missed a whole interval.", late)


def _family(name: str, kind: str, text: str, samples: Samples) -> str:
    lines = [f"# HELP pennybridge_{name} {text}\n# TYPE pennybridge_{name} {kind}\n"]
    for labels, value in samples:
        told = ",".join(f'{label}="{_quoted(content)}"' for label, content in labels.items())
        shown = f"{{{told}}}" if told else ""
        lines.append(f"pennybridge_{name}{shown} {value:.15g}\n")
    return "".join(lines)


def _quoted(text: str) -> str:
    return text.replace("\\", r"\\").replace('"', r"\"").replace("\n", r"\n")
