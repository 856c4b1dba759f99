"""What a service's operators see: events and spans with codes and counts, and nothing about a person."""

import logging
from typing import Any, Final

import pytest
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

import scorecore
from scorecore.library import telemetry

FACTS: Final = {
    "period": "2024-05",
    "id": "B1036-secret",
    "person": {"sales": "918273.64", "task": 5646372, "joined": "2024-02-30"},
    "complaints": [{"id": "C-secret", "upheld": True}],
}
PERSONAL: Final = ("secret", "918273", "5646372", "02-30")


def fields(record: logging.LogRecord) -> dict[str, Any]:
    return {name: value for name, value in vars(record).items() if name not in vars(logging.makeLogRecord({}))}


def test_log_records_have_no_personal_data(shop: scorecore.CompiledPolicy, caplog: pytest.LogCaptureFixture) -> None:
    """Each event has the policy, the period, how much is held and why, by code; and how long it took."""
    with caplog.at_level(logging.DEBUG, "scorecore"):
        shop.decide(FACTS)
        with pytest.raises(scorecore.FactsRejected):
            shop.decide({**FACTS, "secret": 1})
    decided, rejected = caplog.records
    expected = {"event": "decide", "policy": "shop.monthly@2024.1", "period": "2024-05", "held": 1, "codes": "SC512"}
    assert fields(decided).keys() - expected.keys() == {"message", "milliseconds"}
    assert expected.items() <= fields(decided).items()
    assert (rejected.levelname, rejected.getMessage()) == ("WARNING", "decide.rejected")
    assert fields(rejected)["codes"] == "SC101"
    shown = " ".join(str(vars(record)) for record in caplog.records)
    assert not [word for word in PERSONAL if word in shown]


def test_nothing_is_logged_unless_somebody_asks(
    shop: scorecore.CompiledPolicy, capfd: pytest.CaptureFixture[str]
) -> None:
    shop.decide(FACTS)
    with pytest.raises(scorecore.FactsRejected):
        shop.decide({})
    assert capfd.readouterr() == ("", "")


def test_spans_have_no_personal_data(shop: scorecore.CompiledPolicy, monkeypatch: pytest.MonkeyPatch) -> None:
    """With OpenTelemetry each decision is a span; what was rejected has its codes, and no event with a message."""
    exporter = InMemorySpanExporter()
    provider = TracerProvider()
    provider.add_span_processor(SimpleSpanProcessor(exporter))
    monkeypatch.setattr(telemetry, "_find_tracer", lambda: provider.get_tracer("scorecore"))
    shop.decide(FACTS)
    with pytest.raises(scorecore.FactsRejected):
        shop.decide({**FACTS, "secret": 1})
    decided, rejected = exporter.get_finished_spans()
    assert decided.name == rejected.name == "scorecore.decide"
    assert dict(decided.attributes or {})["scorecore.held"] == 1
    assert dict(rejected.attributes or {})["scorecore.codes"] == "SC101"
    shown = decided.to_json() + rejected.to_json()
    assert not [word for word in PERSONAL if word in shown]
