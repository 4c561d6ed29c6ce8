"""The words of a new agreement in English; `template_nl` says the same in Dutch."""

from linkage_node.agreements.template_cases import CaseWords

TO_FILL_IN = "TO FILL IN"
ARTICLE = f"{TO_FILL_IN}: the article of law that allows this"
OIN = f"{TO_FILL_IN}: the OIN, 20 characters"
KIND = f"{TO_FILL_IN}: {{kind}}, if that is right"
NEEDED = f"{TO_FILL_IN}: put what is right, and take the first # away"
NAMES: dict[str, str] = {}
YES_OR_NO = {True: "true", False: "false"}
EXAMPLES = {
    "purpose_category": "intake",
    "legal_basis": "wgs-4a",
    "requester_kind": "municipality",
    "provider_kind": "credit_bank",
    "receipts": "false",
    "requester_name": "Municipality of Voorbeeldstad",
    "provider_name": "Kredietbank Voorbeeldstad",
}

AGREEMENT = """\
# An agreement between two organisations. Both add exactly the same file, with `linkage-node agreements add FILE`;
# an agreement with one other word is another agreement. What stands after `# default:` may be left as it is.
# `linkage-node agreements check FILE` checks it.
id: {id}
version: 1 # goes up when another text is agreed on
# The purpose, in one line: only a question with exactly this purpose is answered.
purpose: {purpose}
purpose_category: {purpose_category} # which category of purposes this is in; the legal basis says which it allows
# The processing activity in the register of art. 30 AVG, as a URI:
# processing_activity: https://register.example.nl/processing-activities/...
# The legal basis, by its name in the catalogue; `linkage-node policy legal-bases` lists them. It decides which
# organisations, identifiers and answers there may be. Whether it holds in your case is for you to find out.
legal_basis:
  id: {legal_basis}
  article: {article}
requester: # asks, about its own clients only
  oin: {requester_oin}
  name: {requester_name}
  kind: {requester_kind} # one that may not use the BSN, such as a housing_association: no bsn in `kinds`
provider: # answers, from its register
  oin: {provider_oin}
  name: {provider_name}
  kind: {provider_kind}
kinds: {kinds} # what people are found by: bsn, household (an address, so not one person)
answers: {answers} # what is told: count < hit (known or not) < attributes
valid_from: {valid_from} # from 00:00 UTC
valid_until: {valid_until} # the last day, until 24:00 UTC
# The wider the limits, the more people are compared at once. Choose them as low as the purpose allows; 100000 is what
# stands here without a template, no advice.
limits:
  evaluations_per_day: {evaluations_per_day} # elements that may be asked about in one day (UTC)
  largest_query: {largest_query} # elements in one query
  result_retention_days: {retention_days} # that the requester's node keeps results; then they are gone
receipts: {receipts} # true: the provider hears who was found, and can tell its client; false: it does not hear
# epoch_days: 28 # default: after so many days keys are new and old ones destroyed
# tag_set: # how the provider's tag set travels; its size tells the requester the provider's size to within a bucket
#   bucket: 4096 # default: the set is padded to a multiple of so many entries
#   changes: 256 # default: each delta adds and removes so many entries, whatever changed
#   every_hours: 24 # default: hours between two deltas
# proof: false # default: evaluations come without a proof that the right key was used
"""

COUNT = """\
# What may be counted: how many clients both have. Needs `count` among the answers. The provider learns the exact
# numbers, the requester numbers with noise. Each question costs epsilon, of what the provider's register may tell in a
# year (`count.epsilon_per_year` in its node.yaml); asked again in the same period it gets the same answer, for nothing.
count:
  # Every category travels with so many elements, people and padding, so that no size is shown. Choose 1,000 or
  # more, and more than the largest category will have in the agreement's days: if it does not fit, the question is
  # refused (category_full).
  requester_bucket: {requester_bucket} # times the categories in by_requester: at most largest_query
  provider_bucket: {provider_bucket} # 50 of them are hidden test elements
  smallest_set: 100 # default: persons that each organisation has in it at the least
  smallest_cell: 10 # default: a smaller number, after noise, is not told
  series_days: 730 # how many days numbers of a question that repeats are kept
  questions:
    - id: both
      title: Clients of both organisations
      epsilon: 0.5 # 95 of 100 answers are within 6 of the truth; with 1.0 within 3, with 0.1 within 30
      every: month # day, week, month, quarter or year (UTC): one answer in each
      # A table has a row for each of the requester's values and a column for each of the provider's:
      # by_requester:
      #   attribute: district # an attribute that the requester loads into its register, spelt to the letter
      #   values: [Centre, North, South]
      #   other: true # a category for everybody else; left out, they are not counted
      # by_provider:
      #   attribute: stage
      #   values: [intake, advice]
"""

ATTRIBUTES = """\
# What may be told of a shared client, in a case, and nothing else. Needs `attributes` among the answers. The provider
# records every disclosure: of whom, what, when, for which case. Consider `receipts: true` above; without it the
# provider does not know who was found.
attributes:
  names: {names} # attributes that the provider loads into its register; no special categories (AVG 9, 10)
  largest: {largest_disclosure} # persons in one question: one with more hits is refused before anything is told
  per_token: 3 # default: times for one person in one epoch
"""

CASES = {
    "unclaimed_benefits": CaseWords(
        "unclaimed-benefits",
        "Finding residents who are entitled to special assistance and do not get it, to offer them help",
        """\
Unclaimed benefits: who is entitled to a benefit and does not get it? The municipality asks which of its own clients
the benefits agency knows.
- A hit says only that both know somebody; whether he is entitled is for a person to find out with him.
- The Participatiewet carries this within its own task only. Searching data of another task has to wait for the Wet
  proactieve dienstverlening; until then your node refuses that legal basis.
- To know first how many people it is about, put `count` among the answers: then nobody knows who.
- People can refuse help. Who does is not approached again; that is for you to see to, not for the node.""",
    ),
    "early_signals_of_debt": CaseWords(
        "early-signals",
        "Offering residents with arrears of payment early help with debts",
        """\
Early signals of debt: a creditor has loaded arrears, and the municipality asks at which addresses of its own clients
there is one.
- A creditor may not process the BSN (Wabb, UAVG 46). So addresses are compared: a hit is about a household, and a
  person finds out whom it concerns. People whose address is secret are never in it.
- The creditor loads only whom it has reminded, and pointed to help, itself (Besluit gemeentelijke schuldhulpverlening
  art. 2); the node does not see that.
- `receipts: false`: the creditor does not hear at which addresses the municipality knows somebody; so it cannot tell
  its client either, and the municipality does. With `true` it hears. Weigh that.
- Results are kept for a short time: a signal that nobody took up is gone then.""",
    ),
    "intake": CaseWords(
        "intake",
        "Knowing at the intake whether somebody is helped with debts already, so that he tells his story once",
        """\
Intake: somebody is at the counter. Is he helped elsewhere already?
- The limits are low on purpose: one can ask about who comes to the counter, and not about a whole register.
- Only known or not is told. Who wants to know whom to call takes the template `whom_to_call`.
- `receipts: true`: the other organisation can tell its client that you know.
- Do not ask about who is not there: the technique does not prevent it, but it can be found out.""",
    ),
    "multi_problem_households": CaseWords(
        "multi-problem-households",
        "Finding households that get social support and help with debts, to offer them one plan",
        """\
Households with several problems: at which addresses do support and help with debts come together?
- A hit is about an address. Who lives there, and whether it is about the same people, is for a person to find out
  before anything happens. Being known at two desks makes no household a risk.
- Count first (`count`): then nobody knows who. Take `hit` away if numbers are enough.
- Attributes are never told by an address; no agreement can open that.
- The Wgs carries this for debt help itself alone: for that the college may also use what it already has for the
  Jeugdwet, the Participatiewet and the Wmo (art. 8d). Who did not ask for it is not to be in it; the node cannot see.
- The Wet aanpak meervoudige problematiek sociaal domein is in the catalogue as a bill, and no legal basis yet.""",
    ),
    "steering_information": CaseWords(
        "steering-information",
        "Knowing how many clients get help with debts too, to plan desks and hours",
        """\
Steering information: how many clients do both organisations have? Nobody learns anything about anybody by it.
- Only `count`. With `hit` it is no steering information any more, and this legal basis does not fit.
- Every number is a few off on purpose; a small number is not told. So nobody can be counted out.
- A breakdown makes numbers smaller and so less useful. Ask what the decision needs.
- Never break down by a special category (AVG 9): the rules refuse that, whatever is agreed.""",
    ),
    "whom_to_call": CaseWords(
        "whom-to-call",
        "Reaching the debt counsellor of a client who is helped at both, to make one plan together",
        """\
Whom to call: a case worker asks, in one case, who helps the client at the other organisation.
- Only by bsn: attributes are never told by an address.
- `names` are data of the counsellor, not of the client. Each one more needs a reason in the DPIA.
- Which clients are shared shows in the hit already, before there is a case. Treat it as a hit in the DPIA.
- `receipts: true`: the provider knows who was found and can tell its client. Leave it so.""",
    ),
}
