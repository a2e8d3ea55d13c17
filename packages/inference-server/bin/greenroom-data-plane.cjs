#!/usr/bin/env node
// The oldest syntax, so that every Node can say that it is too old.
'use strict';

var OLDEST_NODE = 22;
var major = Number(process.versions.node.split('.')[0]);
if (major < OLDEST_NODE) {
  process.stderr.write(
    'The data plane needs Node ' +
      OLDEST_NODE +
      ' or newer, and this is Node ' +
      process.versions.node +
      ': install a newer one.\n',
  );
  process.exit(78);
}
require('../dist/main.cjs');
