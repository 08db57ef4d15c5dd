// Leads a Node program under `twilio-mockserver run` to the mock, whatever opens its connections.
//
// Every connection of Node's, with TLS or without, begins in `net.Socket.prototype.connect`, still
// with the host's name: there `*.twilio.com` becomes the mock, whose one port takes HTTP and TLS
// alike. All TLS of a client begins in `tls.connect`: who goes by a name of Twilio's must show a
// certificate of the mock's CA, and so the real one is refused even where another proxy leads to it.
// Look-ups of such names, which nobody needs any more, are refused.
//
// Children and threads that the program gives an environment of their own get of `run`'s what that
// lacks: they would look up the real Twilio. Node does so with NODE_V8_COVERAGE.
//
// For Node 12 and later. Nothing that goes wrong here ends a program.
"use strict";

const DOMAIN = "twilio.com";

// What a program said about the way to Twilio, and is no use on the way to the mock.
const WAY = ["lookup", "family", "hints", "localAddress", "localPort"];

const LOOK_UP = /^(lookup|resolve)/;

// Variables that a child may have of its own, and ours before that.
const JOINED = { NODE_OPTIONS: " ", PYTHONPATH: require("path").delimiter };

function fasten(url, certificate) {
  const dns = require("dns");
  const net = require("net");
  const tls = require("tls");
  const at = new URL(url);
  const mock = { host: at.hostname.replace(/^\[|\]$/g, ""), port: Number(at.port) || 80 };
  const roots = require("fs").readFileSync(certificate);

  exchange(net.Socket.prototype, "connect", (original) => led(original, mock));
  exchange(tls, "connect", (original) => trusting(original, roots, net));
  for (const owner of [dns, dns.Resolver.prototype])
    for (const name of lookUps(owner)) exchange(owner, name, (original) => refusing(original, url));
  for (const owner of [dns.promises, dns.promises.Resolver.prototype])
    for (const name of lookUps(owner)) exchange(owner, name, (original) => rejecting(original, url));
}

function handOn(handed) {
  const children = require("child_process");
  const threads = require("worker_threads");
  const ours = { ...JSON.parse(handed), TWILIO_MOCKSERVER_HANDED: handed };

  exchange(children.ChildProcess.prototype, "spawn", (original) => spawning(original, ours));
  for (const name of ["spawnSync", "execFileSync", "execSync"])
    exchange(children, name, (original) => waiting(original, ours, name === "execSync" ? 1 : 2));
  if (process.execve) exchange(process, "execve", (original) => becoming(original, ours));
  threads.Worker = new Proxy(threads.Worker, {
    construct: (target, words, made) => Reflect.construct(target, threaded(words, ours), made),
  });
}

// -- what is changed --

function led(original, mock) {
  return function (...args) {
    const [options, listener] = read(args);
    if (options.path || !isTwilios(options.host)) return original.apply(this, args);
    const wanted = { ...options, ...mock };
    for (const name of WAY) delete wanted[name];
    return original.call(this, wanted, listener);
  };
}

function trusting(original, roots, net) {
  return function (...args) {
    const [options, listener] = read(args);
    const servername = options.servername || options.host;
    const elsewhere = !options.socket && isLoopback(options.host, net); // a mock of the program's own
    if (elsewhere || !isTwilios(servername)) return original.apply(this, args);
    const wanted = { ...options, servername, ca: roots };
    delete wanted.secureContext; // it has roots of its own
    return original.call(this, wanted, listener);
  };
}

function refusing(original, url) {
  return function (...args) {
    const [host] = args;
    const back = args[args.length - 1];
    if (!isTwilios(host) || typeof back !== "function") return original.apply(this, args);
    process.nextTick(back, refusal(host, url));
    return {};
  };
}

function rejecting(original, url) {
  return function (...args) {
    const [host] = args;
    return isTwilios(host) ? Promise.reject(refusal(host, url)) : original.apply(this, args);
  };
}

function spawning(original, ours) {
  return function (options) {
    const pairs = options && options.envPairs;
    if (!Array.isArray(pairs)) return original.apply(this, arguments);
    const given = Object.fromEntries(pairs.map((pair) => [pair.replace(/(?!^)=.*$/s, ""), pair]));
    const own = {};
    for (const name in given) own[name] = given[name].slice(name.length + 1);
    const all = lacking(own, ours);
    const envPairs = Object.keys(all).map((name) => `${name}=${all[name]}`);
    return original.call(this, { ...options, envPairs });
  };
}

// `place` is where the options are if all arguments are given; they may stand before.
function waiting(original, ours, place) {
  return function (...args) {
    const at = args.findIndex((each, here) => here > 0 && isObject(each) && !Array.isArray(each));
    const options = at < 0 ? {} : args[at];
    if (at >= 0 || args[place] === undefined || args[place] === null)
      args[at < 0 ? place : at] = { ...options, env: lacking(options.env || process.env, ours) };
    return original.apply(this, args);
  };
}

function becoming(original, ours) {
  return function (file, words = [], env = process.env, ...more) {
    return original.call(this, file, words, isObject(env) ? lacking(env, ours) : env, ...more);
  };
}

function threaded([file, options, ...more], ours) {
  if (!isObject(options) || !isObject(options.env)) return [file, options, ...more];
  return [file, { ...options, env: lacking(options.env, ours) }, ...more];
}

// An environment, and of ours what it has not, in whatever case.
function lacking(env, ours) {
  const all = {};
  for (const name in env) if (env[name] !== undefined) all[name] = env[name];
  const there = new Set(Object.keys(all).map((name) => name.toUpperCase()));
  for (const name in ours) {
    const own = String(all[name] || "");
    if (name in JOINED && own.includes(ours[name])) continue;
    if (name in JOINED && own) all[name] = ours[name] + JOINED[name] + own;
    else if (name in JOINED || !there.has(name.toUpperCase())) all[name] = ours[name];
  }
  return all;
}

// The function is put in the place of another, with its name and all that Node has pinned to it.
function exchange(owner, name, wrapped) {
  const original = owner[name];
  const made = wrapped(original);
  Object.defineProperties(made, Object.getOwnPropertyDescriptors(original));
  owner[name] = made;
}

function lookUps(owner) {
  const names = Object.getOwnPropertyNames(owner).filter((name) => LOOK_UP.test(name));
  return names.filter((name) => typeof owner[name] === "function");
}

// -- what is read, and said --

// Options and listener of a `connect`: `(options)`, `(port, host, options)`, or what `net.connect`
// has made of them.
function read(args) {
  const given = Array.isArray(args[0]) ? args[0] : args;
  const listener = given.find((each) => typeof each === "function");
  const options = given.find((each) => each !== null && typeof each === "object");
  if (options === given[0]) return [options || {}, listener];
  const host = typeof given[1] === "string" ? given[1] : undefined;
  return [{ port: given[0], host, ...options }, listener];
}

function isObject(each) {
  return each !== null && typeof each === "object";
}

function isTwilios(host) {
  if (typeof host !== "string") return false;
  const name = host.toLowerCase().replace(/\.$/, "");
  return name === DOMAIN || name.endsWith(`.${DOMAIN}`);
}

function isLoopback(host, net) {
  if (host === undefined || host === null || host === "localhost") return true; // as Node has it
  return net.isIP(host) !== 0 && (host === "::1" || host.startsWith("127."));
}

function refusal(host, url) {
  const said =
    `twilio-mockserver keeps this program from the real ${host}: it looks the name up, instead ` +
    `of connecting to it. Have its HTTP client connect by name, or give it the base URL ${url}`;
  return Object.assign(new Error(said), { code: "ENOTFOUND", syscall: "getaddrinfo", hostname: host });
}

const { TWILIO_MOCKSERVER_URL: url, TWILIO_MOCKSERVER_CA: certificate } = process.env;
const { TWILIO_MOCKSERVER_HANDED: handed } = process.env;
try {
  if (url && certificate) {
    fasten(url, certificate);
    if (handed) handOn(handed);
    require("module").syncBuiltinESMExports(); // `import { connect } from "tls"`
  }
} catch (problem) {
  process.stderr.write(`twilio-mockserver: this program has no seatbelt: ${problem}\n`);
}
