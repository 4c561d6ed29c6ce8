"""What `linkage-node agreements` says, Dutch beside English."""

_TERMS = {
    # agreements templates, new
    "templates_either": (
        "Staan er twee namen, dan werken zij allebei: `linkage-node agreements new --template NAAM`.",
        "Where there are two names, either works: `linkage-node agreements new --template NAME`.",
    ),
    "kind_usual": (
        "Nog in te vullen: de soort van {name}. Het sjabloon is voor {kind}. Klopt dat, geef dan `--{side}-kind {kind}`"
        " mee, of zet het in het bestand.",
        "To be filled in: the kind of {name}. The template is for {kind}. If that is right, give `--{side}-kind {kind}`"
        " too, or put it into the file.",
    ),
    "the_requester": ("de vrager", "the requester"),
    "the_provider": ("de antwoorder", "the provider"),
    # agreements add, list, show, remove
    "added": (
        "Toegevoegd: {agreement}, versie {version}. {parties}, van {first} tot en met {last}.",
        "Added {agreement}, version {version}: {parties}, {first} to {last}.",
    ),
    "added_before": (
        "Stond er al: {agreement}, versie {version}. {parties}, van {first} tot en met {last}.",
        "Was there already: {agreement}, version {version}: {parties}, {first} to {last}.",
    ),
    "added_hash": (
        "Kenmerk (hash), bij uw partner hetzelfde: {content}",
        "Its content hash, the same at your partner: {content}",
    ),
    "padding": (
        "De lijst van de antwoorder reist met minstens {entries} verzonnen regels erin: aan haar lengte is niet precies"
        " te zien hoeveel mensen hij heeft.",
        "Its tag sets travel with {entries} entries of padding or more: their size does not say exactly how many people"
        " the provider has.",
    ),
    "no_basis": ("geen grondslag uit de catalogus", "no legal basis of the catalogue"),
    "no_category": ("geen doelcategorie", "no category"),
    "basis_is": ("Grondslag: {basis}", "Legal basis: {basis}"),
    "category_is": ("Doelcategorie: {category}", "Category of the purpose: {category}"),
    "kinds_ask": (
        "Soort organisatie: {asks} vraagt {answers}",
        "Kind of organisation: {asks} asks {answers}",
    ),
    "agreements_none": (
        "Er zijn nog geen overeenkomsten: `linkage-node agreements new` schrijft er een, `agreements add BESTAND` voegt"
        " haar toe.",
        "No agreements yet: `linkage-node agreements new` writes one, `agreements add FILE` adds it.",
    ),
    "list_id": ("overeenkomst", "id"),
    "list_version": ("versie {version}", "version {version}"),
    "is_in_force": ("van kracht", "in force"),
    "is_unsigned": ("nog niet door beide getekend", "not yet signed by both"),
    "is_rejected": ("afgewezen", "rejected"),
    "is_revoked": ("ingetrokken", "revoked"),
    "is_not_activated": ("niet in het beleid", "not in the policy"),
    "unfit": (
        "{agreement} is niet te lezen, en telt niet mee: {why}. Haal haar weg (`linkage-node agreements remove"
        " {agreement}`), en voeg haar bestand opnieuw toe.",
        "{agreement} cannot be read, and counts for nothing: {why}. Take it out (`linkage-node agreements remove"
        " {agreement}`), and add its file anew.",
    ),
    "list_hash": ("hash {content}", "hash {content}"),
    "list_parties": ("partijen en doel", "parties and purpose"),
    "list_by": ("op", "by"),
    "list_answers": ("antwoorden", "answers"),
    "list_days": ("geldigheid", "days"),
    "standing_of": ("{agreement}. {standing}", "{agreement}. {standing}"),
    "removed": ("Weggehaald: {agreement}.", "Removed {agreement}."),
    # what is said before an agreement is replaced or removed, and what stays of it
    "replaces": (
        "Versie {old} van {agreement} is door beide organisaties getekend, en stopt als u doorgaat: er wordt hier dan"
        " niets gevraagd of beantwoord totdat beide {new} hebben getekend.",
        "Version {old} of {agreement} is signed by both organisations, and stops if you go on: nothing is asked or"
        " answered here then until both have signed {new}.",
    ),
    "new_text": ("de nieuwe tekst", "the new text"),
    "replaces_same": (
        "Beide teksten heten versie {version}: verhoog `versie`, dan zijn zij uit elkaar te houden.",
        "Both texts are called version {version}: raise `version`, so that they can be told apart.",
    ),
    "replaces_here": (
        "{partner} hoort dit niet: daar blijft versie {old} staan tot zij er wordt vervangen, of wordt ingetrokken.",
        "{partner} is not told: version {old} stays there until it is replaced there, or one of you revokes it.",
    ),
    "replace_it": ("Vervangen?", "Replace it?"),
    "replaced": ("Versie {version} is hier vervangen.", "Version {version} was replaced here."),
    "removes": (
        "{agreement} is door beide organisaties getekend. Weghalen stopt haar alleen hier, en {partner} hoort het niet;"
        " intrekken (`linkage-node agreements revoke {agreement}`) beëindigt haar bij beide.",
        "{agreement} is signed by both organisations. Removing it stops it here only, and {partner} is not told;"
        " revoking it (`linkage-node agreements revoke {agreement}`) ends it at both.",
    ),
    "remove_it": ("Weghalen?", "Remove it?"),
    "stays": (
        "Bewaarde uitkomsten onder versie {version} blijven tot hun bewaartermijn om is: hier die van {queries} vragen."
        " En de handtekeningen blijven staan. Intrekken beëindigt haar bij beide organisaties, en vernietigt wat er is"
        " bewaard: `linkage-node agreements revoke {name}`.",
        "Results under version {version} stay until their term is over: here {queries} queries'. And the signatures"
        " stand. Revoking ends it at both organisations, and destroys what is kept: `linkage-node agreements revoke"
        " {name}`.",
    ),
    "stays_unheard": (
        "{partner} heeft uw handtekening nog niet, en krijgt die niet zolang deze tekst hier weg is.",
        "{partner} has not got your signature yet, and will not while this text is gone here.",
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
    "own_finding": (
        "Uw eigen beleid heeft er iets tegen: {field}: {what} ({source}) [{code}].",
        "Your own policy has something against it: {field}: {what} ({source}) [{code}].",
    ),
    "partner_unknown": (
        "Uw knooppunt heeft geen kaart van {partner} (OIN {oin}). Klopt dat nummer? Voeg haar kaart toe"
        " (`linkage-node peers add KAART`); tot dan worden er geen handtekeningen uitgewisseld en geen vragen gesteld.",
        "Your node has no card of {partner} (OIN {oin}). Is that number right? Add its card (`linkage-node peers add"
        " CARD`); until then no signatures are exchanged and no questions asked.",
    ),
    "partner_named": (
        "De overeenkomst noemt OIN {oin} {partner}; op de kaart van dat nummer staat {name}. Kijk na of dat dezelfde"
        " organisatie is.",
        "The agreement calls OIN {oin} {partner}; the card of that number says {name}. See whether that is the same"
        " organisation.",
    ),
    "words_unseen": (
        "Of uw bestand heeft wat zij noemt, is niet te zien: {code}.",
        "Whether your register has what it names cannot be seen: {code}.",
    ),
    "words_mend": (
        "{effect} Verbeter de woorden in de overeenkomst, of in de mapping (`attributes`) en laad opnieuw.",
        "{effect} Mend the words in the agreement, or in the mapping (`attributes`) and load again.",
    ),
    "words_counted": (
        "Hiermee wordt niemand geteld, en een telling kost toch epsilon.",
        "Nobody is counted by these, and a count costs epsilon all the same.",
    ),
    "words_told": (
        "Van niemand kan dit worden verteld.",
        "This can be told of nobody.",
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
        " staat: `linkage-node policy build BESTAND`.",
        "It is asked and answered under it when your officers put a policy with it into force: `linkage-node policy"
        " build FILE`.",
    ),
    "undelivered_why": ("{partner}: {fault} [{code}].", "{partner}: {fault} [{code}]."),
    "undelivered": (
        "Daar is dit nog niet bekend. Uw knooppunt brengt het zodra het draait. Met de hand kan ook: `linkage-node"
        " agreements signatures {agreement} --output BESTAND` schrijft het op, en de ander leest het in met"
        " `linkage-node agreements receive BESTAND`.",
        "It is not known there yet. Your node brings it while it serves. By hand: `linkage-node agreements signatures"
        " {agreement} --output FILE` writes it down, and they take it in with `linkage-node agreements receive FILE`.",
    ),
    "undelivered_unknown": (
        "Daar is dit nog niet bekend. Voeg de kaart toe van de organisatie met dat OIN, dan brengt uw knooppunt het."
        " Met de hand kan ook: `linkage-node agreements signatures {agreement} --output BESTAND`.",
        "It is not known there yet. Add the card of the organisation with that OIN, and your node brings it. By hand:"
        " `linkage-node agreements signatures {agreement} --output FILE`.",
    ),
    "rejects": (
        "Afwijzen van {agreement} is voorgoed: deze tekst kan daarna niemand meer tekenen. Een andere tekst is een"
        " andere overeenkomst.",
        "Rejecting {agreement} is final: nobody can sign this text after that. Another text is another agreement.",
    ),
    "reject_it": ("Afwijzen?", "Reject it?"),
    "revoke_it": ("Intrekken?", "Revoke it?"),
    "own_written": (
        "Geschreven: {file}. Uw partner leest het in met `linkage-node agreements receive {name}`.",
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
        "  - bewaarde uitkomsten gaan weg, hier die van {queries} vragen. Mag u ze bewaren, schrijf ze dan eerst naar"
        " een bestand: `linkage-node queries list` noemt ze, `linkage-node queries results ID --output BESTAND`"
        " schrijft er een;",
        "  - results that are kept go: here {queries} queries'. If you may keep them, write them to a file first:"
        " `linkage-node queries list` lists them, `linkage-node queries results ID --output FILE` writes one;",
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
