#!/usr/bin/env node
// In a file of its own, without newer syntax, so that an old Node can say that it is too old.

const OLDEST_NODE = 22;
const { node: version } = process.versions;

if (Number(version.split('.')[0]) < OLDEST_NODE) {
  process.stderr.write(
    `greenroom needs Node ${OLDEST_NODE} or newer, and this is Node ${version}: install a newer one.\n`,
  );
  process.exit(78);
}
require('../dist/main.cjs');
