"""What `linkage-node agreements` says, Dutch beside English."""

_TERMS = {
    # agreements add, list, show, remove
    "added": (
        "Toegevoegd: {agreement}. {parties}, van {first} tot en met {last}.",
        "Added {agreement}: {parties}, {first} to {last}.",
    ),
    "added_hash": (
        "Inhoudshash, bij uw partner dezelfde: {content}",
        "Its content hash, the same at your partner: {content}",
    ),
    "padding": (
        "De lijst heeft de mensen van de antwoorder, {entries} verzonnen regels, en wat het laatste vak van {bucket}"
        " opvult: {size} MB aan verzonnen regels per identificatie.",
        "Its tag sets hold the provider's people, {entries} entries of padding, and what fills the last bucket of"
        " {bucket}: {size} MB of padding for each kind.",
    ),
    "no_basis": ("geen grondslag uit de catalogus", "no legal basis of the catalogue"),
    "no_category": ("geen doelcategorie", "no category"),
    "kinds_ask": ("{asks} vraagt {answers}", "{asks} asks {answers}"),
    "agreements_none": (
        "Er zijn nog geen overeenkomsten: `linkage-node agreements new` schrijft er een, `agreements add BESTAND` voegt"
        " haar toe.",
        "No agreements yet: `linkage-node agreements new` writes one, `agreements add FILE` adds it.",
    ),
    "list_id": ("overeenkomst", "id"),
    "list_parties": ("partijen en doel", "parties and purpose"),
    "list_by": ("op", "by"),
    "list_answers": ("antwoorden", "answers"),
    "list_days": ("geldigheid", "days"),
    "standing_of": ("{agreement}: {standing}", "{agreement}: {standing}"),
    "removed": ("Weggehaald: {agreement}.", "Removed {agreement}."),
    "removed_signed": (
        "{partner} hoort dat niet, en de handtekening van uw organisatie blijft staan. Wilt u de overeenkomst bij beide"
        " beëindigen: voeg haar weer toe en trek haar in.",
        "{partner} is not told of it, and your organisation's signature stands. To end the agreement at both, add it"
        " anew and revoke it.",
    ),
    "removed_unheard": (
        "{partner} heeft nog niet gehoord wat u erover zei, en hoort dat niet zolang zij hier weg is: voeg haar weer"
        " toe, dan brengt uw node het.",
        "{partner} has not heard yet what you said of it, and will not while it is removed here: add it anew, and your"
        " node brings it.",
    ),
    # what may be counted and told
    "counts_title": ("Wat geteld mag worden", "What may be counted"),
    "counts_question": ("vraag", "question"),
    "counts_rows": ("rijen", "rows"),
    "counts_columns": ("kolommen", "columns"),
    "counts_every": ("per", "every"),
    "counts_epsilon": ("epsilon", "epsilon"),
    "counts_within": ("95% binnen", "95% within"),
    "counts_year": ("kost per jaar", "a year costs"),
    "counts_all": ("allen", "all"),
    "counts_cost": (
        "Een jaar lang alles vragen{by_kinds} kost hoogstens een epsilon van {epsilon}. Elke organisatie heeft minstens"
        " {set} mensen in een vraag; een getal onder {cell} wordt niet verteld.",
        "A year of asking everything{by_kinds} costs an epsilon of {epsilon} at the most. Each organisation has {set}"
        " persons in a question at the least; a number below {cell} is not told.",
    ),
    "counts_kinds": (", op elk van {kinds} identificaties,", ", by each of {kinds} kinds"),
    "attributes_told": (
        "Wat in een zaak verteld mag worden: {names}. Van hoogstens {largest} mensen in een vraag, en {times} keer van"
        " één mens in {days} dagen; {reported}.",
        "What may be told, in a case: {names}. Of at most {largest} persons in one order, and {times} times of one"
        " person in {days} days; {reported}.",
    ),
    "hits_reported": ("treffers worden gemeld", "hits are reported"),
    "hits_unreported": (
        "treffers worden niet gemeld (`treffers_melden` is niet ja)",
        "hits are not reported (`receipts` is not true)",
    ),
}
_WARNINGS = {
    "unfilled": (
        "Nog in te vullen: {fields}. Dan is het een andere overeenkomst: vul het in voordat uw partner het bestand"
        " toevoegt, en voeg het opnieuw toe met --replace.",
        "Still to be filled in: {fields}. With that it will be another agreement: fill it in before your partner adds"
        " the file, and add it anew with --replace.",
    ),
    "epsilon_beyond": (
        "Een jaar lang haar vragen kost een epsilon van {own}{with_others}; uw bestand mag er {budget} per jaar"
        " vertellen (count.epsilon_per_year in node.yaml). Wat daarboven wordt gevraagd, wordt geweigerd"
        " (epsilon_exhausted).",
        "A year of its questions costs an epsilon of {own}{with_others}; your register may tell {budget} a year"
        " (count.epsilon_per_year in node.yaml). What is asked beyond that is refused (epsilon_exhausted).",
    ),
    "epsilon_with_others": (
        ", met uw andere overeenkomsten {epsilon}",
        ", with your other agreements {epsilon}",
    ),
    "own_refusal": ("Uw eigen beleid weigert {what}: {codes}.", "Your own policy refuses {what}: {codes}."),
    "own_refusal_why": ("  Waarom: `{command}`", "  Why: `{command}`"),
    "words_unseen": (
        "Of uw bestand heeft wat zij noemt, is niet te zien: {code}.",
        "Whether your register has what it names cannot be seen: {code}.",
    ),
    "words_mend": (
        "Hiermee wordt niemand gevonden, en een telling kost toch epsilon. Verbeter de woorden in de overeenkomst, of"
        " in de mapping (`attributes`) en laad opnieuw.",
        "Nobody is found by these, and a count costs epsilon all the same. Mend the words in the agreement, or in the"
        " mapping (`attributes`) and load again.",
    ),
    "attribute_absent": (
        "{field}: 0 van {records} regels in uw bestand hebben `{attribute}`.",
        "{field}: 0 of {records} records of your register have `{attribute}`.",
    ),
    "attribute_meant": (" Bedoelde u `{near}`?", " Did you mean `{near}`?"),
    "value_absent": (
        "{field}: 0 van {records} regels met `{attribute}` hebben de waarde {values}.",
        "{field}: 0 of {records} records with `{attribute}` have the value {values}.",
    ),
    "or": (" of ", " or "),
}
_SIGNING = {
    # agreements sign, reject, revoke, signatures, receive
    "done_accept": ("Getekend: {agreement}{again}. {standing}", "Signed: {agreement}{again}. {standing}"),
    "done_reject": ("Afgewezen: {agreement}{again}. {standing}", "Rejected: {agreement}{again}. {standing}"),
    "done_revoke": ("Ingetrokken: {agreement}{again}. {standing}", "Revoked: {agreement}{again}. {standing}"),
    "said_before": (" (dat was al gezegd)", " (that was said before)"),
    "await_officers": (
        "Er wordt pas onder gevraagd en beantwoord als uw functionarissen een beleid in werking brengen waar zij in"
        " staat: `linkage-node policy build`.",
        "It is asked and answered under it when your officers put a policy with it into force: `linkage-node policy"
        " build`.",
    ),
    "undelivered_why": ("{partner}: {fault} [{code}].", "{partner}: {fault} [{code}]."),
    "undelivered": (
        "Uw handtekening is daar nog niet. Uw node brengt haar zodra zij draait; of geef haar zelf: `linkage-node"
        " agreements signatures {agreement} --output BESTAND`, en laat de ander `agreements receive BESTAND` geven.",
        "It has not got your signature yet. Your node brings it while it serves; or hand it over: `linkage-node"
        " agreements signatures {agreement} --output FILE`, and let them run `agreements receive FILE`.",
    ),
    "revoke_it": ("Intrekken?", "Revoke it?"),
    "own_written": (
        "Geschreven: {file}. Uw partner geeft `linkage-node agreements receive {name}`.",
        "Written: {file}. Your partner runs `linkage-node agreements receive {name}`.",
    ),
    "nothing_new": ("Er staat niets in dat hier nieuw is.", "Nothing in it is new here."),
    "signatures_who": ("wie", "who"),
    "signatures_said": ("zei", "said"),
    "signatures_when": ("wanneer (UTC)", "when (UTC)"),
    "signatures_with": ("met certificaat", "with certificate"),
    "said_accept": ("akkoord", "approved"),
    "said_reject": ("afgewezen", "rejected"),
    "said_revoke": ("ingetrokken", "revoked"),
    "holds_no_more": ("zij geldt niet meer ({code})", "it does not hold any more ({code})"),
    "certificate_of": ("{thumbprint}… van {issuer}, tot {until}", "{thumbprint}… of {issuer}, until {until}"),
    # what ends with an agreement
    "ends": (
        "Intrekken van {agreement} beëindigt haar, bij beide organisaties, en kan niet terug:",
        "Revoking {agreement} ends it, at both organisations, and cannot be taken back:",
    ),
    "ends_asking": (
        "  - er wordt niets meer onder gevraagd of beantwoord, en wat bezig is, stopt;",
        "  - nothing is asked or answered under it any more, and what is under way stops;",
    ),
    "ends_keys": (
        "  - haar sleutels en lijsten worden vernietigd;",
        "  - its keys and tag sets are destroyed;",
    ),
    "ends_results": (
        "  - bewaarde uitkomsten gaan weg: hier die van {queries} vragen; exporteer ze eerst, als u ze mag bewaren;",
        "  - results that are kept go: here {queries} queries'; export them before if you may keep them;",
    ),
    "ends_standing": (
        "  - vaste vragen krijgen van {partner} geen antwoord meer: {names};",
        "  - standing questions get no answer from {partner} any more: {names};",
    ),
    "ends_not": (
        "  - wat blijft: het bewijs, de optekening van wat over wie is verteld, en wat tellingen hebben gekost.",
        "  - what stays: the evidence, the record of what was told about whom, and what counts have cost.",
    ),
}
AGREEMENTS = {**_TERMS, **_WARNINGS, **_SIGNING}
