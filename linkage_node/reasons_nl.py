"""The reason codes that the privacy officer meets, in Dutch: what each means, and what to do now.

All of POLICY_CODES in linkage_node/reasons.py, and all that an officer's command can end with, which tests check.
"""

from linkage_node.reasons import Reason

_AGREEMENT = {
    "agreement_unknown": Reason(
        "het knooppunt dat beslist kent geen overeenkomst met deze inhoud",
        "Beide organisaties voegen precies hetzelfde bestand toe: `linkage-node agreements add BESTAND`.",
    ),
    "agreement_not_here": Reason(
        "dit knooppunt heeft geen overeenkomst met deze naam",
        "`linkage-node agreements list` toont welke er zijn; `linkage-node agreements add BESTAND` voegt er een toe.",
    ),
    "agreement_unfit": Reason(
        "de bewaarde overeenkomst is niet te lezen: er wordt niets onder gevraagd of beantwoord",
        "`linkage-node agreements remove ID`, en voeg haar bestand opnieuw toe; verbeter het eerst als dat wordt"
        " geweigerd.",
    ),
    "agreement_differs": Reason(
        "er is een andere overeenkomst met deze naam",
        "Geef de nieuwe een eigen naam, of voeg haar toe met `--replace`: wat onder de oude liep, houdt dan op.",
    ),
    "agreement_unsigned": Reason(
        "de overeenkomst is niet door beide organisaties ondertekend",
        "Onderteken haar met `linkage-node agreements sign ID`; `agreements list` toont wiens handtekening ontbreekt.",
    ),
    "agreement_rejected": Reason(
        "een van de organisaties heeft de overeenkomst afgewezen",
        "Spreek een andere versie af en onderteken die.",
    ),
    "agreement_revoked": Reason(
        "een van de organisaties heeft de overeenkomst ingetrokken",
        "Er wordt niets meer onder gevraagd of beantwoord; om door te gaan spreekt u een nieuwe versie af.",
    ),
    "agreement_not_activated": Reason(
        "de overeenkomst staat niet in het beleid dat de functionarissen in werking hebben gesteld",
        "Bouw een beleid waar zij in staat (`linkage-node policy build BESTAND`), laat twee functionarissen het"
        " ondertekenen en stel het in werking.",
    ),
    "agreement_foreign": Reason(
        "deze organisatie is geen partij bij de overeenkomst",
        "Kijk de OIN's in de overeenkomst na; een ervan moet de `oin` van node.yaml zijn.",
    ),
    "agreement_not_yet_valid": Reason(
        "de overeenkomst geldt nog niet", "Wacht op haar eerste dag, of spreek een andere af."
    ),
    "agreement_expired": Reason("de overeenkomst geldt niet meer", "Spreek een nieuwe af."),
    "oin_mismatch": Reason(
        "het OIN in het certificaat is niet het OIN in het bericht of de overeenkomst",
        "Kijk na welk certificaat het knooppunt gebruikt, en de OIN's in de overeenkomst.",
    ),
    "requester_not_in_agreement": Reason(
        "de organisatie die vraagt is niet de vrager van deze overeenkomst",
        "Kijk de OIN's in de overeenkomst na.",
    ),
    "provider_not_in_agreement": Reason(
        "de organisatie aan wie wordt gevraagd is niet de antwoorder van deze overeenkomst",
        "Kijk de OIN's in de overeenkomst na.",
    ),
}

_LEGAL_BASIS = {
    "legal_basis_missing": Reason(
        "de overeenkomst noemt geen grondslag uit de catalogus",
        "Noem de grondslag (`grondslag`): `linkage-node policy legal-bases` toont welke er zijn.",
    ),
    "legal_basis_unknown": Reason(
        "deze grondslag staat niet in de catalogus",
        "`linkage-node policy legal-bases` toont welke er zijn.",
    ),
    "legal_basis_not_in_force": Reason(
        "de grondslag is nu geen geldend recht: een wetsvoorstel, nog niet in werking, of vervallen",
        "Kies een grondslag die geldt.",
    ),
    "legal_basis_not_for_organisation": Reason(
        "de grondslag is niet voor deze soort organisatie, of de overeenkomst zegt niet welke soort het is",
        "Noem van beide organisaties wat voor een zij zijn; `linkage-node policy legal-bases ID` toont voor wie de"
        " grondslag is. Staat een van beide er niet bij, dan is het een andere grondslag.",
    ),
    "legal_basis_not_for_identifier": Reason(
        "de grondslag, of de organisatie, staat deze identificatie niet toe",
        "Vraag op een identificatie die `linkage-node policy legal-bases ID` voor beide organisaties toont.",
    ),
    "legal_basis_not_for_purpose": Reason(
        "de grondslag staat dit doel niet toe, of de overeenkomst noemt geen doelcategorie",
        "Noem een doelcategorie die `linkage-node policy legal-bases ID` toont; past uw doel daar niet bij, dan is het"
        " een andere grondslag.",
    ),
    "legal_basis_not_for_answer": Reason(
        "de grondslag staat dit antwoord niet toe",
        "Vraag een antwoord dat `linkage-node policy legal-bases ID` toont.",
    ),
}

_ASKED = {
    "malformed": Reason(
        "de vraag is niet welgevormd", "Kijk na of beide knooppunten van dezelfde versie zijn."
    ),
    "purpose_not_agreed": Reason(
        "het doel is niet het afgesproken doel",
        "Vraag voor het afgesproken doel, of maak voor dit doel een overeenkomst.",
    ),
    "kind_not_agreed": Reason(
        "deze identificatie staat niet in de overeenkomst",
        "Vraag op een identificatie die de overeenkomst noemt.",
    ),
    "answer_not_offered": Reason(
        "deze versie van het knooppunt geeft zo'n antwoord niet",
        "Vraag `count`, `hit` of `attributes`, of werk het knooppunt bij.",
    ),
    "answer_not_agreed": Reason(
        "dit soort antwoord staat niet in de overeenkomst", "Vraag een antwoord dat de overeenkomst noemt."
    ),
    "count_unprotected": Reason(
        "de tellingen van de overeenkomst mogen over zo weinig mensen gaan, of met zo weinig ruis, dat in productie"
        " niet wordt geteld",
        "Spreek een groter `kleinste_groep` en `kleinste_getal` af, of een kleinere `epsilon`: `agreements check` zegt"
        " welk.",
    ),
    "question_not_agreed": Reason(
        "de gevraagde telling staat niet in de lijst van de overeenkomst",
        "Stel een vraag die erin staat: `linkage-node agreements show ID` toont ze.",
    ),
    "attribute_not_agreed": Reason(
        "een gegeven dat wordt gevraagd staat niet in de overeenkomst",
        "Vraag gegevens die de overeenkomst noemt.",
    ),
    "case_reference_missing": Reason(
        "gegevens worden alleen in een zaak verstrekt, en er is geen zaak genoemd",
        "Noem de zaak met `--case KENMERK`.",
    ),
    "case_reference_is_identifier": Reason(
        "in het zaakkenmerk staat een getal dat als BSN leest; het wordt bewaard en de ander ziet het",
        "Gebruik het eigen kenmerk van de zaak. Van andere getallen leest een op de elf zo: zet er een letter tussen.",
    ),
    "case_reference_invalid": Reason(
        "het zaakkenmerk is te lang of bevat tekens die niet getoond kunnen worden",
        "Gebruik het kenmerk van de zaak.",
    ),
    "count_of_register_only": Reason(
        "geteld wordt het hele bestand: het antwoord hoort bij de vraag en wordt ongewijzigd opnieuw gegeven",
        "Laat de personen weg, of vraag treffers over hen.",
    ),
}

_GUARDRAILS = {
    "special_category": Reason(
        "een gegeven laat een bijzonder persoonsgegeven zien (AVG art. 9, 10); geen overeenkomst kan dat openen",
        "Laat het weg uit de vraag en uit de overeenkomst; een onschuldige kolom heeft een andere naam nodig.",
    ),
    "attribute_never": Reason(
        "een gegeven is een risicoscore of profiel, of een nummer dat een persoon identificeert; geen overeenkomst kan"
        " dat openen",
        "Laat het weg uit de vraag en uit de overeenkomst; een onschuldige kolom heeft een andere naam nodig.",
    ),
    "area_sweep": Reason(
        "een telling is ingedeeld naar straat, adres of postcode met letters; geen overeenkomst kan dat hebben",
        "Tel naar wijk, buurt of de vier cijfers van de postcode.",
    ),
    "attribute_name_invalid": Reason(
        "de naam van een gegeven heeft tekens die op andere lijken, zodat niet te controleren is wat hij betekent",
        "Gebruik gewone letters, cijfers, spaties, `.`, `_` en `-`, met een letter vooraan.",
    ),
    "answer_never_for_kind": Reason(
        "deze identificatie kan meer dan een persoon aanwijzen; gegevens worden er nooit op verstrekt, wat er ook is"
        " afgesproken",
        "Vraag een treffer, of vraag op een identificatie die een persoon aanwijst.",
    ),
    "guardrails_unchecked": Reason(
        "voor deze overeenkomst is niet nagegaan wat geen overeenkomst kan toestaan",
        "Laat het knooppunt zijn beleid opnieuw uitschrijven: `linkage-node policy bundle MAP`.",
    ),
}

_AMOUNTS = {
    "query_too_large": Reason(
        "de vraag gaat over meer mensen of adressen, of over gegevens van meer mensen, dan is afgesproken",
        "Vraag over minder mensen, of spreek een hogere `grenzen.per_vraag` of `gegevens.per_vraag` af.",
    ),
    "budget_exhausted": Reason(
        "wat er op een dag gevraagd mag worden, is op",
        "Vraag morgen (UTC) opnieuw, vraag over minder mensen, of spreek een hogere `evaluations_per_day` af.",
    ),
    "epsilon_exhausted": Reason(
        "het bestand van de antwoorder heeft dit jaar in tellingen verteld wat het vertellen mag",
        "Wacht tot het nieuwe jaar (UTC), of laat de functionaris van de antwoorder bezien of zijn budget klopt.",
    ),
    "count_lost": Reason(
        "een poging om dit te tellen is in deze periode mislukt, want de lijst kwam veranderd terug",
        "Wacht op de volgende periode van de vraag; zoek uit waarom de lijst is veranderd. De epsilon is op.",
    ),
    "count_under_way": Reason(
        "deze vraag wordt al geteld", "Wacht tot die telling klaar is; u krijgt dan ook haar antwoord."
    ),
    "set_too_small": Reason(
        "er zijn minder mensen dan de overeenkomst voor een telling wil",
        "Vraag treffers, als dat is afgesproken.",
    ),
    "category_full": Reason(
        "een categorie heeft meer mensen dan het vak van de overeenkomst, en is dus niet ongezien te tellen",
        "Spreek een grotere `requester_bucket` of `provider_bucket` af.",
    ),
}

_OFFICERS = {
    "signature_invalid": Reason(
        "een handtekening hoort niet bij de vastgelegde sleutel, of niet bij wat zij zou ondertekenen",
        "Een beleid: laat die functionaris opnieuw tekenen (`linkage-node policy sign BESTAND --officer NAAM --key"
        " SLEUTEL`). Een overeenkomst: vergelijk het"
        " kenmerk (hash) dat `linkage-node agreements show ID --json` toont, en laat haar opnieuw tekenen.",
    ),
    "agreement_unfinished": Reason(
        "in de overeenkomst moet nog iets worden ingevuld",
        "Vul het in, laat beide organisaties die tekst toevoegen (`agreements add BESTAND --replace`), en teken die.",
    ),
    "agreement_in_force": Reason(
        "de overeenkomst geldt: beide organisaties hebben haar getekend",
        "Beëindig haar met `linkage-node agreements revoke ID`.",
    ),
    "signature_by_third_party": Reason(
        "de handtekening is van een organisatie die geen partij is bij de overeenkomst",
        "Alleen de twee organisaties van een overeenkomst ondertekenen haar.",
    ),
    "signature_own": Reason(
        "dit is de handtekening van uw eigen organisatie: die zet u, en neemt u niet in ontvangst",
        "Geef het bestand aan uw partner, en neem het bestand in ontvangst dat u van uw partner krijgt.",
    ),
    "signature_not_by_node": Reason(
        "de handtekening is niet ook gezet met de sleutel van het knooppunt van die organisatie, die op haar kaart"
        " staat",
        "Alleen haar knooppunt tekent voor een organisatie. Kreeg het nieuwe sleutels, vergelijk ze dan langs een"
        " andere weg,"
        " en voeg haar nieuwe kaart toe (`linkage-node peers add card.yaml --replace`).",
    ),
    "signature_untrusted": Reason(
        "het certificaat van wie ondertekende is niet van een vertrouwde CA, niet geldig, of ingetrokken",
        "Kijk `tls.ca` in node.yaml na, en laat de ander met zijn huidige certificaat ondertekenen.",
    ),
    "signature_outdated": Reason(
        "het tijdstip van de handtekening ligt in de toekomst, voor haar certificaat, of te lang geleden",
        "Kijk de klokken van beide knooppunten na en onderteken opnieuw.",
    ),
    "signature_final": Reason(
        "de overeenkomst is afgewezen of ingetrokken, en dat kan niet terug",
        "Spreek een nieuwe versie af (een andere tekst) en onderteken die.",
    ),
    "policy_not_activated": Reason(
        "er is geen beleid door twee functionarissen in werking gesteld",
        "Bouw er een, laat twee functionarissen het ondertekenen en stel het in werking: `linkage-node policy build"
        " BESTAND`, dan `sign` en `activate`.",
    ),
    "policy_unsigned": Reason(
        "geen functionaris heeft het beleid ondertekend",
        "Laat twee functionarissen het bekijken en ondertekenen: `linkage-node policy sign BESTAND --officer NAAM --key"
        " SLEUTEL`.",
    ),
    "policy_older": Reason(
        "het beleid is ouder dan, of even oud als, een beleid dat in werking was",
        "Bouw het opnieuw, met het volgende nummer: `linkage-node policy build BESTAND`. Om terug te gaan zet u er"
        " `--from` en het oude nummer bij.",
    ),
    "policy_number_unknown": Reason(
        "er was hier geen beleid met dit volgnummer in werking",
        "`linkage-node policy history` toont welke er waren; of noem het bestand van het beleid.",
    ),
    "policy_ahead": Reason(
        "het volgnummer van het beleid ligt ver boven het hoogste dat in werking was",
        "Bouw het opnieuw: `linkage-node policy build BESTAND` geeft het volgende volgnummer.",
    ),
    "policy_foreign": Reason(
        "het beleid is voor een andere organisatie gebouwd",
        "Stel een beleid in werking dat dit knooppunt bouwde.",
    ),
    "policy_tampered": Reason(
        "het beleid is niet wat is ondertekend, of zijn revisie is niet die van zijn inhoud",
        "Bouw en onderteken het opnieuw; zoek uit wie het bestand heeft veranderd.",
    ),
    "policy_tests_failed": Reason(
        "het beleid beslist zijn eigen gevallen anders dan zij zeggen, of er is er geen geprobeerd",
        "`linkage-node policy test` toont welk geval anders wordt beslist.",
    ),
    "officer_unknown": Reason(
        "het beleid draagt een handtekening van iemand die geen functionaris van het knooppunt is",
        "Alleen wie onder `officers` in node.yaml staat, ondertekent beleid.",
    ),
    "officer_not_named": Reason(
        "geen functionaris in node.yaml heet zo",
        "Geef de naam zoals die onder `officers` in node.yaml staat.",
    ),
    "officer_signed_twice": Reason(
        "een functionaris ondertekende tweemaal; er zijn twee verschillende nodig",
        "Laat een collega het beleid bekijken en ondertekenen.",
    ),
    "officer_missing": Reason(
        "het beleid heeft de handtekening van twee functionarissen nodig",
        "Laat nog een functionaris ondertekenen: `linkage-node policy sign BESTAND --officer NAAM --key SLEUTEL`.",
    ),
    "officer_key_unusable": Reason(
        "de sleutel van de functionaris kan niet worden geopend", "Kijk het bestand en de wachtzin na."
    ),
    "officers_not_named": Reason(
        "dit knooppunt heeft geen functionarissen die beleid in werking stellen",
        "Noem er minstens twee onder `officers` in node.yaml; `linkage-node policy officer-key BESTAND` maakt een"
        " sleutel.",
    ),
    "tool_missing": Reason(
        "een programma dat deze opdracht nodig heeft, is er niet", "Installeer het, en zet het op het PATH."
    ),
}

_DECISION = {
    "policy_denied": Reason(
        "het beleid keurde de vraag niet goed",
        "Laat de functionaris het bewijs van de weigering bekijken.",
    ),
    "policy_invalid": Reason(
        "het beleid kan niet worden geladen",
        "Zie het bestand en de regel die zijn genoemd; `linkage-node policy check` probeert het.",
    ),
    "policy_lax": Reason(
        "het beslispunt keurt een vraag zonder overeenkomst goed",
        "Herstel zijn regels, of noem in node.yaml de juiste server: wat het goedkeurt, betekent niets.",
    ),
    "policy_stale": Reason(
        "de OPA-server beslist met andere regels of overeenkomsten dan dit knooppunt heeft",
        "Geef `linkage-node policy bundle MAP` opnieuw, voor de map die de OPA-server volgt.",
    ),
    "policy_unavailable": Reason(
        "het beslispunt antwoordde niet, of niet op tijd; geen antwoord is een weigering",
        "Kijk de OPA-server of AuthZEN-dienst na (`linkage-node doctor`) en vraag opnieuw.",
    ),
    "policy_malformed": Reason(
        "het beslispunt antwoordde iets dat geen beslissing is; dat is een weigering",
        "Kijk na wat de OPA-server of AuthZEN-dienst antwoordt (`linkage-node doctor`).",
    ),
    "unknown_obligation": Reason(
        "bij de goedkeuring hoort een voorwaarde die dit knooppunt niet kan afdwingen",
        "Werk het knooppunt bij, of haal de voorwaarde uit het beleid.",
    ),
    "obligation_dropped": Reason(
        "de kwitantie mist een voorwaarde van de overeenkomst, of heeft een ruimere",
        "Gebruik het antwoord niet; vraag de beheerder van de antwoorder welke versie en welk beleid daar draaien.",
    ),
}

_ORGANISATIONS = {
    "certificate_without_oin": Reason(
        "het certificaat heeft geen geldig OIN in subject.serialNumber",
        "Gebruik een certificaat met het OIN van de organisatie (PKIoverheid).",
    ),
    "certificate_refused": Reason(
        "het certificaat van de ander is vreemd, verlopen of niet geldig voor dit adres",
        "Laat de beheerder `linkage-node doctor` draaien op beide knooppunten, en kijken naar de data en de"
        " vertrouwde CA.",
    ),
    "certificate_revoked": Reason(
        "het certificaat is ingetrokken door de CA die het uitgaf, of de lijst van ingetrokken certificaten is te oud",
        "Is de lijst te oud, laat de beheerder haar dan ophalen (`tls.crl` in node.yaml); anders heeft de eigenaar een"
        " nieuw certificaat nodig.",
    ),
    "development_certificate": Reason(
        "een certificaat of CA voor ontwikkeling, in productie",
        "Gebruik certificaten van een echte CA (PKIoverheid).",
    ),
    "peer_unknown": Reason(
        "deze organisatie hoort niet bij de partners van het knooppunt",
        "Geef haar uw card.yaml; zij voegt die toe met `linkage-node peers add card.yaml`.",
    ),
    "peer_unreachable": Reason(
        "het knooppunt van de ander antwoordde niet",
        "Laat de beheerder het adres op de kaart nakijken, en of dat knooppunt draait. Er is niets verloren.",
    ),
    "peer_dropped": Reason(
        "het knooppunt van de ander brak de verbinding af", "Probeer het opnieuw; er is niets verloren."
    ),
    "version_unknown": Reason(
        "de ander spreekt een andere versie van het protocol",
        "Laat het oudste van de twee knooppunten bijwerken.",
    ),
    "too_many_calls": Reason(
        "deze organisatie vroeg in één minuut meer dan het knooppunt aanneemt",
        "U hoeft niets te doen: de knooppunten gaan de volgende minuten zelf verder. Blijft het zo, laat dan nagaan"
        " wie er zo"
        " vaak vraagt.",
    ),
    "too_many_streams": Reason(
        "deze organisatie heeft te veel verbindingen open bij het knooppunt", "Wacht tot er een klaar is."
    ),
    "stream_idle": Reason("de ander zweeg te lang", "Laat het netwerk nakijken, en probeer het opnieuw."),
    "deadline_exceeded": Reason("het duurde langer dan het mocht", "Probeer het opnieuw."),
    "stopping": Reason("het knooppunt stopt", "Probeer het over een minuut opnieuw."),
    "internal": Reason(
        "er is een fout in het knooppunt zelf", "Meld het, met de regel in het logboek waar deze code staat."
    ),
}

_COMMANDS = {
    "epoch_not_current": Reason(
        "de vraag is voor een sleutelperiode die niet loopt", "Vraag het opnieuw, voor de periode die loopt."
    ),
    "option_missing": Reason("de opdracht heeft nog iets nodig", "Zie wat er wordt genoemd."),
    "option_invalid": Reason("een van de opties heeft een waarde die niet past", "Zie wat er wordt genoemd."),
    "options_conflict": Reason("twee van de opties gaan niet samen", "Laat er een weg."),
    "query_unknown": Reason(
        "er is geen vraag met dit nummer", "`linkage-node queries list` toont welke er zijn."
    ),
    "question_unrecorded": Reason(
        "het bewijs is van een eerdere versie, die niet alles bewaarde wat het beleid werd gevraagd",
        "Stel de vraag uit haar delen samen: `linkage-node policy explain --agreement ID`.",
    ),
}

_FILES = {
    "file_missing": Reason("het bestand is er niet", "Kijk het pad na."),
    "file_is_directory": Reason("dit is een map, geen bestand", "Geef het pad van een bestand."),
    "file_unreadable": Reason("het bestand kan niet worden gelezen", "Kijk na wie het mag lezen."),
    "file_empty": Reason("het bestand is leeg", "Geef een bestand waar iets in staat."),
    "file_exists": Reason("op die plek staat al iets", "Kies een andere plek, of haal het eerst weg."),
    "file_unwritable": Reason(
        "het bestand kan niet worden geschreven", "Kijk de map na, en wie daar mag schrijven."
    ),
    "file_malformed": Reason(
        "het bestand is niet wat het moet zijn", "Zie de regel en het veld die zijn genoemd."
    ),
    "file_not_regular": Reason(
        "dit is een doorgeefkanaal of apparaat, geen bestand", "Bewaar het eerst als bestand."
    ),
    "encoding_invalid": Reason(
        "het bestand heeft niet de tekencodering die het moet hebben", "Bewaar het bestand als UTF-8."
    ),
    "kind_unknown": Reason("er is geen identificatie die zo heet", "Gebruik een van de genoemde."),
    "oin_invalid": Reason(
        "dit is geen OIN: 20 posities, waarvan de eerste 8 cijfers zijn en de laatste 3 nullen",
        "Zoek het op in het OIN-register van Logius.",
    ),
    "config_invalid": Reason(
        "wat in het bestand staat, klopt niet", "Zie de regel en het veld die zijn genoemd."
    ),
    "mode_refused": Reason("in productie mag dit niet", "Om te proberen: `mode: development`."),
}

_STORAGE = {
    "evidence_unwritable": Reason(
        "het bewijs kan niet worden geschreven, dus er wordt niets beantwoord",
        "Laat de beheerder ruimte maken op de schijf, of de database herstellen.",
    ),
    "evidence_broken": Reason(
        "de keten van het bewijs is gebroken",
        "Laat de database zoals zij is en noteer de hashes; vergelijk met uw reservekopie en met wat de partner"
        " optekende.",
    ),
    "storage_locked": Reason(
        "een andere opdracht houdt de database bezet", "Wacht tot die klaar is, en geef deze dan opnieuw."
    ),
    "storage_full": Reason(
        "de schijf is vol", "Maak ruimte, en geef dezelfde opdracht opnieuw: er is niets verloren."
    ),
    "storage_unusable": Reason(
        "de database is niet bruikbaar",
        "Zie wat er staat; is zij weg of beschadigd, laat dan een reservekopie terugzetten (docs/operator.md).",
    ),
    "storage_outdated": Reason(
        "de database is van een eerdere versie van het knooppunt",
        "Laat de beheerder het knooppunt stoppen, een kopie maken, en `linkage-node upgrade` draaien.",
    ),
    "sealing_key_missing": Reason(
        "de zegelsleutel is er niet", "Geef haar op de manier die `sealing_key` in node.yaml noemt."
    ),
    "key_malformed": Reason(
        "dit is geen sleutel van 32 bytes, kaal of in base64",
        "Maak er een: `head -c 32 /dev/urandom | base64 > BESTAND`.",
    ),
    "key_not_private": Reason(
        "anderen op deze computer kunnen dit bestand lezen of veranderen",
        "Maak het van u alleen: `chmod 600 BESTAND`.",
    ),
    "secret_unreadable": Reason(
        "een verzegeld geheim is met deze zegelsleutel niet te openen",
        "Geef de zegelsleutel waarmee het knooppunt is gemaakt.",
    ),
}

REASONS_NL: dict[str, Reason] = {
    **_AGREEMENT,
    **_LEGAL_BASIS,
    **_ASKED,
    **_GUARDRAILS,
    **_AMOUNTS,
    **_OFFICERS,
    **_DECISION,
    **_ORGANISATIONS,
    **_COMMANDS,
    **_FILES,
    **_STORAGE,
}
