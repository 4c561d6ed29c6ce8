"""The rules of policies/linkage once more, in plain Python: what may be approved.

It shares nothing with the Rego but the lists of words. Tests hold both engines to it.
"""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

_RULES = Path(__file__).parents[2] / "policies" / "linkage" / "match"
_ANSWERS = {
    "evaluate": ("hit", "attributes"),
    "fetch_tag_set": ("hit", "attributes"),
    "report_hits": ("hit", "attributes"),
    "count": ("count",),
    "disclose": ("attributes",),
}
_LIMITS = ("evaluations_per_day", "largest_query", "result_retention_days")
_LOOK_ALIKES = str.maketrans("034579", "oeastg")
_ONES = str.maketrans("1l", "ii")


def may_approve(asked: Any, data: dict[str, Any]) -> bool:
    """Whether the question may be approved under the agreements and catalogue of `data`."""
    try:
        return _may_approve(asked, data)
    except (KeyError, TypeError, AttributeError, IndexError):
        return False  # something is missing, or of another type


def _may_approve(asked: Any, data: dict[str, Any]) -> bool:
    subject, action, resource, context = (
        asked[part] for part in ("subject", "action", "resource", "context")
    )
    details, kind, named = action["properties"], resource["properties"]["kind"], context["agreement"]
    operation, answer = action["name"], details["answer"]
    agreement = data["agreements"][named["hash"]]
    limits = agreement["limits"]
    today = context["time"][:10]
    elements, used = details["elements"], context["used_today"]
    charged = 0 if operation == "report_hits" else elements
    texts = [subject["id"], resource["id"], kind, details["purpose"], details["question"]]
    texts += [details["processing_activity_id"], context["requester_oin"], named["id"], named["hash"]]
    return all(
        (
            all(isinstance(text, str) for text in texts),
            (subject["type"], resource["type"]) == ("organisation", "register"),
            context["role"] in ("requester", "provider"),
            context["mode"] in ("development", "production"),
            re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{3})?Z", context["time"], re.ASCII),
            answer in _ANSWERS[operation],
            _whole(elements) and (elements == 0) == (operation == "fetch_tag_set"),
            _whole(used) and _whole(context["epoch"]),
            _details_fit(operation, details, agreement),
            operation != "count"
            or context["mode"] == "development"
            or _protected(details["question"], agreement["count"]),
            named["status"] == "in_force",
            same(named["id"], agreement["id"]),
            subject["id"] == context["requester_oin"] == agreement["requester"]["oin"],
            resource["id"] == agreement["provider"]["oin"],
            _day(agreement["valid_from"]) <= today <= _day(agreement["valid_until"]),
            details["purpose"] == agreement["purpose"],
            kind in _list(agreement["kinds"]) and answer in _list(agreement["answers"]),
            charged <= limits["largest_query"],
            used + charged <= limits["evaluations_per_day"],
            operation != "disclose" or _fits(elements, agreement["attributes"]["largest"]),
            all(_whole(limits[name]) for name in _LIMITS),
            all(isinstance(agreement[name], bool) for name in ("proof", "receipts")),
            not (answer == "attributes" and kind == "household"),
            not against(agreement, data["catalogue"]),
            _day(_basis(agreement, data["catalogue"])["valid_from"]) <= today,
            today <= _day(_basis(agreement, data["catalogue"]).get("valid_until", "9999-12-31")),
        )
    )


def _details_fit(operation: str, details: dict[str, Any], agreement: dict[str, Any]) -> bool:
    question, names, for_a_case = details["question"], details["attributes"], details["for_a_case"]
    if operation == "count":
        known = [_field(one, "id") for one in _list(agreement["count"]["questions"])]
        return question in known and names == [] and for_a_case is False
    if operation == "disclose":
        agreed = _list(agreement["attributes"]["names"])
        fits = 0 < len(_list(names)) == len(set(names)) and all(name in agreed for name in names)
        return question == "" and fits and for_a_case is True
    return question == "" and names == [] and for_a_case is False


def _protected(question_id: str, terms: dict[str, Any]) -> bool:
    """What production asks of a count, whatever was agreed: 20 persons a side, 5 in a cell, an epsilon of 2."""
    return (
        _whole(terms["smallest_set"])
        and terms["smallest_set"] >= 20
        and _whole(terms["smallest_cell"])
        and terms["smallest_cell"] >= 5
        and any(
            _field(one, "id") == question_id
            and not isinstance(one.get("epsilon"), bool | str)
            and 0 < one["epsilon"] <= 2
            for one in _list(terms["questions"])
            if isinstance(_field(one, "epsilon"), int | float)
        )
    )


def against(agreement: dict[str, Any], catalogue: dict[str, Any]) -> list[str]:
    """What is wrong with an agreement, whatever is asked under it."""
    basis = _basis(agreement, catalogue)
    if not isinstance(basis.get("source"), str):
        return ["no legal basis"]
    found = [f"name {name!r}" for name in _names(agreement) if not _harmless(name)]
    found += [f"value {value!r}" for value in _counted(agreement) if _unfit(value)]
    found += [
        f"breakdown by {one['attribute']!r}"
        for one in _breakdowns(agreement)
        if isinstance(one.get("attribute"), str) and _place(one["attribute"])
    ]
    found += [
        f"crossing {one!r}" for one in _values(_field(agreement.get("count"), "questions")) if _crosses(one)
    ]
    if basis.get("status") != "in_force" or not isinstance(basis.get("valid_from"), str):
        found.append("no law")
    for side in ("requester", "provider"):
        organisation = agreement[side]["kind"]
        allowed = basis[f"{side}s"].get(organisation)
        if allowed is None:
            found.append(f"no basis for the {side}")
        for kind in _texts(agreement["kinds"]):
            if kind not in (allowed or ()):
                found.append(f"no basis for {kind} at the {side}")
            if kind == "bsn" and catalogue["organisation_kinds"][organisation]["bsn"] is not True:
                found.append(f"no BSN for the {side}")
    purpose = agreement["purpose_category"]
    if purpose not in basis["purposes"]:
        found.append("no basis for the purpose")
    of_purpose = catalogue["purposes"][purpose]["answers"]
    found += [
        f"no basis for {answer}"
        for answer in _texts(agreement["answers"])
        if answer not in basis["answers"] or answer not in of_purpose
    ]
    return found


def _basis(agreement: dict[str, Any], catalogue: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = catalogue["legal_bases"].get(agreement["legal_basis"]["id"], {})
    return found


def _names(agreement: dict[str, Any]) -> Iterator[Any]:
    """The attributes that are told, and those that a count is broken down by. What is no list of such names none."""
    yield from _values(_field(agreement.get("attributes"), "names"))
    yield from (one["attribute"] for one in _breakdowns(agreement) if "attribute" in one)


def _counted(agreement: dict[str, Any]) -> Iterator[str]:
    """The values that counts are broken down by."""
    for one in _breakdowns(agreement):
        yield from (value for value in _values(one.get("values")) if isinstance(value, str))


def _breakdowns(agreement: dict[str, Any]) -> Iterator[dict[str, Any]]:
    for question in _values(_field(agreement.get("count"), "questions")):
        for side in ("by_requester", "by_provider"):
            breakdown = _field(question, side)
            if isinstance(breakdown, dict):
                yield breakdown


def _field(value: Any, name: str) -> Any:
    return value.get(name) if isinstance(value, dict) else None


def _values(value: Any) -> list[Any]:
    return list(value.values()) if isinstance(value, dict) else value if isinstance(value, list) else []


def _words() -> list[str]:
    lists = [(_RULES / f"{name}.rego").read_text() for name in ("special_categories", "never_told")]
    return [word for text in lists for word in _words_in(text)]


def _words_in(rego: str) -> list[str]:
    return [word for line in re.findall("`([^`]*)`", _without_comments(rego)) for word in line.split()]


def _without_comments(rego: str) -> str:
    return "\n".join(line for line in rego.splitlines() if not line.startswith("#"))


_WORDS = _words()
_IN_VALUES = set(_WORDS) - set(
    _words_in((_RULES / "values.rego").read_text().split("\nplaces_and_papers")[1])
)
_PLACES = _words_in((_RULES / "areas.rego").read_text().split("address_words := ")[1].split("])")[0])
_NAMES = (_RULES / "attribute_names.rego").read_text()
_PARTS = "|".join([*_words_in(_NAMES.split("parts := [")[1].split("]")[0]), r"(?<=\|)(?:is|heeft|had)"])
_INNOCENT = _words_in(_NAMES.split("innocent_words := ")[1].split("\n")[0])[0]
_SEVERAL = "[^A-Za-z0-9]*"


def _harmless(name: Any) -> bool:
    """A name that can be read, and in which no word of the lists stands; a bar in a word is the edge of one."""
    if not isinstance(name, str) or not re.fullmatch(r"[A-Za-z][A-Za-z0-9 ._-]{0,63}", name):
        return False
    return not _told(name, _WORDS) and not re.search("([0-9][ ._-]*){8}", name)


def _told(name: str, words: list[str]) -> bool:
    """A name that says one of the words."""
    apart = re.sub(r"[^A-Za-z]+", "|", re.sub(r"([a-z])([A-Z])", r"\1|\2", name))
    together = re.sub(r"[^A-Za-z1]+", "", name.translate(_LOOK_ALIKES))
    text = re.sub(_INNOCENT, "|", _with_parts(f"||{apart}||{together}||".lower()))
    alike = "1" in text and text.translate(_ONES)  # a 1 is an i or an l
    return any(word in text or (alike and word.translate(_ONES) in alike) for word in words)


def _with_parts(text: str) -> str:
    """The text, and once more with edges around the ordinary parts of compounds."""
    return text + re.sub(f"({_PARTS})", r"|\1|", text)


def _place(name: str) -> bool:
    """A name of what is counted by that is an address or a part of one; four digits of a postcode are none."""
    district = re.sub("(?i:postcode|pc)[ ._-]*4(?![0-9])", "wijk ", name)
    return bool(re.fullmatch(r"[A-Za-z][A-Za-z0-9 ._-]{0,63}", district)) and _told(district, _PLACES)


def _unfit(value: str) -> bool:
    return len(value) > 64 or _small(value) or _special(value) or _numbers_a_person(value)


def _numbers_a_person(value: str) -> bool:
    """A value with eight digits on end, or that is eight or nine digits apart which pass the eleven-test."""
    if re.search("[0-9]{8}", re.sub("BU[01][0-9]{7}(?![0-9])", "", value)):
        return True
    digits = re.sub("[^0-9]", "", value)
    if len(digits) not in (8, 9) or re.search("[0-9][^0-9]*[A-Za-z][^0-9]*[0-9]", value):
        return False
    if re.search("^[^0-9]*(18|19|20)[0-9]{2}[^0-9]+(18|19|20)[0-9]{2}[^0-9]*$", value):
        return False
    nine = [int(digit) for digit in digits.rjust(9, "0")]
    weighed = sum(weight * digit for weight, digit in zip((9, 8, 7, 6, 5, 4, 3, 2, -1), nine, strict=True))
    return any(nine) and weighed % 11 == 0


def _crosses(question: Any) -> bool:
    """A question with a row and a column that make a postcode together."""
    rows, columns = ([*map(_bare, _parts_of(question, side))] for side in ("by_requester", "by_provider"))
    return any(
        re.fullmatch("(nl|pc)?[1-9]([0-9]{0,3}|[0-9]{3}[a-z])", one)
        and re.fullmatch("[0-9]{0,3}[a-z]{2}|[a-z]", other)
        and not re.fullmatch("[0-9]*(jr|st|km|kg|ha|mw)|ja|no|ww|zw|aw", other)
        and not re.fullmatch("[0-9]*(jr|st|km|kg|ha|mw)|ja|no|ww|zw|aw", one)
        and len(re.sub("^(nl|pc)", "", one)) + len(other) == 6
        for some, others in ((rows, columns), (columns, rows))
        for one in some
        for other in others
    )


def _parts_of(question: Any, side: str) -> list[str]:
    every = _values(_field(_field(question, side), "values"))
    return [
        part for value in every if isinstance(value, str) and len(value) <= 12 for part in value.split("|")
    ]


def _bare(value: str) -> str:
    return re.sub("[^a-z0-9]", "", re.sub("[^ -~]", "", value).lower())


def _small(value: str) -> bool:
    """A value that reads as a postcode with letters, as a house, or as four digits with something strange."""
    follows = "later|eerder|ouder|jonger|meer|minder|hoger|lager|[0-9]{4}|[A-Z][a-z]"
    plain = re.sub(rf" (?:en|of|t/m|De|Den|In|Op|Te)( (?:{follows}))", r"\1", value)
    plain = re.sub("([0-9]-[0-9]+) (?:jr|st|km|kg|ha|mw)(?![A-Za-z])", r"\1", plain)
    before = "t/m|[Ee]n|[Oo]f|[Ii]n|[Nn]a|[Oo]p|[Tt]e|tm|GM|[Pp][Cc]|NL"
    bare = re.sub(f"(^|[^A-Za-z0-9])(?:{before})([^A-Za-z0-9]?[0-9])", r"\1\2", value)
    ways = "straat|str|laan|weg|gracht|kade|plein|singel|steeg|street|pad|hof|dreef|dijk"
    apart = "[ .,/_-]?"
    digits = f"[1-9]{apart}[0-9]{apart}[0-9]{apart}[0-9]"
    two = f"{_SEVERAL}[A-Za-z]{_SEVERAL}[A-Za-z](?![A-Za-z])"
    return bool(
        re.search(digits + two, plain)
        or re.search(digits + "[A-Za-z]{2}", plain)
        or re.search(
            f"(?<![A-Za-z])[A-Za-z]{_SEVERAL}[A-Za-z]{_SEVERAL}[1-9][0-9]{{3}}(?![0-9])", bare, re.ASCII
        )
        or re.search(f"(?<![A-Za-z0-9])(?:[1-9I][0-9OI]{{3}}|[1-9][0-9ol]{{3}}){two}", plain)
        or re.search(
            f"(?:[a-z](?:{ways})|plantsoen|boulevard)[^a-z0-9]*(?:n[ro][^a-z0-9]*|nummer[^a-z0-9]*)?[0-9]",
            _ascii(value),
        )
        or (re.search("[0-9] ?[0-9] ?[0-9] ?[0-9]", value) and re.search(r"[^ -~]", value))
    )


def _ascii(value: str) -> str:
    return re.sub("[^ -~]+", " ", value).lower()


def _special(value: str) -> bool:
    """A value in which a word of the lists stands that no place and no paper is called."""
    apart = re.sub("[^A-Za-z]+", "|", re.sub("([a-z])([A-Z])", r"\1|\2", value)).lower()
    text = _with_parts(f"||{apart}||")
    return any(word in text for word in _IN_VALUES)


def same(one: Any, other: Any) -> bool:
    """Equal as JSON: true is no 1."""
    return type(one) is type(other) and bool(one == other)


def _whole(value: Any) -> bool:
    """A number without a fraction, not below zero, that every engine keeps exact."""
    number = isinstance(value, int | float) and not isinstance(value, bool)
    return number and 0 <= value < 2**53 and value == value // 1


def _fits(value: int, most: Any) -> bool:
    return _whole(most) and bool(value <= most)


def _day(value: Any) -> str:
    """A day such as 2026-01-31."""
    if not isinstance(value, str) or not re.fullmatch("[0-9]{4}-[0-9]{2}-[0-9]{2}", value):
        raise TypeError(value)
    return value


def _texts(value: Any) -> list[str]:
    """The texts of a list; what else is in it, no question equals."""
    return [one for one in _list(value) if isinstance(one, str)]


def _list(value: Any) -> list[Any]:
    if not isinstance(value, list):
        raise TypeError(value)
    return value
