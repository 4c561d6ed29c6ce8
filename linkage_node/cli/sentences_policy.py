"""What `linkage-node policy` says, Dutch beside English."""

_OPA = (
    "De OPA-server beslist met zijn eigen kopie: geef `linkage-node policy bundle MAP` opnieuw.",
    "The OPA server decides by its own copy: run `linkage-node policy bundle DIR` again.",
)
_TELLING = {
    # policy check
    "rules_loaded": (
        "Regels: {files} bestanden in {folder}, geladen.",
        "Rules: {files} files in {folder}, loaded.",
    ),
    "rules_of_product": (
        "Regels: {files} bestanden van het product, geladen.",
        "Rules: {files} files of the product, loaded.",
    ),
    "agreements_loaded": (
        "Overeenkomsten: {agreements}. Revisie: {revision}.",
        "Agreements: {agreements}. Revision: {revision}.",
    ),
    "policy_in_force": (
        "In werking is beleid {sequence}, revisie {revision}.",
        "In force is policy {sequence}, revision {revision}.",
    ),
    "opa_agrees": ("De OPA-server op {url} heeft hetzelfde.", "The OPA server at {url} has the same."),
    "point_answers": (
        "{url} antwoordt, en weigert een vraag zonder overeenkomst. Revisie: {revision}.",
        "{url} answers, and refuses a question without an agreement. Revision: {revision}.",
    ),
    "check_ok": ("In orde.", "OK"),
    # policy officer-key
    "key_written": (
        "Geschreven: {file}, van de functionaris alleen. De twee regels erover horen in node.yaml, onder `officers:`.",
        "Wrote {file}: for the officer alone. The two lines about it belong in node.yaml, under `officers:`.",
    ),
    "passphrase": ("Wachtzin van de sleutel", "Passphrase of the officer's key"),
    "passphrase_again": ("Nog eens", "Repeat it"),
    "passphrase_differs": (
        "De twee zijn niet gelijk. Nu allebei opnieuw.",
        "The two differ. Type both anew.",
    ),
    # policy build
    "build_agreement": ("overeenkomst", "agreement"),
    "build_status": ("staat", "status"),
    "build_taken": ("in het beleid", "taken in"),
    "taken_yes": ("ja", "yes"),
    "left_out_without": ("nee: weggelaten (--without)", "no: left out (--without)"),
    "left_out_expired": ("nee: verlopen", "no: expired"),
    "left_out_rejected": ("nee: afgewezen", "no: rejected"),
    "left_out_revoked": ("nee: ingetrokken", "no: revoked"),
    "policy_is": (
        "Beleid {sequence}, revisie {revision}, gebouwd op {built_at}.",
        "Policy {sequence}, revision {revision}, built at {built_at}.",
    ),
    "policy_sha256": ("SHA-256 van het bestand: {sha256}", "SHA-256 of the file: {sha256}"),
    "refused_anyway": (
        "GEWEIGERD, wat er ook in staat: {codes}",
        "REFUSED, whatever it says: {codes}",
    ),
    "refused_partly": ("DEELS GEWEIGERD: {codes}", "PARTLY REFUSED: {codes}"),
    "against_policy": (
        "Anders dan in beleid {sequence}, dat nu in werking is:",
        "What changes against policy {sequence}, in force now:",
    ),
    "against_nothing": (
        "Er is nu geen beleid in werking; dit komt erbij:",
        "Nothing is in force now; this comes in:",
    ),
    "changed_agreements_added": ("overeenkomsten erbij: {names}", "agreements that come in: {names}"),
    "changed_agreements_removed": ("overeenkomsten eruit: {names}", "agreements that go out: {names}"),
    "changed_rules": ("bestanden met regels: {names}", "files of rules: {names}"),
    "changed_legal_bases": ("grondslagen: {names}", "legal bases: {names}"),
    "changed_catalogue": (
        "andere delen van de catalogus: {names}",
        "other parts of the catalogue: {names}",
    ),
    "changed_cases": (
        "bestanden met gevallen en voorbeelden: {names}",
        "files of cases and examples: {names}",
    ),
    "changed_nothing": ("niets", "nothing"),
    "as_product": (
        "regels en catalogus: zoals bij linkage-node {version}",
        "rules and catalogue: as with linkage-node {version}",
    ),
    "unlike_product": (
        "Regels en catalogus zijn NIET zoals bij linkage-node {version}; anders, erbij of eruit: {names}",
        "Rules and catalogue are NOT as with linkage-node {version}; changed, added or left out: {names}",
    ),
    "unusable_in_force": (
        "Wat in werking is, is niet bruikbaar: {fault}",
        "What is in force cannot be used: {fault}",
    ),
    "own_cases_held": (
        "Zijn {cases} gevallen worden beslist zoals zij zeggen: {product} van het product, {own} van uzelf.",
        "Its {cases} cases are decided as they say: {product} of the product, {own} of your own.",
    ),
    "case_untried": (
        "Niet geprobeerd: geval {case} ({source}), want dit beleid heeft geen overeenkomst {agreement}.",
        "Not tried: case {case} ({source}), since this policy has no agreement {agreement}.",
    ),
    "policy_written": (
        "Geschreven: {file}. Twee functionarissen tekenen het, elk met `linkage-node policy sign {file}"
        " --officer NAAM --key SLEUTEL`.",
        "Wrote {file}; two officers sign it, each with `linkage-node policy sign {file} --officer NAME --key KEY`.",
    ),
    "nobody_signs": (
        "Geschreven: {file}. Maar tekenen kan niemand: node.yaml noemt geen functionarissen. Laat elk een sleutel maken"
        " met `linkage-node policy officer-key BESTAND --name NAAM`, en zet wat dat toont onder `officers:` in"
        " node.yaml. Zolang er geen staan, beslist het knooppunt volgens de map met regels, zonder dit beleid.",
        "Wrote {file}. But nobody can sign it: node.yaml names no officers. Let each make a key with `linkage-node"
        " policy officer-key FILE --name NAME`, and put what that prints under `officers:` in node.yaml. As long as"
        " there are none, the node decides by the folder of rules, without this policy.",
    ),
    # policy sign, activate
    "officer_signed": ("{officer} heeft beleid {sequence} getekend.", "{officer} signed policy {sequence}."),
    "officer_to_come": (
        "Nog te tekenen door: {missing} andere functionaris.",
        "{missing} more officer signs it.",
    ),
    "now_activate": (
        "Nu: `linkage-node policy activate {file}`",
        "Now: `linkage-node policy activate {file}`",
    ),
    "activated": (
        "Beleid {sequence}, revisie {revision}, is in werking; getekend door {officers}.",
        "Policy {sequence}, revision {revision}, is in force; signed by {officers}.",
    ),
    "taken_up": (
        "Een knooppunt dat draait, neemt het vanzelf over, binnen {seconds} seconden.",
        "A node that runs takes it up by itself, within {seconds} seconds.",
    ),
    "opa_has_a_copy": _OPA,
    # policy history
    "history_sequence": ("nummer", "sequence"),
    "history_revision": ("revisie {revision}", "revision {revision}"),
    "history_since": ("in werking sinds", "in force since"),
    "history_officers": ("getekend door", "signed by"),
    "history_now": ("nu in werking", "in force"),
    "history_none": (
        "Er is nog geen beleid in werking gebracht: `linkage-node policy build BESTAND`, dan `sign` en `activate`.",
        "No policy was put into force yet: `linkage-node policy build FILE`, then `sign` and `activate`.",
    ),
}
_TRYING = {
    # policy explain
    "by_coming_policy": (
        "Zoals het knooppunt beslist als functionarissen een beleid met {agreement} in werking hebben gebracht; nu"
        " staat zij"
        " in geen beleid dat in werking is.",
        "As the node decides when officers have put a policy with {agreement} into force; now it is in none that is.",
    ),
    # policy test
    "cases_are": (
        "Gevallen: {product} van het product, {own} van uzelf, uit {folder}.",
        "Cases: {product} of the product, {own} of your own, in {folder}.",
    ),
    "cases_of_product": (
        "Gevallen: {product}, alle van het product. Van uzelf zijn er geen: noem hun map als `policy.cases` in"
        " node.yaml.",
        "Cases: {product}, all of the product. There are none of your own: name their folder as `policy.cases` in"
        " node.yaml.",
    ),
    "case_failed": ("{case} ({source}): {why}", "{case} ({source}): {why}"),
    "case_differs": (
        "  {field}: het geval zegt {expected}; gevonden {found}",
        "  {field}: the case says {expected}; found {found}",
    ),
    "cases_tried": (
        "{engine}: {agreed} van {tried} gevallen worden beslist zoals zij zeggen.",
        "{engine}: {agreed} of {tried} cases are decided as they say.",
    ),
    "engine_embedded": ("Het knooppunt zelf", "The node itself"),
    "engine_opa": ("De OPA-server", "The OPA server"),
    "engine_authzen": ("De AuthZEN-dienst", "The AuthZEN service"),
    "cases_elsewhere": (
        "  De andere {cases} gaan over overeenkomsten die het niet heeft.",
        "  The other {cases} are about agreements that it does not have.",
    ),
    "approved_so": ("goedgekeurd", "approved"),
    "refused_so": ("geweigerd", "refused"),
    "none": ("geen", "none"),
    "decided_allow": ("beslissing", "decision"),
    "decided_reasons": ("redenen", "reasons"),
    "decided_obligations": ("voorwaarden", "conditions"),
    # policy coverage
    "lines_untold": (
        "Hoeveel regels in de regelbestanden de gevallen raken, kan alleen OPA vertellen, en dat staat hier niet. De"
        " beheerder kan het programma `opa` (Open Policy Agent) installeren; nodig is het niet.",
        "How many lines of the rules the cases reach only OPA can tell, and it is not here. The operator can install"
        " the program `opa` (Open Policy Agent); it is not needed otherwise.",
    ),
    "lines_reached": (
        "De gevallen raken {percentage}% van de regels in de regelbestanden",
        "The cases reach {percentage}% of the rules' lines",
    ),
    "too_few_lines": (
        "De gevallen raken {percentage}% van de regels in de regelbestanden, minder dan {least}%.",
        "The cases reach {percentage}% of the rules' lines, less than {least}%.",
    ),
    "coverage_file": ("bestand", "file"),
    "coverage_reached": ("geraakt", "reached"),
    "coverage_missed": ("niet geraakt", "not reached"),
    "coverage_lines": ("niet geraakte regels", "lines that are not"),
    "reasons_without_case": (
        "Redenen in de regels die geen geval verwacht: {names}.",
        "Reasons in the rules that no case expects: {names}.",
    ),
    "agreements_without_case": (
        "Overeenkomsten waar geen geval over gaat: {names}.",
        "Agreements that no case is about: {names}.",
    ),
    "cases": ("gevallen", "cases"),
}
POLICY = {**_TELLING, **_TRYING}
