// @ts-check
import { loadConfigSchema } from '@backstage/config-loader';
import assert from 'node:assert/strict';
import path from 'node:path';
import { test } from 'node:test';
import { root } from '../lib/paths.mjs';

test('the browser gets everything of environments but their connections', async () => {
  const schema = await loadConfigSchema({
    packagePaths: [path.join(root, 'plugins/ai-registry-common/package.json')],
    dependencies: [],
  });
  const shown = {
    name: 'dev',
    title: 'Development',
    approvals: { count: 2, groups: ['group:default/risk'] },
    dataPlane: { address: 'https://models.example.com' },
    deployer: { kind: 'local', port: 7090 },
  };
  const second = { name: 'live', promotesFrom: 'dev', deployer: 'none' };
  const connections = { llm: { kind: 'openai', secret: 'file:openai' } };
  const environments = [{ ...shown, connections }, second];
  const [config] = schema.process(
    [{ context: 'test', data: { greenroom: { environments } } }],
    { visibility: ['frontend'], ignoreSchemaErrors: true },
  );
  assert.deepEqual(config.data, {
    greenroom: { environments: [shown, second] },
  });
});
