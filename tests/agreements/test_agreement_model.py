"""The agreement: what it accepts, its content hash, its epochs."""

from datetime import UTC, date, datetime
from hashlib import sha3_512
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from linkage_node.agreements import Agreement, content_hash, parse_agreement
from linkage_node.clock import DAY_MS
from linkage_node.errors import InputError, Refusal
from linkage_node.limits import TAG_SET_PADDING

MINIMAL: dict[str, Any] = {
    "id": "energy",
    "purpose": "Energy allowance",
    "legal_basis": {"article": "Participatiewet art. 35"},
    "requester": {"oin": "00000099000000001000"},
    "provider": {"oin": "00000099000000002000"},
    "kinds": ["bsn"],
    "answers": ["hit"],
    "valid_from": "2026-01-01",
    "valid_until": "2026-12-31",
    "limits": {"evaluations_per_day": 1000, "largest_query": 100},
}
EXAMPLE = (
    Path(__file__).parents[2] / "policies" / "agreements" / "example-energy-allowance" / "agreement.yaml"
)


def agreement(**changes: Any) -> Agreement:
    """The minimal agreement with changes."""
    return parse_agreement(yaml.safe_dump({**MINIMAL, **changes}, sort_keys=False))


def ms(*moment: int) -> int:
    """A UTC moment in milliseconds."""
    return int(datetime(*moment, tzinfo=UTC).timestamp()) * 1000  # type: ignore[misc,arg-type]


def test_a_minimal_agreement_gets_sensible_defaults() -> None:
    """Ten fields are enough."""
    made = agreement()
    assert (made.version, made.epoch_days, made.proof, made.receipts) == (1, 28, False, False)
    assert (made.tag_set.bucket, made.tag_set.changes, made.tag_set.every_hours) == (4096, 256, 24)
    assert made.limits.result_retention_days == 30
    assert made.ticks_per_epoch == 28


def test_the_example_is_an_agreement() -> None:
    """What is shipped as an example can be added."""
    assert parse_agreement(EXAMPLE.read_text()).kinds == ("bsn", "household")


def test_padding_is_known_and_bounded() -> None:
    """An entry for each change of an epoch; as many as the limit are an agreement still."""
    assert agreement().padding == 256 * 28
    schedule = {"changes": 50_000, "every_hours": 24}
    assert agreement(epoch_days=100, tag_set=schedule).padding == TAG_SET_PADDING
    with pytest.raises(InputError, match="5050000, more than 5000000"):
        agreement(epoch_days=101, tag_set=schedule)


REFUSED: dict[str, dict[str, Any]] = {
    "unknown_field": {"nationality": "any"},
    "id_in_capitals": {"id": "Energy"},
    "id_with_a_path": {"id": "../energy"},
    "id_empty": {"id": ""},
    "version_zero": {"version": 0},
    "version_text": {"version": "1"},
    "purpose_empty": {"purpose": ""},
    "purpose_with_space_at_the_end": {"purpose": "Energy "},
    "purpose_of_two_lines": {"purpose": "Energy\nallowance"},
    "purpose_with_nul": {"purpose": "Energy\0allowance"},
    "purpose_with_invisible_character": {"purpose": "Energy\u200ballowance"},
    "purpose_is_a_number": {"purpose": 5},
    "activity_is_no_uri": {"processing_activity": "our register"},
    "no_article": {"legal_basis": {}},
    "oin_too_short": {"requester": {"oin": "0000009900000001"}},
    "oin_is_a_number": {"provider": {"oin": 99000000002000}},
    "same_organisation": {"provider": {"oin": "00000099000000001000"}},
    "no_kinds": {"kinds": []},
    "kinds_is_text": {"kinds": "bsn"},
    "kind_twice": {"kinds": ["bsn", "bsn"]},
    "kind_with_a_space": {"kinds": ["bsn "]},
    "no_answers": {"answers": []},
    "answer_unknown": {"answers": ["everything"]},
    "answer_twice": {"answers": ["hit", "hit"]},
    "day_that_is_none": {"valid_from": "2026-02-30"},
    "day_is_a_number": {"valid_from": 20260101},
    **{
        f"day_is_text_{text!r}": {"valid_until": text}
        for text in (
            *(
                "4102358400",
                "+4102358400",
                "4102358400.0",
                "4102358400000",
                "2099-12-31 00:00Z",
                "2099-12-31T00:00",
            ),
            *(
                "2099-12-31 ",
                "2099-12-31\n",
                "20991231",
                "2099-365",
                "2099-W53-4",
                "٢٠٩٩-١٢-٣١",
                "+2099-12-31",
                "",
            ),
        )
    },
    "day_is_a_moment": {"valid_from": datetime(2026, 1, 1, 0, 0)},
    "ends_before_it_starts": {"valid_until": "2025-12-31"},
    "ends_on_the_last_day_of_all": {"valid_until": "9999-12-31"},
    "ends_too_late": {"valid_until": "3000-01-01"},
    "epoch_of_no_days": {"epoch_days": 0},
    "epoch_too_long": {"epoch_days": 367},
    "epoch_true": {"epoch_days": True},
    "bucket_zero": {"tag_set": {"bucket": 0}},
    "changes_zero": {"tag_set": {"changes": 0}},
    "changes_negative": {"tag_set": {"changes": -1}},
    "delta_every_zero_hours": {"tag_set": {"every_hours": 0}},
    "delta_less_than_weekly": {"tag_set": {"every_hours": 169}},
    "deltas_do_not_fill_the_epoch": {"tag_set": {"every_hours": 5}},
    "delta_longer_than_the_epoch": {"epoch_days": 1, "tag_set": {"every_hours": 48}},
    "more_padding_than_a_node_can_hold": {"epoch_days": 366, "tag_set": {"changes": 570, "every_hours": 1}},
    "name_with_an_escape": {"requester": {"oin": "00000099000000001000", "name": "Ede\x1b[2J"}},
    "name_of_two_lines": {"provider": {"oin": "00000099000000002000", "name": "Ede\nEpe"}},
    "name_read_backwards": {"provider": {"oin": "00000099000000002000", "name": "Ede\u202eepE"}},
    "no_limits": {"limits": {}},
    "budget_zero": {"limits": {"evaluations_per_day": 0, "largest_query": 1}},
    "query_negative": {"limits": {"evaluations_per_day": 1, "largest_query": -1}},
    "query_too_large": {"limits": {"evaluations_per_day": 1, "largest_query": 10_000_001}},
    "limit_is_text": {"limits": {"evaluations_per_day": "1000", "largest_query": 1}},
    "retention_zero": {"limits": {"evaluations_per_day": 1, "largest_query": 1, "result_retention_days": 0}},
    "proof_is_text": {"proof": "false"},
    "receipts_is_a_number": {"receipts": 0},
}


@pytest.mark.parametrize("changes", REFUSED.values(), ids=REFUSED)
def test_agreements_out_of_range_are_refused(changes: dict[str, Any]) -> None:
    """Each fault is told, with its line."""
    with pytest.raises(InputError) as refused:
        agreement(**changes)
    assert refused.value.code == "config_invalid"
    assert "agreement.yaml:" in refused.value.detail


def test_hash_is_sha3_512_over_jcs() -> None:
    """The hash of the minimal agreement, computed outside this code, stays what it is: keys depend on it."""
    jcs = (
        '{"answers":["hit"],"epoch_days":28,"id":"energy","kinds":["bsn"],'
        '"legal_basis":{"article":"Participatiewet art. 35"},'
        '"limits":{"evaluations_per_day":1000,"largest_query":100,"result_retention_days":30},'
        '"proof":false,"provider":{"name":"","oin":"00000099000000002000"},"purpose":"Energy allowance",'
        '"receipts":false,"requester":{"name":"","oin":"00000099000000001000"},'
        '"tag_set":{"bucket":4096,"changes":256,"every_hours":24},'
        '"valid_from":"2026-01-01","valid_until":"2026-12-31","version":1}'
    )
    assert content_hash(agreement()) == sha3_512(jcs.encode()).digest()


WHOLE: dict[str, Any] = {
    "id": "whole",
    "version": 3,
    "purpose": "Energy: 'allowance' \"now\", financiële hulp",
    "processing_activity": "https://example.nl/1",
    "kinds": ["household", "bsn"],
    "epoch_days": 14,
    "tag_set": {"bucket": 1024, "changes": 64, "every_hours": 12},
    "proof": True,
    "receipts": True,
    "requester": {"oin": "00000099000000001000", "name": "Gemeente"},
    "limits": {"evaluations_per_day": 7, "largest_query": 5, "result_retention_days": 9},
}
BEFORE_COUNTS = {  # computed by the version that knew neither `count` nor `attributes`
    "minimal": (
        {},
        "bce164d87d04f5921c91b76ec73a93d35cc8a402478d890d0bb539a64bce4a1a"
        "a5d9457987847705c3a0b9fdec8593ca123c4f770c5c4e06ea4af814a720c7aa",
    ),
    "with every field": (
        WHOLE,
        "b5171583ba856f31d8c7e6e177af345b6ac5079c0a2ebd63f3e70ea0666bfe74"
        "66cccf2dd487cc907e13870ce19e5442b984e13df2327316f52ed0085b976f3e",
    ),
}


@pytest.mark.parametrize(("changes", "known"), BEFORE_COUNTS.values(), ids=BEFORE_COUNTS)
def test_agreements_in_use_keep_their_hash(changes: dict[str, Any], known: str) -> None:
    """An agreement without counts and attributes has the hash that it had before there were any."""
    assert content_hash(agreement(**changes)).hex() == known


def test_how_the_file_is_written_does_not_change_the_hash() -> None:
    """Order, comments and defaults written out are not content."""
    text = yaml.safe_dump(dict(reversed(MINIMAL.items())), sort_keys=False)
    assert content_hash(parse_agreement("# a comment\n" + text)) == content_hash(agreement())
    assert content_hash(agreement(epoch_days=28, proof=False, version=1)) == content_hash(agreement())


CONTENT: dict[str, Any] = {
    "id": "energy-2",
    "version": 2,
    "purpose": "Energy allowances",
    "purpose_category": "intake",
    "processing_activity": "https://example.nl/1",
    "legal_basis": {"article": "Participatiewet art. 36"},
    "requester": {"oin": "00000099000000003000"},
    "provider": {"oin": "00000099000000003000"},
    "kinds": ["household"],
    "valid_from": "2026-01-02",
    "valid_until": "2026-12-30",
    "epoch_days": 14,
    "tag_set": {"bucket": 1},
    "limits": {"evaluations_per_day": 1001, "largest_query": 100},
    "proof": True,
    "receipts": True,
}


def test_every_field_is_in_the_hash() -> None:
    """Another value in any field is another agreement. (Answers and their sections: test_agreement_terms.py.)"""
    hashes = {content_hash(agreement(**{name: value})) for name, value in CONTENT.items()}
    assert set(CONTENT) == set(Agreement.model_fields) - {"answers", "count", "attributes"}
    assert len(hashes | {content_hash(agreement())}) == len(CONTENT) + 1


def test_epochs_are_counted_from_the_first_day() -> None:
    """Epoch 0 starts at midnight UTC of the first day; the last ends with the agreement."""
    made = agreement(epoch_days=28)
    assert made.epoch_at(ms(2026, 1, 1)) == 0
    assert made.epoch_at(ms(2026, 1, 29) - 1) == 0
    assert made.epoch_at(ms(2026, 1, 29)) == 1
    assert made.epoch_at(ms(2027, 1, 1) - 1) == 13
    assert made.epoch_bounds(0) == (ms(2026, 1, 1), ms(2026, 1, 29))
    assert made.epoch_bounds(13) == (ms(2026, 12, 31), ms(2027, 1, 1))
    for epoch in (-1, 14):
        with pytest.raises(Refusal) as refused:
            made.epoch_bounds(epoch)
        assert refused.value.code == "epoch_not_current"


def test_outside_its_days_an_agreement_has_no_epoch() -> None:
    """Too early and too late are refused, each with its own code."""
    for moment, code in (
        (ms(2026, 1, 1) - 1, "agreement_not_yet_valid"),
        (ms(2027, 1, 1), "agreement_expired"),
    ):
        with pytest.raises(Refusal) as refused:
            agreement().epoch_at(moment)
        assert refused.value.code == code


@given(
    st.dates(date(2000, 1, 1), date(2100, 1, 1)),
    st.integers(0, 1000),
    st.integers(1, 366),
    st.floats(0, 1, exclude_max=True),
)
def test_every_moment_of_an_agreement_lies_in_exactly_one_epoch(
    first: date, days: int, epoch_days: int, part: float
) -> None:
    """Epochs follow each other without gap or overlap, from the first moment to the last."""
    made = agreement(
        valid_from=first, valid_until=date.fromordinal(first.toordinal() + days), epoch_days=epoch_days
    )
    now = made.starts_at_ms + int(part * (days + 1) * DAY_MS)
    starts, ends = made.epoch_bounds(made.epoch_at(now))
    assert starts <= now < ends <= made.ends_at_ms
    assert made.epoch_at(starts) == made.epoch_at(ends - 1)
