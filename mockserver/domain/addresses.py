"""Who a message comes from or goes to: phone numbers, short codes, names, channel addresses.

Only form and length are checked here (with what of the North American plan costs nothing); whether
a number can exist is the business of strict numbers. Sources: Twilio's docs on formatting numbers
and on alphanumeric sender ids; answers captured from the API.
"""

import re
from collections.abc import Mapping
from functools import lru_cache
from typing import Final, Literal

import msgspec

Kind = Literal["phone", "short_code", "alphanumeric", "channel", "service"]
Channel = Literal["sms", "whatsapp", "rcs", "messenger"]


class Address(msgspec.Struct, frozen=True, gc=False):
    """A well-formed sender or recipient."""

    value: str
    """Normalised, as Twilio renders it: `+14155552671`, `whatsapp:+14155552671`, `ACME`."""
    kind: Kind = "phone"
    channel: Channel = "sms"
    number: str = ""
    """In E.164, without the channel; "" where there is none."""


class BadAddress(ValueError):
    """The text is no address; `channel` is the one that its prefix names, else "sms".

    The caller says which code that is: 21211, 21212, or 63007 for the sender of a channel.
    """

    def __init__(self, text: str, channel: Channel = "sms") -> None:
        super().__init__(f"not an address: {text!r}")
        self.text = text
        self.channel = channel


_E164: Final = re.compile(r"\+(?:1(?!555555)[2-9][0-9]{2}[2-9][0-9]{6}|[2-9][0-9]{6,14})").fullmatch
"""7 to 15 digits; behind +1 ten, where neither area code nor exchange starts with 0 or 1.

`+1555555xxxx` is refused, as captured. The rest of area code 555 passes: the recipient of Twilio's
own examples, +15558675310, lies in it; so do the magic numbers, +1500555xxxx.
"""
_SHORT_CODE: Final = re.compile(r"[0-9]{5,6}").fullmatch
_ALPHANUMERIC: Final = re.compile(r"(?=.*[A-Za-z])[A-Za-z0-9 +\-_&]{1,11}").fullmatch
_SERVICE: Final = re.compile(r"MG[0-9a-fA-F]{32}").fullmatch
_CHANNEL_ID: Final = re.compile(r"[A-Za-z0-9._:\-]{1,128}").fullmatch
_PUNCTUATION: Final = str.maketrans("", "", " -().")

CHANNELS: Final[Mapping[str, Channel]] = {
    "whatsapp": "whatsapp",
    "rcs": "rcs",
    "messenger": "messenger",
}
"""Channel by the prefix of its addresses, which is lower case."""
WHATSAPP_SANDBOX: Final = "whatsapp:+14155238886"
"""The sender that every account may try WhatsApp with. Source: docs on the WhatsApp sandbox."""

_NAMED_RECIPIENTS: Final = frozenset({"messenger"})
_NAMED_SENDERS: Final = frozenset({"messenger", "rcs"})
"""Channels whose addresses may be names, such as a page or an agent, instead of numbers."""


def parse_to(text: str, home_country: str = "US") -> Address:
    """The recipient in `text`; raise `BadAddress` when there is none.

    Spaces, hyphens, dots and brackets are dropped. Ten digits without `+` are a national number
    where `home_country` is US; other digits are a number that lacks its `+`, or a short code.
    """
    if _E164(text):
        return Address(text, "phone", "sms", text)
    return _numeric(text, home_country) or _on_channel(text, _NAMED_RECIPIENTS)


@lru_cache(1 << 8)
def parse_from(text: str, home_country: str = "US") -> Address:
    """The sender in `text`; raise `BadAddress` when there is none.

    As `parse_to`, and besides an alphanumeric id, or a Messaging Service's SID (kind `service`).
    """
    if _E164(text):
        return Address(text, "phone", "sms", text)
    if numeric := _numeric(text, home_country):
        return numeric
    if _ALPHANUMERIC(text):
        return Address(text, "alphanumeric")
    if _SERVICE(text):
        return Address(text, "service")
    return _on_channel(text, _NAMED_SENDERS)


def normalise(text: str) -> str:
    """The address in `text` as messages hold it; what is none (a pattern, say) stays as it is."""
    if _E164(text):
        return text
    try:
        return parse_from(text).value
    except BadAddress:
        return text


def is_phone_number(text: str) -> bool:
    """Whether it is a phone number in E.164 as it stands, with nothing to drop or to add."""
    return _E164(text) is not None


def _numeric(text: str, home_country: str) -> Address | None:
    """A phone number or a short code, or nothing."""
    digits = text.translate(_PUNCTUATION)
    if _SHORT_CODE(digits):
        return Address(digits, "short_code")
    number = _with_plus(digits, home_country)
    return Address(number, "phone", "sms", number) if _E164(number) else None


def _with_plus(digits: str, home_country: str) -> str:
    if digits.startswith("+"):
        return digits
    return f"+1{digits}" if len(digits) == 10 and home_country == "US" else f"+{digits}"


def _on_channel(text: str, named: frozenset[str]) -> Address:
    """An address with a channel's prefix; its number must begin with `+`."""
    prefix, _, rest = text.partition(":")
    channel = CHANNELS.get(prefix)
    if channel is None:
        raise BadAddress(text)
    number = rest.translate(_PUNCTUATION)
    if _E164(number):
        return Address(f"{prefix}:{number}", "channel", channel, number)
    if channel in named and _CHANNEL_ID(rest):
        return Address(text, "channel", channel)
    raise BadAddress(text, channel)


def _table(text: str) -> Mapping[str, str]:
    """`digits:country` pairs, apart by white space."""
    return {pair[:-3]: pair[-2:] for pair in text.split()}


_CALLING_CODES: Final = _table("""
    20:EG 211:SS 212:MA 213:DZ 216:TN 218:LY 220:GM 221:SN 222:MR 223:ML 224:GN 225:CI 226:BF
    227:NE 228:TG 229:BJ 230:MU 231:LR 232:SL 233:GH 234:NG 235:TD 236:CF 237:CM 238:CV 239:ST
    240:GQ 241:GA 242:CG 243:CD 244:AO 245:GW 246:IO 247:AC 248:SC 249:SD 250:RW 251:ET 252:SO
    253:DJ 254:KE 255:TZ 256:UG 257:BI 258:MZ 260:ZM 261:MG 262:RE 263:ZW 264:NA 265:MW 266:LS
    267:BW 268:SZ 269:KM 27:ZA 290:SH 291:ER 297:AW 298:FO 299:GL 30:GR 31:NL 32:BE 33:FR 34:ES
    350:GI 351:PT 352:LU 353:IE 354:IS 355:AL 356:MT 357:CY 358:FI 359:BG 36:HU 370:LT 371:LV
    372:EE 373:MD 374:AM 375:BY 376:AD 377:MC 378:SM 380:UA 381:RS 382:ME 383:XK 385:HR 386:SI
    387:BA 389:MK 39:IT 40:RO 41:CH 420:CZ 421:SK 423:LI 43:AT 44:GB 45:DK 46:SE 47:NO 48:PL 49:DE
    500:FK 501:BZ 502:GT 503:SV 504:HN 505:NI 506:CR 507:PA 508:PM 509:HT 51:PE 52:MX 53:CU 54:AR
    55:BR 56:CL 57:CO 58:VE 590:GP 591:BO 592:GY 593:EC 594:GF 595:PY 596:MQ 597:SR 598:UY 599:CW
    60:MY 61:AU 62:ID 63:PH 64:NZ 65:SG 66:TH 670:TL 672:NF 673:BN 674:NR 675:PG 676:TO 677:SB
    678:VU 679:FJ 680:PW 681:WF 682:CK 683:NU 685:WS 686:KI 687:NC 688:TV 689:PF 690:TK 691:FM
    692:MH 7:RU 76:KZ 77:KZ 81:JP 82:KR 84:VN 850:KP 852:HK 853:MO 855:KH 856:LA 86:CN 880:BD
    886:TW 90:TR 91:IN 92:PK 93:AF 94:LK 95:MM 960:MV 961:LB 962:JO 963:SY 964:IQ 965:KW 966:SA
    967:YE 968:OM 970:PS 971:AE 972:IL 973:BH 974:QA 975:BT 976:MN 977:NP 98:IR 992:TJ 993:TM
    994:AZ 995:GE 996:KG 998:UZ
""")
"""Country by calling code, +1 left out. Source: ITU-T E.164 assignments, as in libphonenumber."""

_NO_COUNTRY: Final = ("+800", "+808", "+870", "+878", "+881", "+882", "+883", "+888", "+979")
"""Calling codes of the whole world: satellites, networks, freephone. Source: the same."""

_AREA_CODES: Final = _table("""
    204:CA 226:CA 236:CA 242:BS 246:BB 249:CA 250:CA 257:CA 263:CA 264:AI 268:AG 273:CA 284:VG
    289:CA 306:CA 340:VI 343:CA 345:KY 354:CA 365:CA 367:CA 368:CA 382:CA 403:CA 416:CA 418:CA
    428:CA 431:CA 437:CA 438:CA 441:BM 450:CA 468:CA 473:GD 474:CA 506:CA 514:CA 519:CA 548:CA
    579:CA 581:CA 584:CA 587:CA 600:CA 604:CA 613:CA 622:CA 633:CA 639:CA 647:CA 649:TC 658:JM
    664:MS 670:MP 671:GU 672:CA 683:CA 684:AS 705:CA 709:CA 721:SX 742:CA 753:CA 758:LC 767:DM
    778:CA 780:CA 782:CA 784:VC 787:PR 807:CA 809:DO 819:CA 825:CA 829:DO 849:DO 867:CA 868:TT
    869:KN 873:CA 876:JM 879:CA 902:CA 905:CA 939:PR 942:CA
""")
"""Country by area code behind +1, the US left out. Source: NANPA, as in libphonenumber."""

COUNTRIES: Final = frozenset({"US", *_CALLING_CODES.values(), *_AREA_CODES.values()})
"""All that `country` may answer, but ""."""


def country(number: str) -> str:
    """ISO 3166 code of an E.164 number's country, "" when unknown.

    Numbers of the North American plan that belong to no place (toll-free and the like) are US.
    Countries that share a calling code count as the largest of them, but for Kazakhstan.
    """
    if number.startswith("+1"):
        return _AREA_CODES.get(number[2:5], "US")
    if not number.startswith("+"):
        return ""
    prefixes = (number[1:end] for end in (4, 3, 2))
    return next((_CALLING_CODES[prefix] for prefix in prefixes if prefix in _CALLING_CODES), "")


def is_us_or_canada(number: str) -> bool:
    """Whether an E.164 number is in the US or Canada, the other countries behind +1 left out."""
    return number.startswith("+1") and _AREA_CODES.get(number[2:5], "US") in ("US", "CA")


_ELSEWHERE: Final = "|".join(
    code for code, place in _AREA_CODES.items() if place not in ("US", "CA")
)
_ORDINARY: Final = re.compile(
    rf"\+1(?!555|.11|.9|{_ELSEWHERE})[0-9]{{3}}(?!.11)[0-9]{{7}}"
).fullmatch


def is_ordinary(number: str) -> bool:
    """Whether it is an E.164 number of the US or Canada of which there is no `doubt`; quick."""
    return _ORDINARY(number) is not None


def doubt(number: str) -> str:
    """Why a well-formed number cannot be one of any plan; "" where nothing speaks against it.

    Such numbers pass here: the example recipient of Twilio's own docs is one of them.
    """
    if not number.startswith("+"):
        return ""
    if not number.startswith("+1"):
        known = country(number) or number.startswith(_NO_COUNTRY)
        return "" if known else "no country has its calling code"
    area, exchange = number[2:5], number[5:8]
    if area == "555" or area.endswith("11") or area[1] == "9":
        return f"{area} is no area code"
    return f"{exchange} is no exchange" if exchange.endswith("11") else ""
