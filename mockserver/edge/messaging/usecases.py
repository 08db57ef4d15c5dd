"""`/v1/Services/Usecases` and a service's `Compliance/Usa2p/Usecases`: what there is to choose."""

from typing import Final

from mockserver.domain.campaigns import CAMPAIGN_USECASES
from mockserver.domain.usecases import SERVICE_USECASES
from mockserver.edge.http.call import Call, Reply, Route
from mockserver.edge.http.resource import schema
from mockserver.edge.messaging import services
from mockserver.edge.messaging.members import SERVICE
from mockserver.edge.messaging.shared import FOLDER, reply


async def of_services(call: Call) -> Reply:
    """What a service may be used for."""
    keys = ("usecase", "description", "purpose")
    rows = [dict(zip(keys, row, strict=True)) for row in SERVICE_USECASES]
    return reply(200, {"usecases": rows})


async def of_campaigns(call: Call) -> Reply:
    """What a campaign may be for; the same for every brand."""
    services.find(call)
    call.read_query(schema(f"{FOLDER}/FetchUsAppToPersonUsecase"))
    keys = ("code", "name", "description", "post_approval_required")
    rows = [dict(zip(keys, row, strict=True)) for row in CAMPAIGN_USECASES]
    return reply(200, {"us_app_to_person_usecases": rows})


ROUTES: Final = (
    Route(
        "GET", f"{services.ROOT}/Usecases", "FetchUsecase", of_services, schema=f"{FOLDER}/Usecase"
    ),
    Route(
        "GET",
        f"{SERVICE}/Compliance/Usa2p/Usecases",
        "FetchUsAppToPersonUsecase",
        of_campaigns,
        schema=f"{FOLDER}/UsAppToPersonUsecase",
    ),
)
