"""Every operation that is served, as the journal names it and as rules may.

The names are operationIds of Twilio's descriptions, and a few of ours (docs/coverage.md). Routes
are the truth; but they are loaded when somebody first asks for their host, so their names are
repeated here, and a test compares both.
"""

from collections.abc import Mapping
from typing import Final

SERVED: Final[Mapping[str, str]] = {
    "accounts.v1": """
        CreateSafelist CreateSecondaryAuthToken DeleteSafelist DeleteSecondaryAuthToken
        FetchMessagingGeopermissions FetchSafelist UpdateAuthTokenPromotion
        UpdateMessagingGeopermissions
    """,
    "api.v2010": """
        CreateAccount CreateApplication CreateIncomingPhoneNumber CreateIncomingPhoneNumberLocal
        CreateIncomingPhoneNumberMobile CreateIncomingPhoneNumberTollFree CreateMessage
        CreateMessageFeedback CreateNewKey CreateNewSigningKey CreateUsageTrigger
        CreateValidationRequest DeleteApplication DeleteIncomingPhoneNumber DeleteKey DeleteMedia
        DeleteMessage DeleteOutgoingCallerId DeleteSigningKey DeleteUsageTrigger FetchAccount
        FetchApplication FetchAvailablePhoneNumberCountry FetchBalance FetchIncomingPhoneNumber
        FetchKey FetchMedia FetchMediaContent FetchMessage FetchNotification FetchOutgoingCallerId
        FetchShortCode FetchSigningKey FetchUsageTrigger ListAccount ListApplication
        ListAvailablePhoneNumberCountry ListAvailablePhoneNumberLocal
        ListAvailablePhoneNumberMachineToMachine ListAvailablePhoneNumberMobile
        ListAvailablePhoneNumberNational ListAvailablePhoneNumberSharedCost
        ListAvailablePhoneNumberTollFree ListAvailablePhoneNumberVoip ListIncomingPhoneNumber
        ListIncomingPhoneNumberLocal ListIncomingPhoneNumberMobile ListIncomingPhoneNumberTollFree
        ListKey ListMedia ListMessage ListNotification ListOutgoingCallerId ListShortCode
        ListSigningKey ListUsageRecord ListUsageRecordAllTime ListUsageRecordDaily
        ListUsageRecordLastMonth ListUsageRecordMonthly ListUsageRecordThisMonth
        ListUsageRecordToday ListUsageRecordYearly ListUsageRecordYesterday ListUsageTrigger
        UpdateAccount UpdateApplication UpdateIncomingPhoneNumber UpdateKey UpdateMessage
        UpdateOutgoingCallerId UpdateShortCode UpdateSigningKey UpdateUsageTrigger
    """,
    "comms.v1": """
        AddSenderPoolSenders CancelMessageOperation CreateSenderPool DeleteSenderPool FetchMessage
        FetchMessageOperation FetchSender FetchSenderPool FetchSenderPoolOperation
        ListMessageOperationErrors ListMessageOperations ListMessageReceipts ListMessages
        ListSenderPoolOperations ListSenderPoolSenders ListSenderPools ListSenders
        RemoveSenderPoolSender ResolveSenders SearchSenders SeekMessage SendMessages
        UpdateSenderPool
    """,
    "content.v1": """
        CreateApprovalCreate CreateContent DeleteContent FetchApprovalFetch FetchContent ListContent
        ListContentAndApprovals ListLegacyContent UpdateContent
    """,
    "content.v2": """
        ListContent ListContentAndApprovals
    """,
    "events.v1": """
        CreateSink CreateSinkTest CreateSinkValidate CreateSubscribedEvent CreateSubscription
        DeleteSink DeleteSubscribedEvent DeleteSubscription FetchEventType FetchSchema
        FetchSchemaDocument FetchSchemaVersion FetchSink FetchSubscribedEvent FetchSubscription
        ListEventType ListSchemaVersion ListSink ListSubscribedEvent ListSubscription UpdateSink
        UpdateSubscribedEvent UpdateSubscription
    """,
    "messaging.v1": """
        CreateAlphaSender CreateBrandRegistrationOtp CreateBrandRegistrations CreateBrandVetting
        CreateChannelSender CreateDestinationAlphaSender CreateExternalCampaign CreatePhoneNumber
        CreateService CreateShortCode CreateTollfreeVerification CreateUsAppToPerson
        DeleteAlphaSender DeleteChannelSender DeleteDestinationAlphaSender DeletePhoneNumber
        DeleteService DeleteShortCode DeleteTollfreeVerification DeleteUsAppToPerson
        FetchAlphaSender FetchBrandRegistrations FetchBrandVetting FetchChannelSender
        FetchDeactivation FetchDeactivationList FetchDestinationAlphaSender FetchPhoneNumber
        FetchService FetchShortCode FetchTollfreeVerification FetchUsAppToPerson
        FetchUsAppToPersonUsecase FetchUsecase ListAlphaSender ListBrandRegistrations
        ListBrandVetting ListChannelSender ListDestinationAlphaSender ListPhoneNumber ListService
        ListShortCode ListTollfreeVerification ListUsAppToPerson UpdateBrandRegistrations
        UpdateService UpdateTollfreeVerification UpdateUsAppToPerson
    """,
    "monitor.v1": """
        FetchAlert ListAlert
    """,
    "notify.v1": """
        CreateBinding CreateCredential CreateNotification CreateSegmentMembership CreateService
        CreateUser CreateUserBinding DeleteBinding DeleteCredential DeleteSegmentMembership
        DeleteService DeleteUser DeleteUserBinding FetchBinding FetchCredential
        FetchSegmentMembership FetchService FetchUser FetchUserBinding ListBinding ListCredential
        ListSegment ListService ListUser ListUserBinding UpdateCredential UpdateService
    """,
    "oauth.v2": """
        CreateToken
    """,
    "twilionotify": """
        createBinding deleteBinding getBinding listBinding send
    """,
}
"""By product and version, which stand before each name."""


def operations() -> list[str]:
    """Their full names: `api.v2010.CreateMessage`."""
    return [f"{product}.{name}" for product, names in SERVED.items() for name in names.split()]
