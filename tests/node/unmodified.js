// Every way in which a Node program may call Twilio, with not a word about a mock. Tells as JSON how
// each ended: `node unmodified.js` as the environment is, `… bare` without the variables of a proxy.
const http = require("http");
const http2 = require("http2");
const https = require("https");
const net = require("net");
const tls = require("tls");

const { TWILIO_ACCOUNT_SID: sid, TWILIO_AUTH_TOKEN: token, TWILIO_API_KEY: key } = process.env;
if (process.argv[2] === "bare")
  for (const name of Object.keys(process.env)) if (/_proxy$/i.test(name)) delete process.env[name];

const host = "api.twilio.com";
const path = `/2010-04-01/Accounts/${sid}/Messages.json`;
const url = `https://${host}${path}`;
const headers = {
  authorization: `Basic ${Buffer.from(`${sid}:${token}`).toString("base64")}`,
  "content-type": "application/x-www-form-urlencoded",
};
const you = { to: "+14155552671", from: "+15017122661" };
const form = (body) => new URLSearchParams({ To: you.to, From: you.from, Body: body }).toString();

const request = (body, options, module = https) =>
  new Promise((answered, failed) => {
    const asked = { host, path, headers, method: "POST", ...options };
    const sent = module.request(asked, (answer) => {
      answer.resume();
      answer.on("end", () => answered(answer.statusCode));
    });
    sent.on("error", failed).end(form(body));
  });

const twilio = (body, ...login) =>
  require("twilio")(...login).messages.create({ ...you, body }).then(() => 201);

const keptAlive = async (body) => {
  const agent = new https.Agent({ keepAlive: true, maxSockets: 1 });
  await request(body, { agent });
  const status = await request(body, { agent });
  agent.destroy();
  return status;
};

// A connection that somebody opens himself: by name, and TLS around it.
const layered = (body) => {
  const socket = net.connect(443, host);
  const createConnection = () => tls.connect({ socket, servername: host });
  return request(body, { createConnection });
};

// Twilio's hosts may not speak it, as the mock does not: it is the connection that counts.
const second = () =>
  new Promise((told, failed) => {
    const session = http2.connect(`https://${host}`);
    session.on("connect", (_, socket) => told(socket.authorized && 201)).on("error", failed);
  });

const axios = (options) => (body) =>
  require("axios")
    .post(url, form(body), { headers, ...options })
    .then((answer) => answer.status);

const got = (options) => (body) =>
  require("got")
    .post(url, { headers, body: form(body), ...options })
    .then((answer) => answer.statusCode);

const undici = async (body, options) => {
  const { Agent, request } = require("undici");
  const dispatcher = new Agent(options);
  const answer = await request(url, { method: "POST", headers, body: form(body), dispatcher });
  await answer.body.dump();
  return answer.statusCode;
};

const KINDS = {
  https: request,
  "https on a region": (body) => request(body, { host: "api.dublin.ie1.twilio.com" }),
  "https without an agent": (body) => request(body, { agent: false }),
  "https kept alive": keptAlive,
  "https with roots of its own": (body) => request(body, { ca: tls.rootCertificates[0] }),
  "https with a context of its own": (body) =>
    request(body, { secureContext: tls.createSecureContext({ ca: tls.rootCertificates[0] }) }),
  "https with a look-up of its own": (body) =>
    request(body, { lookup: () => process.abort(), family: 6, localAddress: "192.0.2.1" }),
  "TLS around a socket": layered,
  http: (body) => request(body, {}, http),
  http2: second,
  fetch: (body) =>
    fetch(url, { method: "POST", headers, body: form(body) }).then((answer) => answer.status),
  undici,
  "undici that would speak HTTP/2": (body) => undici(body, { allowH2: true }),
  axios: axios({}),
  "axios without a proxy": axios({ proxy: false }),
  got: got({}),
  "got that would speak HTTP/2": got({ http2: true }),
  twilio,
  "twilio with an API key": (body) =>
    twilio(body, key, process.env.TWILIO_API_SECRET, { accountSid: sid }),
};

const main = async () => {
  const told = {};
  for (const [name, send] of Object.entries(KINDS))
    told[name] = await send(name).catch(({ code, message }) => `${code} ${message}`);
  process.stdout.write(JSON.stringify(told));
};

main();
