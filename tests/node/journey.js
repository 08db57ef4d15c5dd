// What an application does with Twilio's library, told as JSON on standard output. The library is as it
// is; how it gets to the mock: `node journey.js proxy|https|base WHERE`.
const https = require("https");
const twilio = require("twilio");

const [way, where] = process.argv.slice(2);
const you = "+14155552671";
const me = "+15017122661";

const wired = {
  proxy: () => {},
  https: (client) => {
    const agent = new https.Agent({ host: "localhost", port: Number(where), keepAlive: true });
    client.httpClient.axios.defaults.httpsAgent = agent;
  },
  base: (client) => {
    client.api.baseUrl = where;
    for (const product of ["messaging", "notify", "content", "events", "verify"])
      client[product].baseUrl = `${where}/${product}`;
  },
};

const made = (...login) => {
  const client = twilio(...login);
  wired[way](client);
  return client;
};

const refusal = (promise) =>
  promise.then(
    () => "accepted",
    ({ status, code, message }) => ({ status, code, message }),
  );

const messages = async (client) => {
  const sent = await client.messages.create({ to: you, from: me, body: "Grüße, 世界 & 100 % 👍" });
  const many = [...Array(20).keys()].map((number) =>
    client.messages.create({ to: you, from: me, body: `Number ${number}` }),
  );
  await Promise.all(many);
  const fetched = await client.messages(sent.sid).fetch();
  const listed = await client.messages.list({ to: you, pageSize: 6 });
  const redacted = await client.messages(sent.sid).update({ body: "" });
  return {
    status: sent.status,
    kept: fetched.body,
    listed: listed.length,
    distinct: new Set(listed.map((each) => each.sid)).size,
    redacted: redacted.body,
    removed: await client.messages(sent.sid).remove(),
    gone: (await refusal(client.messages(sent.sid).fetch())).code,
  };
};

const hosts = async (client) => {
  for (const friendlyName of ["one", "two", "three"])
    await client.messaging.v1.services.create({ friendlyName });
  const services = await client.messaging.v1.services.list({ pageSize: 1 });
  const notify = await client.notify.v1.services.create({ friendlyName: "bells" });
  const types = await client.events.v1.eventTypes.list({ limit: 2, pageSize: 1 });
  return {
    services: services.map((each) => each.friendlyName).sort(),
    notify: notify.friendlyName,
    types: types.length,
    templates: (await client.content.v1.contents.list()).length,
  };
};

const refusals = async (client) => ({
  number: await refusal(client.messages.create({ to: "+1", from: me, body: "Hi" })),
  login: await refusal(made(client.accountSid, "wrong").messages.list({ limit: 1 })),
  unserved: await refusal(client.verify.v2.services.create({ friendlyName: "codes" })),
});

const main = async () => {
  const client = made();
  const told = {
    messages: await messages(client),
    hosts: await hosts(client),
    refusals: await refusals(client),
  };
  process.stdout.write(JSON.stringify(told));
};

main().catch((error) => {
  console.error(error);
  process.exit(1);
});
