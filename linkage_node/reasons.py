"""Every stable reason code, what it means in words, and what to do now. Codes are never renamed or reused."""

from typing import NamedTuple


class Reason(NamedTuple):
    """What a code means, and what its reader can do."""

    meaning: str
    remedy: str


UNKNOWN = Reason(
    "the other side gave a reason that this version does not know", "Ask them what the code means."
)


def explain(code: str) -> Reason:
    """The meaning and remedy of a reason code; an unknown code is explained as such."""
    return REASONS.get(code, UNKNOWN)


def for_systems(remedy: str) -> str:
    """What to do, for a system that calls: nothing where that is a command line."""
    return "" if "`linkage-node" in remedy or "`--" in remedy else remedy


_IDENTITY = {
    "oin_mismatch": Reason(
        "the OIN in the certificate is not the OIN in the message or the agreement",
        "Check which certificate the node uses, and the OINs in the agreement.",
    ),
    "certificate_without_oin": Reason(
        "the certificate bears no valid OIN in subject.serialNumber",
        "Use a certificate with the organisation's OIN (PKIoverheid, or `linkage-node init` for development).",
    ),
    "peer_unknown": Reason(
        "this organisation is not among the node's peers",
        "Hand your card.yaml to them; they run `linkage-node peers add card.yaml`.",
    ),
    "system_unknown": Reason(
        "this certificate is not registered as one of the organisation's own systems, or may not do this",
        "Let the operator add its fingerprint under `systems` in node.yaml.",
    ),
    "certificate_refused": Reason(
        "the other side's certificate is foreign, expired or not valid for this address",
        "Run `linkage-node doctor` on both nodes; check dates and the trusted CA.",
    ),
    "development_certificate": Reason(
        "a development certificate or CA is used in production mode",
        "Use certificates of a real CA (PKIoverheid), or set `mode: development`.",
    ),
    "certificate_revoked": Reason(
        "the certificate was revoked by the CA that issued it, or nobody can tell because the revocation list is stale",
        "If it is stale, fetch the CA's list anew (`tls.crl` in node.yaml); else let its owner get a new certificate.",
    ),
    "peer_is_self": Reason("this is the node's own card", "Add the card of the other organisation."),
    "peer_key_differs": Reason(
        "this organisation is known with another signing key",
        "Ask them, over another channel, whether they replaced it; then run the same command with `--replace`.",
    ),
}

_POLICY = {
    "agreement_unknown": Reason(
        "no agreement with this content is known at the node that decides",
        "Both organisations must add exactly the same agreement file: `linkage-node agreements add FILE`.",
    ),
    "agreement_not_here": Reason(
        "this node has no agreement called so",
        "`linkage-node agreements list` shows those there are; `linkage-node agreements add FILE` adds one.",
    ),
    "agreement_unfit": Reason(
        "the stored agreement cannot be read: nothing is asked or answered under it",
        "`linkage-node agreements remove ID`, then add its file anew; mend the file first if that is refused.",
    ),
    "agreement_differs": Reason(
        "there is another agreement under this name",
        "Give the new one a name of its own, or add it with `--replace`: what ran under the old one ends.",
    ),
    "agreement_unsigned": Reason(
        "the agreement is not signed by both organisations",
        "Sign it with `linkage-node agreements sign ID`; `agreements list` shows whose signature is missing.",
    ),
    "agreement_rejected": Reason(
        "one of the organisations rejected the agreement", "Agree on another version, and sign that."
    ),
    "agreement_revoked": Reason(
        "one of the organisations revoked the agreement",
        "Nothing is asked or answered under it any more; to go on, agree on a new version and sign that.",
    ),
    "agreement_not_activated": Reason(
        "the agreement is not in the policy that the officers put into force",
        "Build a policy with it (`linkage-node policy build FILE`), let two officers sign it, and activate it.",
    ),
    "agreement_unfinished": Reason(
        "the agreement has fields that are still to be filled in",
        "Fill them in, let both organisations add that text (`agreements add FILE --replace`), and sign it.",
    ),
    "agreement_in_force": Reason(
        "the agreement is in force, both organisations signed it",
        "To end it, revoke it: `linkage-node agreements revoke ID`.",
    ),
    "signature_by_third_party": Reason(
        "the signature is of an organisation that is no party to the agreement",
        "Only the two organisations of an agreement sign it.",
    ),
    "signature_own": Reason(
        "this is your own organisation's approval, which is not received but signed",
        "Hand the file to your partner, and receive the one that it gives you.",
    ),
    "signature_not_by_node": Reason(
        "the signature is not countersigned with the key of that organisation's node, the one on its card",
        "Only its node signs for an organisation. If it replaced its keys, compare the new ones over another channel,"
        " and add its new card (`linkage-node peers add card.yaml --replace`).",
    ),
    "signature_untrusted": Reason(
        "the signer's certificate is not of a trusted CA, is not valid, or was revoked",
        "Check `tls.ca` in node.yaml, and let the other organisation sign with its current certificate.",
    ),
    "signature_outdated": Reason(
        "the time of the signature lies in the future, before its certificate, or too long ago",
        "Check the clocks of both nodes, and sign anew.",
    ),
    "signature_final": Reason(
        "the agreement was rejected or revoked, which cannot be taken back",
        "Agree on a new version (another text), and sign that.",
    ),
    "legal_basis_missing": Reason(
        "the agreement names no legal basis of the catalogue",
        "Give `legal_basis.id` (grondslag): `linkage-node policy legal-bases` lists them.",
    ),
    "legal_basis_unknown": Reason(
        "the catalogue has no such legal basis",
        "`linkage-node policy legal-bases` lists those there are.",
    ),
    "legal_basis_not_in_force": Reason(
        "the legal basis is no law now: a bill, not yet in force, or repealed",
        "Choose a legal basis that is in force.",
    ),
    "legal_basis_not_for_organisation": Reason(
        "the legal basis is not for this kind of organisation, or the agreement does not say which kind it is",
        "Say of both organisations what kind they are; `linkage-node policy legal-bases ID` shows for whom the basis"
        " is. If one of them is not there, it is another legal basis.",
    ),
    "legal_basis_not_for_identifier": Reason(
        "the legal basis, or the organisation, does not allow this identifier kind",
        "Ask by a kind that `linkage-node policy legal-bases ID` shows for both organisations.",
    ),
    "legal_basis_not_for_purpose": Reason(
        "the legal basis does not allow this purpose, or the agreement names no category of purposes",
        "Name a category that `linkage-node policy legal-bases ID` shows; if your purpose is in none, it is another"
        " legal basis.",
    ),
    "legal_basis_not_for_answer": Reason(
        "the legal basis does not allow this answer",
        "Ask for an answer that `linkage-node policy legal-bases ID` shows.",
    ),
    "guardrails_unchecked": Reason(
        "what no agreement can lift was not checked for this agreement",
        "Let the node write its policy bundle anew: `linkage-node policy bundle DIR`.",
    ),
    "policy_not_activated": Reason(
        "no policy was put into force by two officers",
        "Build one, let two officers sign it, and activate it: `linkage-node policy build FILE`, `sign`, `activate`.",
    ),
    "policy_unsigned": Reason(
        "no officer signed the policy",
        "Let two officers look at it and sign it: `linkage-node policy sign FILE --officer NAME --key KEY`.",
    ),
    "policy_older": Reason(
        "the policy is older than one that was in force, or as old",
        "Build it anew, with the next number: `linkage-node policy build FILE`. To go back, add `--from` and the old"
        " number.",
    ),
    "policy_number_unknown": Reason(
        "no policy with this sequence number was in force here",
        "`linkage-node policy history` shows those there are; or name the file of the policy.",
    ),
    "policy_ahead": Reason(
        "the policy's sequence number is far above the highest that was in force",
        "Build it anew: `linkage-node policy build FILE` gives it the next sequence number.",
    ),
    "policy_foreign": Reason(
        "the policy was built for another organisation", "Activate a policy that this node built."
    ),
    "policy_tampered": Reason(
        "the policy is not the one that was signed, or its revision is not that of its content",
        "Build and sign it anew; find out who changed the file.",
    ),
    "policy_tests_failed": Reason(
        "the policy does not decide its own cases as they say, or none of them was tried",
        "`linkage-node policy test` shows which case is decided otherwise.",
    ),
    "officer_unknown": Reason(
        "the policy bears a signature of somebody who is not one of the node's officers",
        "Only those under `officers` in node.yaml sign policies.",
    ),
    "officer_not_named": Reason(
        "no officer in node.yaml has this name", "Give the name as it is under `officers` in node.yaml."
    ),
    "officer_signed_twice": Reason(
        "one officer signed twice; two different officers are needed",
        "Let a colleague look at the policy and sign it.",
    ),
    "officer_missing": Reason(
        "the policy needs the signatures of two officers",
        "Let another officer sign: `linkage-node policy sign FILE --officer NAME --key KEY`.",
    ),
    "officer_key_unusable": Reason(
        "the officer's key cannot be opened", "Check the file and the passphrase."
    ),
    "officers_not_named": Reason(
        "this node has no officers who put policies into force",
        "Name at least two under `officers` in node.yaml; `linkage-node policy officer-key FILE` makes a key.",
    ),
    "tool_missing": Reason(
        "a program that this command needs is not there", "Install it, and see that it is on PATH."
    ),
    "agreement_foreign": Reason(
        "this organisation is no party to the agreement",
        "Check the agreement's OINs; one of them must be the `oin` of node.yaml.",
    ),
    "policy_invalid": Reason(
        "the policies cannot be loaded",
        "See the file and line named; `linkage-node policy check` tries them.",
    ),
    "policy_lax": Reason(
        "the decision point approves of a question without an agreement",
        "Mend its rules, or name the right server in node.yaml: nothing it approves of means anything.",
    ),
    "policy_stale": Reason(
        "the OPA server decides by other rules or agreements than this node has",
        "Run `linkage-node policy bundle DIR` again, for the folder that the OPA server watches.",
    ),
    "agreement_not_yet_valid": Reason(
        "the agreement is not valid yet", "Wait for its first day, or agree on another."
    ),
    "agreement_expired": Reason("the agreement is no longer valid", "Agree on a new one."),
    "requester_not_in_agreement": Reason(
        "the asking organisation is not the requester of this agreement", "Check the agreement's OINs."
    ),
    "provider_not_in_agreement": Reason(
        "the asked organisation is not the provider of this agreement", "Check the agreement's OINs."
    ),
    "purpose_not_agreed": Reason(
        "the purpose is not the one that was agreed on",
        "Ask for the agreed purpose, or make an agreement for this one.",
    ),
    "kind_not_agreed": Reason(
        "this identifier kind is not in the agreement", "Ask by a kind that the agreement names."
    ),
    "answer_not_offered": Reason(
        "this version of the node gives no such answer",
        "Ask for `count`, `hit` or `attributes`, or update the node.",
    ),
    "answer_not_agreed": Reason(
        "this kind of answer is not in the agreement", "Ask for an answer that the agreement names."
    ),
    "count_unprotected": Reason(
        "the agreement's counts may be about so few persons, or have so little noise, that production counts none",
        "Agree on larger `smallest_set` and `smallest_cell`, or a smaller `epsilon`: `agreements check` names which.",
    ),
    "question_not_agreed": Reason(
        "the count that is asked for is not in the agreement's catalogue",
        "Ask one of its questions: `linkage-node agreements show ID` lists them.",
    ),
    "attribute_not_agreed": Reason(
        "an attribute that is asked for is not in the agreement",
        "Ask for attributes that the agreement names.",
    ),
    "special_category": Reason(
        "an attribute shows a special category of personal data (AVG art. 9, 10), which no agreement can open",
        "Leave it out of the question and of the agreement; a harmless column needs another name.",
    ),
    "attribute_never": Reason(
        "an attribute is a risk score or profile, or a number that identifies a person; no agreement can open it",
        "Leave it out of the question and of the agreement; a harmless column needs another name.",
    ),
    "area_sweep": Reason(
        "a count is broken down by streets, addresses or postcodes with letters; no agreement can have that",
        "Count by district, neighbourhood or the four digits of the postcode.",
    ),
    "attribute_name_invalid": Reason(
        "an attribute's name holds letters that can be taken for others, so its meaning cannot be checked",
        "Use plain letters, digits, spaces, `.`, `_` and `-`, a letter first.",
    ),
    "case_reference_missing": Reason(
        "attributes are only disclosed for a case, and none is named", "Name it with `--case REFERENCE`."
    ),
    "case_reference_is_identifier": Reason(
        "the case reference holds a number that reads as a BSN; it is kept, and shown to the other organisation",
        "Use the case's own reference. Of other numbers one in eleven reads so: put a letter among its digits.",
    ),
    "case_reference_invalid": Reason(
        "the case reference is too long or holds characters that cannot be shown",
        "Use the reference of the case.",
    ),
    "epsilon_exhausted": Reason(
        "the provider's register has told in counts what it may tell this year, over all requesters",
        "Wait until the next year (UTC), or let the provider's privacy officer decide whether its budget is right.",
    ),
    "count_lost": Reason(
        "an attempt at this question failed its checks in this period, because its list came back changed",
        "Wait for the question's next period; find out why the list was changed. Its epsilon is spent.",
    ),
    "count_under_way": Reason(
        "this question is being counted already",
        "Wait for that count to end; its answer is then given to you too.",
    ),
    "set_too_small": Reason(
        "there are fewer persons than the agreement wants for a count", "Ask for hits, if that is agreed."
    ),
    "category_full": Reason(
        "a category has more persons than the agreement's bucket has room for, so it cannot be counted unseen",
        "Agree on a larger `requester_bucket` or `provider_bucket`.",
    ),
    "count_of_register_only": Reason(
        "counts are of the whole register: their answer belongs to the question, and is given again unchanged",
        "Leave the persons out, or ask for hits about them.",
    ),
    "answer_never_for_kind": Reason(
        "this kind can name more than one person, so attributes are never told by it, whatever is agreed",
        "Ask for a hit, or ask by a kind that names one person.",
    ),
    "query_too_large": Reason(
        "the query holds more elements, or more persons whose attributes are asked, than the agreement allows",
        "Ask about fewer persons, or agree on a larger `largest_query` or `attributes.largest`.",
    ),
    "budget_exhausted": Reason(
        "the evaluations that the agreement allows in one day are used up",
        "Ask again tomorrow (UTC), ask about fewer persons, or agree on a larger `evaluations_per_day`.",
    ),
    "policy_denied": Reason(
        "policy gave no approval", "Let the privacy officer look at the evidence of the refusal."
    ),
    "policy_unavailable": Reason(
        "the decision point did not answer, or not in time; no answer is a refusal",
        "Check the OPA server or AuthZEN service (`linkage-node doctor`), then ask again.",
    ),
    "policy_malformed": Reason(
        "the decision point answered something that is not a decision; that is a refusal",
        "Check what the OPA server or AuthZEN service answers (`linkage-node doctor`).",
    ),
    "unknown_obligation": Reason(
        "an approval came with a condition that this node cannot enforce",
        "Update the node, or take the condition out of the policy.",
    ),
    "obligation_dropped": Reason(
        "the receipt lacks a condition of the agreement, or has a laxer one",
        "Do not use the answer; ask the provider's operator which version and policy it runs.",
    ),
}

_PROTOCOL = {
    "malformed": Reason("the message is not well-formed", "Check the versions of both nodes."),
    "version_unknown": Reason(
        "the other side speaks another version of the protocol", "Update the older node."
    ),
    "signature_invalid": Reason(
        "a signature does not belong to the key of that organisation, or to what it is said to sign",
        "Of an order or receipt: add its new card if it replaced its keys. Of an agreement: compare the content hashes"
        " (`linkage-node agreements show ID --json`), and let it sign anew. Of a policy: let that officer sign it anew"
        " (`linkage-node policy sign FILE --officer NAME --key KEY`).",
    ),
    "replayed": Reason("this order was seen before", "Put the question again; every order is used once."),
    "order_expired": Reason("the order came too late", "Check the clocks of both nodes, then ask again."),
    "epoch_not_current": Reason(
        "the order is for an epoch that is not running",
        "Ask again; the node fetches the running epoch's key.",
    ),
    "key_changed": Reason(
        "the provider shows another public key than the one pinned for this epoch",
        "Do not ask again before the provider's operator has explained it.",
    ),
    "element_invalid": Reason(
        "an element is not a valid encoding of a group element",
        "The sending node is defective or attacks; report it to its operator.",
    ),
    "trap_missing": Reason(
        "an element that the provider hid in its list came back changed: the list was tampered with",
        "The requesting node is defective or attacks; report it. The epsilon of the question stays spent.",
    ),
    "table_invalid": Reason(
        "the released table is not what the agreement's question asks for",
        "Do not use the answer; ask the provider's operator.",
    ),
    "tokens_mismatch": Reason(
        "the claim tokens are not those that the order commits to, or one stands twice",
        "The sending node is defective or attacks; report it.",
    ),
    "disclosure_invalid": Reason(
        "what was disclosed is not what the provider signed, or was not asked for",
        "Do not use the answer; ask the provider's operator.",
    ),
    "element_duplicate": Reason(
        "the same element was sent twice in one order", "The sending node is defective or attacks; report it."
    ),
    "elements_mismatch": Reason(
        "the elements are not those that the order commits to",
        "The sending node is defective or attacks; report it.",
    ),
    "receipt_mismatch": Reason(
        "the receipt is not for this order, provider, key, epoch or content",
        "Do not use the answer; ask the provider's operator.",
    ),
    "proof_invalid": Reason(
        "the proof that the pinned key was used does not hold",
        "Do not use the answer; ask the provider's operator.",
    ),
    "tag_set_invalid": Reason(
        "the tag set is unsorted, holds a tag twice, or is not the one that was signed",
        "The set is dropped and fetched anew; if it happens again, ask the provider's operator.",
    ),
    "too_many_orders": Reason(
        "this organisation put more orders today that were refused, or that cost nothing, than the node takes",
        "Wait until tomorrow (UTC); find out why so many were put.",
    ),
    "too_many_calls": Reason(
        "this organisation asked for more in one minute than the node takes",
        "Nothing to do: the nodes go on by themselves in the next minutes. If it stays, find out who asks so often.",
    ),
    "too_many_streams": Reason(
        "this organisation has too many calls open at this node", "Wait for the running ones to end."
    ),
    "stream_idle": Reason("the other side stayed silent for too long", "Check the network, then ask again."),
}

_RUNNING = {
    "not_disclosed": Reason(
        "the provider opened nothing for this person: it does not know him any more, or was not asked about him yet",
        "Look whether the person is its client by asking again later.",
    ),
    "disclosure_limit": Reason(
        "this person's attributes were asked as often in this epoch as the agreement allows",
        "Use what was disclosed before, or wait for the next epoch.",
    ),
    "agreement_ambiguous": Reason(
        "several agreements fit, or none does", "Name the agreement with `--agreement`."
    ),
    "too_many_providers": Reason("too many providers are asked at once", "Ask them in two questions."),
    "provider_twice": Reason(
        "two of the agreements are with the same provider", "Name one agreement for each provider."
    ),
    "provider_unanswered": Reason(
        "a provider has not answered, so nobody can tell who is known to none of them",
        "Resume the question when it can be reached, then fetch the results again; who refused needs a new question.",
    ),
    "question_unrecorded": Reason(
        "the record is of an earlier version, which did not keep all that policy was asked",
        "Put the question by its parts: `linkage-node policy explain --agreement ID`.",
    ),
    "not_resumable": Reason(
        "the query was refused or cancelled, and its persons are gone, so it cannot go on",
        "Put the question again.",
    ),
    "interrupted": Reason(
        "the command was interrupted", "Resume the query: what was answered is kept, and not asked again."
    ),
    "not_a_count": Reason("this query is no count, so it has no table", "Fetch its results."),
    "is_a_count": Reason("this query is a count: it has a table, and points at nobody", "Fetch its table."),
    "option_missing": Reason("the command needs something more", "See what it names."),
    "option_invalid": Reason("one of the given options has a value that does not fit", "See what it names."),
    "options_conflict": Reason("two of the given options do not go together", "Leave one of them out."),
    "schedule_invalid": Reason(
        "this is not a schedule in cron's syntax",
        "Write five fields, such as `0 6 1 * *`: 6:00 on the first of a month.",
    ),
    "timezone_invalid": Reason(
        "there is no such time zone",
        "Name one as the IANA database does, such as `Europe/Amsterdam`, with its capitals.",
    ),
    "standing_unknown": Reason(
        "there is no standing question called so", "`linkage-node standing list` shows those there are."
    ),
    "standing_exists": Reason(
        "there is a standing question called so", "Choose another name, or remove it first."
    ),
    "standing_name_invalid": Reason(
        "this cannot be the name of a standing question",
        "Use small letters, digits, dots, hyphens and underscores, at most 64, a letter or digit first.",
    ),
    "standing_running": Reason(
        "this standing question is being put already", "Wait until that run has ended."
    ),
    "standing_given_up": Reason(
        "the run had no answer within a day, so it was given up", "Look in the node's log; run it again."
    ),
    "agreement_replaced": Reason(
        "the agreement was replaced since the answer before, so the two may not compare",
        "Look what changed in the agreement: `linkage-node agreements show ID`.",
    ),
    "standing_too_many": Reason("the node has as many standing questions as it takes", "Remove one first."),
    "chart_format": Reason(
        "a chart is not drawn in this format", "Let the file's name end in `.png` or `.svg`."
    ),
    "series_empty": Reason("there is nothing in the series yet", "Wait for its first run, or run it now."),
    "peer_unreachable": Reason(
        "the other node did not answer",
        "Check its address in the card and whether it runs, then ask again: nothing was lost.",
    ),
    "peer_dropped": Reason(
        "the other node broke the connection off",
        "Ask again: what was answered is kept, the rest is asked anew.",
    ),
    "query_unknown": Reason(
        "there is no query with this id", "`linkage-node queries list` shows those there are."
    ),
    "query_not_done": Reason("the query is not done, so it has no results", "Watch it until it is done."),
    "results_expired": Reason("the results were deleted, as the agreement asks", "Put the question again."),
    "cancelled": Reason("the query was cancelled", "Start it again when you want its results."),
    "register_empty": Reason(
        "the register has no record of this kind",
        "Load it first: `linkage-node register load FILE.csv --mapping FILE.yaml`.",
    ),
    "no_usable_persons": Reason(
        "no person in the question has a usable identifier", "See the rejects for the reasons."
    ),
    "deadline_exceeded": Reason(
        "the call took longer than its deadline", "Ask about fewer persons, or allow more time."
    ),
    "internal": Reason(
        "the node met a defect of its own", "Report it with the log line that bears this code."
    ),
    "demo_failed": Reason(
        "the demonstration met something that it did not expect",
        "Report it with what it says; `--keep DIR` leaves its files.",
    ),
    "stopping": Reason("the node is stopping", "Ask again in a minute."),
}

_STORAGE = {
    "evidence_unwritable": Reason(
        "the evidence cannot be written, so nothing is answered",
        "Make room on the disk, or mend the database.",
    ),
    "evidence_broken": Reason(
        "the chain of evidence is broken",
        "Keep the database as it is and note the hashes; compare with your backup and with what the partner recorded.",
    ),
    "storage_locked": Reason(
        "the database is locked by another process",
        "Wait for the other command to end, then run this one again.",
    ),
    "storage_full": Reason(
        "the disk is full", "Make room, then run the same command again: nothing was lost."
    ),
    "storage_unusable": Reason(
        "the database cannot be used",
        "See what it says; if the database is lost or damaged, restore a backup (docs/operator.md).",
    ),
    "storage_outdated": Reason(
        "the database is of an earlier version of the node",
        "Stop the node, back up the database, and run `linkage-node upgrade`.",
    ),
    "seed_destroyed": Reason(
        "the seed of this epoch was destroyed, so its keys cannot be derived", "Use the running epoch."
    ),
    "sealing_key_missing": Reason(
        "the sealing key is not there", "Provide it in the way that `sealing_key` in node.yaml names."
    ),
    "key_malformed": Reason(
        "this is not a key of 32 bytes, raw or in base64",
        "Make one: `head -c 32 /dev/urandom | base64 > FILE`.",
    ),
    "key_not_private": Reason("other accounts may read or write this key file", "Run `chmod 600` on it."),
    "secret_unreadable": Reason(
        "a sealed secret cannot be opened with this sealing key",
        "Provide the sealing key that the node was made with.",
    ),
}

_FILES = {
    "file_missing": Reason("the file is not there", "Check the path."),
    "file_is_directory": Reason("this is a directory, not a file", "Give the path of a file."),
    "file_unreadable": Reason("the file cannot be read", "Check who may read it."),
    "file_empty": Reason("the file is empty", "Give a file with a header line and at least one row."),
    "file_exists": Reason(
        "there is something in that place already", "Choose another place, or remove it first."
    ),
    "file_unwritable": Reason("the file cannot be written", "Check the folder and who may write there."),
    "file_malformed": Reason("the file is not what it should be", "See the line and field named."),
    "encoding_invalid": Reason(
        "the file is not in the stated encoding",
        "State the right `encoding` in the mapping, or save the file as UTF-8.",
    ),
    "delimiter_wrong": Reason(
        "the header has one column: the delimiter is probably wrong",
        "State the right `delimiter` in the mapping.",
    ),
    "column_missing": Reason(
        "a column that the mapping names is not in the file", "Compare the mapping with the header line."
    ),
    "column_ambiguous": Reason(
        "a column that the mapping names stands twice in the header", "Name it by its number, counted from 1."
    ),
    "header_is_data": Reason(
        "the first line looks like data, not like a header", "Put a line with column names on top."
    ),
    "file_not_regular": Reason("this is a pipe or a device, not a file", "Save it as a file first."),
    "file_changed": Reason(
        "the file changed while it was read, so nothing was loaded",
        "Run the same command again when it is complete.",
    ),
    "no_usable_rows": Reason(
        "no row of the file can be used, so nothing was changed", "See the rejects file for the reasons."
    ),
    "load_overtaken": Reason(
        "another command loads the same file into this register",
        "Let that one end, or end it, then run this one again.",
    ),
    "kind_unknown": Reason("there is no such identifier kind", "Use one of the kinds named."),
    "oin_invalid": Reason(
        "this is not an OIN: 20 positions, of which the first 8 are digits and the last 3 zeros",
        "Look it up in the OIN register of Logius.",
    ),
    "config_invalid": Reason("the configuration is not valid", "See the line and field named."),
    "port_in_use": Reason(
        "the address to listen on is in use", "Stop the other process, or choose another port."
    ),
    "mode_refused": Reason(
        "this is refused in production mode", "Use `mode: development` for trying things out."
    ),
}

_ROWS = {
    "bsn_not_nine_digits": Reason("the BSN is not 8 or 9 digits", "Correct it at the source."),
    "bsn_fails_elfproef": Reason("the BSN fails the elfproef (11-proof)", "Correct it at the source."),
    "test_number": Reason("a BSN for testing, in production mode", "Take test persons out of the file."),
    "postcode_invalid": Reason(
        "the postcode is not four digits and two letters", "Correct it at the source."
    ),
    "house_number_invalid": Reason(
        "the house number is not a number from 1 to 99999", "Correct it at the source."
    ),
    "house_addition_invalid": Reason(
        "the addition of the house number has other characters or is too long", "Correct it."
    ),
    "identifier_missing": Reason(
        "the row has no value for any identifier", "Nothing to do if the row is no person."
    ),
    "address_secret": Reason(
        "the person's address is secret, so he is not found by it",
        "Nothing to do; it is kept out on purpose.",
    ),
    "address_secret_unclear": Reason(
        "it cannot be read whether the address is secret, so it was taken out",
        "Repair the row and load it again.",
    ),
    "identifier_incomplete": Reason("a part of the identifier is missing", "Complete it at the source."),
    "record_ref_missing": Reason("the row has no record reference", "Give every record a reference."),
    "record_ref_invalid": Reason(
        "the record reference holds characters that cannot be shown", "Take them out."
    ),
    "record_ref_duplicate": Reason(
        "the record reference stands on an earlier row too", "Give every record its own."
    ),
    "record_ref_is_identifier": Reason(
        "the record reference is the identifier itself",
        "Use another reference; identifiers are never stored.",
    ),
    "attribute_is_identifier": Reason(
        "an attribute holds the identifier itself", "Take it out; identifiers are never stored."
    ),
    "row_malformed": Reason(
        "the row has another number of fields than the header", "Check quotes and delimiters."
    ),
    "value_too_long": Reason("a value is longer than is allowed", "Shorten it."),
}

ROW_CODES = frozenset(_ROWS)  # what is wrong with one row of a source, or one person of a question
# What a provider can give for its refusal; the rest is for the node itself to find, and no provider's to say.
REFUSAL_CODES = frozenset({**_IDENTITY, **_POLICY, **_PROTOCOL}) - {
    *("peer_is_self", "peer_key_differs", "system_unknown", "certificate_refused"),
    *("agreement_not_here", "agreement_differs", "agreement_foreign", "policy_invalid", "obligation_dropped"),
    *("agreement_unfinished", "agreement_in_force", "signature_own"),
    *("policy_lax",),
    *("table_invalid", "disclosure_invalid", "receipt_mismatch", "proof_invalid", "tag_set_invalid"),
} | {"register_empty", "seed_destroyed", "stopping"}
# What policy itself can answer, and what its officers meet: these are in Dutch too (reasons_nl.py).
POLICY_CODES = frozenset({*_POLICY, "malformed", "oin_mismatch", "signature_invalid"})
OUTAGE_CODES = frozenset({*_STORAGE, "stopping"})  # why a provider cannot answer now; it is asked again later
REASONS: dict[str, Reason] = {**_IDENTITY, **_POLICY, **_PROTOCOL, **_RUNNING, **_STORAGE, **_FILES, **_ROWS}
