"""What an error tells of its own case, in Dutch, as far as the privacy officer meets it. A test holds it complete.

Errors are made, recorded and given to scripts in English; only the screen says them in Dutch.
"""

import re

from linkage_node.phrases import Phrases
from linkage_node.yaml_problems import PROBLEMS_NL

# The English of `detail` or `hint`, to the Dutch; `{}` is what the case fills in. Those with most words come first.
DETAILS_NL = {
    # policy/activation.py, approval.py, archive.py
    "the stored policy {} is another one": "het bewaarde beleid {} is een ander",
    "the evidence does not tell of the stored policy {}": "het bewijs vertelt niet van het bewaarde beleid {}",
    "{} was in force, and {} stands in its place": "{} was in werking, en {} staat op zijn plaats",
    "there was none with sequence number {}": "er was er geen met volgnummer {}",
    "it is not the one of {} in node.yaml": "het is niet die van {} in node.yaml",
    "it is of OIN {}": "het is van OIN {}",
    "it has sequence number {}; {} was in force": "het heeft volgnummer {}; {} was in werking",
    "only {} signed": "alleen {} heeft getekend",
    "it is no signature over a policy": "het is geen handtekening onder een beleid",
    "{} does not say when": "{} zegt niet wanneer",
    "{} signed one of another organisation": "{} tekende er een van een andere organisatie",
    "{} signed another policy": "{} tekende een ander beleid",
    "{} signed something else than a policy": "{} tekende iets anders dan een beleid",
    "{} signed more than {} days ago": "{} tekende meer dan {} dagen geleden",
    "Build the policy anew, with `--from` this file for the same content, and both sign it.": (
        "Bouw het beleid opnieuw, met `--from` dit bestand voor dezelfde inhoud, en teken het beiden."
    ),
    "its signatures say something else of it than it says itself": (
        "de handtekeningen zeggen er iets anders van dan het zelf zegt"
    ),
    "{} signed in the future": "{} tekende in de toekomst",
    "it is larger than {} bytes": "het is groter dan {} bytes",
    "a file in it is a link, stands twice, or has other rights or dates than it should": (
        "een bestand erin is een verwijzing, staat er twee keer, of heeft andere rechten of data dan het hoort"
    ),
    "it has no sequence number, or no organisation": "het heeft geen volgnummer, of geen organisatie",
    "it does not say when it was built": "het zegt niet wanneer het is gebouwd",
    "its revision is not that of its content": "de revisie is niet die van de inhoud",
    "its manifest is not of its content": "het manifest hoort niet bij de inhoud",
    "its data is not what its rules and agreements come to": (
        "de gegevens zijn niet wat uit de regels en overeenkomsten volgt"
    ),
    "it holds more than {} bytes": "er zit meer dan {} bytes in",
    "it is cut off, or something follows it": "het is afgekapt, of er volgt nog iets op",
    "{}: a file's name has a-z, A-Z, 0-9, `.`, `_` and `-`": (
        "{}: de naam van een bestand heeft a-z, A-Z, 0-9, `.`, `_` en `-`"
    ),
    "{}: the name has more than {} characters": "{}: de naam heeft meer dan {} tekens",
    "it is no policy: {}": "het is geen beleid: {}",
    "the agreement with hash {} is another one": "de overeenkomst met inhoudshash {} is een andere",
    "the agreement with hash {} is none that this version takes": (
        "de overeenkomst met inhoudshash {} is er geen die deze versie aanneemt"
    ),
    "a file that does not belong in it: {}": "een bestand dat er niet in hoort: {}",
    "it is no archive of files": "het is geen archief van bestanden",
    "it is no gzip file, or it is damaged": "het is geen gzip-bestand, of het is beschadigd",
    # policy/officer_key.py, own_cases.py, files.py
    "the passphrase has fewer than {} characters": "de wachtzin heeft minder dan {} tekens",
    "Take a longer one: a few words that only you would put together.": (
        "Neem een langere: een paar woorden die alleen u bij elkaar zou zetten."
    ),
    "{} cannot be the name of an officer": "{} kan niet de naam van een functionaris zijn",
    "{}: another passphrase, or no key": "{}: verkeerde wachtzin, of dit is geen bestand met een sleutel",
    "no case was tried: {} are about agreements that it does not have, and there are no others": (
        "er is geen geval geprobeerd: {} gaan over overeenkomsten die het niet heeft, en andere zijn er niet"
    ),
    "Put cases in the folder `cases` beside the rules, about an example or an agreement of the policy.": (
        "Zet gevallen in de map `cases` naast de regels, over een voorbeeld of een overeenkomst van het beleid."
    ),
    "Give your file another name: in a policy both stand in one folder.": (
        "Geef uw bestand een andere naam: in een beleid staan beide in een map."
    ),
    "{} is larger than {} bytes": "{} is groter dan {} bytes",
    "{}: it is no policy at all": "{}: dit is helemaal geen beleid",
    "Give a file that `policy build` wrote.": "Geef een bestand dat `policy build` heeft geschreven.",
    # policy/cases.py, coverage.py, known.py, loading.py, embedded.py, rego.py, source.py, pinned.py
    "more than the rules are asked about at once": "meer dan de regels in één keer wordt gevraagd",
    "lists and fields are nested too deeply": "lijsten en velden staan te diep in elkaar",
    "{}: no file *.yaml with cases": "{}: geen bestand *.yaml met gevallen",
    "`opa` is not on PATH: which lines the cases reach is told by OPA": (
        "`opa` staat niet op het PATH: welke regels de gevallen raken, vertelt OPA"
    ),
    "{}: give `--config`": "{}: geef `--config`",
    "{}: a folder, a file of `policy build`, or `active`": "{}: een map, een bestand van `policy build`, of `active`",
    "data.{}: findings of another shape": "data.{}: bevindingen van een andere vorm",
    "its rules do not tell its revision": "de regels vertellen niet de revisie ervan",
    "the rules approve of a question that asks nothing": "de regels keuren een vraag goed die niets vraagt",
    "embedded engine: the rules fail on this": "ingebouwd beslispunt: de regels lopen hierop vast",
    "embedded engine: {}": "ingebouwd beslispunt: {}",
    "there is no folder {}": "er is geen map {}",
    "Name a folder with policies; if none is named (`policy.path` in node.yaml), it is that of the product.": (
        "Noem een map met beleid; wordt er geen genoemd (`policy.path` in node.yaml), dan is het die van het product."
    ),
    "there is no .rego file under {}": "er is geen .rego-bestand onder {}",
    "revision {} decided; this node has {}": "revisie {} besliste; dit knooppunt heeft {}",
    # agreements/
    "there are no CAs to trust": "er zijn geen vertrouwde CA's",
    "a key of another kind": "een sleutel van een andere soort",
    "it says something else than accept, reject or revoke": "het zegt iets anders dan accept, reject of revoke",
    "signed_at is no time": "signed_at is geen tijdstip",
    "it is under another text": "zij staat onder een andere tekst",
    "signed on {}, and now it is {}": "getekend op {}, en nu is het {}",
    "signed on {}, with a certificate of {}": "getekend op {}, met een certificaat van {}",
    "the header is not that of a signature under an agreement": (
        "het begin is niet dat van een handtekening onder een overeenkomst"
    ),
    "x5c is no certificate chain": "x5c is geen keten van certificaten",
    "x5t#S256 is not the thumbprint of the certificate": "x5t#S256 is niet de vingerafdruk van het certificaat",
    "it names no agreement": "zij noemt geen overeenkomst",
    "the header has no signature of a node": "in het begin staat geen handtekening van een knooppunt",
    "Add its card (`linkage-node peers add card.yaml`), after comparing the key in it over another channel.": (
        "Voeg haar kaart toe (`linkage-node peers add card.yaml`), nadat u de sleutel erop langs een andere weg hebt"
        " vergeleken."
    ),
    "more than {} agreements, or one twice": "meer dan {} overeenkomsten, of een twee keer",
    "more than {} signatures under one agreement": "meer dan {} handtekeningen onder een overeenkomst",
    "signatures that were not asked for": "handtekeningen waar niet om was gevraagd",
    "{}: nobody signs with this kind of key": "{}: met deze soort sleutel tekent niemand",
    "{}: {} is not its requester": "{}: {} is er niet de vrager van",
    "the stored agreement {} is not the one that was added": (
        "de bewaarde overeenkomst {} is niet die er is toegevoegd"
    ),
    "{}: from {}; now {} (UTC)": "{}: vanaf {}; nu {} (UTC)",
    "{}: until {}; now {} (UTC)": "{}: tot en met {}; nu {} (UTC)",
    "{} has no epoch {}": "{} heeft geen sleutelperiode {}",
    # cli/
    "{} is no file of signatures": "{} is geen bestand met handtekeningen",
    "Give the file that your partner wrote with `agreements signatures ID --output FILE`.": (
        "Geef het bestand dat uw partner schreef met `agreements signatures ID --output BESTAND`."
    ),
    "--passphrase-file FILE: there is no terminal to ask for it on": (
        "--passphrase-file BESTAND: er is geen terminal om ernaar te vragen"
    ),
    "Name the node's configuration with `--config` or LINKAGE_NODE_CONFIG; `linkage-node init` makes a node.": (
        "Zeg waar node.yaml van uw knooppunt staat: met `--config`, zoals `--config gemeente/node.yaml`, of in"
        " LINKAGE_NODE_CONFIG. Is er nog geen knooppunt, dan maakt de beheerder er een met `linkage-node init`."
    ),
    "--from and --without": "--from en --without",
    "a case belongs to `--answer attributes` only": "een zaak hoort alleen bij `--answer gegevens`",
    "Leave the case out.": "Laat de zaak weg.",
    "--case and --no-case": "--case en --no-case",
    "give one of --agreement, --input and --transaction": (
        "geef er een van: --agreement, --input en --transaction"
    ),
    "policy was not asked: the order was refused before that": (
        "het beleid is niet gevraagd: de opdracht werd daarvoor al geweigerd"
    ),
    "Give a day, such as 2026-01-31.": "Geef een dag, zoals 2026-01-31.",
    "{} decided otherwise": "anders beslist: {}",
    "Change the rule, the agreement or the case: one of them does not say what you mean.": (
        "Verander de regel, de overeenkomst of het geval: een ervan zegt niet wat u bedoelt."
    ),
    "Mend the agreement. Signed all the same, with `--yes`, it is still refused by your node's policy.": (
        "Verbeter de overeenkomst. Ook als u haar toch tekent, met `--yes`, blijft het beleid van uw knooppunt haar"
        " weigeren."
    ),
    "your organisation said nothing to {} yet": "uw organisatie heeft nog niets gezegd over {}",
    "`--yes`: rejecting cannot be taken back": "`--yes`: afwijzen kan niet terug",
    "`--yes`: revoking cannot be taken back": "`--yes`: intrekken kan niet terug",
    "`--yes`: replacing ends what both organisations signed": (
        "`--yes`: vervangen beëindigt wat beide organisaties tekenden"
    ),
    "`--yes`: removing ends here what both organisations signed": (
        "`--yes`: weghalen beëindigt hier wat beide organisaties tekenden"
    ),
    "{} names more than one; give more digits of the hash": (
        "{} past op meer dan een; geef meer tekens van het kenmerk (hash)"
    ),
    "{} was replaced or removed here; by its hash: {}": (
        "{} is hier vervangen of weggehaald; met haar inhoudshash: {}"
    ),
    "your partner has not added this agreement yet": "uw partner heeft deze overeenkomst nog niet toegevoegd",
    "the node brings it in one of its next rounds": "het knooppunt brengt het in een van zijn volgende ronden",
    "{} agreements and signatures in a minute": "{} overeenkomsten en handtekeningen in een minuut",
    "{}: give at least {} positions of it": "{}: geef er minstens {} posities van",
    "{} begin with {}: give more of it": "{} beginnen met {}: geef er meer van",
    "none begins with {}": "geen enkele begint met {}",
    "`linkage-node evidence show` lists the transactions.": "`linkage-node evidence show` toont de transacties.",
    # yaml_model.py, secrets.py, jws.py
    **{f"{{}}: {english}": f"{{}}: {dutch}" for english, dutch in PROBLEMS_NL.items()},
    "{}:{}: this is not UTF-8": "{}:{}: dit is geen UTF-8",
    "Save it anew from your editor, with UTF-8 as its encoding (in Windows Notepad: Save as, Encoding).": (
        "Bewaar het opnieuw vanuit uw editor, met UTF-8 als codering (in Kladblok van Windows: Opslaan als, Codering)."
    ),
    "{} has mode {}": "{} heeft modus {}",
    "Run `chmod 600 {}`.": "Geef `chmod 600 {}`.",
    "more than {} characters": "meer dan {} tekens",
    "what was signed is no JSON object": "wat is getekend is geen JSON-object",
    "it is no compact JWS": "dit is geen handtekening (compacte JWS)",
    "the signature does not hold": "de handtekening klopt niet",
    "an RSA key of {} bits, not {} to {}": "een RSA-sleutel van {} bits, niet {} tot {}",
    "an RSA key with another public exponent than {}": "een RSA-sleutel met een andere publieke exponent dan {}",
    "record {} cannot be read": "het bewijsstuk {} is niet te lezen",
    "signatures are made with RSA, P-256, P-384, P-521 or Ed25519 keys": (
        "handtekeningen worden gezet met sleutels van RSA, P-256, P-384, P-521 of Ed25519"
    ),
    # the least words last
    "{}; there are: {}": "{}; er zijn: {}",
    "{} has revision {}": "{} heeft revisie {}",
    "on {} UTC: {}": "op {} UTC: {}",
    "{} of {}: {}": "{} van {}: {}",
    "{} and {}": "{} en {}",
}
# What is wrong with a field of node.yaml or of a case, after `FILE:LINE: FIELD: `.
FAULTS_NL = {
    # policy/cases.py
    "there is no field `{}`; did you mean `{}`?": "er is geen veld `{}`; bedoelde u `{}`?",
    "there is no field `{}`": "er is geen veld `{}`",
    "a question has this field: put it under `set`": "een vraag heeft dit veld: zet het onder `set`",
    "`{}` is nothing that has fields": "`{}` is niet iets dat velden heeft",
    "put a moment in quotes": "zet een tijdstip tussen aanhalingstekens",
    "no agreement {} of the policy folder; there are: {}": "geen voorbeeld {} in de beleidsmap; er zijn: {}",
    "no agreement {} of this node; there are: {}": "dit knooppunt heeft geen overeenkomst {}; er zijn: {}",
    "{} has no such answer": "{} heeft dit antwoord niet",
    "{} has this name too": "{} heet ook zo",
    "a case starts from one agreement; `{}` is given too": (
        "een geval begint bij een overeenkomst; `{}` staat er ook"
    ),
    "`input` is the whole question; `set`, `drop` and `unknown` change one": (
        "`input` is de hele vraag; `set`, `drop` en `unknown` veranderen er een"
    ),
    "a refusal has none": "een weigering heeft er geen",
    "{} is no reason; did you mean `{}`?": "{} is geen reden; bedoelde u `{}`?",
    "{} is no reason": "{} is geen reden",
    # config.py
    "name at least {}, or none: nobody approves alone": "noem er minstens {}, of geen: niemand keurt alleen goed",
    "two officers have the same name or the same key": (
        "twee functionarissen hebben dezelfde naam of dezelfde sleutel"
    ),
    # yaml_model.py
    "unknown field; did you mean `{}`?": "onbekend veld; bedoelde u `{}`?",
    "unknown field": "onbekend veld",
    "Field required": "ontbreekt",
    "Input should be a valid string": "verwacht tekst",
    "Input should be a valid tuple": "verwacht een lijst, zoals [een, twee]",
    "Input should be a valid dictionary": "verwacht velden met waarden",
    "Input should be a valid dictionary or instance of {}": "verwacht velden met waarden",
    "Input should be {}": "verwacht {}",
}
_PHRASES, _FAULTS = Phrases(DETAILS_NL), Phrases(FAULTS_NL)
_LOCATED = re.compile(r"(.+?:\d+: [^ ]+: )(.+)")


def in_dutch(text: str) -> str:
    """A detail or hint of an error in Dutch; one without is told as it is."""
    located = [_LOCATED.fullmatch(line) for line in text.splitlines()]
    told = "\n".join(one[1] + _FAULTS.in_dutch(one[2]) for one in located if one)
    return told if all(located) and told != text else _PHRASES.in_dutch(text)
