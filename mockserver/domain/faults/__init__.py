"""Scenarios and their rules: what is given, how messages end, how API and webhooks misbehave.

What the API's faults are is in `kinds`, which few servers load.
"""

from mockserver.domain.faults.error import ErrorFault
from mockserver.domain.faults.outcomes import ERROR_CODE, FINAL_STATUS, After, settled
from mockserver.domain.faults.rules import (
    PER,
    SECTIONS,
    TOO_SLOW,
    Counts,
    DeliveryRule,
    FaultRule,
    HandsetRule,
    Rule,
    WeatherRule,
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
from mockserver.domain.faults.steps import Step
from mockserver.domain.faults.weather import Weather, read_weather
from mockserver.domain.faults.when import (
    DELIVERY_FIELDS,
    FAULT_FIELDS,
    HANDSET_FIELDS,
    WEATHER_FIELDS,
    Roll,
    When,
)

__all__ = [
    "DELIVERY_FIELDS",
    "ERROR_CODE",
    "FAULT_FIELDS",
    "FINAL_STATUS",
    "HANDSET_FIELDS",
    "PER",
    "SECTIONS",
    "SWITCHES",
    "TOO_SLOW",
    "WEATHER_FIELDS",
    "After",
    "Counts",
    "DeliveryRule",
    "ErrorFault",
    "FaultRule",
    "Given",
    "GivenAccount",
    "GivenHandset",
    "GivenNumber",
    "GivenService",
    "GivenTemplate",
    "HandsetRule",
    "Roll",
    "Rule",
    "Scenario",
    "StatusFault",
    "Step",
    "Weather",
    "WeatherRule",
    "When",
    "decide",
    "read_weather",
    "settled",
]
