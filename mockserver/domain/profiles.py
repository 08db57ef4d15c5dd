"""Names that people give themselves on WhatsApp, made up."""

from typing import Final

GIVEN: Final = (
    *("Ada", "Aisha", "Ana", "Andreas", "Brandon", "Camila", "Chidi", "Chloé", "Daniel", "David"),
    *("Elena", "Fatima", "Giulia", "Hannah", "Ibrahim", "Ines", "Jamal", "Jia", "João", "Kenji"),
    *("Laila", "Lukas", "Maria", "Mateo", "Mia", "Mohammed", "Nadia", "Noah", "Olga", "Priya"),
    *("Rafael", "Sara", "Sofía", "Tariq", "Thabo", "Uma", "Valentina", "Wei", "Yusuf", "Zoë"),
)
FAMILY: Final = (
    *("Abebe", "Ahmed", "Andersson", "Brown", "Chen", "Costa", "da Silva", "Diaz", "Dlamini"),
    *("Dubois", "Fernández", "García", "Haddad", "Ivanova", "Jansen", "Johnson", "Kaya", "Khan"),
    *("Kim", "Kowalska", "Kumar", "López", "Martin", "Meyer", "Mwangi", "Müller", "Nguyen"),
    *("Novák", "O'Brien", "Okafor", "Papadakis", "Pereira", "Ríos", "Rossi", "Santos", "Sharma"),
    *("Smith", "Suzuki", "Tanaka", "Villamizar"),
)


def made_up(chance: bytes) -> str:
    """A name out of at least four bytes of chance; one in four people gives no family name."""
    given = GIVEN[int.from_bytes(chance[:2]) % len(GIVEN)]
    if chance[2] < 64:
        return given
    return f"{given} {FAMILY[chance[3] % len(FAMILY)]}"
