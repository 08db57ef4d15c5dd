"""Scenarios and their rules: what is given, how messages end, how the API misbehaves."""

from mockserver.domain.faults.error import ErrorFault
from mockserver.domain.faults.kinds import Fault, read_fault
from mockserver.domain.faults.outcomes import ERROR_CODE, FINAL_STATUS, After, settled
from mockserver.domain.faults.rules import (
    DELIVERY_FIELDS,
    FAULT_FIELDS,
    Counts,
    DeliveryRule,
    FaultRule,
    Roll,
    When,
    decide,
)
from mockserver.domain.faults.scenario import (
    SWITCHES,
    Given,
    GivenAccount,
    GivenHandset,
    GivenNumber,
    GivenService,
    GivenTemplate,
    Scenario,
)
from mockserver.domain.faults.status import StatusFault

__all__ = [
    "DELIVERY_FIELDS",
    "ERROR_CODE",
    "FAULT_FIELDS",
    "FINAL_STATUS",
    "SWITCHES",
    "After",
    "Counts",
    "DeliveryRule",
    "ErrorFault",
    "Fault",
    "FaultRule",
    "Given",
    "GivenAccount",
    "GivenHandset",
    "GivenNumber",
    "GivenService",
    "GivenTemplate",
    "Roll",
    "Scenario",
    "StatusFault",
    "When",
    "decide",
    "read_fault",
    "settled",
]
