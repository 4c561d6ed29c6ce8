"""`policy diff`: which questions a new policy answers differently than an old one, and why."""

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.progress import Progress
from rich.text import Text

from linkage_node.cli.common import (
    DEFAULT_CONFIG,
    ConfigOption,
    JsonOption,
    console,
    errors,
    open_node,
    print_json,
)
from linkage_node.cli.language import LanguageOption
from linkage_node.cli.progress import columns
from linkage_node.errors import ExitCode, Refusal

if TYPE_CHECKING:
    from linkage_node.node import Node
    from linkage_node.policy.diff import Group
    from linkage_node.policy.diff_questions import Put
    from linkage_node.policy.explained_words import Language
    from linkage_node.policy.known import KnownPolicy

_EXAMPLES = 3  # questions that are named with a change on the screen; JSON has all


def diff(
    old: Annotated[
        str, typer.Argument(metavar="OLD", help="A policy folder, a file of `policy build`, or `active`.")
    ],
    new: Annotated[str, typer.Argument(metavar="NEW", help="The same; what would take its place.")],
    exit_code: Annotated[
        bool,
        typer.Option("--exit-code", help="For scripts: exit code 4 if something is answered differently."),
    ] = False,
    language: LanguageOption = "nl",
    as_json: JsonOption = False,
    config: ConfigOption = DEFAULT_CONFIG,
) -> None:
    """Say which questions NEW answers differently than OLD, from what to what, and why.

    Put to both are the questions that this node recorded, the smallest and largest that fit each agreement, and the
    cases of both. A folder has no agreements in force: it is read over those of this node. Without a node.yaml two
    folders are compared over their examples.
    """
    from linkage_node.policy.known import NODE_WORDS, policy_of

    if config.exists() or {old, new} & set(NODE_WORDS):
        with open_node(config) as node:
            comparison = _Comparison(policy_of(old, node), policy_of(new, node), node)
            groups = comparison.run(language)
    else:
        comparison = _Comparison(policy_of(old, None), policy_of(new, None), None)
        groups = comparison.run(language)
    if as_json:
        print_json(comparison.as_data(groups))
    else:
        console.print(Text("\n".join(comparison.lines(groups, language))), soft_wrap=True)
    if exit_code and groups:
        raise typer.Exit(ExitCode.REFUSED)


class _Comparison:
    """Two policies, and how many questions of each sort were put to both."""

    def __init__(self, old: "KnownPolicy", new: "KnownPolicy", node: "Node | None") -> None:
        self._old, self._new, self._node = old, new, node
        self._put = {"recorded": 0, "imagined": 0, "case": 0}
        self._cases = (0, 0)  # of the product, and others
        self._twice = 0  # of these, under the text of either policy
        self._unrecorded = 0  # of an earlier version, which did not keep all that was asked

    def run(self, language: "Language") -> "list[Group]":
        """Put all questions to both, with a bar on a terminal."""
        from linkage_node.clock import now_ms
        from linkage_node.policy.case_origins import counted
        from linkage_node.policy.diff import Side, differences, grouped
        from linkage_node.policy.diff_questions import imagined, of_cases
        from linkage_node.policy.explained_words import word

        both = (self._old, self._new)
        mode = self._node.config.mode if self._node else "production"
        cases, of_the_cases = of_cases(both)
        texts = {**self._old.tried_with, **self._new.tried_with}
        once = {
            case.name: case for case in cases
        }.values()  # one that starts from two texts is put under either
        self._cases, self._twice = counted(once, texts.__getitem__), len(cases) - len(once)
        others = [*imagined(both, mode=mode, now_ms=now_ms(), language=language), *of_the_cases]
        old, new = (Side(policy, cases) for policy in both)
        with Progress(*columns(), console=errors, transient=True, disable=not errors.is_terminal) as bars:
            task = bars.add_task(word(language, "posed"), total=len(others) + self._records())

            def questions() -> "Iterator[Put]":
                for put in self._recorded(language, lambda: bars.advance(task)):
                    self._put["recorded"] += 1
                    yield put
                for put in others:
                    self._put[put.origin] += 1
                    yield put
                    bars.advance(task)

            return grouped(differences(old, new, questions()))

    def _records(self) -> int:
        from sqlalchemy import func, select

        from linkage_node.storage.tables import evidence

        if self._node is None:
            return 0
        with self._node.database.read() as connection:
            return connection.scalar(select(func.count()).select_from(evidence)) or 0

    def _recorded(self, language: "Language", step: Callable[[], None]) -> "Iterator[Put]":
        from linkage_node.evidence import EvidenceLog
        from linkage_node.evidence.log import read
        from linkage_node.policy.diff_questions import of_record
        from linkage_node.policy.recorded import question_in

        if self._node is None:
            return
        for record in EvidenceLog.of(self._node).records():
            try:
                if found := question_in(read(record)):
                    yield of_record(found, language)
            except Refusal:
                self._unrecorded += 1
            step()

    def lines(self, groups: "list[Group]", language: "Language") -> "Iterator[str]":
        """What a person reads."""
        from linkage_node.policy.explained_words import number, word

        old, new = self._old, self._new
        yield word(language, "compared", old.name, old.data()["revision"], new.name, new.data()["revision"])
        counts = (self._put["recorded"], self._put["imagined"], sum(self._cases), *self._cases)
        yield word(language, "put_to_both", *(number(language, one) for one in counts))
        if self._twice:
            yield word(language, "put_twice", number(language, self._twice))
        if self._unrecorded:
            yield word(language, "not_put", number(language, self._unrecorded))
        for key, ids in self._agreements().items():
            if ids:
                yield word(language, key, ", ".join(ids))
        total, otherwise = (
            number(language, sum(group.questions for group in chosen))
            for chosen in (groups, [group for group in groups if group.decides_otherwise])
        )
        yield word(language, "differ", total, otherwise) if groups else word(language, "all_the_same")
        for place, group in enumerate(groups, start=1):
            yield ""
            yield from _group(place, group, language, {"before": old.rules, "after": new.rules})

    def _agreements(self) -> dict[str, list[str]]:
        """Ids of agreements that only one has, or that differ."""
        old, new = (
            {one["id"]: content for content, one in policy.data()["agreements"].items()}
            for policy in (self._old, self._new)
        )
        return {
            "agreements_new": sorted(new.keys() - old.keys()),
            "agreements_gone": sorted(old.keys() - new.keys()),
            "agreements_changed": sorted(one for one in old.keys() & new.keys() if old[one] != new[one]),
        }

    def as_data(self, groups: "list[Group]") -> dict[str, Any]:
        """What a script reads."""
        return {
            "old": {"name": self._old.name, "revision": self._old.data()["revision"]},
            "new": {"name": self._new.name, "revision": self._new.data()["revision"]},
            "put": self._put,
            "not_put": self._unrecorded,
            **self._agreements(),
            "different": sum(group.questions for group in groups),
            "other_decisions": sum(group.questions for group in groups if group.decides_otherwise),
            "groups": [
                {
                    "agreement": group.agreement,
                    "before": _answer(group.allowed_before, group.before),
                    "after": _answer(group.allowed_after, group.after),
                    "conditions": {
                        name: {"before": was, "after": now} for name, was, now in group.conditions
                    },
                    "origins": group.origins,
                    "questions": group.names,
                }
                for group in groups
            ],
        }


def _answer(allow: bool, reasons: tuple[str, ...]) -> dict[str, Any]:
    return {"allow": allow, "reasons": list(reasons)}


def _group(place: int, group: "Group", language: "Language", rules: dict[str, Any]) -> "Iterator[str]":
    from linkage_node.policy.explained import meaning_of
    from linkage_node.policy.explained_words import condition, number, value_of, word

    counted = ", ".join(
        f"{number(language, many)} {word(language, one)}" for one, many in group.origins.items()
    )
    yield f"{place}. {group.agreement}: {counted}"
    answers = {"before": (group.allowed_before, group.before), "after": (group.allowed_after, group.after)}
    for when, (allow, reasons) in answers.items():
        said = word(language, "approved" if allow else "refused").lower()
        codes = f" ({', '.join(reasons)})" if reasons else ""
        yield f"   {word(language, when)}: {said}{codes}"
    for code in [code for code in group.after if code not in group.before]:
        yield f"   {word(language, 'why')}: {code}: {meaning_of(code, language, rules['after']).meaning}"
    for code in [code for code in group.before if code not in group.after]:
        yield f"   {word(language, 'no_more')}: {code}: {meaning_of(code, language, rules['before']).meaning}"
    for name, was, now in group.conditions:
        then = word(language, "becomes", value_of(language, name, now))
        yield f"   {word(language, 'condition_of')} {condition(language, name, was)}; {then}"
    yield f"   {word(language, 'such_as')}:"
    yield from (f"     {name}" for name in group.names[:_EXAMPLES])
    if (more := len(group.names) - _EXAMPLES) > 0:
        yield f"     {word(language, 'and_more', number(language, more))}"
