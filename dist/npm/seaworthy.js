#!/usr/bin/env node
// Finds the program in the package of this platform and gives it everything: arguments, streams, exit code.
"use strict";
const { spawnSync } = require("node:child_process");

const platform = `${process.platform}-${process.arch}`;
let program;
try {
  program = require.resolve(`seaworthy-${platform}/bin/seaworthy${process.platform === "win32" ? ".exe" : ""}`);
} catch {
  console.error(
    `seaworthy: the package seaworthy-${platform} is not installed. Either there is no program for this platform, or ` +
      "optional dependencies were left out (npm install --omit=optional).",
  );
  process.exit(2);
}
const result = spawnSync(program, process.argv.slice(2), { stdio: "inherit" });
if (result.error) {
  console.error(`seaworthy: ${program} could not be started: ${result.error.message}`);
  process.exit(2);
}
if (result.signal) process.kill(process.pid, result.signal);
process.exit(result.status ?? 2);
