"""The registry of kinds, the reasons they give, and the OIN."""

import pytest

from linkage_node.errors import InputError
from linkage_node.identifiers import KINDS, check_oin, find_kind


def test_kinds_are_found_by_name() -> None:
    """A known kind is found; an unknown one is refused with the names of those there are."""
    assert find_kind("bsn") is KINDS["bsn"]
    with pytest.raises(InputError, match="bsn, household") as raised:
        find_kind("nationality")
    assert raised.value.code == "kind_unknown"


@pytest.mark.parametrize(
    "oin", ["00000001823288444000", "00000003123456780000", "00000099000000001000", "00000004A1b2C3d40000"]
)
def test_an_oin_is_given_back(oin: str) -> None:
    """Twenty positions with prefix, number and zeros: an OIN."""
    assert check_oin(oin) == oin


@pytest.mark.parametrize(
    "text",
    [
        "",
        "0000000182328844400",
        "000000018232884440000",
        "0000000A823288444000",
        "00000001823288444001",
        "00000001823288444000\n",
        " 00000001823288444000",
        "٠٠٠٠٠٠٠١823288444000",
    ],
)
def test_what_is_no_oin(text: str) -> None:
    """Anything else is refused, a line end at the end and digits of other scripts too."""
    with pytest.raises(InputError) as raised:
        check_oin(text)
    assert raised.value.code == "oin_invalid"
