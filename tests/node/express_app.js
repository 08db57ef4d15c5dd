// A small Express application that believes only what Twilio signed: `twilio.webhook()`.
//
//   TWILIO_AUTH_TOKEN=… node express_app.js ANSWERS.json
//
// It prints its port, keeps what it gets until somebody asks (DELETE /kept), and ends with its standard input.

const fs = require("node:fs");

const express = require("express");
const twilio = require("twilio");

const answers = JSON.parse(fs.readFileSync(process.argv[2], "utf8"));
let kept = [];

function keep(request, response, next) {
  response.on("finish", () => {
    kept.push({
      method: request.method,
      path: request.path,
      params: { ...request.query, ...request.body },
      status: response.statusCode,
    });
  });
  next();
}

function answer(request, response) {
  const [status, text] = answers[request.path] ?? [204, ""];
  response.status(status).type("text/xml").send(text);
}

const app = express();
app.set("trust proxy", true);
app.delete("/kept", (_, response) => {
  response.json(kept);
  kept = [];
});
app.use(express.urlencoded({ extended: false, limit: "1mb" }));
app.use(
  express.json({
    verify: (request, _, bytes) => {
      request.rawBody = bytes.toString();
    },
  }),
);
app.use(keep, twilio.webhook(), answer);

const server = app.listen(0, "127.0.0.1", () => console.log(server.address().port));
process.stdin.on("end", () => process.exit()).resume();
