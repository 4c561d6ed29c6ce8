"""The second half of chapter 6: a question that stands, and the series of its answers."""

from linkage_node.demo.deals import TREND
from linkage_node.demo.nodes import DemoFailed
from linkage_node.demo.registers import TOWN
from linkage_node.demo.results import read_rows
from linkage_node.demo.stage import Stage
from linkage_node.demo.tables import hold, show

_NAME = "huurachterstand"
_FIRST_OF_MONTH = "0 6 1 * *"
_SERIES, _CHART = "huurachterstand.csv", "huurachterstand.svg"


def stand(stage: Stage) -> None:
    """The municipality lets its node ask every month; here it is asked once, ahead of time."""
    (deal,) = TREND.deals
    stage.say(
        f"\nA question can stand. {TOWN.name} lets its node count every month at how many addresses of its clients "
        f"{deal.answers_from.name} sees arrears of rent; the first time is now."
    )
    added = stage.ask(
        "standing", "add", _NAME, "--agreement", deal.id, "--question", _NAME, "--schedule", _FIRST_OF_MONTH
    )
    (point,) = stage.ask("standing", "run", _NAME)
    (listed,) = stage.node(TOWN).ask("standing", "list")
    if listed["next_at"] != added["next_at"] or listed["last_at"] is None:
        raise DemoFailed(f"it was to run at {added['next_at']}, and is listed as {listed}")
    show(stage, deal, point["numbers"])
    stage.tables.append(hold(stage, deal, point["numbers"]))
    for words in (("export", _NAME, "--output", _SERIES), ("chart", _NAME, "--output", _CHART)):
        stage.run("standing", *words)
    rows = len(read_rows(stage.file(_SERIES)))
    cells = sum(map(len, point["numbers"]["cells"]))
    if rows != cells or "<svg" not in stage.file(_CHART).read_text(encoding="utf-8"):
        raise DemoFailed(f"{rows} rows in {_SERIES} for {cells} cells, or no drawing in {_CHART}")
    stage.say(
        f"Put next at {_minute(added['next_at'])} (UTC). The series is written to {_SERIES} and drawn in {_CHART}. "
        f"There are only numbers in it; this one is kept until {point['keep_until'][:10]}, as the agreement says."
    )


def _minute(at: str) -> str:
    return at[:16].replace("T", " ")
