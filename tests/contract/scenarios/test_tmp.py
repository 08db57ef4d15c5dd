import pytest, difflib
from collections import Counter
from tests.contract.scenarios.test_all import *
def day2(name, program, seed):
    parameters = QUICK.get(name, {})
    with MockTwilio(scenario=name, parameters=parameters, clock="instant", seed=seed) as twilio:
        twilio.given(numbers=[{"phone_number": FROM, "sms_url": f"{program.url}/sms"}])
        client = twilio.client()
        for n in range(15):
            to, callback = f"+1415555{2000 + n % 5}", f"{program.url}/status"
            with suppress(TwilioRestException, requests.ConnectionError):
                client.messages.create(to=to, from_=FROM, body=f"Order {n}", status_callback=callback)
        twilio.clock.run_until_idle()
        where = f"{twilio.base_url}/_mock/sandboxes/{twilio.sandbox_id}/journal?canonical=1"
        with urllib.request.urlopen(where) as answer:
            return bytes(answer.read())
@pytest.mark.parametrize("name", READY_MADE.names())
def test_inst(name, program):
    c=Counter(day2(name,program,7) for _ in range(6))
    if len(c)>1:
        a,b=list(c)[:2]
        import json
        A=json.dumps(json.loads(a),indent=0).splitlines(); B=json.dumps(json.loads(b),indent=0).splitlines()
        print(name, sorted(c.values())); print("\n".join(list(difflib.unified_diff(A,B,n=2))[:30]))
    assert len(c)==1
