"""The organisation's own decision point over AuthZEN: what it is asked, what it may answer, and what it cannot lift."""

import json
import ssl
from collections.abc import Iterator
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
import trustme
from typer.testing import CliRunner

from linkage_node.cli.policy import policy_app
from linkage_node.clock import now_ms
from linkage_node.config import Policy, Tls
from linkage_node.diagnosis import State, diagnose
from linkage_node.errors import InputError, Refusal
from linkage_node.node import Node
from linkage_node.policy import Question, decision_input
from linkage_node.policy.authzen import AuthzenDecisionPoint, parse_evaluation
from linkage_node.policy.embedded import EmbeddedDecisionPoint
from linkage_node.policy.outcome import parse_outcome
from linkage_node.policy.trial import without_agreement
from tests.nodes import OIN_C, edit, free_port, make_node
from tests.opa_server import OpaServer, opa_server
from tests.policy.corpus import AGREEMENT, EXAMPLE, POLICIES, RULES, StaticPolicy, cases, hash_of, question
from tests.policy.faulty import Answer, Peer, says, server
from tests.policy.opa_behind_authzen import pdp

YES = b'{"decision": true}'
NO_TLS = Tls(certificate=Path("none"), key=Path("none"), ca=Path("none"))
OWN = EmbeddedDecisionPoint(StaticPolicy(RULES, {hash_of(AGREEMENT): AGREEMENT}))
AGREED = OWN.decide(question())
OPERATOR = Path(__file__).parents[2] / "docs" / "operator.md"
runner = CliRunner()


def made(url: str, **settings: Any) -> AuthzenDecisionPoint:
    """The engine for a service at a URL, over the node's own rules and the example agreement."""
    return AuthzenDecisionPoint(
        Policy(engine="authzen", pdp_url=url, **settings), NO_TLS, OWN, production=False
    )


def code(decide: AuthzenDecisionPoint, **changes: Any) -> str:
    """The code of the refusal."""
    with pytest.raises(Refusal) as refused:
        decide.decide(question(**changes))
    return refused.value.code


def test_what_a_decision_point_is_asked() -> None:
    """The question itself as JSON, with an id of its own each time; nothing else of the node travels along."""
    seen: list[tuple[str, dict[str, str], bytes]] = []

    def listen(peer: Peer) -> None:
        seen.append((peer.path, peer.headers, peer.body))
        peer.say(YES, "200 OK", f"X-Request-ID: {peer.headers['x-request-id']}")

    with server(listen) as fake:
        decide = made(f"{fake.url}/access/v1/evaluation")
        assert [decide.decide(question()).allow for _ in range(2)] == [True, True]
    (path, headers, body), (_, again, _) = seen
    assert path == "/access/v1/evaluation"
    assert json.loads(body) == decision_input(question())
    assert UUID(headers.pop("x-request-id")) != UUID(again.pop("x-request-id"))
    assert headers == again
    assert headers == {
        "host": fake.url.removeprefix("http://"),
        "content-type": "application/json",
        "accept": "application/json",
        "accept-encoding": "identity",
        "connection": "close",
        "content-length": str(len(body)),
    }


MALFORMED = "policy_malformed"
ANSWERS: dict[str, tuple[str, str]] = {
    "nothing": ("{}", MALFORMED),
    "null": ("null", MALFORMED),
    "true_alone": ("true", MALFORMED),
    "text_true": ('"true"', MALFORMED),
    "text_false": ('"false"', MALFORMED),
    "list": ('[{"decision": true}]', MALFORMED),
    "decision_text_true": ('{"decision": "true"}', MALFORMED),
    "decision_text_false": ('{"decision": "false"}', MALFORMED),
    "decision_one": ('{"decision": 1}', MALFORMED),
    "decision_null": ('{"decision": null}', MALFORMED),
    "decision_in_the_context": ('{"context": {"decision": true}}', MALFORMED),
    "decision_in_a_decision": ('{"decision": {"decision": true}}', MALFORMED),
    "decision_twice": ('{"decision": false, "decision": true}', MALFORMED),
    "decision_in_capitals": ('{"Decision": true}', MALFORMED),
    "allow_in_place_of_decision": ('{"allow": true}', MALFORMED),
    "as_opa_wraps_it": ('{"result": {"decision": true}}', MALFORMED),
    "something_beside_it": ('{"decision": true, "obligations": {}}', MALFORMED),
    "context_null": ('{"decision": true, "context": null}', MALFORMED),
    "context_list": ('{"decision": true, "context": []}', MALFORMED),
    "context_unknown": ('{"decision": true, "context": {"advice": ["ask a colleague"]}}', MALFORMED),
    "obligations_list": ('{"decision": true, "context": {"obligations": [{"id": "log"}]}}', MALFORMED),
    "obligations_null": ('{"decision": true, "context": {"obligations": null}}', MALFORMED),
    "obligation_unknown": (
        '{"decision": true, "context": {"obligations": {"log": true}}}',
        "unknown_obligation",
    ),
    "obligation_text": ('{"decision": true, "context": {"obligations": {"largest_query": "5"}}}', MALFORMED),
    "obligation_negative": (
        '{"decision": true, "context": {"obligations": {"largest_query": -1}}}',
        MALFORMED,
    ),
    "obligation_fraction": (
        '{"decision": true, "context": {"obligations": {"largest_query": 1e3}}}',
        MALFORMED,
    ),
    "reasons_of_an_approval": ('{"decision": true, "context": {"reasons": ["policy_denied"]}}', MALFORMED),
    "reasons_text": ('{"decision": false, "context": {"reasons": "policy_denied"}}', MALFORMED),
    "reasons_in_words": ('{"decision": false, "context": {"reasons": ["Not today."]}}', MALFORMED),
    "reasons_without_end": (
        json.dumps({"decision": False, "context": {"reasons": [f"reason_{at}" for at in range(17)]}}),
        MALFORMED,
    ),
    "revision_empty": ('{"decision": true, "context": {"revision": ""}}', MALFORMED),
    "revision_number": ('{"decision": true, "context": {"revision": 7}}', MALFORMED),
    "revision_of_two_lines": ('{"decision": true, "context": {"revision": "a\\nb"}}', MALFORMED),
    "revision_too_long": (json.dumps({"decision": True, "context": {"revision": "a" * 65}}), MALFORMED),
}


@pytest.mark.parametrize(("answer", "refusal"), ANSWERS.values(), ids=ANSWERS)
def test_what_is_no_decision_is_refused(answer: str, refusal: str) -> None:
    """Nothing but a decision in its shape approves, and no condition that nobody would keep."""
    with server(says(answer.encode())) as fake:
        assert code(made(fake.url)) == refusal
        assert fake.asked == 1


TRANSPORT: dict[str, tuple[Answer, str]] = {
    "status_201": (says(YES, "201 Created"), "policy_unavailable"),
    "status_401": (says(YES, "401 Unauthorized"), "policy_unavailable"),
    "status_503": (says(YES, "503 Service Unavailable"), "policy_unavailable"),
    "another_content_type": (says(YES, "200 OK", "Content-Type: text/plain"), MALFORMED),
    "compressed": (says(YES, "200 OK", "Content-Encoding: gzip"), MALFORMED),
    "the_answer_to_another": (says(YES, "200 OK", "X-Request-ID: another"), MALFORMED),
}


@pytest.mark.parametrize(("answer", "refusal"), TRANSPORT.values(), ids=TRANSPORT)
def test_an_approval_in_the_wrong_envelope_is_none(answer: Answer, refusal: str) -> None:
    """Status, type and request id are part of an answer."""
    with server(answer) as fake:
        assert code(made(fake.url)) == refusal


@pytest.mark.parametrize("charset", ["application/json; charset=utf-8", "Application/JSON"])
def test_content_types_that_are_json(charset: str) -> None:
    """Parameters and capitals make no difference."""
    with server(says(YES, "200 OK", f"Content-Type: {charset}")) as fake:
        assert made(fake.url).decide(question()).allow


REFUSALS: dict[str, tuple[dict[str, Any], tuple[str, ...]]] = {
    "alone": ({}, ("policy_denied",)),
    "with_reasons": ({"reasons": ["too_late", "budget_exhausted"]}, ("budget_exhausted", "too_late")),
    "with_texts_for_people": ({"id": "0", "reason_admin": {"en": "Not 999990019"}}, ("policy_denied",)),
    "with_what_nobody_knows": ({"reason": "subject_unresolved"}, ("policy_denied",)),
}


@pytest.mark.parametrize(("context", "reasons"), REFUSALS.values(), ids=REFUSALS)
def test_a_no_is_final_with_its_reasons(context: dict[str, Any], reasons: tuple[str, ...]) -> None:
    """Codes are taken over; texts for people, which may hold anything, are not."""
    with server(says(json.dumps({"decision": False, "context": context}).encode())) as fake:
        outcome = made(fake.url).decide(question())
    assert (outcome.allow, outcome.reasons) == (False, reasons)


def test_conditions_only_become_stricter() -> None:
    """Of each condition the stricter holds; one that is not named is the agreement's."""
    stricter: dict[str, Any] = {"largest_query": 7, "proof": True, "kinds": ["bsn", "person"]}
    laxer: dict[str, Any] = {"result_retention_days": 10**6, "receipts": False}
    answer = {"decision": True, "context": {"obligations": stricter | laxer, "revision": "2026-11"}}
    with server(says(json.dumps(answer).encode())) as fake:
        decide = made(fake.url)
        outcome = decide.decide(question(elements=7))
        assert outcome.allow
        assert asdict(outcome.obligations) == asdict(AGREED.obligations) | stricter | {"kinds": ("bsn",)}
        assert outcome.revision == f"{AGREED.revision}+2026-11"
        assert decide.decide(question(elements=8)).reasons == ("query_too_large",)
    with server(says(YES)) as fake:
        outcome = made(fake.url).decide(question())
        assert outcome.obligations == AGREED.obligations
        assert outcome.revision == f"{AGREED.revision}+authzen"


LIFTED = {
    "agreement_unknown": {"agreement_hash": "00" * 64},
    "agreement_unsigned": {"status": "unsigned"},
    "agreement_revoked": {"status": "revoked"},
    "agreement_not_activated": {"status": "not_activated"},
    "agreement_expired": {"time_ms": 4_000_000_000_000},
    "purpose_not_agreed": {"purpose": "something else"},
    "kind_not_agreed": {"kind": "person"},
    "query_too_large": {"elements": 10**6},
    "budget_exhausted": {"used_today": 10**9},
    "requester_not_in_agreement": {"subject_oin": OIN_C, "requester_oin": OIN_C},
}


@pytest.mark.parametrize(("reason", "changes"), LIFTED.items(), ids=LIFTED)
def test_a_decision_point_lifts_nothing(reason: str, changes: dict[str, Any]) -> None:
    """What the node's own rules refuse is refused, and the decision point does not even hear of it."""
    with server(says(YES)) as fake:
        outcome = made(fake.url).decide(question(**changes))
        assert not outcome.allow
        assert reason in outcome.reasons
        assert fake.asked == 0


def test_a_guardrail_cannot_be_lifted() -> None:
    """An agreement that was signed all the same about what no agreement can open: the yes of a PDP changes nothing."""
    forbidden = next(case for case in cases() if "special_category" in case.reasons)
    own = EmbeddedDecisionPoint(StaticPolicy(RULES, {forbidden.agreement_hash: forbidden.agreement}))
    asked = forbidden.input
    subject, action, context = asked["subject"], asked["action"], asked["context"]
    wanted = question(
        agreement_id=context["agreement"]["id"],
        agreement_hash=forbidden.agreement_hash,
        subject_oin=subject["id"],
        operation=action["name"],
        **{name: action["properties"][name] for name in ("purpose", "answer", "elements")},
        attributes=tuple(action["properties"]["attributes"]),
        for_a_case=True,
        requester_oin=context["requester_oin"],
        provider_oin=asked["resource"]["id"],
    )
    with server(says(YES)) as fake:
        settings = Policy(engine="authzen", pdp_url=fake.url)
        outcome = AuthzenDecisionPoint(settings, NO_TLS, own, production=False).decide(wanted)
        assert "special_category" in outcome.reasons
        assert fake.asked == 0


def test_the_token_is_read_each_time_and_kept_private(tmp_path: Path) -> None:
    """A new token counts from the next question on; without it, nothing is asked."""
    file = tmp_path / "token"
    file.write_text("first\n")
    file.chmod(0o644)
    seen: list[str] = []

    def listen(peer: Peer) -> None:
        seen.append(peer.headers["authorization"])
        peer.say(YES)

    with server(listen) as fake:
        with pytest.raises(InputError) as open_to_all:
            made(fake.url, pdp_token_file=file)
        assert open_to_all.value.code == "key_not_private"
        file.chmod(0o600)
        decide = made(fake.url, pdp_token_file=file)
        assert decide.decide(question()).allow
        file.write_text("second")
        assert decide.decide(question()).allow
        assert seen == ["Bearer first", "Bearer second"]
        for spoilt in ("", "two words", "two\nlines", "a" * 10_000):
            file.write_text(spoilt)
            assert code(decide) == "policy_unavailable"
        file.unlink()
        assert code(decide) == "policy_unavailable"
        assert len(seen) == 2


URLS = {
    ("http://pdp.example.nl/access/v1/evaluation", True): "mode_refused",
    ("http://pdp.example.nl/access/v1/evaluation", False): "mode_refused",  # for the token
    ("http://127.0.0.1.example:80/", True): "mode_refused",
    ("https://pdp.example.nl:0/", True): "config_invalid",
    ("https://pdp.example.nl:99999/", True): "config_invalid",
    ("https://pdp.voorbeeld\u00e9.nl/", True): "config_invalid",
}


@pytest.mark.parametrize(("url", "production", "refusal"), [(*key, value) for key, value in URLS.items()])
def test_urls_that_cannot_be_trusted(url: str, production: bool, refusal: str, tmp_path: Path) -> None:
    """In production only https, except on this machine; a token never over plain http to another."""
    token = tmp_path / "token"
    token.write_text("secret")
    token.chmod(0o600)
    settings = Policy(engine="authzen", pdp_url=url, pdp_token_file=token)
    with pytest.raises(InputError) as refused:
        AuthzenDecisionPoint(settings, NO_TLS, OWN, production=production)
    assert refused.value.code == refusal


@pytest.fixture
def node(tmp_path: Path) -> Path:
    """The node.yaml of the example's provider, which knows the agreement."""
    config = make_node(tmp_path / "node", AGREEMENT["provider"]["oin"])
    with Node.open(config) as made:
        made.agreements.add(EXAMPLE.read_text())
    return config


def _ask(config: Path, url: str, *more: str) -> None:
    """Let the node ask a decision point."""
    lines = "".join(f"  {line}\n" for line in (f"pdp_url: {url}", *more))
    edit(config, "  engine: embedded ", f"{lines}  engine: authzen ")


@pytest.fixture
def opa(node: Path, tmp_path: Path) -> Iterator[OpaServer]:
    """A real OPA server with the rules and agreements of the node."""
    made = runner.invoke(
        policy_app, ["bundle", str(tmp_path / "bundle"), "-c", str(node)], catch_exceptions=False
    )
    assert made.exit_code == 0
    server = OpaServer("--bundle", tmp_path / "bundle")
    server.start()
    yield server
    server.stop()


def test_a_real_service_decides_by_certificate_and_token(node: Path, opa: OpaServer, tmp_path: Path) -> None:
    """AuthZEN over HTTPS before a real OPA: it knows the node by certificate and token, or does not answer."""
    authority = trustme.CA()
    authority.cert_pem.write_to_path(str(tmp_path / "pdp-ca.pem"))
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("127.0.0.1").configure_cert(tls)
    tls.verify_mode = ssl.CERT_REQUIRED
    tls.load_verify_locations(node.parent / "keys" / "ca.pem")
    token = node.parent / "token"
    token.write_text("the-token")
    token.chmod(0o600)
    with pdp(opa.url, tls, "the-token") as service:
        _ask(node, service.url, f"pdp_ca: {tmp_path / 'pdp-ca.pem'}", "pdp_token_file: token")
        with Node.open(node) as opened:
            assert opened.config.policy.pdp_token_file == token
            outcome = opened.decide.decide(question())
            assert outcome.allow
            own, _, theirs = outcome.revision.partition("+")
            assert own == theirs  # it decides by the same rules and agreements
            assert opened.decide.decide(question(purpose="another")).reasons == ("purpose_not_agreed",)
            assert service.callers == [AGREEMENT["provider"]["oin"]]
            token.write_text("another-token")
            assert isinstance(opened.decide, AuthzenDecisionPoint)
            assert code(opened.decide) == "policy_unavailable"
            token.write_text("the-token")
            opa.stop()
            assert code(opened.decide) == "policy_unavailable"
            opa.start()
            assert opened.decide.decide(question()).allow
    anonymous = Policy(
        engine="authzen", pdp_url=service.url, pdp_ca=tmp_path / "pdp-ca.pem", pdp_token_file=token
    )
    other = make_node(tmp_path / "elsewhere" / "node", OIN_C)  # of another CA
    keys = other.parent / "keys"
    foreign = Tls(certificate=keys / "node.pem", key=keys / "node.key", ca=keys / "ca.pem")
    with pdp(opa.url, tls, "the-token") as service:
        settings = anonymous.model_copy(update={"pdp_url": service.url})
        assert code(AuthzenDecisionPoint(settings, foreign, OWN, production=True)) == "policy_unavailable"
        assert not service.callers


def test_the_cases_in_its_shape(tmp_path: Path) -> None:
    """A decision point with the product's rules decides on the questions of all cases as the embedded engine does."""
    rules = tmp_path / "authzen.rego"
    rules.write_text(
        "package authzen\n\nimport data.linkage.match\n\n"
        'evaluation := {"decision": match.decision.allow, "context": {"reasons": match.decision.reasons, '
        '"obligations": match.decision.obligations, "revision": match.decision.revision}}\n'
    )
    data = tmp_path / "data.json"
    source = StaticPolicy(RULES, {case.agreement_hash: case.agreement for case in cases()})
    embedded = EmbeddedDecisionPoint(source)
    data.write_text(json.dumps(source.data()))
    asked = [case for case in cases() if isinstance(case.input, dict)]
    with opa_server(POLICIES / "linkage", data, rules) as url:
        alone = made(f"{url}/v0/data/authzen/evaluation")
        for case in asked:
            outcome = parse_evaluation(alone.evaluate(case.input), AGREED.obligations)
            assert (case.name, outcome) == (case.name, parse_outcome(embedded.evaluate(case.input)))
    assert len(asked) > 40


def test_check_and_doctor_ask_the_decision_point(node: Path) -> None:
    """Both say whether it answers, and refuse one that approves of a question without an agreement."""

    def wise(peer: Peer) -> None:
        known = json.loads(peer.body)["context"]["agreement"]["hash"] == hash_of(AGREEMENT)
        peer.say(json.dumps({"decision": known, "context": {"revision": "r7"}}).encode())

    def check() -> str:
        ended = runner.invoke(policy_app, ["check", "-c", str(node)], catch_exceptions=False)
        assert ended.exit_code == 0
        return ended.output

    def told() -> tuple[State, str]:
        found = [finding for finding in diagnose(node) if finding.check == "policy"]
        return found[0].state, found[0].code

    port = free_port()
    _ask(node, f"http://127.0.0.1:{port}/")
    assert told() == (State.FAULT, "policy_unavailable")
    with pytest.raises(Refusal) as unavailable:
        check()
    assert unavailable.value.code == "policy_unavailable"
    with server(wise, port=port) as fake:
        assert f"{fake.url}/ antwoordt" in check()
        assert "r7" in check()
        assert told() == (State.OK, "")
        fake.answer = says(YES)
        assert told() == (State.FAULT, "policy_lax")
        with pytest.raises(InputError) as lax:
            check()
        assert lax.value.code == "policy_lax"


def _blocks() -> list[str]:
    """The indented examples of the operator's section on decision points."""
    section = OPERATOR.read_text().partition("\n## Who decides")[2].partition("\n## ")[0]
    blocks: list[list[str]] = [[]]
    for line in section.splitlines():
        if line.startswith("    ") or (not line and blocks[-1]):
            blocks[-1].append(line[4:])
        elif blocks[-1]:
            blocks.append([])
    return ["\n".join(block).strip() + "\n" for block in blocks if block]


def test_the_operators_example_is_true(tmp_path: Path) -> None:
    """The guide's question is what the node asks, and a real OPA with the guide's rules gives the guide's answer."""
    blocks = _blocks()
    asked, answered = (json.loads(block) for block in blocks if block.startswith("{"))
    (rules,) = (block for block in blocks if block.startswith("package "))
    action, context = asked["action"]["properties"], asked["context"]
    wanted = Question(
        role=context["role"],
        subject_oin=asked["subject"]["id"],
        requester_oin=context["requester_oin"],
        provider_oin=asked["resource"]["id"],
        agreement_id=context["agreement"]["id"],
        agreement_hash=context["agreement"]["hash"],
        status=context["agreement"]["status"],
        kind=asked["resource"]["properties"]["kind"],
        operation=asked["action"]["name"],
        processing_activity=action["processing_activity_id"],
        attributes=tuple(action["attributes"]),
        **{name: action[name] for name in ("purpose", "answer", "elements", "question", "for_a_case")},
        **{name: context[name] for name in ("mode", "epoch", "used_today")},
        time_ms=int(datetime.fromisoformat(context["time"]).timestamp() * 1000),
    )
    assert decision_input(wanted) == asked
    (tmp_path / "authzen.rego").write_text(rules)
    with opa_server(tmp_path / "authzen.rego") as url:
        alone = made(f"{url}/v0/data/authzen/evaluation")
        assert alone.evaluate(asked) == answered
        outcome = parse_evaluation(answered, AGREED.obligations)
        assert (outcome.allow, outcome.obligations.result_retention_days) == (True, 14)
        asked["action"]["properties"]["elements"] = 501
        refused = parse_evaluation(alone.evaluate(asked), AGREED.obligations)
        assert (refused.allow, refused.reasons) == (False, ("query_too_large",))
        assert alone.check(without_agreement(OIN_C, "production", now_ms())) == "2026-11-22"
