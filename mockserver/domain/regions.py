"""The states of the US and the provinces of Canada: their area codes, postal codes, and where they
are. Source: the North American Numbering Plan Administration and the two postal services, as of
2026; area codes that are only planned are left out.
"""

from collections.abc import Mapping
from functools import lru_cache
from typing import Final

import msgspec


class Region(msgspec.Struct, frozen=True):
    """A state or a province."""

    code: str
    country: str
    latitude: float
    """Of some place in its middle, in degrees, as `longitude` is."""
    longitude: float
    postal: tuple[str, str]
    """The lowest and the highest beginning of its postal codes."""
    areas: tuple[str, ...]

    def has_postal(self, code: str) -> bool:
        """Whether a postal code may be one of its own."""
        low, high = self.postal
        return low <= code.upper()[: len(low)] <= high


# fmt: off
_ROWS: Final = """
AL US 32.8  -86.8  350 369 205 251 256 334 659 938
AK US 61.6 -149.5  995 999 907
AZ US 33.4 -111.9  850 865 480 520 602 623 928
AR US 34.8  -92.4  716 729 479 501 870
CA US 36.7 -119.7  900 961 209 213 310 323 341 408 415 424 442 510 530 559 562 619 626 628 650 \
657 661 669 707 714 747 760 805 818 820 831 840 858 909 916 925 949 951
CO US 39.6 -105.0  800 816 303 719 720 970 983
CT US 41.6  -72.7  060 069 203 475 860 959
DE US 39.1  -75.5  197 199 302
DC US 38.9  -77.0  200 205 202 771
FL US 28.1  -81.8  320 349 239 305 321 352 386 407 448 561 656 689 727 754 772 786 813 850 863 \
904 941 954
GA US 33.2  -83.9  300 319 229 404 470 478 678 706 762 770 912 943
HI US 19.7 -155.1  967 968 808
ID US 43.6 -115.9  832 838 208 986
IL US 40.8  -88.9  600 629 217 224 309 312 331 464 618 630 708 730 773 779 815 847 872
IN US 39.9  -86.2  460 479 219 260 317 463 574 765 812 930
IA US 41.9  -93.4  500 528 319 515 563 641 712
KS US 38.4  -97.3  660 679 316 620 785 913
KY US 37.8  -85.2  400 427 270 364 502 606 859
LA US 30.6  -91.7  700 714 225 318 337 504 985
ME US 44.4  -69.6  039 049 207
MD US 39.2  -76.8  206 219 227 240 301 410 443 667
MA US 42.3  -71.7  010 027 339 351 413 508 617 774 781 857 978
MI US 43.0  -84.4  480 499 231 248 269 313 517 586 616 679 734 810 906 947 989
MN US 45.3  -94.0  550 567 218 320 507 612 651 763 952
MS US 32.5  -89.7  386 397 228 601 662 769
MO US 38.4  -92.2  630 658 314 417 557 573 636 660 816 975
MT US 46.8 -110.4  590 599 406
NE US 41.1  -97.6  680 693 308 402 531
NV US 38.0 -117.1  889 898 702 725 775
NH US 43.2  -71.5  030 038 603
NJ US 40.4  -74.5  070 089 201 551 609 640 732 848 856 862 908 973
NM US 35.0 -106.4  870 884 505 575
NY US 41.9  -74.7  100 149 212 315 332 347 363 516 518 585 607 631 646 680 716 718 838 845 914 \
917 929 934
NC US 35.5  -79.4  270 289 252 336 472 704 743 828 910 919 980 984
ND US 47.1  -99.3  580 588 701
OH US 40.3  -82.8  430 459 216 220 234 326 330 380 419 440 513 567 614 740 937
OK US 35.6  -97.0  730 749 405 539 572 580 918
OR US 44.6 -122.6  970 979 458 503 541 971
PA US 40.5  -77.1  150 196 215 223 267 272 412 445 484 570 582 610 717 724 814 835 878
RI US 41.7  -71.5  028 029 401
SC US 33.9  -81.0  290 299 803 839 843 854 864
SD US 44.0  -99.0  570 577 605
TN US 35.8  -86.3  370 385 423 615 629 731 865 901 931
TX US 30.9  -97.4  750 799 210 214 254 281 325 346 361 409 430 432 469 512 682 713 726 737 806 \
817 830 832 903 915 936 940 945 956 972 979
UT US 40.4 -111.9  840 847 385 435 801
VT US 44.1  -72.8  050 059 802
VA US 37.8  -77.8  220 246 276 434 540 571 703 757 804 826 948
WA US 47.4 -121.8  980 994 206 253 360 425 509 564
WV US 38.8  -80.8  247 268 304 681
WI US 43.7  -89.0  530 549 262 274 414 534 608 715 920
WY US 42.7 -107.0  820 831 307
AB CA 51.8 -113.9  T T 368 403 587 780 825
BC CA 49.6 -121.5  V V 236 250 604 672 778
MB CA 50.1  -97.5  R R 204 431
NB CA 46.3  -66.2  E E 506
NL CA 48.8  -55.6  A A 709
NS CA 44.9  -63.4  B B 782 902
NT CA 62.5 -114.4  X X 867
ON CA 44.0  -79.3  K P 226 249 289 343 365 416 437 519 548 613 647 705 742 753 807 905
QC CA 46.2  -72.6  G J 367 418 438 450 514 579 581 819 873
SK CA 51.4 -105.8  S S 306 639
"""
# fmt: on


def _region(row: str) -> Region:
    code, country, latitude, longitude, low, high, *areas = row.split()
    return Region(code, country, float(latitude), float(longitude), (low, high), tuple(areas))


@lru_cache(1)
def regions() -> tuple[Region, ...]:
    """All of them."""
    return tuple(map(_region, _ROWS.strip().splitlines()))


@lru_cache(1)
def by_area() -> Mapping[str, Region]:
    """By area code."""
    return {area: region for region in regions() for area in region.areas}
