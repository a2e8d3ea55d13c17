// @ts-check
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { parse, parseDocument } from 'yaml';
import { root } from '../lib/paths.mjs';
import { chartReadme, README, readValues, valuesIn } from './chartReadme.mjs';

const chart = path.join(root, 'deploy/helm/greenroom');

test("the README of the chart is what its values' comments say", () => {
  assert.equal(
    readFileSync(README, 'utf8'),
    chartReadme(readValues()),
    'run `node scripts/docs/chartReadme.mjs`',
  );
});

test('every value of the chart is explained', () => {
  const silent = valuesIn(parseDocument(readValues()).contents)
    .filter(({ meaning }) => meaning.length < 5)
    .map(({ name }) => name);
  assert.deepEqual(silent, []);
});

test('the schema of the chart knows the values that there are, and no others', () => {
  const schema = JSON.parse(
    readFileSync(path.join(chart, 'values.schema.json'), 'utf8'),
  );
  const values = parse(readValues());
  const propertiesOf = found =>
    found.$ref ? schema.$defs.dataPlane.properties : found.properties;
  const compare = (found, value, name) => {
    const properties = propertiesOf(found);
    if (!properties || found.additionalProperties !== false) return;
    assert.deepEqual(
      Object.keys(properties)
        .filter(key => key !== 'global' && key !== 'claims')
        .sort(),
      Object.keys(value).sort(),
      name,
    );
    for (const [key, child] of Object.entries(value)) {
      const isMap = typeof child === 'object' && !Array.isArray(child);
      if (isMap) compare(properties[key], child, `${name}.${key}`);
    }
  };
  compare(schema, values, 'values');
  compare(schema.$defs.dataPlane, values.dataPlane, 'values.dataPlane');
});

test('the chart has the version of what it installs', () => {
  const { version, appVersion } = parse(
    readFileSync(path.join(chart, 'Chart.yaml'), 'utf8'),
  );
  const { version: expected } = JSON.parse(
    readFileSync(path.join(root, 'package.json'), 'utf8'),
  );
  assert.equal(version, expected);
  assert.equal(appVersion, expected);
});
