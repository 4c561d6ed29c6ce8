"""The catalogue of legal bases: what an agreement can rely on, and the words that it uses (policies/catalogue)."""

from collections.abc import Iterator
from typing import Annotated, Literal

from pydantic import AfterValidator, Field, StringConstraints, model_validator

from linkage_node.agreements.model import Answer, CatalogueId, Code, Day, Kind
from linkage_node.agreements.terms import distinct
from linkage_node.identifiers import KINDS
from linkage_node.yaml_model import FieldError, StrictModel

_BSN = "bsn"
Text = Annotated[
    str,
    StringConstraints(min_length=1, max_length=600, pattern=r"^[^\s\pC](?:[^\pC\p{Zl}\p{Zp}]*[^\s\pC])?$"),
]
Kinds = Annotated[tuple[Kind, ...], Field(min_length=1), AfterValidator(distinct)]
Answers = Annotated[tuple[Answer, ...], Field(min_length=1), AfterValidator(distinct)]
Parties = Annotated[dict[Code, Kinds], Field(min_length=1)]  # kind of organisation to identifier kinds


class LegalBasisEntry(StrictModel):
    """One legal basis (grondslag). What it does not allow in so many words it forbids."""

    title: Text  # Dutch
    article: Text
    source: Text  # the same in short, for findings
    status: Literal["in_force", "bill", "repealed"]
    valid_from: Day | None = None  # first day; a bill has none
    valid_until: Day | None = None  # last day
    requesters: Parties
    providers: Parties
    purposes: Annotated[tuple[Code, ...], Field(min_length=1), AfterValidator(distinct)]
    answers: Answers
    checked: bool = Field(strict=True)  # the citation was held against the primary text
    note: Text | None = None  # Dutch: how far it was checked, and what the node cannot see

    @model_validator(mode="after")
    def _days_fit_the_status(self) -> "LegalBasisEntry":
        if self.status == "bill" and (self.valid_from or self.valid_until):
            raise FieldError("a bill has no days on which it is law", "status")
        if self.status != "bill" and self.valid_from is None:
            raise FieldError("a law has a first day: `valid_from`", "status")
        if self.status == "repealed" and self.valid_until is None:
            raise FieldError("a law that was repealed has a last day: `valid_until`", "status")
        if self.valid_from and self.valid_until and self.valid_until < self.valid_from:
            raise FieldError("lies before valid_from", "valid_until")
        return self


class OrganisationKind(StrictModel):
    """A kind of organisation."""

    title: Text  # Dutch
    bsn: bool = Field(strict=True)  # false: may not use the BSN, whatever the legal basis
    source: Text  # the article that says so


class Purpose(StrictModel):
    """A category of purposes."""

    title: Text  # Dutch
    answers: Answers  # that serve it, whatever the legal basis
    source: Text


class Catalogue(StrictModel):
    """All of it. Words that a legal basis uses are explained in the same catalogue."""

    legal_bases: Annotated[dict[CatalogueId, LegalBasisEntry], Field(min_length=1)]
    organisation_kinds: dict[Code, OrganisationKind]
    purposes: dict[Code, Purpose]

    @model_validator(mode="after")
    def _words_are_known(self) -> "Catalogue":
        for basis_id, basis in self.legal_bases.items():
            place = ("legal_bases", basis_id)
            for number, purpose in enumerate(basis.purposes):
                if purpose not in self.purposes:
                    raise FieldError(f"{purpose} is not among `purposes`", *place, "purposes", number)
            for side, parties in (("requesters", basis.requesters), ("providers", basis.providers)):
                for organisation, kinds in parties.items():
                    for fault in self._faults(organisation, kinds):
                        raise FieldError(fault, *place, side, organisation)
        return self

    def _faults(self, organisation: str, kinds: tuple[str, ...]) -> Iterator[str]:
        if organisation not in self.organisation_kinds:
            yield f"{organisation} is not among `organisation_kinds`"
        elif _BSN in kinds and not self.organisation_kinds[organisation].bsn:
            yield f"the BSN is not for them ({self.organisation_kinds[organisation].source})"
        yield from (
            f"there is no identifier kind {kind}; there are: {', '.join(KINDS)}"
            for kind in kinds
            if kind not in KINDS
        )
