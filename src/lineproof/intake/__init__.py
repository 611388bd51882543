"""The one door for every event: spools of recorded processes, and events of other tools."""

from lineproof.intake.events import record_event
from lineproof.intake.report import IntakeReport
from lineproof.intake.sweep import take_in

__all__ = ["IntakeReport", "record_event", "take_in"]
